import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { mcNemar, pairedBootstrap } from '../../src/metrics/compare.js'
import { acrossSeeds } from '../../src/protocols/acrossSeeds.js'
import { compare } from '../../src/protocols/compare.js'
import { create, type ProtocolOptions } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import type { EvaluationResult } from '../../src/protocols/result.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { verification } from '../../src/protocols/verification.js'
import { Random } from '../../src/random.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const names = Array.from({ length: 120 }, (_, i) => `person_c${i % 3}.jpg`)
const data = () => labelledData(new Array<number>(24).fill(5), [], { names })
const plans: ProtocolOptions[] = [
  ...(['verification', 'retrieval', 'identification', 'recognition', 'reId'] as const).map((type) => ({ type })),
]
for (const plan of plans)
  test(`${plan.type}: two models on the same items; the mean of outcomes is the headline`, async (t) => {
    const protocol = create(plan, data())
    const [good, bad] = [noisyEmbedder(1), noisyEmbedder(2)]
    const found = await compare(good, bad, protocol)
    t.regex(
      found.sentence,
      /^The first model is better: first minus second is 0\.\d+, between 0\.\d+ and 0\.\d+ with 95 % confidence/,
    )
    t.true(Math.abs(found.first - found.second - found.difference) < 1e-12)
    t.regex((await compare(bad, good, protocol)).sentence, /^The second model is better/)
    t.regex(
      (await compare(good, good, protocol)).sentence,
      /^No difference between the models is shown: first minus second is 0,/,
    )
    const { figures, headline } = await evaluate(good, protocol)
    // Verification's headline is a mean over folds of unequal size here or there; all others are means over items.
    const tolerance = plan.type === 'verification' ? 0.02 : 1e-12
    t.true(Math.abs((figures[headline]?.value as number) - found.first) <= tolerance)
  })

test('a protocol without outcomes is refused', async (t) => {
  const protocol = create({ type: 'clustering' }, labelledData([3, 3, 3, 3, 3]))
  const error = await t.throwsAsync(compare(noisyEmbedder(1), noisyEmbedder(2), protocol), { instanceOf: NPairError })
  t.is(error?.option, 'protocol')
})

test('pairing cancels what is hard for both: the difference is surer than two intervals apart', (t) => {
  const random = new Random(3, 'report')
  const hardness = Array.from({ length: 300 }, () => random.normal() * 5)
  const first = hardness.map((h) => h + 0.5 + 0.5 * random.normal())
  const { difference, interval, sentence } = pairedBootstrap(first, hardness, Array.from(hardness.keys()))
  t.true(interval.low > 0.4 && interval.high < 0.6 && difference > 0.4)
  t.regex(sentence, /over 300 identities/)
  t.is(t.throws(() => pairedBootstrap([1], [Number.NaN], [0]), { instanceOf: NPairError })?.code, 'INVALID_OPTION')
  t.is(t.throws(() => pairedBootstrap([1, 2], [1], [0, 1]), { instanceOf: NPairError })?.option, 'second')
})

test('McNemar says it plainly', (t) => {
  const first = [...new Array<number>(12).fill(1), 0, 1, 1]
  const second = [...new Array<number>(12).fill(0), 1, 1, 1]
  const found = mcNemar(first, second)
  t.deepEqual([found.onlyFirst, found.onlySecond], [12, 1])
  t.is(
    found.sentence,
    "The first model is better: of 13 trials on which they differ the first is right on 12, the second on 1 (McNemar's exact test, p = 0.00342).",
  )
  t.regex(
    mcNemar([1, 0], [1, 0]).sentence,
    /^No difference between the models is shown: the models decide all 2 trials alike/,
  )
})

test('across seeds: mean ± standard error over models, one line a model; other options are refused', async (t) => {
  const protocol = retrieval(data())
  const results = await Promise.all([1, 2, 3].map((seed) => evaluate(noisyEmbedder(1.5, seed), protocol)))
  const all = acrossSeeds(results)
  const values = results.map((r) => r.figures['recall@1']?.value as number)
  const centre = values.reduce((a, b) => a + b) / 3
  t.true(Math.abs((all.figures['recall@1']?.value as number) - centre) < 1e-12)
  const squares = values.reduce((sum, x) => sum + (x - centre) ** 2, 0)
  t.true(Math.abs((all.figures['recall@1']?.standardError as number) - Math.sqrt(squares / 2 / 3)) < 1e-12)
  t.is(all.figures['recall@1']?.interval, undefined)
  t.deepEqual(
    all.tables.models?.rows.map((row) => row[1]),
    values,
  )
  t.deepEqual(JSON.parse(JSON.stringify(all)), all)
  t.regex(formatTable(all), /means over 3 models/)
  const other = await evaluate(noisyEmbedder(1.5), retrieval(data(), { at: [1] }))
  const error = t.throws(() => acrossSeeds([results[0] as never, other]), { instanceOf: NPairError })
  t.is(error?.option, 'results[1].options')
  t.is(t.throws(() => acrossSeeds([other]), { instanceOf: NPairError })?.option, 'results')
  // As where the file of the pairs was changed, and its name was not.
  const changed = { ...(results[1] as (typeof results)[1]), definition: 'The pairs of pairs.txt (SHA-256 12ab…).' }
  const refused = t.throws(() => acrossSeeds([results[0] as never, changed]), { instanceOf: NPairError })
  t.is(refused?.option, 'results[1].definition')
})

test('across seeds: no figure says what holds for one model alone', async (t) => {
  const protocol = verification(data(), { folds: 4, far: [0.1] })
  const results = await Promise.all([1, 2, 3].map((seed) => evaluate(noisyEmbedder(1.5, seed), protocol)))
  const one = results[0] as (typeof results)[0]
  t.regex(one.figures['tar@far=0.1']?.definition ?? '', /Here at 0\.\d+/)
  t.regex(one.figures.accuracy?.definition ?? '', /± is the sample deviation of the folds/)
  t.regex(one.definition, /In brackets/)
  const all = acrossSeeds(results)
  t.notRegex(JSON.stringify(all), /Here at|of the folds \/|In brackets|The interval/)
  for (const { definition } of Object.values(all.figures))
    t.regex(definition, /[^.]\. Mean over models; ± is their sample deviation \/ √3\.$/)
  // What is the same for all stays.
  t.regex(all.figures.accuracy?.definition ?? '', /best plateau\)\. 4 folds that share no class\. Mean/)
  t.regex(all.figures.auc?.definition ?? '', /All folds pooled\. Mean/)
})

test('across seeds: models with views say them, and no interval; a count of one model alone is left out', async (t) => {
  const views = { mirror: true, shifts: [] }
  const embedders = [1, 2].map((seed) => ({ ...noisyEmbedder(1.5, seed), views }))
  const judged = await Promise.all(embedders.map((embedder) => evaluate(embedder, retrieval(data()))))
  t.regex(judged[0]?.definition ?? '', /In brackets: [^.]*\. An image is seen in 2 views/)
  const seen = acrossSeeds(judged).definition
  t.notRegex(seen, /In brackets/)
  t.regex(seen, / An image is seen in 2 views: [^.]*\. Figures are means over 2 models/)

  const [first, second] = judged as [EvaluationResult, EvaluationResult]
  const counted = (result: EvaluationResult, iterations: number) => ({
    ...result,
    counts: { ...result.counts, iterations },
  })
  t.deepEqual(acrossSeeds([counted(first, 7), counted(second, 9)]).counts, first.counts)
  t.is(acrossSeeds([counted(first, 7), counted(second, 7)]).counts.iterations, 7)
})
