import test from 'ava'
import { checkCompareConfig } from '../../src/compare/compareConfig.js'
import { batchRows } from '../../src/config/batch.js'
import { refused } from '../train/tinyRun.js'

const base = {
  data: { type: 'characters', size: 14, split: { by: 'superClass', test: 0.4 } },
  net: { type: 'conv4', width: 4, embeddingSize: 8 },
  ...{ batch: { pairs: 12, chunk: 50, normPerChunk: true }, steps: 40, output: 'out' },
  optimizer: { type: 'adam', learningRate: 2e-3, schedule: { type: 'cosine', warmup: 8 } },
}

test('every standard method trains on as many images, two seeds each, with its share of the rate', async (t) => {
  const { cells, reference, methods, seeds } = await checkCompareConfig({ ...base, compare: { seeds: [4, 7] } })
  t.is(reference, '12-pair-mc')
  t.deepEqual(seeds, [4, 7])
  t.deepEqual(
    methods.map(({ name }) => name),
    [
      ...['softmax', 'contrastive', 'triplet', 'triplet-hard', 'triplet-nm', '12-pair-ovo'],
      ...['6-pair-mc', '12-pair-mc', '12-pair-mc-nm', '6x4-mc', '3x8-mc'],
    ],
  )
  t.is(cells.length, 22)
  for (const { config, folder } of cells) {
    const { batch, steps, seed, output, net, keepCheckpoints } = config.train
    t.is(steps * batchRows(batch), 40 * 24, folder)
    t.is(output, `out/${folder}`)
    t.is(folder.endsWith(`/seed-${seed}`), true)
    t.is(batch.chunk, 50, 'what else batch says holds for all')
    t.is(keepCheckpoints, 1)
    t.is(net.type === 'conv4' && net.width, 4)
  }
  const of = (name: string) => cells.find(({ method }) => method === name)?.config.train
  t.is(of('6-pair-mc')?.optimizer.schedule.warmup, 16)
  t.is(of('12-pair-mc')?.optimizer.learningRate, 2e-3)
  for (const { name, rateFactor = 1 } of methods) t.is(of(name)?.optimizer.learningRate, 2e-3 * rateFactor)
  t.like(of('12-pair-mc-nm')?.batch, { mining: { candidates: 60, every: 5 } })
  t.like(of('6x4-mc'), { loss: { queries: 'all', sameClass: 'sum' }, batch: { classes: 6, imagesPerClass: 4 } })
})

test('milestones fall after the same number of images', async (t) => {
  const schedule = { type: 'step', warmup: 3, milestones: [10, 30] }
  const compare = { methods: [{ name: 'own', loss: { type: 'nPairMc' }, batch: { pairs: 4 }, rateFactor: 0.5 }] }
  const { cells } = await checkCompareConfig({
    ...base,
    optimizer: { type: 'sgd', learningRate: 1, schedule },
    compare,
  })
  t.like(cells[0]?.config.train, {
    steps: 120,
    optimizer: { type: 'sgd', learningRate: 0.5, schedule: { warmup: 9, milestones: [30, 90] } },
  })
  const methods = [{ ...compare.methods[0], batch: { pairs: 4, accumulate: 3 } }]
  const sums = await checkCompareConfig({ ...base, compare: { methods } })
  t.is(sums.cells[0]?.config.train.steps, 40, 'three batches of 8 images a step')
  t.is(cells.length, 3, 'three seeds where none are named')
})

test('what cannot be compared is refused, by its name', async (t) => {
  const wrong = async (change: object, message: RegExp) => {
    const error = await refused(t, () => checkCompareConfig({ ...base, ...change }), 'INVALID_OPTION')
    t.regex(error.message, message)
  }
  await wrong({ data: { type: 'characters', size: 14 } }, /a test half.* for data\.split/)
  await wrong({ batch: { type: 'classBalanced', classes: 4, imagesPerClass: 4 } }, /'pairs'.* for batch\.type/)
  await wrong({ batch: { pairs: 4 } }, /8 or more.* for batch\.pairs but received 4/)
  const mining = { type: 'hardNegativeClasses', candidates: 20 }
  await wrong({ batch: { pairs: 8, mining } }, /nothing.* for batch\.mining/)
  await wrong({ compare: { seeds: [1, 1] } }, /different seeds for compare\.seeds/)
  await wrong({ compare: { seeds: [] } }, /for compare\.seeds/)
  await wrong({ compare: { methods: ['softmax', 'n-pair'] } }, /one of softmax, .* for compare\.methods\[1\]/)
  await wrong({ compare: { methods: ['softmax', 'softmax'] } }, /different names for compare\.methods/)
  await wrong({ compare: { methods: [{ name: '../x', loss: { type: 'softmax' } }] } }, /compare\.methods\[0\]/)
  await wrong({ compare: { methods: ['softmax'], reference: '12-pair-mc' } }, /one of softmax for compare\.reference/)
  await wrong({ compare: { seed: [1] } }, /Unknown option compare\.seed.*seeds/)
  await wrong({ stepz: 3 }, /Unknown option stepz/)
})

test('whitening is left out and said; the protocol of validation judges', async (t) => {
  const protocol = { type: 'verification', folds: 2 }
  const found = await checkCompareConfig({ ...base, whiten: {}, validation: { protocol } })
  t.deepEqual<unknown, unknown>(found.judging, { protocol })
  t.is(found.notes.length, 1)
  t.true(found.cells.every(({ config }) => config.train.whiten === undefined && config.train.validation === undefined))
})

test('the figure of validation is compared by, and that its pace is not used is said', async (t) => {
  const protocol = { type: 'verification', folds: 2 }
  const found = await checkCompareConfig({ ...base, validation: { protocol, figure: 'eer', keep: 'last', every: 7 } })
  t.deepEqual<unknown, unknown>(found.judging, { protocol, figure: 'eer', keep: 'last' })
  t.regex(found.notes.join(), /^validation\.every was left out: every run is judged ten times\.$/)
})

const notes = async (change: object) => (await checkCompareConfig({ ...base, ...change })).notes

test('a seed, checkpoints and a loss that no run has are left out, and that is said', async (t) => {
  const loss = { type: 'nPairMc', l2: 0.1 }
  t.deepEqual(await notes({ seed: 5, keepCheckpoints: 4, loss, compare: { seeds: [1, 2] } }), [
    'seed 5 was left out: the runs have those of compare.seeds (1, 2).',
    'keepCheckpoints 4 was left out: every run keeps one.',
    'loss (nPairMc) was left out: methods have losses of their own, and none has this one; a method in compare.methods may have it.',
  ])
  t.deepEqual(await notes({}), [])
})

test('nothing is said of what runs have: a seed among theirs, the loss of a method, one checkpoint', async (t) => {
  const loss = { type: 'nPairMc', l2: 5e-3, l2Convention: 'mean', queries: 'anchors' }
  t.deepEqual(await notes({ seed: 3, keepCheckpoints: 1, loss }), [])
  const own = { type: 'supCon', temperature: 0.2 }
  t.is((await notes({ loss: own })).length, 1)
  t.deepEqual(await notes({ loss: own, compare: { methods: ['softmax', { name: 'own', loss: own }] } }), [])
})
