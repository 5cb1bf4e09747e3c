import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import sharp from 'sharp'
import { datasetPixels } from '../../src/data/pixels.js'
import { embedFiles } from '../../src/model/embedFiles.js'
import { Model } from '../../src/model/model.js'
import { characters, contents, refused, temporary, trainTiny } from '../train/tinyRun.js'

/** A model, and a folder of pictures with what a walk must pass over. */
async function pictures(t: ExecutionContext): Promise<string> {
  const folder = await temporary(t)
  await trainTiny(join(folder, 'run'), { checkpointEvery: 0 })
  const { test: data } = await characters()
  const names = ['b/2.png', 'b/10.png', 'a/Z.png', 'a/z.PNG', 'a.png', '.hidden/x.png', 'b/.x.png', 'B/1.png']
  const pixels = await datasetPixels(
    data,
    names.map((_, i) => i),
  )
  for (const [i, name] of names.entries()) {
    const file = join(folder, 'images', name)
    await mkdir(dirname(file), { recursive: true })
    await sharp(pixels[i] as Uint8Array, { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toFile(file)
  }
  await writeFile(join(folder, 'images/notes.txt'), 'no image')
  return folder
}

const walked = ['B/1.png', 'a.png', 'a/Z.png', 'a/z.PNG', 'b/10.png', 'b/2.png']

test('folders are walked in sorted order, and rows are in the order of the paths', async (t) => {
  const folder = await pictures(t)
  const [images, output] = [join(folder, 'images'), join(folder, 'out.npy')]
  const single = join(images, 'b/2.png')
  const said = await embedFiles(join(folder, 'run'), [single, images], output)
  t.deepEqual(said, { count: 7, size: 8, list: join(folder, 'out.txt'), metric: 'cosine' })
  const expected = [single, ...walked.map((name) => join(images, name))]
  t.is(await readFile(join(folder, 'out.txt'), 'utf8'), expected.map((path) => `${path}\n`).join(''))
  const bytes = await readFile(output)
  const model = await Model.load(join(folder, 'run'), { device: 'cpu' })
  t.teardown(() => model.close())
  const rows = await model.embed(expected)
  t.deepEqual(new Float32Array(Uint8Array.from(bytes.subarray(bytes.length - 7 * 8 * 4)).buffer), rows.data)
  t.deepEqual((await readdir(folder)).sort(), ['images', 'out.npy', 'out.txt', 'run'])
})

test('hidden files are passed over however the folder is written', async (t) => {
  const folder = await pictures(t)
  const run = join(folder, 'run')
  const list = async (path: string) => {
    await embedFiles(run, [path], join(folder, 'out.npy'))
    return (await readFile(join(folder, 'out.txt'), 'utf8')).trim().split('\n').length
  }
  t.is(await list(`${folder}/images/`), 6)
  t.is(await list(`./${relative('.', join(folder, 'images'))}`), 6)
  t.is(await list(`${folder}//images`), 6)
  // A hidden folder that is asked for is walked.
  t.is(await list(join(folder, 'images/.hidden')), 1)
  await symlink(join(folder, 'images'), join(folder, 'link'))
  t.is(await list(join(folder, 'link')), 6)
})

test('what cannot be embedded or written leaves everything as it was', async (t) => {
  const folder = await pictures(t)
  const [run, images] = [join(folder, 'run'), join(folder, 'images')]
  await mkdir(join(folder, 'empty'))
  await mkdir(join(folder, 'taken.txt'))
  await mkdir(join(folder, 'broken'))
  await writeFile(join(folder, 'broken/a.png'), 'no picture')
  await writeFile(join(folder, 'old.npy'), 'old')
  await writeFile(join(folder, 'old.txt'), 'old')
  const before = await contents(folder)
  const output = join(folder, 'old.npy')
  const cases: [string, string[], string, Parameters<typeof refused>[2], RegExp][] = [
    [run, [images], join(folder, 'out.bin'), 'INVALID_OPTION', /Expected a name ending in .npy for --output/],
    [run, [join(folder, 'empty')], output, 'DATA_EMPTY', /No image was found in .*empty/],
    [run, [join(folder, 'none')], output, 'NOT_FOUND', /Cannot read .*none/],
    [run, [images, join(folder, 'broken')], output, 'IMAGE_UNREADABLE', /broken\/a.png/],
    [join(folder, 'empty'), [images], output, 'NOT_FOUND', /neither a bundle/],
    [run, [images], join(folder, 'taken.npy'), 'NOT_WRITABLE', /taken.txt: it is a folder/],
    [run, [images], join(folder, 'none/out.npy'), 'NOT_WRITABLE', /Cannot write .*none\/out.npy/],
    [run, [images], join(folder, 'old.txt/out.npy'), 'NOT_WRITABLE', /Cannot write/],
  ]
  for (const [model, paths, out, code, message] of cases)
    await refused(t, () => embedFiles(model, paths, out), code, message)
  t.deepEqual(await contents(folder), before)
})
