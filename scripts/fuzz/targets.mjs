// What is damaged, and what then reads it. A target makes its whole files once and gives a function of (random), which
// damages a copy and reads it; what that throws is the verdict.
import { deepStrictEqual } from 'node:assert'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasets } from '../../dist/data/datasets.js'
import { decodeImage } from '../../dist/data/decode.js'
import { openPack, readPackImages } from '../../dist/data/pack.js'
import { Embeddings, Index, Model, nets, resume, train } from '../../dist/index.js'
import { npy } from '../../dist/model/npy.js'
import { readNpy } from '../../dist/model/readNpy.js'
import { engine } from '../../dist/native/engine.js'
import { checksumOf } from '../../dist/retrieval/indexDescription.js'
import { mutateBytes, mutateJson } from './mutate.mjs'
import { zipOf } from './zipOf.mjs'

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const characters = (folder) =>
  datasets.characters({ alphabets: 2, characters: 4, drawings: 4, seed: 3, cache: join(folder, 'cache') })

/** 28 × 20 pixels with something in them. */
function picture(channels) {
  const data = Buffer.from({ length: 28 * 20 * channels })
  for (let i = 0; i < data.length; i++) data[i] = (i * i) % 251
  return { data, raw: { width: 28, height: 20, channels } }
}

/** A pack, and what the engine reads of it by itself: whatever was damaged and is read all the same has to be what it was. */
async function packTarget(folder, whole, engineReads) {
  const bytes = await readFile(whole)
  const length = bytes.readUInt32LE(12)
  const header = JSON.parse(bytes.subarray(48, 48 + length).toString())
  const path = join(folder, 'fuzzed.pack')
  /** Another header under a right checksum; where it is longer, the images move away from where it says they are. */
  const withHeader = (changed) => {
    const json = Buffer.from(JSON.stringify(changed))
    const made = Buffer.concat([bytes.subarray(0, 48), json, bytes.subarray(Math.max(48 + json.length, 48 + length))])
    made.writeUInt32LE(json.length, 12)
    createHash('sha256').update(json).digest().copy(made, 16)
    return made
  }
  const nodeReads = async (path) => {
    const { info, ...index } = await openPack(path)
    const last = Math.min(index.labels.length, index.names.length) - 1
    const images = await readPackImages(path, [0, last, info.count - 1])
    return { ...index, sha256: info.sha256, images }
  }
  const reads = [nodeReads, engineReads]
  const expected = await Promise.all(reads.map((read) => read(whole)))
  return async (random) => {
    const signed = random.below(2) === 0
    await writeFile(path, signed ? withHeader(mutateJson(random, header)) : mutateBytes(random, bytes))
    const errors = []
    for (const [i, read] of reads.entries())
      await read(path)
        .then((found) => signed || deepStrictEqual(found, expected[i]))
        .catch((error) => errors.push(error))
    return errors
  }
}

async function pack(folder) {
  const native = await engine()
  return packTarget(folder, (await characters(folder)).pack.path, async (path) => {
    const handle = await native.packOpen(path)
    return native.packRead(handle, Int32Array.of(0, 1, 31)).finally(() => native.close(handle))
  })
}

async function featurePack(folder) {
  const rows = new Embeddings(
    Float32Array.from({ length: 30 * 6 }, (_, i) => Math.sin(i * i)),
    6,
  )
  const files = [join(folder, 'rows.npy'), join(folder, 'labels.json')]
  await writeFile(files[0], npy(rows))
  await writeFile(files[1], JSON.stringify(Array.from(rows, (_, i) => i % 5)))
  const data = await datasets.features(files[0], { labels: files[1], cache: join(folder, 'cache') })
  const net = nets.layers({
    input: { channels: 6, height: 1, width: 1 },
    layers: [{ type: 'flatten' }, { type: 'linear', name: 'embedding', out: 4 }],
  })
  const { model } = await train({ ...tiny(data, join(folder, 'run')), net })
  return packTarget(folder, data.pack.path, async (path) =>
    model.embedDataset({ pack: { path, ingest: data.pack.ingest }, images: Int32Array.of(0, 7, 29), length: 3 }),
  )
}

