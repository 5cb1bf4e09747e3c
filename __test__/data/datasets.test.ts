import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import sharp from 'sharp'
import { datasets } from '../../src/data/datasets.js'
import { datasetPixels } from '../../src/data/pixels.js'
import { NPairError } from '../../src/errors.js'
import { pairs } from '../../src/sampling/pairs.js'
import { noise, pgm, writeClasses, writeFiles } from './imageFiles.js'
import { packsIn, temporaryFolder } from './temporaryFolder.js'

/** A folder of class folders, and a cache of its own. */
function places(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = temporaryFolder(t)
  return { faces: join(folder, 'faces'), cache: join(folder, 'cache'), folder }
}
const size = 4

test('a folder: classes, labels, names and pixels', async (t) => {
  const { faces, cache } = places(t)
  const pixels = writeClasses(faces, [3, 2, 4])
  const data = await datasets.folder(faces, { size, interpolation: 'nearest', cache })
  t.deepEqual(data.summary, { images: 9, classes: 3, skipped: [] })
  t.deepEqual(data.classes, ['class0', 'class1', 'class2'])
  t.deepEqual(
    Array.from(data.images, (_, i) => data.imageName(i)),
    [...pixels.keys()],
  )
  const read = await datasetPixels(data, data.images)
  t.deepEqual(
    read.map((image) => [...image]),
    [...pixels.values()],
  )
  t.like(data.plan, { type: 'folder', path: faces, pack: data.pack.sha256, parts: [] })
})

test('the same source twice is decoded once; another time, size, name or option is another pack', async (t) => {
  const { faces, cache } = places(t)
  writeClasses(faces, [2, 2])
  let decoded = 0
  const load = async (more: object = {}) => {
    decoded = 0
    const { pack } = await datasets.folder(faces, { size, cache, onProgress: () => decoded++, ...more })
    return { ...pack, decoded, inode: (await stat(pack.path)).ino }
  }
  const first = await load()
  t.is(first.decoded, 4)
  t.deepEqual(await load(), { ...first, decoded: 0 })
  const expected = new Set([first.sha256])
  const changed = async (act: () => Promise<unknown>, sameContent = false) => {
    await act()
    const { path, sha256, decoded } = await load()
    t.not(path, first.path)
    t.true(decoded > 0)
    t.is(expected.has(sha256), sameContent)
    expected.add(sha256)
  }
  const file = join(faces, 'class0', '0.pgm')
  await changed(() => writeFile(file, pgm(4, 4, noise(16, 99))))
  await changed(() => utimes(file, 1, 1), true)
  await changed(() => writeFile(file, pgm(4, 5, noise(20, 98))))
  await changed(() => rename(file, join(faces, 'class0', '5.pgm')))
  await changed(() => unlink(join(faces, 'class0', '5.pgm')))
  await changed(() => cp(join(faces, 'class0'), join(faces, 'class9'), { recursive: true }))
  for (const more of [
    { size: 5 },
    { channels: 3 },
    { interpolation: 'linear' },
    { background: 0 },
    { fit: 'cover' },
    { centre: true },
  ])
    t.is((await load(more)).decoded, 4, JSON.stringify(more))
})

test('a relative path and its absolute one are the same source', async (t) => {
  const { faces, cache } = places(t)
  writeClasses(faces, [2, 2])
  const { pack } = await datasets.folder(faces, { size, cache })
  const again = await datasets.folder(`${relative(process.cwd(), faces)}/`, { size, cache })
  t.is(again.pack.path, pack.path)
})

test('two at once in a process both succeed and leave one pack', async (t) => {
  const { faces, cache } = places(t)
  writeClasses(faces, [20, 20])
  const all = await Promise.all([1, 2, 3].map(() => datasets.folder(faces, { size, cache })))
  t.is(new Set(all.map((data) => data.pack.sha256)).size, 1)
  t.is((await packsIn(cache)).length, 1)
  t.is((await datasetPixels(all[2] as (typeof all)[0], [39])).length, 1)
})

