// A training step of conv4 and CasiaNet beside PyTorch eager, as it comes and at its best settings.
import { datasets, losses, nets } from '../dist/index.js'
import { engine } from '../dist/native/engine.js'
import { alternate, formatRatio, median, ratio } from './alternate.mjs'
import { pythonContestant } from './contestant.mjs'

const cases = [
  { net: 'conv4', side: 28, batch: 120, count: 20, rounds: 15 },
  { net: 'casiaNet', side: 100, batch: 64, count: 1, rounds: 9 },
]

/** The same step as bench/pytorch/train_step.py: gather, normalise, forward, loss, backward, Adam. */
export async function ours(native, { net, side, batch }) {
  const data = await datasets.characters({ size: side, alphabets: 4, characters: 16, drawings: 16 })
  const input = { channels: 1, height: side, width: side }
  const plan = {
    net: net === 'conv4' ? nets.conv4({ input }) : nets.casiaNet({ input }),
    loss: losses.nPairMc({ l2: 5e-3, l2Convention: 'mean' }),
    optimizer: { type: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
    preprocess: { invert: false, mean: [0], std: [1] },
    augment: {
      ...{ crop: 'centre', flip: false, rotation: 0, scale: 0, shear: 0, shift: 0 },
      ...{ fill: 0, brightness: 0, contrast: 0 },
    },
    ...{ seed: 1, device: 'cpu', precision: 'float32', pairs: batch / 2, accumulate: 1 },
  }
  const pack = await native.packOpen(data.pack.path)
  const trainer = await native.trainerCreate(JSON.stringify(plan), pack)
  let done = 0
  return {
    async run(count) {
      const images = Int32Array.from({ length: count * batch }, (_, i) => (7919 * (done * batch + i)) % data.length)
      const start = performance.now()
      await native.trainerSteps(trainer, done, images, new Float64Array(count).fill(1e-3))
      done += count
      return (performance.now() - start) / 1000
    },
    async close() {
      await native.close(trainer)
      await native.close(pack)
    },
  }
}

export const title = 'A training step'
export const about =
  'Gather uint8 images, normalise, forward, N-pair-mc with its norm penalty, backward, Adam; no augmentation. Milliseconds a step, ' +
  'median over rounds in which all take turns; the ratios are medians over rounds with a 95 % interval, above 1 where npair is faster. ' +
  'PyTorch at its best: channels_last (also for the one-channel input), fused Adam, denormals flushed, and the same allocator settings.'

export async function bench({ threads, tiny = false }) {
  const native = await engine(threads)
  const rows = []
  for (const one of cases) {
    const name = one.net === 'conv4' ? 'conv4' : 'casia'
    const contestants = {
      npair: await ours(native, one),
      default: await pythonContestant('train_step.py', [name, 'default', threads, one.batch]),
      best: await pythonContestant('train_step.py', [name, 'best', threads, one.batch]),
    }
    const count = tiny ? 1 : one.count
    const seconds = await alternate(contestants, count, tiny ? 1 : one.rounds)
    for (const contestant of Object.values(contestants)) await contestant.close()
    const ms = (name) => ((1000 * median(seconds[name])) / count).toFixed(1)
    rows.push({
      step: `${one.net}, ${one.side}x${one.side}, ${one.batch} images`,
      'npair, ms': ms('npair'),
      'PyTorch as it comes, ms': ms('default'),
      'PyTorch at its best, ms': ms('best'),
      'against as it comes': formatRatio(ratio(seconds.default, seconds.npair)),
      'against its best': formatRatio(ratio(seconds.best, seconds.npair)),
    })
  }
  return rows
}
