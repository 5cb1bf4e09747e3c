import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { pairCosines } from '../../src/metrics/cosine.js'
import { dPrime } from '../../src/metrics/dPrime.js'
import { areaUnderRoc, equalErrorRate, roc, tarAtFar } from '../../src/metrics/roc.js'
import { acrossSeeds } from '../../src/protocols/acrossSeeds.js'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { verification } from '../../src/protocols/verification.js'
import { verificationPairs } from '../../src/protocols/verificationPairs.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

/** Every score, held. */
function everyScore(rows: Embeddings, byClass: Int32Array[]) {
  const choice = { folds: 1, impostorsPerGenuine: 1e9, maxGenuinePairs: 1e9, seed: 0 }
  const { first, second, same } = verificationPairs(byClass, choice)
  return { scores: pairCosines(rows, first, second), same }
}

test('all pairs: true accept rates down to 1e-6 are those of every score, the other figures to the width of a bin', async (t) => {
  const data = labelledData(new Array<number>(300).fill(5))
  const embedder = noisyEmbedder(0.6)
  const rows = await embedder.embedDataset(data)
  const result = await evaluate(embedder, verification(data, { pairs: 'all' }))
  const { scores, same } = everyScore(rows, data.byClass())
  const expected = roc(scores, same)
  t.is(scores.length, (1500 * 1499) / 2)
  t.deepEqual(result.counts, { images: 1500, classes: 300, genuinePairs: 3000, impostorPairs: expected.impostor })
  for (const far of [0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6]) {
    const figure = result.figures[`tar@far=${far}`]
    const at = tarAtFar(expected, far)
    t.is(figure?.value, at?.tar)
    t.true(figure?.definition.includes(`Here at ${at?.threshold.toPrecision(4)};`))
    const { low, high } = figure?.interval ?? { low: Number.NaN, high: Number.NaN }
    t.true(low < (figure?.value as number) && (figure?.value as number) < high, String(far))
  }
  t.is(result.figures.accuracy, undefined)
  t.is(result.headline, 'auc')
  const [, off] = /at most (\S+) off/.exec(result.figures.auc?.definition ?? '') ?? []
  t.true(Number(off) < 1e-4)
  t.true(Math.abs((result.figures.auc?.value as number) - areaUnderRoc(expected)) <= 1.1 * Number(off))
  t.true(Math.abs((result.figures.eer?.value as number) - equalErrorRate(expected).rate) < 1e-3)
  t.true(Math.abs((result.figures.dPrime?.value as number) - dPrime(scores, same)) < 1e-4)
  t.is(
    result.curves.histogram?.different?.reduce((sum, n) => sum + n, 0),
    expected.impostor,
  )
  // The stored curve lies on that of the scores, to the lowest rates.
  const { far = [], tar = [] } = result.curves.roc ?? {}
  t.deepEqual([far[0], tar[0], far.at(-1), tar.at(-1)], [0, 0, 1, 1])
  t.true(far.some((rate) => rate > 0 && rate < 1e-5))
  far.forEach((rate, i) => {
    const at = tarAtFar(expected, Math.max(rate, 1e-6))
    if (rate > 0) t.true((tar[i] as number) <= (at?.tar as number) + 1e-3, String(rate))
  })
})

test('all pairs: plain JSON, repeatable; what is left out is said', async (t) => {
  const data = labelledData([4, 1, 6, 3])
  const protocol = create({ type: 'verification', pairs: 'all', far: [0.1, 1e-6] }, data)
  const result = await evaluate(noisyEmbedder(1), protocol)
  t.deepEqual(JSON.parse(JSON.stringify(result)), result)
  t.deepEqual(await evaluate(noisyEmbedder(1), protocol), result)
  t.deepEqual(create(protocol.plan as never, data).plan, protocol.plan)
  t.deepEqual(protocol.plan, {
    ...{ type: 'verification', pairs: 'all', far: [0.1, 1e-6], score: 'cosine', bootstrap: 200, seed: 0 },
  })
  t.is(protocol.outcomes, undefined)
  const said = formatTable(result)
  t.regex(
    said,
    /All pairs of images: .* In brackets: 95 % intervals, [^.]* of true accept rates alone and each at its threshold[^.]*too narrow/,
  )
  t.regex(said, /No true accept rate at 0\.000001|No true accept rate at 1e-6/)
  const seeds = acrossSeeds([result, await evaluate(noisyEmbedder(1, 2), protocol)])
  t.notRegex(formatTable(seeds), /In brackets|Wilson/)
  const without = await evaluate(noisyEmbedder(1), verification(data, { pairs: 'all', bootstrap: 0 }))
  t.true(Object.values(without.figures).every((figure) => figure.interval === undefined))
  t.notRegex(formatTable(without), /In brackets|Wilson/)
})

test('all pairs: scores of several views are mean cosines', async (t) => {
  const data = labelledData([3, 3, 3])
  const { data: rows, size } = await noisyEmbedder(0.5).embedDataset(data)
  const half = new Embeddings(
    new Embeddings(rows, size).normalized().data.map((x) => x / 2),
    size,
    'dot',
  )
  const embedder = { embedDataset: async () => half }
  const result = await evaluate(embedder, verification(data, { pairs: 'all', far: [0.2] }))
  const { scores, same } = everyScore(half, data.byClass())
  const at = tarAtFar(roc(scores, same), 0.2)
  t.is(result.figures['tar@far=0.2']?.value, at?.tar)
  t.regex(result.definition, /mean of the cosines of all combinations of views/)
})

test('what all pairs have not is refused by name', (t) => {
  const data = labelledData([3, 3, 3, 3])
  const cohort = new Embeddings(Float32Array.of(1, 0, 0, 1), 2)
  for (const more of [
    { folds: 2 },
    { impostorsPerGenuine: 1 },
    { maxGenuinePairs: 9 },
    { scoreNorm: { type: 's' as const, cohort } },
  ]) {
    const error = t.throws(() => verification(data, { pairs: 'all', ...more }), { instanceOf: NPairError })
    t.is(error?.option, `verification.${Object.keys(more)[0]}`)
    t.regex(error?.message ?? '', /nothing with pairs 'all'/)
  }
  const other = t.throws(() => verification(data, { pairs: 'some' as never }), { instanceOf: NPairError })
  t.is(other?.option, 'verification.pairs')
  for (const sizes of [[5], [1, 1]])
    t.is(
      t.throws(() => verification(labelledData(sizes), { pairs: 'all' }), { instanceOf: NPairError })?.code,
      'DATA_CLASSES',
    )
})
