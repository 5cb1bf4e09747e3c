import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import { ingest, type SourceImage } from '../../src/data/ingest.js'
import { resolveIngest } from '../../src/data/ingestOptions.js'
import { openPack, readPackImages } from '../../src/data/pack.js'
import { NPairError } from '../../src/errors.js'
import { Random } from '../../src/random.js'
import { noise } from './imageFiles.js'
import { packsIn, temporaryFolder } from './temporaryFolder.js'

const options = resolveIngest({ size: 4 })
const skip = resolveIngest({ size: 4, broken: 'skip' })

/** Images that are decoded in random times; those of `broken` throw. */
function source(count: number, seed = 0, broken: readonly number[] = []): SourceImage[] {
  const random = new Random(seed, 'report')
  return Array.from({ length: count }, (_, i) => {
    const ms = random.below(5)
    return {
      ...{ name: `c${i % 3}/${i}`, where: `/somewhere/c${i % 3}/${i}`, class: `c${i % 3}`, superClass: `s${i % 2}` },
      pixels: async () => {
        await setTimeout(ms)
        if (broken.includes(i)) throw new Error(`image ${i} is torn\nat its edge`)
        return Uint8Array.from(noise(16, i))
      },
    }
  })
}

function packFile(cache: string): string {
  mkdirSync(join(cache, 'packs'))
  return join(cache, 'packs', 'x.pack')
}

test('images stand in the order of the source, whichever is decoded first', async (t) => {
  const [a, b] = [packFile(temporaryFolder(t)), packFile(temporaryFolder(t))]
  await ingest(a, source(60, 1), options, {})
  await ingest(b, source(60, 2), options, {})
  t.is(Buffer.compare(await readFile(a), await readFile(b)), 0)
  const { names, labels } = await openPack(a)
  t.deepEqual(
    names,
    source(60).map((image) => image.name),
  )
  t.deepEqual(
    [...labels],
    Array.from({ length: 60 }, (_, i) => i % 3),
  )
  const all = Array.from({ length: 60 }, (_, i) => i)
  t.deepEqual(
    (await readPackImages(a, all)).map((image) => [...image]),
    all.map((i) => noise(16, i)),
  )
})

test('labels follow the code points of the class names, as super-classes do', async (t) => {
  const path = packFile(temporaryFolder(t))
  const names = ['b', 'ä', 'B', 'a', '😀', '\uffff', 'Z']
  const images = names.map((name) => ({
    ...{ name: `${name}/1`, where: name, class: name, superClass: `of ${name}` },
    pixels: async () => new Uint8Array(16),
  }))
  await ingest(path, images, options, {})
  const { classes, labels, superClasses, superClassOf } = await openPack(path)
  t.deepEqual(classes, ['B', 'Z', 'a', 'b', 'ä', '\uffff', '😀'])
  t.deepEqual(
    [...labels].map((label) => classes[label]),
    names,
  )
  t.deepEqual(
    [...superClassOf].map((s) => superClasses[s]),
    classes.map((name) => `of ${name}`),
  )
})

test('progress counts every image once and reaches the total', async (t) => {
  const seen: number[] = []
  await ingest(packFile(temporaryFolder(t)), source(25, 0, [3, 4]), skip, {
    onProgress: (done, total) => {
      t.is(total, 25)
      seen.push(done)
    },
  })
  t.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, i) => i + 1),
  )
})

test('the first broken image in order stops the work; nothing is left', async (t) => {
  const cache = temporaryFolder(t)
  const error = await t.throwsAsync(ingest(packFile(cache), source(40, 3, [11, 10, 30]), options, {}), {
    instanceOf: NPairError,
    message: 'Cannot read /somewhere/c1/10: image 10 is torn',
  })
  t.is(error?.code, 'IMAGE_UNREADABLE')
  t.deepEqual(await packsIn(cache), [])
})

