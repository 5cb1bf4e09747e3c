import test from 'ava'
import {
  adjustedMutualInformation,
  normalizedMutualInformation,
  pairwiseF1,
  purity,
} from '../../src/metrics/clustering.js'
import { mean } from '../../src/metrics/statistics.js'
import { clusteringIntervals } from '../../src/protocols/clusteringIntervals.js'
import { Random } from '../../src/random.js'

/** Images of 40 classes, each with its own chance of going astray into another cluster. */
function clustered(seed: number): { classes: number[]; clusters: number[] } {
  const random = new Random(seed, 'report')
  const [classes, clusters]: [number[], number[]] = [[], []]
  for (let c = 0; c < 40; c++) {
    const astray = 0.6 * random.uniform()
    for (let i = 3 + random.below(8); i > 0; i--) {
      classes.push(c)
      clusters.push(random.uniform() < astray ? random.below(40) : c)
    }
  }
  return { classes, clusters }
}

const figures = {
  nmi: normalizedMutualInformation,
  ami: adjustedMutualInformation,
  f1: (classes: number[], clusters: number[]) => pairwiseF1(classes, clusters).f1,
  purity,
}

test('the intervals are about as wide as figures of other classes spread, and hold their own figure', (t) => {
  const drawn = Array.from({ length: 80 }, (_, seed) => {
    const { classes, clusters } = clustered(seed)
    return { classes, clusters, found: clusteringIntervals(classes, clusters, { bootstrap: 200, seed: 0 }) }
  })
  for (const name of ['nmi', 'ami', 'f1', 'purity'] as const) {
    const values = drawn.map(({ classes, clusters }) => figures[name](classes, clusters))
    const centre = mean(values)
    const deviation = Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
    const ends = drawn.map(({ found }) => found[name] ?? { low: Number.NaN, high: Number.NaN })
    const width = mean(ends.map(({ low, high }) => high - low)) / (2 * 1.96 * deviation)
    t.true(width > 0.65 && width < 1.8, `${name}: ${width}`)
    const covering = ends.filter(({ low, high }) => low <= centre && centre <= high).length
    t.true(covering >= 64, `${name}: ${covering} of 80`)
    t.true(
      ends.every(({ low, high }, i) => low <= (values[i] as number) && (values[i] as number) <= high),
      name,
    )
  }
})

test('no resamples, no intervals', (t) => {
  const { classes, clusters } = clustered(1)
  const found = clusteringIntervals(classes, clusters, { bootstrap: 0, seed: 0 })
  t.deepEqual(Object.values(found), [undefined, undefined, undefined, undefined])
})
