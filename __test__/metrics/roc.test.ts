import { readFileSync } from 'node:fs'
import test from 'ava'
import { det } from '../../src/metrics/det.js'
import { areaUnderRoc, equalErrorRate, roc, sortPairs, tarAtFar, weightedRoc } from '../../src/metrics/roc.js'
import { rocCurve } from '../../src/metrics/rocCurve.js'
import { Random } from '../../src/random.js'
import { acceptedBy, blufrThreshold } from '../reference/blufr.js'
import { mannWhitney, ratesAt } from '../reference/verification.js'

interface Case {
  scores: number[]
  same: number[]
  auc: number
  far: number[]
  tar: number[]
  thresholds: number[]
}
const fixture = JSON.parse(readFileSync(new URL('../fixtures/roc.json', import.meta.url), 'utf8')) as { cases: Case[] }

const close = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - (b[i] as number)) < 1e-12)

test('curve and area equal scikit-learn', (t) => {
  t.true(fixture.cases.length >= 6)
  for (const { scores, same, auc, far, tar, thresholds } of fixture.cases) {
    const curve = roc(scores, same)
    t.true(close(curve.far, far))
    t.true(close(curve.tar, tar))
    t.true(close(curve.thresholds.slice(1), thresholds))
    t.true(Math.abs(areaUnderRoc(curve) - auc) < 1e-12)
  }
})

test('thousands of small cases with ties equal counting', (t) => {
  for (let seed = 0; seed < 3000; seed++) {
    const random = new Random(seed, 'report')
    const count = 2 + random.below(12)
    const levels = 1 + random.below(8)
    const scores = Array.from({ length: count }, () => random.below(levels) / 8)
    const same = Array.from({ length: count }, (_, i) => (i < 2 ? i : random.below(2)))
    const curve = roc(scores, same)
    const trace = JSON.stringify({ scores, same })
    t.true(Math.abs(areaUnderRoc(curve) - mannWhitney(scores, same)) < 1e-12, trace)
    curve.thresholds.forEach((threshold, i) => {
      t.deepEqual({ far: curve.far[i], tar: curve.tar[i] }, ratesAt(scores, same, threshold), trace)
    })

    const thresholds = [Number.POSITIVE_INFINITY, ...new Set(scores)].sort((a, b) => b - a)
    const gaps = thresholds.map((threshold) => {
      const { far, tar } = ratesAt(scores, same, threshold)
      return { gap: Math.abs(far - (1 - tar)), rate: (far + 1 - tar) / 2 }
    })
    const least = Math.min(...gaps.map((g) => g.gap))
    const { rate } = equalErrorRate(curve)
    t.true(Math.abs(rate - (gaps.find((g) => g.gap < least + 1e-9)?.rate as number)) < 1e-12, trace)

    for (const target of [0.01, 0.25, 0.5, 1]) {
      const impostors = same.filter((s) => s === 0).length
      const found = tarAtFar(curve, target)
      if (target * impostors < 1) {
        t.is(found, undefined, trace)
        continue
      }
      const best = Math.max(
        ...thresholds
          .map((x) => ratesAt(scores, same, x))
          .filter((r) => r.far <= target)
          .map((r) => r.tar),
      )
      t.is(found?.tar, best, trace)
      t.true((found?.far as number) <= target)
      if (found) t.deepEqual({ far: found.far, tar: found.tar }, ratesAt(scores, same, found.threshold))
    }
  }
})

test('a false accept rate of 0.001 with 3000 impostor pairs is three pairs', (t) => {
  const scores = [0.5, ...Array.from({ length: 3000 }, (_, i) => (3000 - i) / 3000)]
  const found = tarAtFar(roc(scores, [1, ...new Array<number>(3000).fill(0)]), 0.001)
  t.is(found?.far, 3 / 3000)
  t.is(tarAtFar(roc(scores, [1, ...new Array<number>(3000).fill(0)]), 0.0003), undefined)
})

