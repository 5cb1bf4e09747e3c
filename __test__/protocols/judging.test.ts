import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { pairCosines } from '../../src/metrics/cosine.js'
import { roc } from '../../src/metrics/roc.js'
import { cohortStatistics, normalizeScores } from '../../src/metrics/scoreNorm.js'
import { measureThreshold } from '../../src/protocols/calibrate.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { pairs } from '../../src/protocols/pairs.js'
import { verification } from '../../src/protocols/verification.js'
import { verificationPairs } from '../../src/protocols/verificationPairs.js'
import { writeFiles } from '../data/imageFiles.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

/** Figures of other people's programs: see judging.py beside the file. */
interface AtFar {
  readonly target: number
  readonly far: number
  readonly tar: number
  readonly threshold: number
}
const fixture: {
  readonly people: number
  readonly each: number
  readonly size: number
  readonly folds: number
  readonly rows: number[]
  readonly pairs: [a: number, b: number, same: number, fold: number][]
  readonly cohort: number[]
  readonly judged: { accuracies: number[]; distances: [number, number][]; auc: number; far: AtFar[] }
  readonly calibrated: AtFar[]
  readonly normalised: Record<string, Record<'z' | 't' | 's', number[]>>
} = JSON.parse(readFileSync(new URL('../fixtures/judging.json', import.meta.url), 'utf8'))

const rows = new Embeddings(Float32Array.from(fixture.rows), fixture.size)
const strangers = new Embeddings(Float32Array.from(fixture.cohort), fixture.size)
const names = Array.from({ length: rows.count }, (_, i) => `${Math.floor(i / fixture.each)}/${i}.jpg`)
const people = () => labelledData(new Array<number>(fixture.people).fill(fixture.each), [], { names })
const embedder = { embedDataset: async () => rows }
const table = fixture.pairs.map(([a, b, same, fold]) => [names[a], names[b], same, fold].join('\t')).join('\n')

test('pairs: accuracy of each fold and its threshold as insightface, area and TAR as scikit-learn', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'pairs.tsv': table })
  const { far, auc, accuracies, distances } = fixture.judged
  const targets = far.map(({ target }) => target)
  const result = await evaluate(
    embedder,
    pairs(people(), { path: join(folder, 'pairs.tsv'), far: targets, bootstrap: 0 }),
  )
  t.deepEqual(
    result.tables.folds?.rows.map((row) => row[5]),
    accuracies,
  )
  result.tables.folds?.rows.forEach((row, k) => {
    const distance = 2 - 2 * (row[4] as number)
    const [low, high] = distances[k] as [number, number]
    t.true(low < distance && distance < high, `fold ${k}: ${distance} of ${low} to ${high}`)
  })
  t.true(Math.abs((result.figures.auc?.value as number) - auc) < 1e-9)
  for (const { target, tar } of far) t.is(result.figures[`tar@far=${target}`]?.value, tar)
})

test('calibration: threshold and both rates as scikit-learn, on all pairs', (t) => {
  const data = people()
  const every = verificationPairs(data.byClass(), {
    folds: 1,
    impostorsPerGenuine: 1000,
    maxGenuinePairs: 1e6,
    seed: 0,
  })
  t.is(every.same.length, (rows.count * (rows.count - 1)) / 2)
  const { thresholds } = roc(pairCosines(rows, every.first, every.second), every.same)
  for (const { target, far, tar, threshold } of fixture.calibrated) {
    const found = measureThreshold(rows, data, every, target, { bootstrap: 0, seed: 0 })
    t.is(found.far.value, far)
    t.is(found.tar.value, tar)
    // scikit-learn gives the score itself, a calibration the middle between it and the next lower one.
    const at = thresholds.findIndex((score) => Math.abs(score - threshold) < 1e-6)
    t.is(found.threshold, ((thresholds[at] as number) + (thresholds[at + 1] as number)) / 2)
  }
})

