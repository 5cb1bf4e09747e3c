import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { makeFetcher, untilItHangs } from '../native/fakeFetcher.js'
import { makeLibtorch } from '../native/fakeLibtorch.js'
import { temporaryFolder } from '../native/temporaryFolder.js'
import { npair, start } from './command.js'

function machine(t: ExecutionContext) {
  const folder = temporaryFolder(t)
  const [cache, programs] = [join(folder, 'cache'), join(folder, 'bin')]
  const env = { NPAIR_CACHE: cache, PATH: programs, HOME: folder, NPAIR_LIBTORCH: undefined, LIBTORCH: undefined }
  return { folder, cache, programs, env }
}

test('--dry-run says what would come and touches nothing', async (t) => {
  const { cache, env } = machine(t)
  const { code, out, errors } = await npair(['setup', '--dry-run'], env)
  t.deepEqual([code, errors], [0, ''])
  t.regex(out, /^libtorch 2\.11\.0 for the CPU would be fetched, 544 MB in 3 wheels:/)
  t.false(existsSync(cache))
})

test('--from sets up, and again says that it is there', async (t) => {
  const { folder, cache, env } = machine(t)
  const from = makeLibtorch(join(folder, 'source'))
  const first = await npair(['setup', '--from', from], env)
  t.is(first.out, `libtorch 2.11.0+cu130 (cpu) is set up: ${cache}/libtorch-2.11.0-cpu/torch\n`)
  t.regex(first.errors, /^unpacking /)
  const second = await npair(['setup', '--from', from], env)
  t.deepEqual([second.code, second.errors], [0, ''])
  t.regex(second.out, /is set up already/)
})

test('what goes wrong is one line, with exit code 1; a wrong command line has 2', async (t) => {
  const { folder, programs, env } = machine(t)
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(programs)
  const oneLine = async (args: string[], line: RegExp, more = {}) => {
    const { code, out, errors } = await npair(['setup', ...args], { ...env, ...more })
    t.deepEqual([code, out], [1, ''])
    t.regex(errors, line)
    t.is(errors.split('\n').length, 2, errors)
  }
  await oneLine([], /^npair: Neither pip nor uv runs here.* \[SETUP_FAILED\]\n$/)
  await oneLine(['--from', join(folder, 'none')], /^npair: .*none does not exist \[SETUP_FAILED\]\n$/)
  const NPAIR_CACHE = join(folder, 'file/cache')
  const from = makeLibtorch(join(folder, 'source'))
  await oneLine(['--from', from], /^npair: Setup cannot write to .*file\/cache: .* \[SETUP_FAILED\]\n$/, {
    NPAIR_CACHE,
  })
  const wrong = await npair(['setup', '--device', 'gpu'], env)
  t.is(wrong.code, 2)
  t.regex(wrong.errors, /'gpu' is invalid\. Allowed choices are cpu, cuda\./)
})

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 75],
] as const)
  test(`${signal} in the middle removes what is half done and ends with ${exitCode}`, async (t) => {
    const { cache, programs, env } = machine(t)
    makeFetcher(programs, 'pip3', 'hangs')
    const { child, ended } = start(['setup'], env)
    const [, started] = await untilItHangs(programs)
    child.kill(signal)
    const { code, errors } = await ended
    t.is(code, exitCode)
    t.regex(errors, /npair: Setup was stopped \[ABORTED\]\n$/)
    t.deepEqual(readdirSync(cache), [])
    process.kill(started)
  })

test('SIGKILL in the middle leaves nothing that is believed, and the next setup sweeps it', async (t) => {
  const { folder, cache, programs, env } = machine(t)
  makeFetcher(programs, 'pip3', 'hangs')
  const { child, ended } = start(['setup'], env)
  const pids = await untilItHangs(programs)
  child.kill('SIGKILL')
  t.is((await ended).signal, 'SIGKILL')
  for (const pid of pids) process.kill(pid)
  const [left = ''] = readdirSync(cache)
  t.regex(left, /^\.setup-/)
  const doctor = await npair(['doctor', '--json'], env)
  t.is(JSON.parse(doctor.out).problem.code, 'LIBTORCH_NOT_FOUND')
  const { code } = await npair(['setup', '--from', makeLibtorch(join(folder, 'source'))], env)
  t.is(code, 0)
  t.deepEqual(readdirSync(cache), ['libtorch-2.11.0-cpu'])
})

test('several setups at once all succeed', async (t) => {
  const { folder, cache, env } = machine(t)
  const from = makeLibtorch(join(folder, 'source'))
  const ended = await Promise.all([1, 2, 3].map(() => npair(['setup', '--from', from], env)))
  t.deepEqual(
    ended.map(({ code }) => code),
    [0, 0, 0],
    ended.map(({ errors }) => errors).join(),
  )
  t.deepEqual(readdirSync(cache), ['libtorch-2.11.0-cpu'])
})