test("n-th impostor: BLUFR's rates on thousands of small cases, from a rate of 0 to 1", (t) => {
  let nothingAbove = 0
  for (let seed = 0; seed < 4000; seed++) {
    const random = new Random(seed, 'report', 1)
    const count = 2 + random.below(12)
    const levels = 1 + random.below(12)
    const scores = Array.from({ length: count }, () => random.below(levels) / 8)
    const same = Array.from({ length: count }, (_, i) => (i < 2 ? i : random.below(2)))
    const [impostors, genuine] = [0, 1].map((kind) => scores.filter((_, i) => same[i] === kind)) as [number[], number[]]
    const curve = roc(scores, same)
    for (const target of [0, 0.01, 0.1, 0.25, 0.5, 0.8, 1]) {
      const trace = JSON.stringify({ scores, same, target })
      const found = tarAtFar(curve, target, 'nthImpostor')
      const theirs = blufrThreshold(genuine, impostors, target)
      t.is(found?.tar, acceptedBy(theirs, genuine), trace)
      t.is(found?.far, acceptedBy(theirs, impostors), trace)
      t.true(Math.abs((found?.threshold as number) - theirs) < 2e-8, trace)
      // The threshold does what the rates say.
      t.is(found?.tar, acceptedBy(found?.threshold as number, genuine), trace)
      t.is(found?.far, acceptedBy(found?.threshold as number, impostors), trace)
      if (target === 0 && found?.tar === 0) nothingAbove++
    }
  }
  t.true(nothingAbove > 500)
})

test('n-th impostor at a rate of 0: scores that a resample lacks, neighbouring and large numbers, no pairs of a kind', (t) => {
  const pairs = sortPairs([9, 7, 5, 4, 3], [1, 1, 0, 0, 1])
  t.deepEqual(tarAtFar(weightedRoc(pairs), 0, 'nthImpostor'), { tar: 2 / 3, far: 0, threshold: 6 })
  t.deepEqual(tarAtFar(weightedRoc(pairs, [2, 0, 1, 1, 2]), 0, 'nthImpostor'), { tar: 0.5, far: 0, threshold: 7 })
  t.deepEqual(tarAtFar(weightedRoc(pairs, [2, 1, 0, 1, 1]), 0, 'nthImpostor'), { tar: 0.75, far: 0, threshold: 5.5 })
  const next = 1 + Number.EPSILON
  t.deepEqual(tarAtFar(roc([next, 1], [1, 0]), 0, 'nthImpostor'), { tar: 1, far: 0, threshold: next })
  t.true((tarAtFar(roc([1e9, 2e9], [1, 0]), 0, 'nthImpostor')?.threshold as number) > 2e9)
  t.is(tarAtFar(roc([1, 2], [1, 1]), 0, 'nthImpostor'), undefined)
  t.deepEqual(tarAtFar(roc([1, 2], [0, 0]), 0.5, 'nthImpostor'), { tar: Number.NaN, far: 0.5, threshold: 2 })
  t.throws(() => tarAtFar(roc([1, 2], [1, 0]), 0), { message: /a number in \(0, 1\] for target/ })
  t.throws(() => tarAtFar(roc([1, 2], [1, 0]), -0.1, 'nthImpostor'), { message: /a number in \[0, 1\] for target/ })
})

test('the deviates of a DET curve: Φ⁻¹ of both rates, 0 and 1 taken as half a pair', (t) => {
  const quarter = 0.6744897501960817 // −Φ⁻¹(1/4), SciPy
  const { far, frr, farDeviate, frrDeviate } = det(roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0]))
  t.deepEqual(
    [[...far], [...frr]],
    [
      [0, 0, 0.5, 1],
      [1, 0.5, 0, 0],
    ],
  )
  t.true(close(farDeviate, [-quarter, -quarter, 0, quarter]))
  t.true(close(frrDeviate, [quarter, 0, -quarter, -quarter]))
  // Four genuine pairs and one impostor: each rate by the number of its own pairs.
  const uneven = det(roc([4, 3, 2, 1, 0], [1, 1, 1, 1, 0]))
  t.true(close(uneven.frrDeviate.slice(4), [-1.1503493803760083, -1.1503493803760083])) // Φ⁻¹(1/8)
  t.true(close(uneven.farDeviate, [0, 0, 0, 0, 0, 0]))
})

