// `npm run check:gpu [-- --tiny]`: trains, resumes and embeds on the GPU, compares with the CPU and with PyTorch, measures, and
// prints one JSON. It needs Node.js, a libtorch, and of this folder dist, bin, src/native/*.node, libtorch.json, package.json,
// scripts/check-gpu*, and for the comparison bench: no node_modules. Without a GPU it does all of it on the CPU, small.
// That is some 8 MB; with Node.js (94 MB, of which xz leaves 24) it is under 64 MiB only as an archive.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { engine } from '../dist/native/engine.js'
import { loadedAddon } from '../dist/native/load.js'
import { version } from '../dist/version.js'
import { lossTimes } from './check-gpu/losses.mjs'
import { comparePyTorch } from './check-gpu/peer.mjs'
import { plan, subjects } from './check-gpu/subjects.mjs'
import { checkTraining } from './check-gpu/train.mjs'

const threads = availableParallelism()
const native = await engine(threads)
const { libtorch, withoutCuda } = loadedAddon()
const environment = await native.environment()
const onGpu = environment.cudaDevices > 0
const tiny = process.argv.includes('--tiny') || !onGpu
const device = onGpu ? 'cuda' : 'cpu'

const report = {
  npair: version(),
  node: process.versions.node,
  processor: cpus()[0]?.model.trim() ?? null,
  threads,
  libtorch: { build: libtorch.build, source: libtorch.source, withoutCuda: withoutCuda ?? null },
  environment,
  ...{ device, tiny, memory: (await native.deviceMemory(false)) ?? null },
  checks: {},
}

/** Runs a check and notes what came of it; whatever it throws is a failure, and the next one runs all the same. */
async function check(name, work) {
  process.stderr.write(`${name} … `)
  const start = performance.now()
  let result
  try {
    result = await work()
  } catch (error) {
    result = { ok: false, error: `${error.code ?? error.name}: ${error.message}` }
  }
  report.checks[name] = result
  const outcome = result.skipped ? `skipped: ${result.skipped}` : result.ok === false ? 'FAILED' : 'ok'
  process.stderr.write(`${outcome} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`)
}

/** Whether the engine knows a precision; an older one refuses its name. */
async function offers(precision) {
  const { net, preprocess } = JSON.parse(plan(subjects.conv4, { pairs: 1, device, precision }))
  try {
    await native.close(await native.modelCreate(JSON.stringify({ net, preprocess, device, precision }), ''))
    return true
  } catch (error) {
    if (error.code === 'INVALID_OPTION') return false
    throw error
  }
}

const sizes = {
  conv4: tiny ? { pairs: 4, steps: 2, embed: 8 } : { pairs: 256, steps: 50, embed: 16_384 },
  casiaNet: tiny ? { pairs: 2, steps: 1, embed: 2 } : { pairs: 128, steps: 20, embed: 4096 },
}
const lossSizes = tiny ? [[24, 8]] : [320, 4096, 16_384].flatMap((n) => [64, 512].map((d) => [n, d]))

const folder = await mkdtemp(join(tmpdir(), 'npair-gpu-'))
const precisions = ['float32']
try {
  if (await offers('bfloat16')) precisions.push('bfloat16')
  else await check('bfloat16', async () => ({ skipped: 'this engine does not offer it' }))
  if (!onGpu) await check('a GPU', async () => ({ skipped: withoutCuda ?? 'no CUDA device is visible' }))
  for (const [name, subject] of Object.entries(subjects))
    for (const precision of precisions) {
      const options = { device, precision, ...sizes[name] }
      await check(`${name} in ${precision}`, () => checkTraining(native, folder, name, subject, options))
    }
  const lossSteps = tiny ? 2 : 20
  await check('loss steps', () => lossTimes(native, folder, lossSizes, device, lossSteps).then((rows) => ({ rows })))
  const batchOf = Object.fromEntries(Object.entries(sizes).map(([name, { pairs }]) => [name, 2 * pairs]))
  const work = {
    device,
    precisions,
    batchOf,
    steps: tiny ? 1 : 20,
    embed: tiny ? 2 : 4096,
    threads,
    lossSizes,
    lossSteps,
  }
  await check('PyTorch', () => comparePyTorch(libtorch, work))
} finally {
  await rm(folder, { recursive: true })
}
console.log(JSON.stringify(report, null, 2))
process.exitCode = Object.values(report.checks).some((result) => result.ok === false) ? 1 : 0