async function index(folder) {
  const [whole, copy] = [join(folder, 'index'), join(folder, 'fuzzed.index')]
  const rows = new Embeddings(
    Float32Array.from({ length: 40 * 3 }, (_, i) => Math.sin(i * i)),
    3,
  )
  const entries = Array.from(rows, (_, i) => ({ id: `image ${i}`, label: i % 4, metadata: { at: [i, null] } }))
  const model = {
    identity: { weights: '0'.repeat(64), definition: '1'.repeat(64), views: { mirror: true, shifts: [2] } },
  }
  const made = await Index.build(rows, entries, { model })
  // Without the optional package everything but the graph.
  const approximate = await import('usearch').then(
    () => true,
    () => false,
  )
  if (approximate) await made.approximate()
  await made.save(whole)
  await made.close()
  const read = async (folder) => {
    const loaded = await Index.load(folder, { approximate })
    try {
      const options = [{ k: 3 }, { k: 40, filter: ({ label }) => label === 1 }]
      if (approximate) options.push({ k: 3, approximate: { candidates: 40 } })
      const found = []
      for (const each of options) found.push(await loaded.search(rows, each))
      const { metric, size, count, model } = loaded
      await loaded.remove(['image 1'])
      await loaded.save(folder)
      return { metric, size, count, model, found }
    } finally {
      await loaded.close()
    }
  }
  await cp(whole, copy, { recursive: true })
  const expected = await read(copy)
  const names = ['index.json', 'rows-1.f32', ...(approximate ? ['graph-1.usearch'] : [])]
  return async (random) => {
    await rm(copy, { recursive: true, force: true })
    await cp(whole, copy, { recursive: true })
    const path = join(copy, names[random.below(names.length)])
    // What is signed may say something else. Not so a graph: usearch dies of one that is damaged, hence its checksum.
    const signed = !path.endsWith('.usearch') && random.below(2) === 0
    const bytes = await readFile(path)
    if (!signed) await writeFile(path, mutateBytes(random, bytes))
    else if (path.endsWith('.json'))
      await writeFile(path, JSON.stringify(mutateJson(random, JSON.parse(bytes.toString()))))
    else {
      const changed = mutateBytes(random, bytes)
      await writeFile(path, changed)
      await editJson(join(copy, names[0]), (json) => {
        json.sha256 = sha256(changed)
      })
    }
    if (signed)
      await editJson(join(copy, names[0]), (json) => {
        if (typeof json === 'object' && json !== null) json.checksum = checksumOf(json)
      })
    const found = await read(copy)
    if (!signed) deepStrictEqual(found, expected)
    return []
  }
}

const tiny = (data, output) => ({
  ...{ data, output, net: nets.conv4({ width: 4, embeddingSize: 8 }), batch: { pairs: 4 }, seed: 5 },
  ...{ device: 'cpu', threads: 1, steps: 8, checkpointEvery: 4, keepCheckpoints: 9 },
})

/** Damages one of a folder's files; half of the damage to a file with a checksum is signed with it. */
async function mutateFile(random, folder, name, sign) {
  const path = join(folder, name)
  const whole = await readFile(path)
  if (name.endsWith('.json') && random.uniform() < 0.7)
    return writeFile(path, JSON.stringify(mutateJson(random, JSON.parse(whole.toString()))))
  const bytes =
    name.endsWith('.safetensors') && random.below(2) ? mutateTensors(random, whole) : mutateBytes(random, whole)
  await writeFile(path, bytes)
  if (name.endsWith('.safetensors') && random.uniform() < 0.7) await sign(sha256(bytes))
}

/** Another header of a safetensors file, with the right length before it. */
function mutateTensors(random, whole) {
  const length = Number(whole.readBigUInt64LE(0))
  const json = mutateJson(random, JSON.parse(whole.subarray(8, 8 + length).toString()))
  const text = Buffer.from(JSON.stringify(json))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([prefix, text, whole.subarray(8 + length)])
}

async function editJson(path, change) {
  const json = JSON.parse(await readFile(path, 'utf8'))
  change(json)
  await writeFile(path, JSON.stringify(json))
}