/** Φ by Simpson's rule. */
function normalShare(x: number): number {
  const density = (y: number) => Math.exp((-y * y) / 2) / Math.sqrt(2 * Math.PI)
  const steps = 200
  let sum = 0
  for (let i = 0; i <= steps; i++) sum += density((x * i) / steps) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2)
  return 0.5 + (sum * x) / steps / 3
}

test('thousands of small curves: DET deviates have the share of pairs below them, and a stored curve is the same polyline', (t) => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = new Random(seed, 'report', 2)
    const count = 2 + random.below(12)
    const levels = 1 + random.below(10)
    const scores = Array.from({ length: count }, () => random.below(levels))
    const same = Array.from({ length: count }, (_, i) => (i < 2 ? i : random.below(2)))
    const curve = roc(scores, same)
    const trace = JSON.stringify({ scores, same })
    const { far, frr, farDeviate, frrDeviate } = det(curve)
    const clipped = (pairs: number, of: number) => Math.min(Math.max(pairs, 0.5), of - 0.5) / of
    curve.thresholds.forEach((threshold, i) => {
      const [accepted, missed] = [0, 1].map(
        (kind) => scores.filter((score, p) => same[p] === kind && score >= threshold === (kind === 0)).length,
      ) as [number, number]
      t.true(Math.abs((far[i] as number) - accepted / curve.impostor) < 1e-12, trace)
      t.true(Math.abs((frr[i] as number) - missed / curve.genuine) < 1e-12, trace)
      t.true(Math.abs(normalShare(farDeviate[i] as number) - clipped(accepted, curve.impostor)) < 1e-9, trace)
      t.true(Math.abs(normalShare(frrDeviate[i] as number) - clipped(missed, curve.genuine)) < 1e-9, trace)
    })
    const small = rocCurve(curve, 100)
    const on = (far: number, tar: number) =>
      small.far.some((x, j) => {
        const [y, nextX, nextY] = [small.tar[j] as number, small.far[j + 1] ?? x, small.tar[j + 1] ?? small.tar[j]] as [
          number,
          number,
          number,
        ]
        return (
          (x === far && y === tar) ||
          (x === nextX && x === far && y <= tar && tar <= nextY) ||
          (y === nextY && y === tar && x <= far && far <= nextX)
        )
      })
    curve.thresholds.forEach((_, i) => {
      t.true(on(curve.far[i] as number, curve.tar[i] as number), trace)
    })
    small.far.forEach((x, j) => {
      t.true(
        curve.far.some((far, i) => far === x && curve.tar[i] === small.tar[j]),
        trace,
      )
    })
  }
})

test('the stored curve is small, keeps its ends and strays less than half a percent', (t) => {
  const random = new Random(3, 'report')
  const same = Array.from({ length: 60_000 }, () => random.below(2))
  const full = roc(
    same.map((s) => random.normal() + s * 2),
    same,
  )
  const small = rocCurve(full, 800)
  t.true(small.far.length <= 1200, String(small.far.length))
  t.deepEqual([small.far[0], small.tar[0], small.far.at(-1), small.tar.at(-1)], [0, 0, 1, 1])
  // Every point of the full curve lies near the polyline of the small one.
  let j = 0
  full.far.forEach((far, i) => {
    while ((small.far[j + 1] as number) < far) j++
    let low = j
    while (low > 0 && (small.far[low] as number) >= far) low--
    let high = j
    while (high + 1 < small.far.length && (small.far[high] as number) <= far) high++
    const tar = full.tar[i] as number
    t.true(tar >= (small.tar[low] as number) - 0.005 && tar <= (small.tar[high] as number) + 0.005)
  })
})
