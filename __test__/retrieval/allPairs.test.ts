import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { pairCosines } from '../../src/metrics/cosine.js'
import { pairHistogram } from '../../src/metrics/histogram.js'
import { areaUnderRoc, roc, tarAtFar } from '../../src/metrics/roc.js'
import { Random } from '../../src/random.js'
import { allPairs } from '../../src/retrieval/allPairs.js'
import { someRows } from '../reference/nearest.js'

/** Slow and obvious: every score is held. */
function held(rows: Embeddings, labels: number[]) {
  const [first, second, same]: [number[], number[], number[]] = [[], [], []]
  for (let i = 0; i < rows.count; i++)
    for (let j = i + 1; j < rows.count; j++) {
      first.push(i)
      second.push(j)
      same.push(labels[i] === labels[j] ? 1 : 0)
    }
  return { scores: pairCosines(rows, first, second), same }
}

const far = [1, 0.5, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 3e-6]

test('equals the ROC of all scores, ties and all; the histogram but for scores at an edge', async (t) => {
  for (const [count, size, classes, noise] of [
    [900, 24, 60, 0.7],
    [700, 3, 2, 0.1],
    [60, 2, 9, 3],
    [2, 4, 2, 1],
  ] as const) {
    const random = new Random(count, 'report')
    const labels = Array.from({ length: count }, (_, i) => (i < classes ? i : random.below(classes)))
    const centers = someRows(classes, size, () => random.normal())
    const rows = someRows(count, size, () => noise * random.normal())
    for (let i = 0; i < count; i++)
      if (i % 7 !== 5)
        rows.row(i).forEach((x, k, row) => {
          row[k] = x + (centers.row(labels[i] as number)[k] as number)
        })
    const { scores, same } = held(rows, labels)
    const expected = roc(scores, same)
    const found = await allPairs(rows, labels, { far, bins: 32 })
    t.deepEqual([found.genuine, found.impostor], [expected.genuine, expected.impostor])
    t.deepEqual(
      found.tarAtFar,
      far.map((target) => tarAtFar(expected, target)),
    )
    t.deepEqual([found.roc.genuine, found.roc.impostor], [expected.genuine, expected.impostor])
    t.is(found.fine.same.length, 2 ** 16)
    if (expected.genuine > 0 && expected.impostor > 0) {
      const { far: x, tar: y } = found.roc
      const step = (of: Float64Array, i: number) => (of[i] as number) - (of[i - 1] as number)
      const astray = x.reduce((sum, _, i) => (i === 0 ? 0 : sum + (step(x, i) * step(y, i)) / 2), 0)
      const off = Math.abs(areaUnderRoc(found.roc) - areaUnderRoc(expected))
      t.true(off <= astray + 1e-5, `${off} of ${astray}`)
    }
    const histogram = pairHistogram(scores, same, { bins: 32, low: -1, high: 1 })
    t.deepEqual(found.histogram.edges, histogram.edges)
    const near = scores.filter((score) => Math.abs(score * 16 - Math.round(score * 16)) < 1e-4).length
    for (const side of ['same', 'different'] as const)
      found.histogram[side].forEach((n, bin) => {
        t.true(Math.abs(n - (histogram[side][bin] as number)) <= near)
      })
  }
})

test('what is wrong is named', async (t) => {
  const rows = new Embeddings(Float32Array.of(1, 0, 0, 1), 2)
  const refused = async (pattern: RegExp, ...input: Parameters<typeof allPairs>) => {
    const error = await t.throwsAsync(allPairs(...input), { instanceOf: NPairError })
    t.is(error?.code, 'INVALID_OPTION')
    t.regex(error?.message ?? '', pattern)
  }
  await refused(/2 integers .* for labels/, rows, [1])
  await refused(/for labels/, rows, [1, 1.5])
  await refused(/for far/, rows, [1, 2], { far: [0] })
  await refused(/power of 2/, rows, [1, 2], { bins: 100 })
  await refused(/Row 1 of embeddings has the length NaN/, new Embeddings(Float32Array.of(1, Number.NaN), 1), [1, 2])
})

test('embeddings that have collapsed are said to be so', async (t) => {
  const count = 8300 // 34 million pairs
  const error = await t.throwsAsync(
    allPairs(
      new Embeddings(new Float32Array(2 * count).fill(1), 2),
      Array.from({ length: count }, (_, i) => i % 2),
    ),
    { instanceOf: NPairError },
  )
  t.regex(error?.message ?? '', /collapsed/)
})
