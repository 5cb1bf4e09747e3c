import { join } from 'node:path'
import test from 'ava'
import { datasets } from '../../src/data/datasets.js'
import { losses, mining } from '../../src/index.js'
import { minedClasses } from '../../src/mining/minedClasses.js'
import { classBalanced } from '../../src/sampling/classBalanced.js'
import { pairs } from '../../src/sampling/pairs.js'
import { tuplets } from '../../src/sampling/tuplets.js'
import { usableClasses } from '../../src/sampling/usableClasses.js'
import type { Notice } from '../../src/train/notice.js'
import type { TrainInput } from '../../src/train/train.js'
import { writeClasses } from '../data/imageFiles.js'
import { labelledData } from '../protocols/labelledData.js'
import { characters, refused, temporary, trainTiny } from '../train/tinyRun.js'

const data = labelledData([3, 1, 2, 4, 1])

test('classes with too few images are left out and counted, or refused', (t) => {
  const { classes, dropped } = usableClasses(data, { count: 2, images: 2, option: 'batch.pairs' })
  t.deepEqual([[...classes.keys()], dropped], [[0, 2, 3], 2])
  t.is(pairs(data, { pairs: 2, smallClasses: 'drop' }).singletons, 2)
  t.is(classBalanced(data, { classes: 2, imagesPerClass: 3 }).tooSmall, 3)
  const refusals: [() => unknown, RegExp][] = [
    [
      () => pairs(data, { pairs: 2, smallClasses: 'refuse' }),
      /two images in every class .* but 2 of 5 .* class 1 for one has 1$/,
    ],
    [
      () => classBalanced(data, { classes: 2, imagesPerClass: 3, smallClasses: 'refuse' }),
      /3 images in every class .* but 3 of 5 .* class 1 for one has 1$/,
    ],
    [() => tuplets(data, { tuplets: 2, negatives: 1, smallClasses: 'refuse' }), /batch.smallClasses is 'refuse'/],
    [
      () => {
        const plan = mining.hardNegativeClasses({ candidates: 3 })
        return minedClasses({ data, batch: { pairs: 2, mining: plan, smallClasses: 'refuse' }, seed: 0, steps: 1 })
      },
      /batch.smallClasses is 'refuse'/,
    ],
  ]
  for (const [make, message] of refusals) t.throws(make, { code: 'DATA_CLASSES', message })
  t.throws(() => pairs(data, { pairs: 2, smallClasses: 'skip' as never }), {
    message: /'drop' or 'refuse' for smallClasses/,
  })
  t.is(pairs(labelledData([2, 2]), { pairs: 2, smallClasses: 'refuse' }).singletons, 0)
})

test.serial('a run tells how many classes it leaves out, or refuses them', async (t) => {
  const folder = await temporary(t)
  writeClasses(join(folder, 'images'), [3, 1, 2, 4, 1])
  const uneven = { data: await datasets.folder(join(folder, 'images'), { size: 28, channels: 1 }), steps: 4 }
  const notices = async (name: string, change: Partial<TrainInput>) => {
    const told: Notice[] = []
    await trainTiny(join(folder, name), { ...uneven, ...change, onNotice: (notice) => told.push(notice) })
    return told.map(({ code, message }) => `${code}: ${message}`)
  }
  t.deepEqual(await notices('pairs', { batch: { pairs: 2 } }), [
    'CLASSES_DROPPED: 2 of 5 classes have fewer than 2 images and are left out',
  ])
  const mined = { pairs: 2, mining: mining.hardNegativeClasses({ candidates: 3 }) }
  t.deepEqual(await notices('mined', { batch: mined }), [
    'CLASSES_DROPPED: 2 of 5 classes have fewer than 2 images and are left out',
  ])
  const tuple = { type: 'tuplets', tuplets: 2, negatives: 1 } as const
  t.deepEqual(await notices('tuplets', { batch: tuple, loss: losses.triplet({ triplets: 'given' }) }), [
    'CLASSES_DROPPED: 2 of 5 classes have fewer than 2 images and are negatives only',
  ])
  const { train: even } = await characters()
  t.deepEqual(await notices('even', { data: even, batch: { pairs: 2, smallClasses: 'refuse' } }), [])
  const refusing: Partial<TrainInput> = { ...uneven, batch: { ...mined, smallClasses: 'refuse' } }
  await refused(t, () => trainTiny(join(folder, 'none'), refusing), 'DATA_CLASSES', /in every class/)
})
