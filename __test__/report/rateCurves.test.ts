import test from 'ava'
import type { EvaluationResult } from '../../src/protocols/result.js'
import { loadDraw } from '../../src/report/draw.js'
import { decades, rateCurves } from '../../src/report/rateCurves.js'

/** A result that has nothing but curves. */
function withCurves(curves: EvaluationResult['curves']): EvaluationResult {
  return {
    ...{ protocol: 'own', version: 1, definition: '', options: {}, data: null, counts: {}, headline: '' },
    ...{ figures: {}, tables: {}, curves, notes: [] },
  }
}

/** Points of the only line of two pixels' width in a plot. */
async function drawn(curves: EvaluationResult['curves']): Promise<[number, number][]> {
  const [figure] = rateCurves(withCurves(curves))
  if (figure === undefined) return []
  const markup = (await loadDraw())(figure).text
  const path = /stroke-width="2"[^>]*>\s*<path d="([^"]+)"|<path[^>]*stroke-width="2"[^>]* d="([^"]+)"/.exec(markup)
  const numbers = (path?.[1] ?? path?.[2] ?? '').match(/-?[\d.]+,-?[\d.]+/g) ?? []
  return numbers.map((pair) => pair.split(',').map(Number) as [number, number])
}

test('DET: both rates by their logarithm, rates of zero left out', async (t) => {
  // False reject rates 0.9, 0.1, 0.01 and 0 at false accept rates 0.001, 0.01, 0.1 and 1; at FAR 0 there is no logarithm.
  const points = await drawn({ roc: { far: [0, 0.001, 0.01, 0.1, 1], tar: [0.05, 0.1, 0.9, 0.99, 1] } })
  t.is(points.length, 3)
  const [a, b, c] = points as [[number, number], [number, number], [number, number]]
  // A factor of ten of the false accept rate each: equal steps.
  t.true(Math.abs(b[0] - a[0] - (c[0] - b[0])) < 0.01)
  // Down by log10 9 and then by 1.
  t.true(Math.abs((b[1] - a[1]) / (c[1] - b[1]) - Math.log10(9)) < 0.01)
})

test('open set: strangers by their logarithm; CMC: at most 50 ranks', async (t) => {
  const open = await drawn({ openSet: { far: [0, 0.01, 0.1, 1], dir: [0.1, 0.2, 0.4, 0.8] } })
  t.is(open.length, 3)
  t.true(Math.abs((open[1]?.[0] as number) - ((open[0]?.[0] as number) + (open[2]?.[0] as number)) / 2) < 0.01)
  const [cmc] = rateCurves(
    withCurves({ cmc: { rank: Array.from({ length: 80 }, (_, k) => k + 1), rate: new Array<number>(80).fill(0.5) } }),
  )
  t.is(cmc?.alternative, 'CMC curve: rank 1 50 %, rank 50 50 %')
})

test('curves that have no place on a logarithmic axis are not drawn', (t) => {
  t.deepEqual(rateCurves(withCurves({ roc: { far: [0, 0, 1], tar: [0, 1, 1] } })), [])
  t.deepEqual(rateCurves(withCurves({ openSet: { far: [0, 1], dir: [0, 1] } })), [])
  t.deepEqual(rateCurves(withCurves({})), [])
})

test('ticks are powers of ten', (t) => {
  t.deepEqual(decades(0.02), [0.1, 1, 10, 100])
  t.deepEqual(decades(50), [100])
})
