import test from 'ava'
import {
  adjustedMutualInformation,
  normalizedMutualInformation,
  pairwiseF1,
  purity,
  vMeasure,
} from '../../src/metrics/clustering.js'
import { contingency } from '../../src/metrics/contingency.js'
import { Random } from '../../src/random.js'
import * as plain from '../reference/clustering.js'
import * as slow from '../reference/metrics.js'
import { list } from './exactRows.js'

const near = (a: number, b: number, tolerance = 1e-12) => Math.abs(a - b) < tolerance

/** Labels of few items, also of one, of one class, of one cluster, of singletons. */
function small(seed: number, most: number): { classes: number[]; clusters: number[]; trace: string } {
  const random = new Random(seed, 'report')
  const count = 1 + random.below(most)
  const [classes, clusters] = [
    list(random, count, 1 + random.below(count)),
    list(random, count, 1 + random.below(count)),
  ]
  return { classes, clusters, trace: JSON.stringify({ classes, clusters }) }
}

test('thousands of small clusterings: information by the definition, purity item by item, F1 over all pairs', (t) => {
  let [single, allApart, together] = [0, 0, 0]
  for (let seed = 0; seed < 4000; seed++) {
    const { classes, clusters, trace } = small(seed, 12)
    const information = slow.mutualInformation(classes, clusters)
    const [a, b] = [slow.entropy(classes), slow.entropy(clusters)]
    t.true(near(normalizedMutualInformation(classes, clusters), a + b > 1e-12 ? (2 * information) / (a + b) : 1), trace)
    t.true(near(purity(classes, clusters), plain.purity(classes, clusters)), trace)
    const [f1, pairs] = [pairwiseF1(classes, clusters), slow.pairwiseF1(classes, clusters)]
    for (const key of ['precision', 'recall', 'f1'] as const) t.true(near(f1[key], pairs[key]), trace)
    for (const beta of [0, 0.5, 1, 3]) {
      const [v, theirs] = [vMeasure(classes, clusters, beta), plain.vMeasure(classes, clusters, beta)]
      for (const key of ['homogeneity', 'completeness', 'vMeasure'] as const)
        t.true(near(v[key], theirs[key], 1e-11), `${trace} ${beta} ${key}`)
    }
    const { cells, count } = contingency(classes, clusters)
    t.is(
      cells.reduce((sum, cell) => sum + cell.count, 0),
      count,
    )
    if (classes.length === 1) single++
    if (new Set(clusters).size === clusters.length) allApart++
    if (new Set(clusters).size === 1) together++
  }
  t.true(Math.min(single, allApart, together) > 200)
})

test('thousands of small clusterings: the expectation of the information over all permutations', (t) => {
  for (let seed = 0; seed < 3000; seed++) {
    const { classes, clusters, trace } = small(seed, seed % 20 === 0 ? 6 : 5)
    const information = slow.mutualInformation(classes, clusters)
    const expected = slow.expectedInformation(classes, clusters)
    const room = (slow.entropy(classes) + slow.entropy(clusters)) / 2 - expected
    const found = adjustedMutualInformation(classes, clusters)
    if (room > 1e-9) t.true(near(found, (information - expected) / room, 1e-9), trace)
    else t.is(found, 1, trace) // equal partitions of one class or of singletons
  }
})

test('vector M1: three clusters of x, o and ◇ (Manning, Raghavan and Schütze 2008, section 16.3)', (t) => {
  const table = [
    [5, 1, 0],
    [1, 4, 1],
    [2, 0, 3],
  ]
  const items = table.flatMap((row, cluster) =>
    row.flatMap((count, label) => new Array<{ label: number; cluster: number }>(count).fill({ label, cluster })),
  )
  const [classes, clusters] = [items.map(({ label }) => label), items.map(({ cluster }) => cluster)]
  t.true(near(purity(classes, clusters), 12 / 17))
  // Of the 136 pairs 20 are true positives, 20 false ones, 24 false negatives.
  t.deepEqual(pairwiseF1(classes, clusters), { precision: 20 / 40, recall: 20 / 44, f1: 40 / 84 })
  // scikit-learn 1.9.1; the book's .36 is the same mean.
  t.true(near(normalizedMutualInformation(classes, clusters), 0.36456177185718985))
  t.true(near(vMeasure(classes, clusters).vMeasure, 0.36456177185718985))
  t.true(near(adjustedMutualInformation(classes, clusters), 0.2601812253892511))
})
