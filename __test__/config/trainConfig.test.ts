import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { applySets } from '../../src/config/applySets.js'
import { loadConfig } from '../../src/config/loadConfig.js'
import { checkTrainConfig } from '../../src/config/trainConfig.js'
import { NPairError } from '../../src/errors.js'
import { losses, nets } from '../../src/index.js'

const config = {
  $schema: '../npair.schema.json',
  data: { type: 'folder', size: 28, split: { by: 'class', test: 0.5 } },
  net: { type: 'conv4' },
  batch: { pairs: 8 },
  steps: 100,
}

async function folder(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'npair-config-'))
  t.teardown(() => rm(made, { recursive: true }))
  return made
}

test('data and output come from the file or from the command line, which goes first', async (t) => {
  const { data, train } = await checkTrainConfig({ ...config, output: 'a' }, { path: 'faces', output: 'b' })
  t.deepEqual(data, { ...config.data, path: 'faces' } as never)
  t.is(train.output, 'b')
  const own = await checkTrainConfig({ ...config, data: { ...config.data, path: 'mine' }, output: 'a' })
  t.is(own.data.type === 'folder' && own.data.path, 'mine')
  t.is(own.train.output, 'a')
})

test('net and loss may be what factories give, in a file that is a program', async (t) => {
  const made = { ...config, net: nets.conv4({ width: 8 }), loss: losses.nPairMc({ l2: 0 }) }
  const { train } = await checkTrainConfig(made, { path: 'faces', output: 'a' })
  const named = { ...config, net: { type: 'conv4', width: 8 }, loss: { type: 'nPairMc', l2: 0 } }
  const same = await checkTrainConfig(named, { path: 'faces', output: 'a' })
  t.deepEqual(train, same.train)
})

const given = { path: 'x', output: 'a' }
const { split: _, ...unsplit } = config.data
const bad: [object, object, string][] = [
  [{}, { output: 'a' }, 'Expected a path (or --data PATH) for data.path but received undefined of type undefined'],
  [{}, { path: 'x' }, 'Expected a folder (or --output DIR) for output but received undefined of type undefined'],
  [
    { data: { type: 'tar', size: 28 } },
    {},
    "Expected 'folder' or 'omniglot' or 'benchmark' or 'characters' or 'features' for data.type but received 'tar' of type string",
  ],
  [
    { data: { ...config.data, size: [28] } },
    {},
    'Expected an integer >= 1 or an array of 2, each an integer >= 1, for data.size but received [28] of type array',
  ],
  [{ data: { ...config.data, channels: 2 } }, {}, 'Expected 1 or 3 for data.channels but received 2 of type number'],
  [
    { data: { ...config.data, split: { by: 'class', test: 1 } } },
    {},
    'Expected a number in (0, 1) or an array of at least 1, each a string, for data.split.test but received 1 of type number',
  ],
  [
    { data: { ...config.data, interpolaton: 'cubic' } },
    {},
    'Unknown option data.interpolaton: did you mean data.interpolation?',
  ],
  [
    { data: { type: 'characters', size: 28, fit: 'cover' } },
    {},
    'Unknown option data.fit: known here: type, size, split, rotatedClasses',
  ],
  [
    { batchSize: 3 },
    {},
    'Unknown option batchSize: known here: $schema, data, net, loss, batch, optimizer, preprocess, augment, ema, guard, steps, seed, device, precision, threads, checkpointEvery, keepCheckpoints, validation, mirror, shifts, whiten, output',
  ],
  [
    { data: unsplit, validation: { protocol: { type: 'retrieval' } } },
    { path: 'x', output: 'a' },
    'Expected a split, because validation needs classes of its own, for data.split but received undefined of type undefined',
  ],
  [
    { data: { type: 'characters', size: 28 } },
    { path: 'x', output: 'a' },
    "Expected no path with data.type 'characters', which is generated, for --data but received 'x' of type string",
  ],
  [{ steps: 1.5 }, { path: 'x', output: 'a' }, 'Expected an integer >= 1 for steps but received 1.5 of type number'],
]
for (const [change, given, message] of bad)
  test(`refused: ${message}`, async (t) => {
    const error = await t.throwsAsync(() => checkTrainConfig({ ...config, ...change }, given), {
      instanceOf: NPairError,
      message,
    })
    t.is(error?.code, 'INVALID_OPTION')
  })

