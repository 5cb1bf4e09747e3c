import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { verification } from '../../src/protocols/verification.js'
import { verificationPairs } from '../../src/protocols/verificationPairs.js'
import { Random } from '../../src/random.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const choice = { folds: 10, impostorsPerGenuine: 1, maxGenuinePairs: 200_000, seed: 7 }

test('pairs: all genuine ones, as many different impostors, folds disjoint by class (random sizes)', (t) => {
  for (let seed = 0; seed < 60; seed++) {
    const random = new Random(seed, 'report')
    const folds = 2 + random.below(3)
    const sizes = Array.from({ length: 2 * folds + random.below(12) }, (_, c) => (c < folds ? 2 : 1) + random.below(7))
    const data = labelledData(sizes)
    const impostorsPerGenuine = 1 + random.below(3)
    const pairs = verificationPairs(data.byClass(), { ...choice, folds, impostorsPerGenuine, seed })
    const foldOf = new Map(pairs.foldClasses.flatMap((classes, k) => classes.map((c) => [c, k] as const)))
    t.is(foldOf.size, sizes.length)
    t.is(pairs.foldClasses.flat().length, sizes.length)
    t.true(pairs.foldClasses.every((classes) => classes.length >= 2))
    const keys = new Set<string>()
    for (let p = 0; p < pairs.same.length; p++) {
      const [a, b] = [pairs.first[p] as number, pairs.second[p] as number]
      t.not(a, b)
      keys.add([Math.min(a, b), Math.max(a, b)].join())
      const [la, lb] = [data.labels[a] as number, data.labels[b] as number]
      t.is(pairs.same[p], la === lb ? 1 : 0)
      t.is(pairs.fold[p], foldOf.get(la))
      t.is(pairs.fold[p], foldOf.get(lb))
    }
    t.is(keys.size, pairs.same.length) // none twice, in either order
    for (let k = 0; k < folds; k++) {
      const own = sizes.flatMap((n, c) => (foldOf.get(c) === k ? [n] : []))
      const genuine = own.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0)
      const total = own.reduce((sum, n) => sum + n, 0)
      const between = (total * (total - 1)) / 2 - genuine
      const listed = (kind: number) => Array.from(pairs.same).filter((s, p) => s === kind && pairs.fold[p] === k).length
      t.true(genuine > 0)
      t.is(listed(1), genuine)
      t.is(listed(0), Math.min(between, genuine * impostorsPerGenuine))
    }
  }
})

test('20 people of 10 images: 10 folds of two people, 900 genuine and 900 impostor pairs', (t) => {
  const data = labelledData(new Array<number>(20).fill(10))
  const pairs = verificationPairs(data.byClass(), choice)
  t.true(pairs.foldClasses.every((classes) => classes.length === 2))
  t.is(pairs.same.filter((s) => s === 1).length, 900)
  t.is(pairs.same.filter((s) => s === 0).length, 900)
  t.notDeepEqual(verificationPairs(data.byClass(), { ...choice, seed: 8 }).second, pairs.second)
  t.deepEqual(verificationPairs(data.byClass(), choice), pairs)
})

test('beyond maxGenuinePairs a sample of the same share of every fold is taken, and said', async (t) => {
  const data = labelledData(new Array<number>(20).fill(10))
  const result = await evaluate(noisyEmbedder(1), verification(data, { maxGenuinePairs: 100 }))
  t.is(result.counts.genuinePairs, 100)
  t.is(result.counts.impostorPairs, 100)
  t.is(result.counts.genuinePairsExisting, 900)
  t.regex(result.notes.join(), /100 of 900 genuine pairs/)
  t.true(result.tables.folds?.rows.every((row) => row[2] === 10) ?? false)
})

test('a perfect embedder is perfect, noise lies between, the result is plain JSON and repeats exactly', async (t) => {
  const protocol = verification(labelledData(new Array<number>(20).fill(10)), { seed: 3 })
  const perfect = await evaluate(noisyEmbedder(0.01), protocol)
  t.is(perfect.figures.accuracy?.value, 1)
  t.is(perfect.figures.accuracy?.standardError, 0)
  t.is(perfect.figures.auc?.value, 1)
  t.is(perfect.figures.eer?.value, 0)
  t.is(perfect.figures['tar@far=0.01']?.value, 1)
  t.is(perfect.figures['tar@far=0.001'], undefined) // 900 impostor pairs cannot resolve it
  t.regex(perfect.notes.join(), /0\.001/)

  const noisy = await evaluate(noisyEmbedder(1), protocol)
  t.deepEqual(JSON.parse(JSON.stringify(noisy)), noisy)
  t.deepEqual(await evaluate(noisyEmbedder(1), protocol), noisy)
  const accuracy = noisy.figures.accuracy?.value as number
  t.true(accuracy > 0.7 && accuracy < 1, String(accuracy))
  const chance = await evaluate(noisyEmbedder(1e6), protocol)
  t.true(Math.abs((chance.figures.accuracy?.value as number) - 0.5) < 0.06)
  t.is(noisy.figures[noisy.headline]?.label, 'Verification accuracy')
  t.is(
    noisy.curves.histogram?.same?.reduce((a, b) => a + b),
    900,
  )

  const table = formatTable(noisy)
  t.true(
    table.includes(`${(accuracy * 100).toFixed(2)} %`) &&
      table.includes('genuine pairs 900') &&
      table.includes(noisy.definition),
  )
})

test('the plan is frozen plain JSON', (t) => {
  const { plan } = verification(labelledData([3, 3, 3, 3]), { folds: 2 })
  t.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
  t.true(Object.isFrozen(plan) && Object.isFrozen(plan.far))
})

test('too few classes or pairs: DATA_CLASSES with what would do', (t) => {
  const few = t.throws(() => verification(labelledData([5, 5, 5])), { instanceOf: NPairError })
  t.is(few?.code, 'DATA_CLASSES')
  t.regex(few?.message ?? '', /the data has 3 and 3\. They are too few for any folds/)
  const fewer = t.throws(() => verification(labelledData([5, 5, 5, 5, 5])), { instanceOf: NPairError })
  t.regex(fewer?.message ?? '', /the data has 5 and 5\. Lower folds to at most 2/)
  const lone = t.throws(() => verification(labelledData(new Array<number>(30).fill(1))), { instanceOf: NPairError })
  t.is(lone?.code, 'DATA_CLASSES')
})

const wrong: [object, string][] = [
  [{ folds: 1 }, 'verification.folds'],
  [{ folds: 2.5 }, 'verification.folds'],
  [{ folds: '10' }, 'verification.folds'],
  [{ impostorsPerGenuine: 0 }, 'verification.impostorsPerGenuine'],
  [{ maxGenuinePairs: 5 }, 'verification.maxGenuinePairs'],
  [{ far: 0.1 }, 'verification.far'],
  [{ far: [0] }, 'verification.far'],
  [{ far: [Number.NaN] }, 'verification.far'],
  [{ score: 'euclid' }, 'verification.score'],
  [{ seed: -1 }, 'verification.seed'],
  [{ fold: 3 }, 'verification.fold'],
]
for (const [options, name] of wrong)
  test(`${JSON.stringify(options)} is refused by name`, (t) => {
    const data = labelledData(new Array<number>(20).fill(3))
    const error = t.throws(() => verification(data, options), { instanceOf: NPairError })
    t.is(error?.code, 'INVALID_OPTION')
    t.is(error?.option, name)
  })