test('two processes at once both succeed and leave one pack', async (t) => {
  const { faces, cache } = places(t)
  writeClasses(faces, [20, 20])
  const module = fileURLToPath(new URL('../../src/data/datasets.ts', import.meta.url))
  const script = `
    const { datasets } = await import(${JSON.stringify(module)})
    const { pack, length } = await datasets.folder(${JSON.stringify(faces)}, { size: 4, cache: ${JSON.stringify(cache)} })
    console.log(length, pack.sha256)`
  const run = () => promisify(execFile)(process.execPath, ['--import=tsx', '--input-type=module', '-e', script])
  const [a, b] = await Promise.all([run(), run()])
  t.regex(a.stdout, /^40 [0-9a-f]{64}\n$/)
  t.is(a.stdout, b.stdout)
  t.is((await packsIn(cache)).length, 1)
})

// Alone, because libvips keeps one text for the errors of all threads.
test.serial('broken images of every kind stop it with path and reason, nothing is left', async (t) => {
  const picture = sharp(Uint8Array.from(noise(2700, 2)), { raw: { width: 30, height: 30, channels: 3 } })
  const [png, jpeg] = [await picture.clone().png().toBuffer(), await picture.clone().jpeg().toBuffer()]
  const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)
  for (const [name, bytes, reason] of [
    ['zero.png', new Uint8Array(0), /^the file is empty$/],
    ['zero.jpg', new Uint8Array(0), /^the file is empty$/],
    ['zero.pgm', new Uint8Array(0), /^the file is empty$/],
    ['half.png', half(png), /libpng read error/],
    ['half.jpg', half(jpeg), /premature end of JPEG/],
    ['half.pgm', half(pgm(4, 4, noise(16, 1))), /^the file is cut off: 2 of 16 bytes of pixels$/],
  ] as const) {
    const { faces, cache } = places(t)
    writeClasses(faces, [2, 2])
    writeFiles(faces, { [`class0/${name}`]: bytes })
    const error = await t.throwsAsync(datasets.folder(faces, { size, cache }), { instanceOf: NPairError })
    t.is(error?.code, 'IMAGE_UNREADABLE')
    const start = `Cannot read ${join(faces, 'class0', name)}: `
    t.true(error?.message.startsWith(start), error?.message)
    t.regex(error?.message.slice(start.length) ?? '', reason)
    t.deepEqual(await packsIn(cache), [])

    const data = await datasets.folder(faces, { size, cache, broken: 'skip' })
    t.like(data.summary, { images: 4, classes: 2 })
    t.deepEqual(
      data.summary.skipped.map(({ path }) => path),
      [`class0/${name}`],
    )
    t.regex(data.summary.skipped[0]?.reason ?? '', reason)
    t.deepEqual((await datasets.folder(faces, { size, cache, broken: 'skip' })).summary, data.summary)
  }
})

test('an empty folder, none, one class, one image a class', async (t) => {
  const { faces, cache, folder } = places(t)
  await t.throwsAsync(datasets.folder(faces, { size, cache }), {
    code: 'NOT_FOUND',
    message: new RegExp(`^Cannot read ${faces}: ENOENT`),
  })
  writeFiles(faces, { 'readme.txt': 'no image' })
  await t.throwsAsync(datasets.folder(faces, { size, cache }), {
    code: 'DATA_EMPTY',
    message: new RegExp(`^${faces} holds no image \\(one folder a class, files ending in \\.jpg`),
  })
  t.false(existsSync(cache))

  writeClasses(join(folder, 'one'), [3])
  const one = await datasets.folder(join(folder, 'one'), { size, cache })
  t.throws(() => one.splitByClass({ test: 0.5 }), { code: 'DATA_CLASSES' })
  t.throws(() => pairs(one, { pairs: 2 }), { code: 'DATA_CLASSES' })

  writeClasses(join(folder, 'single'), [1, 1, 1])
  const single = await datasets.folder(join(folder, 'single'), { size, cache })
  t.throws(() => single.splitWithinClass({ test: 0.5 }), { code: 'DATA_CLASSES' })
  t.throws(() => pairs(single, { pairs: 2 }), { code: 'DATA_CLASSES', message: /\(3 of 3 classes have fewer\)/ })
})