test('--set replaces and adds single values, in a copy', (t) => {
  const set = applySets(config, [
    'batch.pairs=32',
    'optimizer.type=adam',
    'augment.flip=true',
    'data.size=[56, 46]',
    'output=a=b',
    'seed="7"',
  ])
  t.deepEqual(set, {
    ...config,
    batch: { pairs: 32 },
    optimizer: { type: 'adam' },
    augment: { flip: true },
    data: { ...config.data, size: [56, 46] },
    ...{ output: 'a=b', seed: '7' },
  })
  t.is(config.batch.pairs, 8)
  t.deepEqual(applySets({ layers: [{ out: 1 }] }, ['layers.0.out=2', 'layers.1.out=3']), {
    layers: [{ out: 2 }, { out: 3 }],
  })
})

for (const [sets, message] of [
  ['steps', /Expected path=value/],
  ['=3', /Expected path=value/],
  ['a..b=3', /Expected path=value/],
  ['__proto__.x=3', /Expected path=value/],
  ['steps.x=3', /steps is 100, not an object/],
  ['list.x=3', /list is an array of 1, which has no x/],
  ['list.5=3', /list is an array of 1, which has no 5/],
] as const)
  test(`--set ${sets} is refused`, (t) => {
    const error = t.throws(() => applySets({ ...config, list: [1] }, [sets]), { instanceOf: NPairError, message })
    t.is(error?.code, 'INVALID_OPTION')
  })

test('config files: JSON, JavaScript, TypeScript', async (t) => {
  const at = await folder(t)
  const files = {
    'a.json': '\uFEFF{ "steps": 3 }',
    'a.mjs': 'export default { steps: 3 }',
    'b.mjs': 'export default Promise.resolve({ steps: 3 })',
    'a.ts': 'const steps: number = 3\nexport default { steps } satisfies { steps: number }',
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(at, name), text)
    t.deepEqual(await loadConfig(join(at, name)), { steps: 3 }, name)
  }
})

test('a config file may call the factories of npair, and --set changes what is beside a function', async (t) => {
  const at = join(await folder(t), 'own.ts')
  await writeFile(
    at,
    `import { losses, mining, nets } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).pathname)}
    export default {
      data: { type: 'characters', size: 28 },
      net: nets.conv4({ width: 8 }),
      loss: losses.custom({ compute: ({ data }) => ({ loss: data.length, gradient: data }) }),
      batch: { pairs: 8, mining: mining.hardNegativeClasses({ candidates: 40 }) },
      steps: 100,
    }`,
  )
  const changed = applySets(await loadConfig(at), ['batch.pairs=4', 'batch.mining.candidates=20', 'steps=3'])
  const { train } = await checkTrainConfig(changed, { output: 'a' })
  t.deepEqual({ ...train.net }, { ...nets.conv4({ width: 8 }) })
  t.like(train.batch, { pairs: 4, mining: { type: 'hardNegativeClasses', candidates: 20 } })
  t.is(train.steps, 3)
  const { loss } = train
  if (loss.type !== 'custom') throw new Error(loss.type)
  t.is((await loss.compute({ data: Float64Array.of(1, 2), size: 1 }, [0, 1])).loss, 2)
  const plain = await checkTrainConfig({ ...config, loss: losses.nPairMc({ l2: 0.5 }), net: nets.casiaNet() }, given)
  t.like(plain.train, { loss: { type: 'nPairMc', l2: 0.5 }, net: { type: 'casiaNet' } })
  // A preset's layers and its options must not tell two stories, nor a custom loss come without its function.
  const wider = applySets({ ...config, net: nets.conv4({ width: 8 }) }, ['net.width=16'])
  await t.throwsAsync(() => checkTrainConfig(wider, given), { message: /the layers of conv4 with these options/ })
  const bare = checkTrainConfig({ ...config, loss: { type: 'custom' } }, given)
  await t.throwsAsync(bare, { message: /what losses\.custom gives \(a function, which no file holds\) for loss/ })
})

for (const [name, text, code, message] of [
  ['missing.json', undefined, 'NOT_FOUND', /no config file .*missing\.json/],
  ['bad.json', '{ "steps": }', 'INVALID_OPTION', /bad\.json: .*JSON/],
  ['list.json', '[]', 'INVALID_OPTION', /list\.json: it holds no object/],
  ['none.mjs', 'export const x = 1', 'INVALID_OPTION', /none\.mjs: its default export is no object/],
  ['throws.ts', 'throw new Error("no luck")', 'INVALID_OPTION', /throws\.ts: .*no luck/],
  ['a.yaml', 'steps: 3', 'INVALID_OPTION', /a\.yaml: its name ends in \.yaml/],
] as const)
  test(`a config file that is refused: ${name}`, async (t) => {
    const path = join(await folder(t), name)
    if (text !== undefined) await writeFile(path, text)
    const error = await t.throwsAsync(() => loadConfig(path), { instanceOf: NPairError, message })
    t.is(error?.code, code)
  })
