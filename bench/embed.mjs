// Embedding packed images beside PyTorch in evaluation mode at its best.
import { datasets, nets } from '../dist/index.js'
import { engine } from '../dist/native/engine.js'
import { alternate, formatRatio, median, ratio } from './alternate.mjs'
import { pythonContestant } from './contestant.mjs'

const batch = 128
const cases = [
  { net: 'conv4', side: 28, images: 1024, rounds: 15 },
  { net: 'casiaNet', side: 100, images: 128, rounds: 9 },
]

export const title = 'Embedding'
export const about =
  `Packed uint8 images to embeddings, ${batch} at a time: gather, normalise, forward in evaluation mode. Images a second, median over ` +
  'rounds in turns. PyTorch at its best: evaluation and inference mode, channels_last (also for the one-channel input), denormals ' +
  'flushed, the same allocator settings.'

export async function bench({ threads, tiny = false }) {
  const native = await engine(threads)
  const rows = []
  for (const { net, side, images, rounds } of cases) {
    const count = tiny ? 4 : images
    const contestants = {
      npair: await ours(native, net, side),
      pytorch: await pythonContestant('embed.py', [net === 'conv4' ? 'conv4' : 'casia', threads, batch]),
    }
    const seconds = await alternate(contestants, count, tiny ? 1 : rounds)
    for (const contestant of Object.values(contestants)) await contestant.close()
    const speed = (who) => Math.round(count / median(seconds[who]))
    rows.push({
      network: `${net}, ${side}x${side}`,
      'npair, images/s': speed('npair'),
      'PyTorch, images/s': speed('pytorch'),
      'against PyTorch': formatRatio(ratio(seconds.pytorch, seconds.npair)),
    })
  }
  return rows
}

async function ours(native, net, side) {
  const data = await datasets.characters({ size: side, alphabets: 4, characters: 16, drawings: 16 })
  const input = { channels: 1, height: side, width: side }
  const plan = {
    net: net === 'conv4' ? nets.conv4({ input }) : nets.casiaNet({ input }),
    preprocess: { invert: false, mean: [0], std: [1] },
    ...{ device: 'cpu', precision: 'float32' },
  }
  const pack = await native.packOpen(data.pack.path)
  const model = await native.modelCreate(JSON.stringify(plan), '')
  return {
    async run(count) {
      const images = Int32Array.from({ length: count }, (_, i) => (7919 * i) % data.length)
      const start = performance.now()
      await native.embedPack(model, pack, images, { mirror: false, shifts: [] }, batch)
      return (performance.now() - start) / 1000
    },
    async close() {
      await native.close(model)
      await native.close(pack)
    },
  }
}
