// Selection of hard negative classes alone, and mining as a share of training.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { datasets, losses, mining, nets, train } from '../dist/index.js'
import { engine } from '../dist/native/engine.js'
import { median } from './alternate.mjs'

export const title = 'Mining'
export const about =
  'Hard negative class mining. Selection alone: N classes out of C candidates by their embeddings of D numbers, two images of ' +
  'each, score `hingeSum`, the median of 11. A share of training: a step of 60 pairs of generated characters on `conv4` ' +
  'with a width of 64, C candidates embedded anew every so many steps, or running means; the mean of all steps but the first.'

const selections = [
  { c: 1000, n: 60, d: 64 },
  { c: 1000, n: 60, d: 512 },
  { c: 10_000, n: 320, d: 512 },
]
const runs = [
  { refresh: 'embed', every: 1 },
  { refresh: 'embed', every: 10 },
  { refresh: 'running', every: 1 },
]

export async function bench({ threads, tiny = false }) {
  const native = await engine(threads)
  const rows = []
  for (const { c, n, d } of tiny ? [{ c: 20, n: 5, d: 4 }] : selections) {
    let state = 1
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32 - 0.5
    }
    const embeddings = Float32Array.from({ length: 2 * c * d }, next)
    const selection = { score: 'hingeSum', imagesPerClass: 2, count: n, seed: 1, firstBatch: 0 }
    const seconds = []
    for (let round = 0; round < (tiny ? 2 : 12); round++) {
      const started = performance.now()
      await native.selectClasses(embeddings, d, JSON.stringify(selection), Int32Array.of(round % c))
      if (round > 0) seconds.push((performance.now() - started) / 1000)
    }
    const what = `selection: C = ${c}, N = ${n}, D = ${d}`
    rows.push({ what, ms: (1000 * median(seconds)).toFixed(1), 'share of a step': '' })
  }
  for (const { refresh, every } of runs) rows.push(await share(refresh, every, threads, tiny))
  return rows
}

async function share(refresh, every, threads, tiny) {
  const pairs = tiny ? 4 : 60
  const data = (await datasets.characters(tiny ? { alphabets: 2, drawings: 4 } : {})).rotatedClasses()
  const candidates = tiny ? 8 : 500
  const folder = mkdtempSync(join(tmpdir(), 'npair-bench-'))
  const shares = []
  const times = []
  let last = performance.now()
  const run = await train({
    ...{ data, net: nets.conv4({ width: tiny ? 4 : 64, embeddingSize: 64 }), loss: losses.nPairMc(), threads },
    batch: { pairs, mining: mining.hardNegativeClasses({ candidates, refresh, every }) },
    ...{ steps: tiny ? 3 : 4 * every + 8, checkpointEvery: 0, output: join(folder, 'run'), device: 'cpu' },
    onProgress: ({ miningShare }) => {
      const now = performance.now()
      times.push(now - last)
      shares.push(miningShare * (now - last))
      last = now
    },
  })
  await run.model.close()
  rmSync(folder, { recursive: true })
  const sum = (values) => values.slice(1).reduce((a, b) => a + b, 0)
  const part = sum(shares) / sum(times)
  const what = `training: C = ${candidates} of ${data.classes.length}, N = ${pairs}, refresh ${refresh}, every ${every}`
  return {
    what,
    ms: (sum(shares) / (run.plan.steps - 1)).toFixed(1),
    'share of a step': `${(100 * part).toFixed(0)} %`,
  }
}
