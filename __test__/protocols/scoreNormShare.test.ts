import { join } from 'node:path'
import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { pairs } from '../../src/protocols/pairs.js'
import { verification } from '../../src/protocols/verification.js'
import { readMetrics, type ValidationMetrics } from '../../src/train/metricsLog.js'
import { train } from '../../src/train/train.js'
import { writeFiles } from '../data/imageFiles.js'
import { temporaryFolder } from '../data/temporaryFolder.js'
import { characters, temporary, tiny } from '../train/tinyRun.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const embedder = noisyEmbedder(1.5)

test('verification: a share of the classes are strangers and not judged', async (t) => {
  const data = labelledData(new Array<number>(20).fill(4))
  const result = await evaluate(
    embedder,
    create({ type: 'verification', folds: 2, seed: 3, scoreNorm: { type: 's', cohort: 0.3, top: 5 } }, data),
  )
  t.is(result.counts.classes, 14)
  t.deepEqual(result.options.scoreNorm, {
    ...{ type: 's', top: 5, cohort: { images: 24, pack: data.plan.pack, share: 0.3 } },
  })
  t.regex(
    result.definition,
    /has 24 images, .*\. It is a share of 0\.3 of the classes, drawn with the seed; none of it is judged\./,
  )
  const { train: judged, test: cohort } = data.splitByClass({ test: 0.3, seed: 3 })
  t.deepEqual(result.data, JSON.parse(JSON.stringify(judged.plan)))
  const given = verification(judged, { folds: 2, seed: 3, scoreNorm: { type: 's', cohort, top: 5 } })
  t.deepEqual((await evaluate(embedder, given)).figures, result.figures)
})

test('pairs: a share of the classes that no pair shows are strangers', async (t) => {
  const folder = temporaryFolder(t)
  const names = Array.from({ length: 40 }, (_, i) => `${Math.floor(i / 4)}/${i}.jpg`)
  const data = labelledData(new Array<number>(10).fill(4), [], { names })
  const path = join(folder, 'pairs.tsv')
  // Classes 0 to 5 are shown, 6 to 9 are not.
  const line = (a: number, b: number, same: 0 | 1) => `${names[a]}\t${names[b]}\t${same}`
  const own = [0, 1, 2, 3, 4, 5]
  const lines = own.flatMap((c) => [line(4 * c, 4 * c + 1, 1), line(4 * c, (4 * c + 6) % 24, 0)])
  writeFiles(folder, { 'pairs.tsv': lines.join('\n') })
  const judged = (cohort: number) => create({ type: 'pairs', path, scoreNorm: { type: 'z', cohort } }, data)
  const all = await evaluate(embedder, judged(1))
  t.deepEqual(all.options.scoreNorm, {
    ...{ type: 'z', top: 16, cohort: { images: 16, pack: data.plan.pack, share: 1 } },
  })
  t.regex(all.definition, /It is a share of 1 of the classes that no pair shows, drawn with the seed/)
  const { train: shown, test: cohort } = data.splitByClass({ test: data.classes.slice(6) })
  const given = await evaluate(embedder, pairs(shown, { path, scoreNorm: { type: 'z', cohort } }))
  t.is(all.figures.auc?.value, given.figures.auc?.value)
  t.like((await evaluate(embedder, judged(0.5))).options.scoreNorm, { cohort: { images: 8 } })

  writeFiles(folder, { 'pairs.tsv': [...lines, ...[6, 7, 8, 9].map((c) => line(4 * c, 0, 0))].join('\n') })
  const none = t.throws(() => judged(1), { instanceOf: NPairError })
  t.is(none?.code, 'DATA_CLASSES')
  t.regex(none?.message ?? '', /^All 10 classes are in pairs of the file/)
})

test('a share that is none is refused by name', (t) => {
  const data = labelledData([3, 3, 3, 3, 3])
  for (const cohort of [0, 1, 1.5, Number.NaN]) {
    const wrong = () => verification(data, { folds: 2, scoreNorm: { type: 's', cohort } })
    const error = t.throws(wrong, { instanceOf: NPairError })
    t.is(error?.option, 'verification.scoreNorm.cohort')
    t.regex(error?.message ?? '', /^Expected a number in \(0, 1\) for/)
  }
})

test('a run is validated by normalised scores', async (t) => {
  const folder = join(await temporary(t), 'run')
  const { train: data, test: validationData } = await characters()
  const protocol = { type: 'verification', folds: 2, scoreNorm: { type: 's', cohort: 0.3 } } as const
  const run = await train(tiny(data, folder, { validation: { every: 2, protocol }, validationData, steps: 5 }))
  t.teardown(() => run.model.close())
  const lines = (await readMetrics(folder)).filter((line): line is ValidationMetrics => 'validation' in line)
  const line = lines.find(({ step }) => step === run.best?.step)
  const again = await evaluate(run.model, create(protocol, validationData))
  t.regex(again.definition, /Scores are normalised by .*It is a share of 0\.3 of the classes/)
  const [told, found] = [line?.validation.figures.accuracy?.value, again.figures.accuracy?.value] as [number, number]
  t.true(Math.abs(told - found) < 0.05, `${told}, ${found}`)
})
