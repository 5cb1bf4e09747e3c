// Kills training with SIGKILL at random moments, again and again, and looks whether every run ends as the one never stopped:
// weights, optimiser state and metrics but for times. After every kill all checkpoints must be whole and metrics.jsonl
// readable. `node scripts/torture.mjs [--kills 200] [--seed 1]`, from the built package (`npm run torture` builds it).
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { datasets } from '../dist/data/datasets.js'
import { nets, resume, train } from '../dist/index.js'
import { readBundle } from '../dist/model/bundle.js'
import { Random } from '../dist/random.js'
import { listCheckpoints, lookAtCheckpoint } from '../dist/train/checkpoint.js'
import { readMetrics } from '../dist/train/metricsLog.js'
import { readPlan } from '../dist/train/runFolder.js'
import { metricsOf, tensorsOf } from './outcome.mjs'

const steps = 60
const script = fileURLToPath(import.meta.url)

/** What is killed: a run that saves all the time and has something of everything that is random. */
async function work(run, every, keep) {
  const onProgress = () => process.stdout.write('.')
  const options = { onProgress }
  if (existsSync(join(run, 'config.json'))) return (await resume(run, options)).model.close()
  const whole = await datasets.characters({ alphabets: 3, characters: 6, drawings: 6, seed: 3 })
  const { train: data, test: validationData } = whole.splitBySuperClass({ test: ['alphabet03'] })
  const { model } = await train({
    ...{ ...options, data, validationData, output: run, steps, seed: 5, device: 'cpu', threads: 1 },
    ...{ net: nets.conv4({ width: 4, embeddingSize: 8 }), batch: { pairs: 4 }, preprocess: { invert: true } },
    ...{ augment: { rotation: 10, shift: 0.1 }, optimizer: { type: 'adam', schedule: { type: 'cosine', warmup: 3 } } },
    ...{ validation: { every: 7, protocol: { type: 'retrieval' } }, checkpointEvery: every, keepCheckpoints: keep },
  })
  await model.close()
}

/** Starts `work` in a process of its own; `begun` is kept at its first step, or at its end. */
function start(run, every, keep) {
  const child = spawn(process.execPath, [script, '--work', run, '--every', `${every}`, '--keep', `${keep}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  const begun = new Promise((done) => child.stdout.once('data', done).once('close', done))
  const ended = new Promise((done) => child.on('close', (code, signal) => done({ code, signal, errors })))
  return { child, begun, ended }
}

/** What must be true of a run folder whenever its process died. */
async function check(run) {
  if (!existsSync(join(run, 'config.json'))) return
  const plan = await readPlan(run)
  for (const step of await listCheckpoints(run)) {
    const { damage } = await lookAtCheckpoint(run, step, plan)
    if (damage !== undefined) throw new Error(`the checkpoint of step ${step}: ${damage}`)
  }
  if (existsSync(join(run, 'metrics.jsonl'))) {
    const told = (await readMetrics(run)).flatMap((line) => ('loss' in line ? [line.step] : []))
    if (told.some((step, i) => step !== i + 1)) throw new Error(`metrics.jsonl tells the steps ${told.join()}`)
  }
  for (const bundle of ['best', 'model']) if (existsSync(join(run, bundle))) await readBundle(join(run, bundle))
}

/** One hash of weights, optimiser state, model and metrics, and of what lies in the folder. */
async function outcome(run) {
  const parts = [await tensorsOf(run, steps), await metricsOf(run), ...(await readdir(run)).sort()]
  return createHash('sha256').update(parts.join()).digest('hex')
}

async function torture(kills, seed) {
  const folder = await mkdtemp(join(tmpdir(), 'npair-torture-'))
  try {
    const whole = join(folder, 'whole')
    const undisturbed = await start(whole, 25, 2).ended
    if (undisturbed.code !== 0) throw new Error(`the run never stopped failed: ${undisturbed.errors}`)
    const expected = await outcome(whole)
    // `startup`: milliseconds to the first step, as the last process took them.
    let [killed, runs, lives, startup] = [0, 0, 0, 500]
    for (; killed < kills; runs++) {
      const run = join(folder, `run-${runs}`)
      const random = new Random(seed, 'sampling', runs)
      const [every, keep] = [1 + random.below(6), 1 + random.below(3)]
      for (;;) {
        const before = performance.now()
        const { child, begun, ended } = start(run, every, keep)
        lives++
        if (killed < kills) {
          // One in five before the first step, where folder and plan are made or the checkpoint is read.
          if (random.uniform() < 0.2) await wait(random.uniform() * startup)
          else {
            await begun
            startup = performance.now() - before
            await wait(random.uniform() * 300)
          }
          child.kill('SIGKILL')
        }
        const { code, signal, errors } = await ended
        if (signal === 'SIGKILL') killed++
        else if (code !== 0) throw new Error(`after ${killed} kills a run does not go on: ${errors}`)
        await check(run)
        if (code === 0) break
      }
      const found = await outcome(run)
      if (found !== expected) throw new Error(`after ${killed} kills a run ends with ${found} instead of ${expected}`)
      await rm(run, { recursive: true })
      if (process.stderr.isTTY) process.stderr.write(`\r${killed} of ${kills} kills, ${runs + 1} runs finished `)
    }
    return `torture: ${killed} kills in ${lives} lives of ${runs} runs, each ended as the one never stopped (seed ${seed})`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms))

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    work: { type: 'string' },
    every: { type: 'string', default: '1' },
    keep: { type: 'string', default: '1' },
  },
})
if (values.work !== undefined) await work(values.work, Number(values.every), Number(values.keep))
else
  try {
    console.log(await torture(Number(values.kills), Number(values.seed)))
  } catch (error) {
    console.error(error)
    console.log(`torture: failed (seed ${values.seed})`)
    process.exitCode = 1
  }