test('a damaged pack of the cache is refused, and stays for who wants to look', async (t) => {
  const { faces, cache } = places(t)
  writeClasses(faces, [2, 2])
  const { pack } = await datasets.folder(faces, { size, cache })
  const bytes = await readFile(pack.path)
  await writeFile(pack.path, bytes.subarray(0, -1))
  await t.throwsAsync(datasets.folder(faces, { size, cache }), { code: 'PACK_CORRUPT', message: /is cut off at/ })
  t.is((await stat(pack.path)).size, bytes.length - 1)
})

test('an abort in the middle leaves nothing, for files and for generated characters', async (t) => {
  const { faces, cache } = places(t)
  writeClasses(faces, [30, 30])
  for (const load of [datasets.folder.bind(null, faces), datasets.characters]) {
    const controller = new AbortController()
    const onProgress = (done: number) => {
      if (done === 5) controller.abort()
    }
    await t.throwsAsync(load({ size, cache, onProgress, signal: controller.signal }), {
      name: 'AbortError',
      code: 'ABORTED',
      message: /^Stopped after 5 of/,
    })
    t.deepEqual(await packsIn(cache), [])
  }
  // Nothing is written before the end here: it is the drawing that has to let the timer through.
  const timed = new AbortController()
  const start = (done: number) => {
    if (done === 1) setTimeout(() => timed.abort(), 1)
  }
  await t.throwsAsync(datasets.characters({ size: 14, cache, signal: timed.signal, onProgress: start }), {
    code: 'ABORTED',
  })
  t.deepEqual(await packsIn(cache), [])
})

test('a plan gives the same dataset again, wherever the images are now, skipped ones included', async (t) => {
  const { faces, cache, folder } = places(t)
  writeClasses(faces, [3, 3, 3, 3])
  writeFiles(faces, { 'class1/7.png': '', 'class2/8.jpg': 'no picture' })
  const options = { size: [5, 5], fit: 'cover', broken: 'skip', cache } as const
  const whole = await datasets.folder(faces, options)
  const part = whole.splitByClass({ test: 0.5, seed: 4 }).train.rotatedClasses().splitWithinClass({ test: 0.3 }).test
  const plan = JSON.parse(JSON.stringify(part.plan))
  const again = await datasets.fromPlan(plan, { cache })
  t.deepEqual([again.plan, again.images, again.classes], [part.plan, part.images, part.classes])
  const moved = join(folder, 'elsewhere')
  await rename(faces, moved)
  const there = await datasets.fromPlan(plan, { path: moved, cache })
  t.deepEqual([there.images, there.labels, there.classes], [part.images, part.labels, part.classes])
  await t.throwsAsync(datasets.fromPlan(plan, { cache }), { code: 'NOT_FOUND' })
})

test('a plan whose images have changed is refused', async (t) => {
  const { faces, cache } = places(t)
  writeClasses(faces, [2, 2])
  const { plan } = await datasets.folder(faces, { size, cache })
  writeFiles(faces, { 'class0/0.pgm': pgm(4, 4, noise(16, 77)) })
  const error = await t.throwsAsync(datasets.fromPlan(plan, { cache }), { code: 'PACK_CORRUPT' })
  t.regex(
    error?.message ?? '',
    new RegExp(
      `^The images of ${faces} are not those of the plan: .* hash [0-9a-f]{12}, the plan's ${plan.pack.slice(0, 12)}$`,
    ),
  )
  await t.throwsAsync(datasets.fromPlan({ ...plan, type: 'lfw' }, { cache }), {
    code: 'INVALID_OPTION',
    message:
      "Expected 'folder', 'omniglot', 'benchmark', 'characters' or 'features' for data.type but received 'lfw' of type string",
  })
  await t.throwsAsync(datasets.fromPlan(plan, { cach: cache } as never), {
    code: 'INVALID_OPTION',
    message: 'Unknown option cach: did you mean cache?',
  })
})

