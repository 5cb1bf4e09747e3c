// Steps of more pairs than a plain step should hold, in chunks: seconds and memory, beside the plain step at a size that fits.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { datasets, losses, nets } from '../dist/index.js'
import { engine } from '../dist/native/engine.js'
import { median } from './alternate.mjs'

const cases = [
  { pairs: 512, steps: 5 },
  { pairs: 512, chunk: 256, steps: 5 },
  { pairs: 8192, chunk: 256, steps: 2 },
]

export const title = 'Gradient caching'
export const about =
  'A step of conv4 without batch norm on 28x28 images: gather, normalise, forward, N-pair-mc, backward, Adam; float32. At once, and in ' +
  'chunks (`batch.chunk`), each case in a process of its own. Seconds a step are the median after one to warm up; memory is the ' +
  'most that the process ever held, libtorch included. Images repeat in a batch, which changes nothing of what a step costs.'

export async function bench({ threads, tiny = false }) {
  const rows = []
  for (const one of cases) {
    const asked = tiny ? { ...one, pairs: 8, steps: 1, ...(one.chunk && { chunk: 5 }) } : one
    const { seconds, peak } = await alone({ ...asked, threads })
    rows.push({
      'pairs a step': asked.pairs,
      chunk: asked.chunk ?? 'at once',
      'seconds a step': median(seconds).toFixed(2),
      'images/s': Math.round((2 * asked.pairs) / median(seconds)),
      'most memory, MiB': Math.round(peak / 2 ** 20),
    })
  }
  return rows
}

/** A case in a process of its own, whose memory is nobody else's. */
async function alone(one) {
  const args = [fileURLToPath(import.meta.url), JSON.stringify(one)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

/** Conv4's blocks without what depends on the whole batch. */
function net() {
  const blocks = [1, 2, 3, 4].flatMap((k) => [
    { type: 'conv', name: `conv${k}`, out: 64, kernel: 3, padding: 1 },
    { type: 'relu' },
    { type: 'maxPool', kernel: 2 },
  ])
  const layers = [...blocks, { type: 'flatten' }, { type: 'linear', name: 'embedding', out: 128 }]
  return nets.layers({ input: { channels: 1, height: 28, width: 28 }, layers })
}

async function measure({ pairs, chunk, steps, threads }) {
  const data = await datasets.characters({ alphabets: 4, characters: 16, drawings: 16 })
  const native = await engine(threads)
  const plan = {
    ...{ net: net(), loss: losses.nPairMc(), preprocess: { invert: false, mean: [0], std: [1] } },
    optimizer: { type: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
    augment: {
      ...{ crop: 'centre', flip: false, rotation: 0, scale: 0, shear: 0, shift: 0 },
      ...{ fill: 0, brightness: 0, contrast: 0 },
    },
    ...{ seed: 1, device: 'cpu', precision: 'float32', pairs, accumulate: 1, chunk },
  }
  const pack = await native.packOpen(data.pack.path)
  const trainer = await native.trainerCreate(JSON.stringify(plan), pack)
  const images = Int32Array.from({ length: 2 * pairs }, (_, i) => (7919 * i) % data.length)
  const seconds = []
  const step = async (number) => {
    const start = performance.now()
    await native.trainerSteps(trainer, number, images, Float64Array.of(1e-3))
    return (performance.now() - start) / 1000
  }
  await step(0)
  for (let i = 1; i <= steps; i++) seconds.push(await step(i))
  const peak = peakBytes()
  await native.close(trainer)
  await native.close(pack)
  return { seconds, peak }
}

/** The most memory that this process ever held, as the kernel tells it. */
function peakBytes() {
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2]))))
