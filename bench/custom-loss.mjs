// A loss of the user's own, written in JavaScript, beside the same loss in the engine.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { datasets, losses, nets, train } from '../dist/index.js'
import { alternate, formatRatio, median, ratio } from './alternate.mjs'

/** Steps of a turn that are not counted: the first ones allocate. */
const warm = 3
const l2 = 5e-3

export const title = "A loss of one's own"
export const about =
  'Trains conv4 on pairs of generated characters with N-pair-mc and its norm penalty: by the engine, and by a function of JavaScript that ' +
  'was handed to `losses.custom` (bench/custom-loss.mjs: loops over typed arrays, nothing else). Milliseconds a step of `train`, after ' +
  `the first ${warm} steps of each turn, median over rounds in turns, and how much of it the function takes; the ratio is the median ` +
  'over rounds with a 95 % interval, above 1 where the own loss is slower.'

/**
 * N-pair-mc by hand: the rows of a batch of pairs are N anchors, then their positives.
 *
 * @returns {{ loss: number, terms: { l2: number }, gradient: Float32Array }}
 */
export function byHand({ data, size: d }) {
  const n = data.length / d / 2
  const [anchors, positives] = [data.subarray(0, n * d), data.subarray(n * d)]
  const gradient = new Float32Array(data.length)
  const row = new Float32Array(n)
  let [loss, squares] = [0, 0]
  for (let k = 0; k < data.length; k++) {
    squares += data[k] * data[k]
    gradient[k] = (2 * l2 * data[k]) / n
  }
  for (let i = 0; i < n; i++) {
    let most = Number.NEGATIVE_INFINITY
    for (let j = 0; j < n; j++) {
      let product = 0
      for (let k = 0; k < d; k++) product += anchors[i * d + k] * positives[j * d + k]
      row[j] = product
      if (product > most) most = product
    }
    const own = row[i]
    let sum = 0
    for (let j = 0; j < n; j++) {
      row[j] = Math.exp(row[j] - most)
      sum += row[j]
    }
    loss += Math.log(sum) + most - own
    for (let j = 0; j < n; j++) {
      const pull = (row[j] / sum - (j === i ? 1 : 0)) / n
      for (let k = 0; k < d; k++) {
        gradient[i * d + k] += pull * positives[j * d + k]
        gradient[(n + j) * d + k] += pull * anchors[i * d + k]
      }
    }
  }
  const penalty = (l2 * squares) / n
  return { loss: loss / n + penalty, terms: { l2: penalty }, gradient }
}

/** Trains for some steps in a new folder; seconds of those after the first. */
function contestant(makeLoss, { pairs, width, threads }, data) {
  const told = []
  return {
    told,
    async run(count) {
      const folder = await mkdtemp(join(tmpdir(), 'npair-bench-'))
      try {
        const ends = []
        const { model } = await train({
          ...{ data, net: nets.conv4({ width, embeddingSize: 64 }), loss: makeLoss(), batch: { pairs }, threads },
          ...{
            steps: warm + count,
            checkpointEvery: 0,
            output: join(folder, 'run'),
            device: 'cpu',
            precision: 'float32',
          },
          onProgress({ step, loss }) {
            ends.push({ step, at: performance.now() })
            if (step === 1) told.push(loss)
          },
        })
        await model.close()
        const to = ends.at(-1)
        // Small steps are all in one block after the first one.
        const from = ends.find(({ step }) => step >= warm && step < to.step) ?? ends[0]
        return (((to.at - from.at) / 1000) * count) / (to.step - from.step)
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  }
}

export async function bench({ threads, tiny = false }) {
  const size = { pairs: tiny ? 8 : 120, width: tiny ? 8 : 64, threads }
  const data = await datasets.characters()
  let inFunction = []
  const compute = (embeddings) => {
    const start = performance.now()
    const value = byHand(embeddings)
    inFunction.push(performance.now() - start)
    return value
  }
  const contestants = {
    engine: contestant(() => losses.nPairMc({ l2 }), size, data),
    own: contestant(() => losses.custom({ compute }), size, data),
  }
  const count = tiny ? 5 : 24
  await alternate(contestants, count, 0)
  inFunction = []
  const seconds = await alternate(contestants, count, tiny ? 1 : 11, 0)
  // Both compute one and the same loss, or there is nothing to compare.
  const [a, b] = [contestants.engine.told[0], contestants.own.told[0]]
  if (!(Math.abs(a - b) <= 1e-5 * a)) throw new Error(`the losses of the first step differ: ${a} and ${b}`)
  const ms = (name) => ((1000 * median(seconds[name])) / count).toFixed(1)
  return [
    {
      step: `conv4, 28x28, N = ${size.pairs}, D = 64`,
      "the engine's loss, ms": ms('engine'),
      'own loss, ms': ms('own'),
      'of which the function, ms': median(inFunction).toFixed(1),
      'own against the engine': formatRatio(ratio(seconds.own, seconds.engine)),
    },
  ]
}
