// Whole programs: from the command to the saved model, and the pace of the steps on the way.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { datasets } from '../dist/index.js'
import { formatRatio, median, ratio } from './alternate.mjs'
import { peers, python } from './contestant.mjs'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Steps that are not counted in the pace: torch.compile compiles in them. */
const warm = 20

export const title = 'A whole program'
export const about =
  'Trains conv4 by the recipe of `examples/omniglot.json` (60 pairs of turned and warped drawings a step) on a pack of generated ' +
  'characters, from the command to the saved model. Steps: feeding, augmentation, forward, loss, backward and Adam, after the first ' +
  `${warm} steps. Whole: the process from start to end, its start-up (and compilation) included; memory is its peak. PyTorch does the ` +
  'same with its operations; at its best it is as in the bench of a step; compiled is that and `torch.compile`. Programs take turns.'

export async function bench({ threads, tiny = false }) {
  const folder = await mkdtemp(join(tmpdir(), 'npair-bench-'))
  try {
    const { pack } = await datasets.characters({ size: 28 })
    const steps = tiny ? warm + 2 : 220
    const config = join(folder, 'config.json')
    const example = JSON.parse(await readFile(path('../examples/omniglot.json'), 'utf8'))
    const data = { type: 'characters', size: 28, rotatedClasses: true }
    const settings = { steps, threads, device: 'cpu', precision: 'float32', checkpointEvery: 0 }
    await writeFile(config, JSON.stringify({ ...example, $schema: undefined, data, ...settings }))
    const script = (how) => [
      python,
      path('pytorch/train.py'),
      pack.path,
      steps,
      warm,
      threads,
      how,
      join(folder, 'w.pt'),
    ]
    peers.add(await torchVersion())
    const programs = {
      npair: async (round) => {
        const run = join(folder, `run-${round}`)
        const whole = await program(process.execPath, [path('../bin/npair.mjs'), 'train', config, '--output', run])
        return { ...whole, seconds: await paceOf(run) }
      },
      ...Object.fromEntries(
        ['default', 'best', 'compiled'].map((how) => [
          how,
          async () => {
            const whole = await program(...split(script(how)))
            return { ...whole, seconds: Number(whole.stdout) }
          },
        ]),
      ),
    }
    const found = Object.fromEntries(Object.keys(programs).map((name) => [name, []]))
    for (let round = 0; round < (tiny ? 1 : 3); round++)
      for (const [name, work] of round % 2 === 0 ? Object.entries(programs) : Object.entries(programs).reverse())
        found[name].push(await work(round))
    const of = (name, what) => found[name].map((one) => one[what])
    const against = (name, what) => (name === 'npair' ? '' : formatRatio(ratio(of(name, what), of('npair', what))))
    const titles = {
      npair: 'npair',
      default: 'PyTorch as it comes',
      best: 'PyTorch at its best',
      compiled: 'the same, compiled',
    }
    return Object.keys(programs).map((name) => ({
      program: titles[name],
      'a step, ms': ((1000 * median(of(name, 'seconds'))) / (steps - warm)).toFixed(1),
      'npair against it, steps': against(name, 'seconds'),
      [`${steps} steps, whole, s`]: median(of(name, 'whole')).toFixed(1),
      'npair against it, whole': against(name, 'whole'),
      'peak memory, MB': Math.round(median(of(name, 'peak')) / 1e6),
    }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const split = ([command, ...rest]) => [command, rest]

/** Runs a program to its end: seconds and peak memory of the process. */
async function program(command, args) {
  const start = performance.now()
  const child = spawn(command, args.map(String), { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr] = [child.stdout, child.stderr].map(async (stream) =>
    Buffer.concat(await stream.toArray()).toString(),
  )
  let peak = 0
  // The kernel keeps the peak until the process has gone.
  const look = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    peak = Math.max(peak, 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0))
  }, 50)
  const code = await new Promise((done) => child.on('close', done))
  clearInterval(look)
  const whole = (performance.now() - start) / 1000
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}: ${(await stderr).slice(-2000)}`)
  return { whole, peak, stdout: await stdout }
}

/** Seconds of the steps after the first `warm`, by the clock in metrics.jsonl. */
async function paceOf(run) {
  const lines = (await readFile(join(run, 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const steps = lines.filter((line) => 'loss' in line)
  // A block of steps is written at once: its end is the time of the block.
  const first = steps.findLast((line) => line.step <= warm) ?? steps[0]
  const begin = steps.filter((line) => line.time === first.time).at(-1)
  const last = steps.at(-1)
  return ((last.time - begin.time) / 1000) * ((last.step - warm) / (last.step - begin.step))
}

async function torchVersion() {
  const { stdout } = await program(python, ['-c', "import torch; print('PyTorch', torch.__version__)"])
  return stdout.trim()
}