test('normalised scores of pairs as WeSpeaker has them, adaptive or not', (t) => {
  const [first, second] = [0, 1].map((side) => fixture.pairs.map((pair) => pair[side] as number)) as [
    number[],
    number[],
  ]
  const scores = pairCosines(rows, first, second)
  for (const [top, expected] of Object.entries(fixture.normalised)) {
    const statistics = cohortStatistics(rows, strangers, Number(top))
    for (const type of ['z', 't', 's'] as const)
      normalizeScores(scores, first, second, statistics, type).forEach((got, p) => {
        t.true(Math.abs(got - (expected[type][p] as number)) < 1e-5, `${type} ${top}, pair ${p}: ${got}`)
      })
  }
})

test('protocols judge by normalised scores, of a cohort that is given as embeddings or embedded with the data', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'pairs.tsv': table })
  const path = join(folder, 'pairs.tsv')
  const judged = (scoreNorm: object) => pairs(people(), { path, bootstrap: 0, scoreNorm: scoreNorm as never })
  const same = fixture.pairs.map((pair) => pair[2])
  for (const [top, expected] of Object.entries(fixture.normalised)) {
    const result = await evaluate(embedder, judged({ type: 's', top: Number(top), cohort: strangers }))
    const wins = expected.s.flatMap((own, p) =>
      same[p] ? expected.s.filter((_, q) => !same[q]).map((other) => (own > other ? 1 : 0)) : [],
    )
    t.true(
      Math.abs((result.figures.auc?.value as number) - wins.reduce<number>((sum, w) => sum + w, 0) / wins.length) <
        1e-9,
    )
    t.regex(
      result.definition,
      top === '40' ? /both averaged \(s-norm\); the cohort has 40 images, all/ : /adaptive s-norm\).*the 10 highest/,
    )
    t.deepEqual(result.options.scoreNorm, { type: 's', top: Number(top), cohort: { images: 40 } })
    const { edges = [] } = result.curves.histogram ?? {}
    t.true(
      (edges[0] as number) <= Math.min(...expected.s) + 1e-6 &&
        (edges.at(-1) as number) >= Math.max(...expected.s) - 1e-6,
    )
  }
  const data = labelledData([4, 4, 4, 4])
  const other = labelledData(new Array<number>(9).fill(1), [], { pack: '1'.repeat(64) })
  const protocol = verification(data, {
    folds: 2,
    bootstrap: 0,
    scoreNorm: { type: 'z', cohort: other },
  })
  const noisy = noisyEmbedder(2)
  const embedded = await evaluate(noisy, protocol)
  const given = await evaluate(
    noisy,
    verification(data, {
      folds: 2,
      bootstrap: 0,
      scoreNorm: { type: 'z', cohort: await noisy.embedDataset(other) },
    }),
  )
  t.deepEqual(embedded.figures, given.figures)
  t.notDeepEqual(
    embedded.figures.threshold,
    (await evaluate(noisy, verification(data, { folds: 2, bootstrap: 0 }))).figures.threshold,
  )
  const outcomes = await protocol.outcomes?.(await noisy.embedDataset(data), await noisy.embedDataset(other))
  t.is(outcomes?.values.length, (embedded.counts.genuinePairs as number) * 2)

  const refused = (scoreNorm: object, message: RegExp) =>
    t.throws(() => judged(scoreNorm), { instanceOf: NPairError, code: 'INVALID_OPTION', message })
  refused({ type: 's' }, /a dataset or embeddings for pairs.scoreNorm.cohort/)
  refused({ type: 'as', cohort: strangers }, /'z' or 't' or 's' for pairs.scoreNorm.type/)
  refused({ type: 's', cohort: strangers, top: 41 }, /at most the 40 images of the cohort for pairs.scoreNorm.top/)
  refused({ type: 's', cohort: strangers, k: 3 }, /Unknown option pairs.scoreNorm.k/)
  refused(
    { type: 's', cohort: people() },
    /a cohort without images of the judged data for pairs.scoreNorm.cohort but it has 0\/0.jpg/,
  )
  t.throws(() => protocol.judge(new Embeddings(new Float32Array(16), 1)), {
    code: 'INVALID_OPTION',
    message: /for cohort/,
  })
})
