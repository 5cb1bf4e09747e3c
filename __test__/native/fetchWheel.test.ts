import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { setup } from '../../src/native/setup.js'
import { makeFetcher, untilItHangs } from './fakeFetcher.js'
import { workplace } from './setupWorkplace.js'
import { throwsError } from './throwsError.js'

const unreachable = `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f11da6f7110>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/torch/
ERROR: Could not find a version that satisfies the requirement torch==2.11.0 (from versions: none)
ERROR: No matching distribution found for torch==2.11.0`
const otherHash = `ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
    torch==2.11.0 from file:///w/torch-2.11.0-py3-none-any.whl:
        Expected sha256 0f68
             Got        fcab`
const uvUnreachable = `  × Failed to fetch: \`torch\`
  ├─▶ error sending request
  ├─▶ client error (Connect)
  ├─▶ dns error: failed to lookup address information: Temporary failure in name resolution`
const uvNone = `  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of torch==2.11.0 and you require torch==2.11.0, we can conclude that your requirements are unsatisfiable.`
const uvHash = `  × Failed to download \`torch==2.11.0\`
  ╰─▶ Hash mismatch for \`torch==2.11.0\``

for (const [title, program, says, message] of [
  [
    'pip, no network',
    'pip3',
    unreachable,
    /^pip could not get \S+ \S+: ERROR: No matching distribution found for torch==2\.11\.0\. Check the network, the proxy and pip's settings, or bring the wheels/,
  ],
  ['pip, another hash', 'pip3', otherHash, /^\S+\.whl as pip gets it has another SHA-256 than [0-9a-f]{64}\./],
  [
    'pip, disk full',
    'pip3',
    'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
    /^The disk is full, so \S+ \S+ could not be fetched\. Free some space, or set NPAIR_CACHE/,
  ],
  [
    'pip, anything else',
    'pip3',
    'ERROR: Could not find an activated virtualenv (required).\n',
    /^pip failed to fetch \S+ \S+: ERROR: Could not find an activated virtualenv \(required\)\.\. Put that right/,
  ],
  ['pip, nothing', 'pip3', '', /^pip failed to fetch \S+ \S+: it said nothing\. Put that right/],
  [
    'uv, no network',
    'uv',
    uvUnreachable,
    /^uv could not get \S+ \S+: .*Check the network, the proxy and uv's settings/,
  ],
  ['uv, no such version', 'uv', uvNone, /^uv could not get \S+ \S+: × No solution found/],
  ['uv, another hash', 'uv', uvHash, /^\S+\.whl as uv gets it has another SHA-256/],
] as const)
  test(`a fetch that fails: ${title}`, async (t) => {
    const { cache, programs, env, manifest } = workplace(t)
    makeFetcher(programs, program, { says })
    const error = await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest }), message)
    t.is(error.detail?.trim(), says.trim())
    t.deepEqual(readdirSync(cache), [])
  })

test('a wheel that pip passed, damaged on the way to the disk, is refused here', async (t) => {
  const { wheels, cache, programs, env, manifest } = workplace(t)
  makeFetcher(programs, 'pip3', { from: wheels })
  const program = join(programs, 'pip3')
  // The fetcher flips a byte after it has checked the hash.
  const text = readFileSync(program, 'utf8').replace(
    /copyFileSync\(path, .*/,
    (copy) => `${copy}
  const copied = into + '/' + file, bytes = readFileSync(copied)
  bytes[100] ^= 1
  writeFileSync(copied, bytes)`,
  )
  writeFileSync(program, text)
  await throwsError(t, 'SETUP_FAILED', () => setup({ env, manifest }), /\.whl has the SHA-256 [0-9a-f]{64} instead of/)
  t.deepEqual(readdirSync(cache), [])
})

test('a fetch that hangs ends when it is stopped, without waiting for what it has started', async (t) => {
  const { cache, programs, env, manifest } = workplace(t, 'hangs')
  const controller = new AbortController()
  const running = setup({ env, manifest, signal: controller.signal })
  const [fetcher, started] = await untilItHangs(programs)
  controller.abort()
  const error = await throwsError(t, 'ABORTED', () => running)
  t.is(error.name, 'AbortError')
  t.throws(() => process.kill(fetcher, 0), { code: 'ESRCH' })
  // It still holds the fetcher's streams open.
  t.notThrows(() => process.kill(started))
  t.deepEqual(readdirSync(cache), [])
})
