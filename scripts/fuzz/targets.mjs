// What is damaged, and what then reads it. A target makes its whole files once and gives a function of (random), which
// damages a copy and reads it; what that throws is the verdict.
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasets } from '../../dist/data/datasets.js'
import { decodeImage } from '../../dist/data/decode.js'
import { openPack, readPackImages } from '../../dist/data/pack.js'
import { Embeddings, Model, nets, resume, train } from '../../dist/index.js'
import { npy } from '../../dist/model/npy.js'
import { readNpy } from '../../dist/model/readNpy.js'
import { engine } from '../../dist/native/engine.js'
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

async function pack(folder) {
  const whole = await readFile((await characters(folder)).pack.path)
  const length = whole.readUInt32LE(12)
  const header = JSON.parse(whole.subarray(48, 48 + length).toString())
  const path = join(folder, 'fuzzed.pack')
  /** Another header under a right checksum; where it is longer, the images move away from where it says they are. */
  const withHeader = (changed) => {
    const json = Buffer.from(JSON.stringify(changed))
    const bytes = Buffer.concat([whole.subarray(0, 48), json, whole.subarray(Math.max(48 + json.length, 48 + length))])
    bytes.writeUInt32LE(json.length, 12)
    createHash('sha256').update(json).digest().copy(bytes, 16)
    return bytes
  }
  return async (random) => {
    await writeFile(path, random.below(2) ? mutateBytes(random, whole) : withHeader(mutateJson(random, header)))
    const errors = []
    const attempt = (read) => read.catch((error) => errors.push(error))
    await attempt(
      openPack(path).then(async ({ info, labels, names }) => {
        await readPackImages(path, [0, Math.min(labels.length, names.length) - 1, info.count - 1])
      }),
    )
    const native = await engine()
    await attempt(
      native.packOpen(path).then(async (handle) => {
        await native.packRead(handle, Int32Array.of(0, 1, 31)).finally(() => native.close(handle))
      }),
    )
    return errors
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
  ...{ pack, bundle, checkpoint, npy: features },
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
