import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'ava'
import { temporary } from '../train/tinyRun.js'
import { bin, npair as withEnvironment } from './command.js'
import { npair } from './npair.js'

test('npair conformance prints expected against got, and says how many hold', async (t) => {
  const { code, stdout, stderr } = await npair('conformance')
  t.is(stderr, '')
  t.is(code, 0)
  t.regex(stdout, /^ok +V11 margin triplet +tripletMargin +float64 +0\.3000000000 +0\.3000000000/m)
  const [, hold, of] = /(\d+) of (\d+) hold\n$/.exec(stdout) ?? []
  t.true(hold === of && Number(of) > 50)
})

test('npair conformance --json', async (t) => {
  const { code, stdout } = await npair('conformance', '--json')
  t.is(code, 0)
  const results: { holds: boolean; vector: { id: string } }[] = JSON.parse(stdout)
  t.true(results.every(({ holds }) => holds) && results.some(({ vector }) => vector.id === 'V8'))
})

for (const [what, change, missed] of [
  ['a value off by 1e-6, which float32 cannot tell', 'vector.expected += 1e-6', ['float64']],
  ['a value off by 1e-4', 'vector.expected += 1e-4', ['float64', 'float32']],
  ['a number of the gradient', 'vector.gradient[1] += 1e-4', ['float64', 'float32']],
  ['nothing that is a number', 'vector.expected = Number.NaN', ['float64', 'float32']],
] as const)
  test(`npair conformance fails and names the vector that does not hold: ${what}`, async (t) => {
    // The command as it is, after its list of vectors was changed.
    const preload = join(await temporary(t), 'change.mjs')
    const vectors = new URL('../dist/conformance/vectors.js', pathToFileURL(bin))
    await writeFile(
      preload,
      `import { vectors } from '${vectors}'\nconst vector = vectors.find(({ id }) => id === 'V6, V6g')\n${change}\n`,
    )
    const environment = { NODE_OPTIONS: `--import ${pathToFileURL(preload)}` }
    const { code, out, errors } = await withEnvironment(['conformance'], environment)
    t.is(code, 1, errors)
    const lines = out.trimEnd().split('\n')
    t.deepEqual(
      lines.filter((line) => line.startsWith('MISS')).map((line) => line.split(/ {2,}/).slice(1, 4)),
      missed.map((precision) => ['V6, V6g', 'nPairMc', precision]),
    )
    const [, hold, of, names] = /^(\d+) of (\d+) hold, but not (.*)$/.exec(lines.at(-1) ?? '') ?? []
    t.is(Number(of) - Number(hold), missed.length)
    t.is(names, missed.map((precision) => `V6, V6g (${precision})`).join('; '))

    const json = await withEnvironment(['conformance', '--json'], environment)
    t.is(json.code, 1, json.errors)
    const results: { holds: boolean; vector: { id: string } }[] = JSON.parse(json.out)
    t.deepEqual(
      results.filter(({ holds }) => !holds).map(({ vector }) => vector.id),
      missed.map(() => 'V6, V6g'),
    )
  })
