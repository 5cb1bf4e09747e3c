import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'ava'
import sharp from 'sharp'
import { datasetPixels } from '../../src/data/pixels.js'
import { characters, contents, temporary, trainTiny } from '../train/tinyRun.js'
import { npair } from './npair.js'

test('embed and eval: a run folder, a bundle, files and folders', async (t) => {
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

  const embedded = await npair('embed', run, images, '--output', join(folder, 'out.npy'))
  t.deepEqual(embedded, {
    ...{ code: 0, signal: null, stderr: '' },
    stdout: `36 embeddings of 8 numbers: ${folder}/out.npy; paths: ${folder}/out.txt\n`,
  })
  const bundle = await npair('embed', join(run, 'model'), images, '--output', join(folder, 'again.npy'))
  t.is(bundle.code, 0, bundle.stderr)
  t.deepEqual(await readFile(join(folder, 'again.npy')), await readFile(join(folder, 'out.npy')))
  t.is((await readFile(join(folder, 'out.txt'), 'utf8')).split('\n').length, 37)

  // The pixels and options of the model are the defaults, so that the size need not be said again.
  const evaluated = await npair('eval', run, '--data', images, '--protocol', 'one-shot', '--set', 'ways=5', '--json')
  t.is(evaluated.code, 0, evaluated.stderr)
  const result = JSON.parse(evaluated.stdout)
  t.is(result.protocol, 'oneShot')
  t.is(result.options.ways, 5)
  t.is(result.counts.images, 36)
  t.true(result.figures.error.value >= 0 && result.figures.error.value <= 1)
  for (const [protocol, expected] of [
    ['retrieval', /^Recall@1 +\d+\.\d\d % \[/m],
    ['verification', /^Verification accuracy +\d+\.\d\d % ± \d+\.\d\d \[/m],
  ] as const) {
    const { code, stdout, stderr } = await npair(
      ...['eval', run, '--data', images, '--protocol', protocol],
      ...(protocol === 'verification' ? ['--set', 'folds=3'] : []),
    )
    t.is(code, 0, stderr)
    t.regex(stdout, expected)
  }

  const before = await contents(folder)
  const fails: [string[], number, RegExp][] = [
    [['eval', run, '--data', images, '--protocol', 'one-shot'], 1, /too few for 20 ways.* \[DATA_CLASSES\]\n$/],
    [
      ['eval', run, '--data', images, '--protocol', 'one-shot', '--set', 'ways=1.5'],
      2,
      /^npair: Expected an integer >= 2 for oneShot.ways but received 1.5 .*--set ways=1.5.* \[INVALID_OPTION\]\n$/,
    ],
    [
      ['eval', run, '--data', images, '--protocol', 'retrieval', '--set', 'k=1'],
      2,
      /Unknown option retrieval.k.*\[INVALID_OPTION\]\n$/,
    ],
    [
      ['eval', run, '--data', images, '--protocol', 'retrieval', '--size', '20'],
      1,
      /decoded as the model was trained on .* size 20x20 instead of 28x28 \[INVALID_OPTION\]\n$/,
    ],
    [
      ['eval', run, '--data', images, '--protocol', 'retrieval', '--channels', '3'],
      1,
      /decoded as the model was trained on .* channels 3 instead of 1 \[INVALID_OPTION\]\n$/,
    ],
    [
      ['embed', run, join(folder, 'out.txt'), '--output', join(folder, 'new.npy')],
      1,
      /out.txt.* \[IMAGE_UNREADABLE\]\n$/,
    ],
  ]
  for (let i = 0; i < fails.length; i += 3) {
    const refuse = async ([args, exit, message]: (typeof fails)[number]) => {
      const { code, stderr } = await npair(...args)
      t.is(code, exit, stderr)
      t.regex(stderr, message)
    }
    await Promise.all(fails.slice(i, i + 3).map(refuse))
  }
  await writeFile(join(run, 'model/weights.safetensors'), 'x')
  const broken = await npair('embed', run, images, '--output', join(folder, 'new.npy'))
  t.is(broken.code, 1)
  t.regex(broken.stderr, /^npair: .*weights.safetensors does not match its checksum .* \[BUNDLE_CORRUPT\]\n$/)
  t.deepEqual(Object.keys(await contents(folder)), Object.keys(before))
  t.false((await readdir(folder)).includes('new.npy'))
})
