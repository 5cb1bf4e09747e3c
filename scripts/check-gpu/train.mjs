// Trains on a device beside the CPU: the same first losses, a resumed run, embeddings, speed, memory.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { batches, noisePack, plan } from './subjects.mjs'

/** How far the first losses may be from the CPU's, as a share: on GPUs convolutions round to TF32, or to bfloat16. */
const lossTolerance = { float32: 5e-3, bfloat16: 5e-2 }
/** Between two runs of the same steps: on GPUs sums come in any order. */
const resumeTolerance = { cpu: 0, cuda: 1e-3 }
/** 1 − cosine of the embeddings of one image. */
const embeddingTolerance = { float32: 1e-3, bfloat16: 2e-2 }

export async function checkTraining(native, folder, name, subject, { device, precision, pairs, steps, embed }) {
  const pack = await noisePack(folder, subject.from)
  const handles = []
  const keep = async (handle) => {
    handles.push(await handle)
    return handles.at(-1)
  }
  const first = 3
  const rates = (count) => new Float64Array(count).fill(3e-4)
  try {
    const data = await keep(native.packOpen(pack.path))
    const trainer = (where, how, resident = true) =>
      keep(native.trainerCreate(plan(subject, { pairs, device: where, precision: how, resident }), data))
    const reference = await trainer('cpu', 'float32')
    const expected = await native.trainerSteps(reference, 0, batches(first, pairs), rates(first))
    await native.deviceMemory(true)
    const trained = await trainer(device, precision)
    const began = await native.trainerSteps(trained, 0, batches(first, pairs), rates(first))
    // In bfloat16 a first update is enough for the runs to part: only what came before it can be compared.
    const comparable = precision === 'bfloat16' ? 1 : first
    const lossError = worst(began.losses.subarray(0, comparable), expected.losses.subarray(0, comparable))

    const checkpoint = join(folder, `${name}-${precision}`)
    await mkdir(checkpoint)
    await native.trainerSave(trained, checkpoint)
    const more = batches(2 * first, pairs).subarray(2 * pairs * first)
    const straight = await native.trainerSteps(trained, first, more, rates(first))
    const resumed = await trainer(device, precision)
    await native.trainerLoad(resumed, checkpoint)
    const again = await native.trainerSteps(resumed, first, more, rates(first))
    const resumeError = worst(again.losses, straight.losses)

    const ids = Int32Array.from({ length: embed }, (_, i) => i % pack.count)
    const cpuModel = await trainer('cpu', 'float32')
    await native.trainerLoad(cpuModel, checkpoint)
    await native.trainerLoad(trained, checkpoint)
    const models = [await keep(native.trainerModel(trained)), await keep(native.trainerModel(cpuModel))]
    const [ours, theirs] = [
      await native.embedPack(models[0], data, ids, { mirror: false, shifts: [] }, 128),
      await native.embedPack(models[1], data, ids.subarray(0, 64), { mirror: false, shifts: [] }, 128),
    ]
    const embeddingError = furthest(ours, theirs, ours.length / ids.length)

    // What is compiled or tuned on first use is behind us.
    const images = batches(steps, pairs)
    await native.trainerSteps(trained, 100, images, rates(steps))
    const step = await seconds(() => native.trainerSteps(trained, 200, images, rates(steps)))
    const embedding = await seconds(() => native.embedPack(models[0], data, ids, { mirror: false, shifts: [] }, 128))
    const memory = await native.deviceMemory(false)
    // As a pack too large for the GPU: through pinned memory, batch by batch.
    const fed = await trainer(device, precision, false)
    const fedLosses = (await native.trainerSteps(fed, 0, batches(first, pairs), rates(first))).losses
    const feedError = worst(fedLosses.subarray(0, comparable), began.losses.subarray(0, comparable))
    await native.trainerSteps(fed, 100, images, rates(steps))
    const fedStep = await seconds(() => native.trainerSteps(fed, 200, images, rates(steps)))
    return {
      ok:
        lossError <= lossTolerance[precision] &&
        resumeError <= resumeTolerance[device] &&
        feedError <= resumeTolerance[device] &&
        embeddingError <= embeddingTolerance[precision],
      ...{
        losses: [...began.losses],
        lossesOnCpu: [...expected.losses],
        lossError,
        resumeError,
        feedError,
        embeddingError,
      },
      ...{ batch: 2 * pairs, trainedImagesPerSecond: (2 * pairs * steps) / step, stepMs: (1000 * step) / steps },
      trainedImagesPerSecondThroughPinnedMemory: (2 * pairs * steps) / fedStep,
      embeddedImagesPerSecond: embed / embedding,
      peakBytes: memory?.peak ?? null,
    }
  } finally {
    for (const handle of handles.reverse()) await native.close(handle)
  }
}

export async function seconds(work) {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** Largest difference as a share; NaN where a number is none. */
const worst = (got, expected) =>
  Math.max(...Array.from(got, (value, i) => Math.abs(value - expected[i]) / Math.abs(expected[i])))

/** Largest 1 − cosine over the rows of `b`. */
function furthest(a, b, size) {
  const distances = []
  for (let at = 0; at < b.length; at += size) {
    const [x, y] = [a.subarray(at, at + size), b.subarray(at, at + size)]
    const dot = (p, q) => p.reduce((sum, value, i) => sum + value * q[i], 0)
    distances.push(1 - dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y)))
  }
  return Math.max(...distances)
}
