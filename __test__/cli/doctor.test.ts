import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type Fake, makeLibtorch } from '../native/fakeLibtorch.js'
import { temporaryFolder } from '../native/temporaryFolder.js'
import { npair } from './command.js'

/** What the doctor says of a machine that has this libtorch and no other. */
async function doctor(t: ExecutionContext, NPAIR_LIBTORCH: string | undefined, more: Record<string, string> = {}) {
  const folder = temporaryFolder(t)
  const env = { NPAIR_CACHE: join(folder, 'cache'), PATH: folder, LIBTORCH: undefined, NPAIR_LIBTORCH, ...more }
  const { code, out, errors } = await npair(['doctor', '--json'], env)
  t.is(errors, '')
  const diagnosis: { libtorch: object | null; load: object | null; problem: { code: string; message: string } } =
    JSON.parse(out)
  return { code, ...diagnosis }
}

function fake(t: ExecutionContext, options: Fake = {}): string {
  return makeLibtorch(temporaryFolder(t), options)
}

test('text and exit code 0 where npair can be used', async (t) => {
  const { code, out } = await npair(['doctor'])
  t.is(code, 0)
  t.regex(out, /^npair {6}\d/)
  t.true(out.endsWith('\nnpair can be used here.\n'))
})

test('text and exit code 1 without libtorch; a wrong LIBTORCH is named', async (t) => {
  const folder = temporaryFolder(t)
  const LIBTORCH = fake(t, { build: '2.10.0' })
  const env = { NPAIR_CACHE: folder, PATH: folder, NPAIR_LIBTORCH: undefined, LIBTORCH }
  const { code, out } = await npair(['doctor'], env)
  t.is(code, 1)
  t.regex(
    out,
    /libtorch {3}none \(npair needs exactly 2\.11\.0\)\nnpair cannot be used here: No libtorch 2\.11\.0 was found on this machine\. Run `npx npair setup`/,
  )
  t.true(
    out.includes(`\n  LIBTORCH: ${LIBTORCH} is libtorch 2.10.0, and npair needs exactly 2.11.0 [LIBTORCH_NOT_FOUND]\n`),
    out,
  )
})

test('a library that was cut short is found before it is loaded', async (t) => {
  const root = fake(t)
  truncateSync(join(root, 'lib/libtorch_cpu.so'), 4096)
  const { code, libtorch, problem } = await doctor(t, root)
  t.deepEqual([code, libtorch, problem.code], [1, null, 'LIBTORCH_CORRUPT'])
  t.true(problem.message.includes(`${root}/lib/libtorch_cpu.so is cut short: it holds 4096 bytes`), problem.message)
})

for (const [title, options, code, message] of [
  [
    'a libtorch that crashes as it is loaded',
    { onLoad: '__builtin_trap();' },
    'ADDON_LOAD',
    /^the process that tried the load was killed by SIGILL: it said nothing$/,
  ],
  [
    'one of another ABI',
    { abi: '0x020a000000000000ull' },
    'LIBTORCH_VERSION',
    /libtorch_cpu\.so has ABI 0x020a000000000000, and npair needs that of 2\.11\.0, 0x020b000000000000$/,
  ],
  [
    'one that does not say its ABI',
    { abi: undefined },
    'LIBTORCH_VERSION',
    /libtorch_cpu\.so does not say its ABI: it is not libtorch 2\.11\.0$/,
  ],
  [
    'one that lacks what the addon calls',
    {},
    'ADDON_LOAD',
    /^The addon does not load: .*undefined symbol: \w+.*`npx npair doctor` says more\.$/,
  ],
] as const)
  test(`${title} is a finding`, async (t) => {
    const found = await doctor(t, fake(t, options))
    t.is(found.code, 1)
    t.is(found.problem.code, code)
    t.regex(found.problem.message, message)
    t.is(found.load, null)
    t.truthy(found.libtorch)
  })

test('a try that ends early, prints nothing or prints more is survived', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(folder, { recursive: true })
  const [silent, chatty] = [join(folder, 'silent.cjs'), join(folder, 'chatty.cjs')]
  const inProbe = "if (/probe\\.(js|ts)$/.test(process.argv[1] ?? ''))"
  writeFileSync(silent, `${inProbe} process.exit(0)\n`)
  writeFileSync(chatty, `${inProbe} process.stdout.write('a library says hello\\n')\n`)
  const early = await doctor(t, fake(t), { NODE_OPTIONS: `--require=${silent}` })
  t.deepEqual(
    [early.code, early.problem.message],
    [1, 'the process that tried the load ended with code 0: it said nothing'],
  )
  const { code, out } = await npair(['doctor', '--json'], { NODE_OPTIONS: `--require=${chatty}` })
  t.deepEqual([code, JSON.parse(out).problem], [0, null])
})
