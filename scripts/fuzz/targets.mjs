// What is damaged, and what then reads it. A target makes its whole files once and gives a function of (random), which
// damages a copy and reads it; what that throws is the verdict.
import { deepStrictEqual } from 'node:assert'
import { createHash } from 'node:crypto'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasets } from '../../dist/data/datasets.js'
import { openPack, readPackImages } from '../../dist/data/pack.js'
import { Embeddings, Index, nets, train } from '../../dist/index.js'
import { npy } from '../../dist/model/npy.js'
import { readNpy } from '../../dist/model/readNpy.js'
import { engine } from '../../dist/native/engine.js'
import { checksumOf } from '../../dist/retrieval/indexDescription.js'
import { images } from './images.mjs'
import { mat } from './mat.mjs'
import { mutateBytes, mutateJson } from './mutate.mjs'
import { bundle, characters, checkpoint, editJson, tiny } from './runs.mjs'

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
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
      await editJson(join(copy, names[0]), (json) => ({ ...json, sha256: sha256(changed) }))
    }
    if (signed) await editJson(join(copy, names[0]), (json) => ({ ...json, checksum: checksumOf(json) }))
    const found = await read(copy)
    if (!signed) deepStrictEqual(found, expected)
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

/** By name: a folder to work in → a function that does a case and gives the errors of all that was read. */
export const targets = {
  ...{ pack, featurePack, index, bundle, checkpoint, npy: features, mat },
  ...images,
}
