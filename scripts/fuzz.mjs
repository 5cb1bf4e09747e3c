// Damages packs, indexes, bundles, checkpoints, features and images at random and reads them: each time a named NPairError, a counted
// skip, or plain success; never another error, other data than there were under a checksum, a crash, a hang, or memory without end.
// `node scripts/fuzz.mjs [--count 1000] [--seed 1] [--only png,zip] [--from 0]`, from the built package.
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { NPairError } from '../dist/errors.js'
import { damage } from './fuzz/mutate.mjs'
import { targets } from './fuzz/targets.mjs'

/** A case that takes longer hangs. */
const longestMs = 30_000
/** Until the first case: some kinds are made by training. */
const longestMakingMs = 240_000
/** Above what the process had before its first case. */
const mostMegabytes = 1024

/** Does the cases of one target in this process, telling the parent each one before it begins. */
async function work(name, seed, from, count) {
  const folder = await mkdtemp(join(tmpdir(), 'npair-fuzz-'))
  try {
    const attempt = await targets[name](folder)
    // The first reading loads what there is to load.
    await attempt(damage(seed, 0xffff)).catch(() => undefined)
    const before = process.resourceUsage().maxRSS
    const codes = {}
    for (let index = from; index < from + count; index++) {
      process.send({ index })
      const errors = await attempt(damage(seed, index)).catch((error) => [error])
      const bad = errors.find((error) => !(error instanceof NPairError) || error.code === 'ENGINE_PANIC')
      if (bad) throw new Error(`case ${index}`, { cause: bad })
      const code = errors.length === 0 ? 'read' : errors[0].code
      codes[code] = (codes[code] ?? 0) + 1
      const megabytes = Math.round((process.resourceUsage().maxRSS - before) / 1024)
      if (megabytes > mostMegabytes) throw new Error(`case ${index} took ${megabytes} MB`)
    }
    process.send({ codes, megabytes: Math.round((process.resourceUsage().maxRSS - before) / 1024) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** One target in a process of its own, which may crash or hang. */
function run(name, { seed, from, count }) {
  return new Promise((done) => {
    const child = fork(
      fileURLToPath(import.meta.url),
      ['--work', name, '--seed', seed, '--from', from, '--count', count],
      {
        silent: true,
      },
    )
    let [index, errors, result, hung] = [-1, '', undefined, false]
    let timer
    const watch = (ms = longestMs) => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        hung = true
        child.kill('SIGKILL')
      }, ms)
    }
    watch(longestMakingMs)
    child.on('message', (message) => {
      watch()
      if (message.codes) result = message
      else index = message.index
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0 && result) return done({ name, ...result })
      const how = hung
        ? `hangs for ${(index < 0 ? longestMakingMs : longestMs) / 1000} s`
        : signal
          ? `dies of ${signal}`
          : errors.trim()
      done({ name, failed: `case ${index} ${how}` })
    })
  })
}

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: Object.keys(targets).join() },
    work: { type: 'string' },
  },
})
if (values.work !== undefined) await work(values.work, Number(values.seed), Number(values.from), Number(values.count))
else {
  let [failures, done] = [0, 0]
  for (const name of values.only.split(',')) {
    const { failed, codes, megabytes } = await run(name, values)
    if (failed) {
      failures++
      console.log(`FAIL ${name}: ${failed}`)
      continue
    }
    done++
    const told = Object.entries(codes).map(([code, n]) => `${code} ${n}`)
    console.log(`ok   ${name}: ${told.join(', ')}; at most ${megabytes} MB more`)
  }
  process.exitCode = failures > 0 ? 1 : 0
  console.log(
    `fuzz: ${done} of ${done + failures} kinds of files, ${values.count} damaged ones of each (seed ${values.seed})`,
  )
}