async function bundle(folder) {
  const run = join(folder, 'run')
  await (await train(tiny(await characters(folder), run))).model.close()
  const copy = join(folder, 'bundle')
  const { data, raw } = picture(1)
  const png = await (await import('sharp')).default(data, { raw }).png().toBuffer()
  return async (random) => {
    await rm(copy, { recursive: true, force: true })
    await cp(join(run, 'model'), copy, { recursive: true })
    const name = ['model.json', 'weights.safetensors'][random.below(2)]
    const sign = (hash) =>
      editJson(join(copy, 'model.json'), (json) => {
        json.weights = hash
      })
    await mutateFile(random, copy, name, sign)
    const model = await Model.load(copy, { device: 'cpu' })
    await model.embed([png]).finally(() => model.close())
    return []
  }
}

async function checkpoint(folder) {
  const run = join(folder, 'run')
  await (await train(tiny(await characters(folder), run))).model.close()
  await rm(join(run, 'checkpoints/step-000008'), { recursive: true })
  const copy = join(folder, 'resumed')
  const files = ['state.json', 'weights.safetensors', 'optimizer.safetensors'].map(
    (name) => `checkpoints/step-000004/${name}`,
  )
  return async (random) => {
    await rm(copy, { recursive: true, force: true })
    await cp(run, copy, { recursive: true })
    const name = random.uniform() < 0.75 ? files[random.below(3)] : ['config.json', 'metrics.jsonl'][random.below(2)]
    const sign = (hash) =>
      editJson(join(copy, files[0]), (json) => {
        json.files[name.split('/').at(-1)] = hash
      })
    await mutateFile(random, copy, name, sign)
    const controller = new AbortController()
    // What goes on has been read; a plan of 10^6 steps need not be trained to its end.
    const timer = setTimeout(() => controller.abort(), 2000)
    const resumed = resume(copy, { signal: controller.signal, onProgress: () => undefined })
    await resumed.then(({ model }) => model.close()).finally(() => clearTimeout(timer))
    return []
  }
}

async function features(folder) {
  const whole = npy(new Embeddings(Float32Array.from({ length: 60 }, Math.sin), 6))
  const path = join(folder, 'fuzzed.npy')
  return async (random) => {
    await writeFile(path, mutateBytes(random, whole))
    await readNpy(path)
    return []
  }
}

const decoding = { size: [28, 28], channels: 1, interpolation: 'lanczos3', fit: 'fill', background: 255 }

/** A target that decodes an image of one format. */
const image = (make) => async () => {
  const whole = await make((await import('sharp')).default)
  return async (random) => {
    await decodeImage(mutateBytes(random, whole), { ...decoding, channels: random.below(2) ? 1 : 3 })
    return []
  }
}

const encoded = (channels, encode) =>
  image((sharp) => {
    const { data, raw } = picture(channels)
    return encode(sharp(data, { raw })).toBuffer()
  })
const netpbm = (kind, channels, wide = false) =>
  image(() => {
    const { data } = picture(channels)
    const samples = wide ? Buffer.concat([data, data]) : kind < 4 ? Buffer.from(data.join(' ')) : data
    return Buffer.concat([Buffer.from(`P${kind}\n# a comment\n28 20\n${wide ? 65535 : 255}\n`), samples])
  })

async function zip(folder) {
  const { data, raw } = picture(1)
  const png = await (await import('sharp')).default(data, { raw }).png().toBuffer()
  const names = ['1', '2'].flatMap((c) => ['1', '2', '3'].map((d) => `images/Latin/character0${c}/${d}.png`))
  const whole = zipOf(names.map((name) => [name, png]))
  const path = join(folder, 'fuzzed.zip')
  return async (random) => {
    await writeFile(path, mutateBytes(random, whole))
    const cache = join(folder, 'zip-cache')
    await rm(cache, { recursive: true, force: true })
    await mkdir(cache)
    await datasets.omniglot(path, { size: 28, broken: 'skip', cache })
    return []
  }
}

/** By name: a folder to work in → a function that does a case and gives the errors of all that was read. */
export const targets = {
  ...{ pack, featurePack, index, bundle, checkpoint, npy: features },
  png: encoded(3, (image) => image.png()),
  jpeg: encoded(3, (image) => image.withExif({ IFD0: { Orientation: '6' } }).jpeg()),
  webp: encoded(4, (image) => image.webp()),
  tiff: encoded(3, (image) => image.tiff({ compression: 'lzw' })),
  gif: encoded(3, (image) => image.gif()),
  pgm: netpbm(5, 1),
  pgmPlain: netpbm(2, 1),
  ppm: netpbm(6, 3),
  ppmWide: netpbm(6, 3, true),
  zip,
}