test('broken images are skipped, listed with their reason, and their class goes where it has no other', async (t) => {
  const path = packFile(temporaryFolder(t))
  const broken = [1, 4, 7, 10, 9]
  await ingest(path, source(12, 4, broken), skip, {})
  const { info, names, classes, superClasses, labels, skipped } = await openPack(path)
  t.is(info.count, 7)
  t.deepEqual(
    names,
    [0, 2, 3, 5, 6, 8, 11].map((i) => `c${i % 3}/${i}`),
  )
  t.deepEqual(
    { classes, superClasses, labels: [...labels] },
    {
      ...{ classes: ['c0', 'c2'], superClasses: ['s0', 's1'], labels: [0, 1, 0, 1, 0, 1, 1] },
    },
  )
  t.deepEqual(
    skipped,
    [1, 4, 7, 9, 10].map((i) => ({ path: `c${i % 3}/${i}`, reason: `image ${i} is torn` })),
  )
  t.deepEqual(
    (await readPackImages(path, [0, 6])).map((image) => [...image]),
    [noise(16, 0), noise(16, 11)],
  )
})

test('a reason is asked for again when nothing else runs', async (t) => {
  let running = 0
  const image = (i: number): SourceImage => ({
    ...{ name: `c/${i}`, where: `c/${i}`, class: 'c' },
    pixels: async () => {
      running++
      await setTimeout(1)
      const alone = running === 1
      running--
      if (i % 4 === 2) throw new Error(alone ? `reason ${i}` : 'Unknown error')
      return new Uint8Array(16)
    },
  })
  const images = Array.from({ length: 16 }, (_, i) => image(i))
  const path = packFile(temporaryFolder(t))
  await ingest(path, images, skip, {})
  t.deepEqual(
    (await openPack(path)).skipped.map(({ reason }) => reason),
    ['reason 2', 'reason 6', 'reason 10', 'reason 14'],
  )
  await t.throwsAsync(ingest(packFile(temporaryFolder(t)), images, options, {}), {
    message: 'Cannot read c/2: reason 2',
  })
})

test('where all are broken there is no pack', async (t) => {
  const cache = temporaryFolder(t)
  await t.throwsAsync(ingest(packFile(cache), source(3, 0, [0, 1, 2]), skip, {}), {
    code: 'DATA_EMPTY',
    message: 'None of 3 images could be read; the first: c0/0: image 0 is torn',
  })
  t.deepEqual(await packsIn(cache), [])
})

test('an abort stops it at any time; nothing is left and nothing goes on', async (t) => {
  for (const after of [0, 1, 17, 39]) {
    const cache = temporaryFolder(t)
    const controller = new AbortController()
    if (after === 0) controller.abort()
    let decoding = 0
    const images = source(40).map((image) => ({
      ...image,
      pixels: async () => {
        decoding++
        const pixels = await image.pixels()
        decoding--
        return pixels
      },
    }))
    const error = await t.throwsAsync(
      ingest(packFile(cache), images, options, {
        signal: controller.signal,
        onProgress: (done) => {
          if (done === after) controller.abort()
        },
      }),
      { name: 'AbortError', message: `Stopped after ${after} of 40 images; nothing was written` },
    )
    t.is((error as NPairError).code, 'ABORTED')
    t.is(decoding, 0)
    t.deepEqual(await packsIn(cache), [])
  }
})

test('a caller whose progress throws gets the error back, and nothing is left', async (t) => {
  const cache = temporaryFolder(t)
  const fail = () => {
    throw new RangeError('enough')
  }
  await t.throwsAsync(ingest(packFile(cache), source(9), options, { onProgress: fail }), { message: 'enough' })
  t.deepEqual(await packsIn(cache), [])
})

test('no more images are held than are being decoded', async (t) => {
  const size = 1024
  const bytes = new Uint8Array(size * size)
  let [decoded, most, done] = [0, 0, 0]
  const images = Array.from({ length: 400 }, (_, i) => ({
    ...{ name: `c/${i}`, where: '', class: 'c' },
    pixels: async () => {
      decoded++
      most = Math.max(most, decoded - done)
      return bytes
    },
  }))
  const path = packFile(temporaryFolder(t))
  await ingest(path, images, resolveIngest({ size }), {
    onProgress: () => {
      done++
    },
  })
  t.is((await openPack(path)).info.count, 400)
  t.true(most <= 4 * availableParallelism() + 1, String(most))
})
