import { join } from 'node:path'
import test from 'ava'
import { datasets } from '../../src/data/datasets.js'
import { datasetPixels, turned } from '../../src/data/pixels.js'
import { engine } from '../../src/native/engine.js'
import { noise, pgm, writeFiles } from './imageFiles.js'
import { temporaryFolder } from './temporaryFolder.js'

test('turned is numpy.rot90', (t) => {
  // numpy.rot90(numpy.arange(9).reshape(3, 3), k)
  const image = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8])
  t.deepEqual([...turned(image, 3, 1, 0)], [0, 1, 2, 3, 4, 5, 6, 7, 8])
  t.deepEqual([...turned(image, 3, 1, 1)], [2, 5, 8, 1, 4, 7, 0, 3, 6])
  t.deepEqual([...turned(image, 3, 1, 2)], [8, 7, 6, 5, 4, 3, 2, 1, 0])
  t.deepEqual([...turned(image, 3, 1, 3)], [6, 3, 0, 7, 4, 1, 8, 5, 2])
  // numpy.rot90(numpy.arange(12).reshape(2, 2, 3))
  t.deepEqual(
    [...turned(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), 2, 3, 1)],
    [3, 4, 5, 9, 10, 11, 0, 1, 2, 6, 7, 8],
  )
})

test('the pixels of every image and rotation are those that the engine reads', async (t) => {
  const folder = temporaryFolder(t)
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < 2; i++) writeFiles(folder, { [`faces/${c}/${i}.pgm`]: pgm(5, 5, noise(25, 10 * c + i)) })
  const { packOpen, packRead, close } = await engine()
  for (const channels of [1, 3] as const) {
    const whole = await datasets.folder(join(folder, 'faces'), {
      ...{ size: 5, channels, interpolation: 'nearest', cache: join(folder, 'cache') },
    })
    const dataset = whole.rotatedClasses()
    const positions = Array.from({ length: dataset.length }, (_, i) => i)
    const own = await datasetPixels(dataset, positions)
    const pack = await packOpen(dataset.pack.path)
    t.deepEqual([...(await packRead(pack, dataset.images))], [...Buffer.concat(own)])
    await close(pack)
    t.is(own.length, 24)
    t.deepEqual(
      [...(own[0] as Uint8Array)].filter((_, k) => k % channels === 0),
      noise(25, 0),
    )
    t.deepEqual([...(own[6] as Uint8Array)], [...turned(own[0] as Uint8Array, 5, channels, 1)])
    t.deepEqual((await datasetPixels(dataset, [23, 0]))[1], own[0])
  }
})

test('positions that are none are refused', async (t) => {
  const folder = temporaryFolder(t)
  writeFiles(folder, { 'faces/a/1.pgm': pgm(1, 1, [5]) })
  const dataset = await datasets.folder(join(folder, 'faces'), { size: 1, cache: join(folder, 'cache') })
  for (const position of [1, -1, 0.5])
    await t.throwsAsync(datasetPixels(dataset, [position]), {
      code: 'INVALID_OPTION',
      message: `Expected integers in [0, 1) for positions but received ${position} of type number`,
    })
})
