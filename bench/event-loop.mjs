// How long timers wait while a run trains: the event loop should not notice it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { datasets, nets, train } from '../dist/index.js'
import { median } from './alternate.mjs'

export const title = 'The event loop while training'
export const about =
  'The longest gap between ticks of a timer of 1 ms, in milliseconds: while nothing runs, and while conv4 trains with ' +
  'augmentation, metrics and a checkpoint every 20 steps for as long. Largest and median over rounds.'

export async function bench({ threads, tiny = false }) {
  const data = await datasets.characters({ alphabets: 4, characters: 16, drawings: 16 })
  const idle = []
  const training = []
  const rounds = tiny ? 1 : 7
  // The first round loads the addon, compiles code and is not counted.
  for (let round = tiny ? 0 : -1; round < rounds; round++) {
    const output = await mkdtemp(join(tmpdir(), 'npair-bench-'))
    const start = performance.now()
    const busy = await longestGap(async () => {
      const run = await train({
        ...{ data, net: nets.conv4(), batch: { pairs: tiny ? 4 : 60 }, steps: tiny ? 4 : 60, seed: 1, threads },
        ...{
          device: 'cpu',
          output: join(output, 'run'),
          checkpointEvery: tiny ? 2 : 20,
          augment: { rotation: 15, scale: 0.2, shear: 0.2, shift: 0.1 },
        },
      })
      await run.model.close()
    })
    const took = performance.now() - start
    const quiet = await longestGap(() => setTimeout(took))
    await rm(output, { recursive: true })
    if (round < 0) continue
    training.push(busy)
    idle.push(quiet)
  }
  const row = (what, gaps) => ({
    what,
    'longest, ms': Math.max(...gaps).toFixed(1),
    'median of rounds, ms': median(gaps).toFixed(1),
  })
  return [row('nothing runs', idle), row('training', training)]
}

async function longestGap(work) {
  let last = performance.now()
  let longest = 0
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  try {
    await work()
  } finally {
    look()
    clearInterval(timer)
  }
  return longest
}
