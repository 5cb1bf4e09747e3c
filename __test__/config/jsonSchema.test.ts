import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import test from 'ava'

/** The committed JSON Schemas, as an editor reads them by the `$schema` of a config. */

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The schema that a config names, found from where the config is. */
async function schemaOf(file: string, { $schema }: { $schema: string }) {
  const schema = resolve(dirname(file), $schema)
  return {
    name: relative(root, schema),
    // Strict: a keyword that JSON Schema does not know is an error and not passed over.
    validate: new Ajv2020({ strict: true, strictTypes: false }).compile(JSON.parse(await readFile(schema, 'utf8'))),
  }
}

const files = (await readdir(join(root, 'examples'), { recursive: true })).filter((name) => name.endsWith('.json'))

test('there are examples of both kinds', (t) => {
  t.true(files.some((name) => name.startsWith('compare/')) && files.some((name) => !name.includes('/')))
})

for (const name of files)
  test(`examples/${name} is valid by the schema that it names, and an unknown name in it is not`, async (t) => {
    const file = join(root, 'examples', name)
    const config = JSON.parse(await readFile(file, 'utf8'))
    const schema = await schemaOf(file, config)
    t.is(schema.name, name.startsWith('compare/') ? 'npair-compare.schema.json' : 'npair.schema.json')
    const { validate } = schema
    t.true(validate(config), JSON.stringify(validate.errors))
    for (const wrong of [
      { ...config, stepz: 3 },
      { ...config, batch: { ...config.batch, pair: 3 } },
      { ...config, steps: '100' },
      { ...config, net: undefined },
    ])
      t.false(validate(JSON.parse(JSON.stringify(wrong))))
  })

test('compare: seeds and methods are known, other names and other batches are not', async (t) => {
  const file = join(root, 'examples/compare/omniglot.json')
  const config = JSON.parse(await readFile(file, 'utf8'))
  const { validate } = await schemaOf(file, config)
  const own = { name: 'own', loss: { type: 'nPairMc', l2: 0 }, batch: { type: 'tuplets', tuplets: 4, negatives: 2 } }
  const valid = { seeds: [1, 2], methods: ['softmax', { ...own, rateFactor: 0.3 }], reference: 'own' }
  t.true(validate({ ...config, compare: valid }), JSON.stringify(validate.errors))
  for (const compare of [
    { seed: [1] },
    { seeds: [] },
    { seeds: [1.5] },
    { methods: [{ ...own, loss: { type: 'nPair' } }] },
    { methods: [{ ...own, rate: 3 }] },
    { methods: [{ ...own, name: '../x' }] },
  ])
    t.false(validate({ ...config, compare }), JSON.stringify(compare))
  const mining = { type: 'hardNegativeClasses', candidates: 20 }
  t.false(validate({ ...config, batch: { pairs: 8, mining } }))
  t.false(validate({ ...config, batch: { type: 'classBalanced', classes: 4, imagesPerClass: 4 } }))
})

test('train: there is nothing to compare', async (t) => {
  const file = join(root, 'examples/omniglot.json')
  const config = JSON.parse(await readFile(file, 'utf8'))
  const { validate } = await schemaOf(file, config)
  t.false(validate({ ...config, compare: { seeds: [1] } }))
})
