import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'ava'
import sharp from 'sharp'
import { datasetPixels } from '../../src/data/pixels.js'
import { Model } from '../../src/model/model.js'
import { characters, temporary, trainTiny } from '../train/tinyRun.js'
import { npair } from './npair.js'

test('calibrate: what it prints is what the bundle holds', async (t) => {
  const folder = await temporary(t)
  const [run, images] = [join(folder, 'run'), join(folder, 'images')]
  await trainTiny(run, { checkpointEvery: 0 })
  const { test: data } = await characters()
  for (const [i, pixels] of (await datasetPixels(data, Array.from(data.images.keys()))).entries()) {
    const file = join(images, `${data.imageName(i)}.png`)
    await mkdir(dirname(file), { recursive: true })
    await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(file)
  }
  const json = await npair('calibrate', run, '--data', images, '--far', '0.05', '--mirror', '--shifts', '2', '--json')
  t.is(json.code, 0, json.stderr)
  const model = await Model.load(run)
  await model.close()
  t.deepEqual(JSON.parse(json.stdout), model.description.calibration)
  t.deepEqual(model.description.calibration?.views, {
    ...{ mirror: true, shifts: [2], crops: 'centre', fusion: 'embeddings' },
  })
  const plain = await npair('calibrate', run, '--data', images, '--far', '0.05')
  t.regex(
    plain.stdout,
    /^Threshold -?0\.\d{4} for a false accept rate of 0\.05\nFalse accept rate 5\.00 % \[.*\] of 540 impostor pairs\nTrue accept rate .* of 90 genuine pairs\n$/,
  )
  for (const [args, code, message] of [
    [['--far', '1e-3'], 2, /cannot be measured on 540 impostor pairs.*\[FAR_UNRESOLVED\]/],
    [['--far', 'low'], 2, /in \(0, 1\] for --far.*\[INVALID_OPTION\]/],
    [['--far', '0.1', '--shifts', 'x'], 2, /for --shifts.*\[INVALID_OPTION\]/],
  ] as const) {
    const ended = await npair('calibrate', run, '--data', images, ...args)
    t.is(ended.code, code, ended.stderr)
    t.regex(ended.stderr, message)
  }
})
