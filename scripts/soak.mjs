// Whether memory stays flat: RSS after 20 % and after all of 10,000 steps, 10,000 embeds, and 300 models loaded and closed.
// `node scripts/soak.mjs [--steps 10000] [--embeds 10000] [--models 300] [--percent 2]`, from the built package.
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { datasets, Model, nets, train } from '../dist/index.js'

/** Resident megabytes when JavaScript has thrown away what it can. */
async function resident() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    // What waits for the end of a collection, such as buffers of the addon, is freed in a later turn.
    await new Promise((done) => setTimeout(done, 20))
  }
  return process.memoryUsage.rss() / 2 ** 20
}

const characters = () => datasets.characters({ alphabets: 3, characters: 6, drawings: 6, seed: 3 })
const options = (data, output, steps) => ({
  ...{ data, output, steps, net: nets.conv4({ width: 4, embeddingSize: 8 }), batch: { pairs: 4 }, seed: 5 },
  ...{ device: 'cpu', threads: 1, augment: { rotation: 10 }, preprocess: { invert: true } },
})

/** Calls `work` so often and gives RSS at 20 % and at the end. */
async function repeat(count, work) {
  let early = 0
  for (let i = 1; i <= count; i++) {
    await work(i)
    if (i === Math.ceil(count / 5)) early = await resident()
  }
  return [early, await resident()]
}

/** Each in a process of its own, so that none is measured on what another left. */
const soaks = {
  async steps(folder, count) {
    const data = await characters()
    // Both while the run lives and trains on: what it holds is garbage once it has ended.
    const controller = new AbortController()
    let [early, late] = []
    const onProgress = ({ step }) => {
      if (step >= count / 5) early ??= resident()
      if (step >= count) late ??= resident().finally(() => controller.abort())
    }
    // A checkpoint at a fifth, and at `count`, makes a block of steps end there.
    const checkpointEvery = Math.ceil(count / 50)
    const run = { ...options(data, join(folder, 'run'), 2 * count), checkpointEvery, onProgress }
    const outcome = await train({ ...run, signal: controller.signal }).catch((error) => error.code)
    if (outcome !== 'ABORTED') throw new Error(`the run is no longer there to be measured: ${outcome}`)
    return Promise.all([early, late])
  },
  async embeds(folder, count) {
    const { model } = await train(options(await characters(), join(folder, 'run'), 1))
    const drawing = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#aabbcc' } })
      .png()
      .toBuffer()
    const images = Array.from({ length: 4 }, () => drawing)
    const numbers = await repeat(count, () => model.embed(images))
    await model.close()
    return numbers
  },
  async models(folder, count) {
    const data = await characters()
    const run = join(folder, 'run')
    await (await train({ ...options(data, run, 1), net: nets.conv4({ width: 32, embeddingSize: 64 }) })).model.close()
    return repeat(count, async () => {
      const model = await Model.load(run, { device: 'cpu' })
      await model.embedDataset(data)
      await model.close()
    })
  },
}

async function work(name, count) {
  const folder = await mkdtemp(join(tmpdir(), 'npair-soak-'))
  try {
    process.send(await soaks[name](folder, count))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(name, count) {
  return new Promise((done, fail) => {
    const args = ['--work', name, '--count', `${count}`]
    // The space for new objects grows by 16 MB when V8 sees fit, which is no leak: here it may not.
    const execArgv = ['--expose-gc', '--max-semi-space-size=1']
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv })
    let numbers
    child.on('message', (message) => {
      numbers = message
    })
    child.on('close', (code, signal) =>
      code === 0 && numbers ? done(numbers) : fail(new Error(`${name}: ${code ?? signal}`)),
    )
  })
}

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    embeds: { type: 'string', default: '10000' },
    models: { type: 'string', default: '300' },
    percent: { type: 'string', default: '2' },
    work: { type: 'string' },
    count: { type: 'string', default: '0' },
  },
})
if (values.work !== undefined) await work(values.work, Number(values.count))
else {
  const told = []
  for (const name of Object.keys(soaks)) {
    const [early, late] = await run(name, Number(values[name]))
    const percent = 100 * (late / early - 1)
    if (percent > Number(values.percent)) process.exitCode = 1
    told.push(`${values[name]} ${name} ${percent >= 0 ? '+' : ''}${percent.toFixed(1)} %`)
    console.log(`${values[name]} ${name}: ${early.toFixed(1)} MB after 20 %, ${late.toFixed(1)} MB after all`)
  }
  console.log(`soak: ${told.join(', ')}; ${process.exitCode ? 'above' : 'within'} ${values.percent} %`)
}
