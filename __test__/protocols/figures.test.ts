import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { definitions, type MetricName } from '../../src/metrics/definitions.js'
import { create, type ProtocolOptions, types } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const data = () => labelledData(new Array<number>(24).fill(5), new Array<number>(24).fill(0))
/** Seen by three cameras in turn, which names of no other protocol hold. */
const seen = () => {
  const names = Array.from({ length: 120 }, (_, i) => `person_c${i % 3}.jpg`)
  return labelledData(new Array<number>(24).fill(5), [], { names })
}
const dataOf = ({ type }: ProtocolOptions) => (type === 'reId' ? seen() : data())
const embedder = noisyEmbedder(1.2)
const folder = mkdtempSync(join(tmpdir(), 'npair-figures-'))
test.after.always(() => rmSync(folder, { recursive: true }))
const image = (c: number, i: number) => `image ${5 * c + i}`
const classes = Array.from({ length: 24 }, (_, c) => c)
const lines = (of: (c: number) => string[]) => classes.flatMap(of).map((line) => `${line}\n`)
const [path, gallery, probes] = ['pairs', 'gallery', 'probes'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
]
writeFileSync(
  path,
  lines((c) =>
    [1, 2, 3].flatMap((i) => [
      `${image(c, 0)}\t${image(c, i)}\t1\tfold ${c % 4}`,
      `${image(c, i)}\t${image((c + i) % 24, 4)}\t0\tfold ${c % 4}`,
    ]),
  ).join(''),
)
writeFileSync(gallery, lines((c) => (c < 12 ? [image(c, 0)] : [])).join(''))
writeFileSync(probes, lines((c) => [image(c, 1), image(c, 2)]).join(''))

const plans = types.map((type): ProtocolOptions => {
  if (type === 'pairs') return { type, path, far: [0.1] }
  if (type === 'lists') return { type, gallery, probes, ranks: [1], far: [0.1] }
  return type === 'oneShot' ? { type, ways: 5, episodes: 50 } : { type }
})

for (const plan of plans)
  test(`${plan.type}: plain JSON, repeatable, every interval holds its figure, definitions are those of the metrics`, async (t) => {
    const result = await evaluate(embedder, create(plan, dataOf(plan)))
    t.deepEqual(JSON.parse(JSON.stringify(result)), result)
    t.deepEqual(await evaluate(embedder, create(plan, dataOf(plan))), result)
    for (const [name, figure] of Object.entries(result.figures)) {
      const definition = definitions[figure.metric as MetricName]
      t.is(figure.metricVersion, definition.version, name)
      t.true(figure.definition.startsWith(definition.text), name)
      if (figure.better === 'none') continue
      const { interval, value } = figure
      if (interval === undefined) {
        t.fail(`${name} has no interval`)
        continue
      }
      t.true(interval.low <= value && value <= interval.high, `${name}: ${value} in ${JSON.stringify(interval)}`)
      t.true(interval.high > interval.low, name)
      t.is(interval.level, 0.95)
    }
    t.regex(formatTable(result), /\[\d+\.\d+, \d+\.\d+\]/)
    const without = await evaluate(embedder, create({ ...plan, bootstrap: 0 }, dataOf(plan)))
    t.true(Object.values(without.figures).every((figure) => figure.interval === undefined))
    t.deepEqual(
      Object.values(without.figures).map((figure) => figure.value),
      Object.values(result.figures).map((figure) => figure.value),
    )
    const other = await evaluate(embedder, create({ ...plan, bootstrap: 50 }, dataOf(plan)))
    const headline = result.headline
    t.notDeepEqual(other.figures[headline]?.interval, result.figures[headline]?.interval)
  })