test('generated characters: plan, names, super-classes', async (t) => {
  const { cache } = places(t)
  const options = { alphabets: 2, characters: 3, drawings: 2, seed: 5, size: [12, 10], cache } as const
  const data = await datasets.characters(options)
  t.deepEqual(data.summary, { images: 12, classes: 6, skipped: [] })
  t.deepEqual(data.superClasses, ['alphabet01', 'alphabet02'])
  t.deepEqual([...data.superClassOf], [0, 0, 0, 1, 1, 1])
  t.is(data.imageName(11), 'alphabet02/character03/02')
  t.deepEqual(data.plan.source, { alphabets: 2, characters: 3, drawings: 2, seed: 5 })
  t.is((await datasets.fromPlan(data.plan, { cache })).pack.sha256, data.pack.sha256)
  t.not((await datasets.characters({ ...options, seed: 6 })).pack.sha256, data.pack.sha256)
  t.is((await datasets.characters({ ...options, size: undefined } as never)).pack.width, 28)
})

const bad: [load: () => Promise<unknown>, message: string][] = [
  [
    () => datasets.folder(5 as never, { size }),
    'Expected the path of the images for path but received 5 of type number',
  ],
  [() => datasets.omniglot('', { size }), "Expected the path of the images for path but received '' of type string"],
  [
    () => datasets.folder('.', undefined as never),
    'Expected an object for options but received undefined of type undefined',
  ],
  [
    () => datasets.folder('.', { size, seed: 1 } as never),
    'Unknown option seed: known here: size, channels, interpolation, fit, background, centre, broken, cache, onProgress, signal',
  ],
  [
    () => datasets.omniglot('.', { size, alphabet: 1 } as never),
    'Unknown option alphabet: known here: size, channels, interpolation, fit, background, centre, broken, cache, onProgress, signal',
  ],
  [() => datasets.characters(null as never), 'Expected an object for options but received null of type null'],
  [() => datasets.characters({ alphabet: 3 } as never), 'Unknown option alphabet: did you mean alphabets?'],
  [
    () => datasets.characters({ interpolation: 'cubic' } as never),
    'Unknown option interpolation: known here: size, alphabets, characters, drawings, seed, cache, onProgress, signal',
  ],
  [
    () => datasets.characters({ size: null } as never),
    'Expected an integer in [1, 4096] or [height, width] for size but received null of type null',
  ],
]
for (const [load, message] of bad)
  test(`refused: ${message}`, async (t) => {
    await t.throwsAsync(load, { instanceOf: NPairError, code: 'INVALID_OPTION', message })
  })

const faces = fileURLToPath(new URL('../../../shared/data/orl_faces', import.meta.url))
const orl = existsSync(faces) ? test : test.skip
orl('the ORL faces: 20 people, 10 PGM images each', async (t) => {
  const { cache } = places(t)
  const data = await datasets.folder(faces, { size: [112, 92], interpolation: 'nearest', cache })
  t.is(data.length, 200)
  t.deepEqual(
    data.byClass().map((positions) => positions.length),
    new Array<number>(20).fill(10),
  )
  t.deepEqual(data.classes.slice(0, 3), ['s1', 's10', 's11'])
  const i = 137
  const file = await readFile(join(faces, data.imageName(i)))
  const [pixels] = await datasetPixels(data, [i])
  t.is(Buffer.compare(file.subarray(-112 * 92), pixels as Uint8Array), 0)
  await rm(cache, { recursive: true })
})
