import test from 'ava'
import { definitions, type MetricName } from '../../src/metrics/definitions.js'
import { create, type ProtocolOptions, types } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const data = () => labelledData(new Array<number>(24).fill(5), new Array<number>(24).fill(0))
const embedder = noisyEmbedder(1.2)
const plans: ProtocolOptions[] = types.flatMap((type): ProtocolOptions[] => {
  if (type === 'reId') return [] // its names hold cameras: see reId.test.ts
  return [type === 'oneShot' ? { type, ways: 5, episodes: 50 } : { type }]
})

for (const plan of plans)
  test(`${plan.type}: plain JSON, repeatable, every interval holds its figure, definitions are those of the metrics`, async (t) => {
    const result = await evaluate(embedder, create(plan, data()))
    t.deepEqual(JSON.parse(JSON.stringify(result)), result)
    t.deepEqual(await evaluate(embedder, create(plan, data())), result)
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
    const without = await evaluate(embedder, create({ ...plan, bootstrap: 0 }, data()))
    t.true(Object.values(without.figures).every((figure) => figure.interval === undefined))
    t.deepEqual(
      Object.values(without.figures).map((figure) => figure.value),
      Object.values(result.figures).map((figure) => figure.value),
    )
    if (plan.type !== 'oneShot') {
      const other = await evaluate(embedder, create({ ...plan, bootstrap: 50 }, data()))
      const headline = result.headline
      t.notDeepEqual(other.figures[headline]?.interval, result.figures[headline]?.interval)
    }
  })
