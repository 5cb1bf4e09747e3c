import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { archiveAt, isAddress } from '../../src/native/download.js'
import { type Manifest, type OfficialArchive, readManifest } from '../../src/native/manifest.js'
import { platformName } from '../../src/native/platform.js'
import { planSetup, type SetupProgress, setup } from '../../src/native/setup.js'
import { filesBelow, makeLibtorch } from './fakeLibtorch.js'
import { temporaryFolder } from './temporaryFolder.js'
import { throwsError } from './throwsError.js'
import { zipOf } from './zipFile.js'

const file = 'libtorch-shared-with-deps-2.11.0%2Bcpu.zip'
const patience = { silence: 1500, pause: 5, attempts: 3 }

/** The bytes of an archive of libtorch, with stub libraries, and something long that does not compress. */
function archiveOf(t: ExecutionContext): Buffer {
  const packages = temporaryFolder(t)
  makeLibtorch(packages, { build: '2.11.0+cpu' })
  const paths = ['lib/libtorch_cpu.so', 'lib/libc10.so', 'lib/libgomp.so.1', 'lib/libtorch.so']
  const nvidia = ['libcudart.so.13', 'libcupti.so.13']
  return zipOf([
    ...paths.map((path) => ({ path: `libtorch/${path}`, data: readFileSync(join(packages, 'torch', path)) })),
    ...nvidia.map((name) => ({
      path: `libtorch/lib/${name}`,
      data: readFileSync(join(packages, 'nvidia/cu13/lib', name)),
    })),
    { path: 'libtorch/build-version', data: '2.11.0+cpu\n' },
    { path: 'libtorch/include/noise', data: randomBytes(150_000) },
  ])
}

/** A server on loopback, and what asks it for an archive. */
async function workplace(
  t: ExecutionContext,
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  change: Partial<OfficialArchive> = {},
) {
  const bytes = archiveOf(t)
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.range)
    answer(request, response, asked.length)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  const from = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror/${file}`
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const archive = { address: `https://example.org/cpu/${file}`, device: 'cpu' as const, sha256, ...change }
  const real = readManifest()
  const wheels = real.platforms[platformName()]?.wheels ?? []
  const manifest: Manifest = { ...real, platforms: { [platformName()]: { wheels, archives: [archive] } } }
  const folder = temporaryFolder(t)
  const env = { NPAIR_CACHE: join(folder, 'cache'), PATH: '', HOME: folder }
  return { bytes, asked, from, manifest, env, options: { env, manifest, from, patience }, cache: env.NPAIR_CACHE }
}

/** Serves `bytes`, from where it is asked to, and drops the connection after so many of them. */
function serve(
  bytes: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  { drop = Number.POSITIVE_INFINITY, etag = '"one"', ranges = true } = {},
): void {
  const range = request.headers['if-range'] === etag ? /^bytes=(\d+)-$/.exec(request.headers.range ?? '') : null
  const start = ranges && range ? Number(range[1]) : 0
  const headers = { ETag: etag, 'Content-Length': bytes.length - start }
  if (ranges && range)
    response.writeHead(206, { ...headers, 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` })
  else response.writeHead(200, headers)
  const part = bytes.subarray(start, start + drop)
  if (part.length === bytes.length - start) response.end(part)
  else response.write(part, () => setTimeout(() => response.destroy(), 150))
}

/** Whether the cache holds the libtorch, whole, and nothing besides. */
function isSetUp(t: ExecutionContext, cache: string): void {
  t.deepEqual(readdirSync(cache), ['libtorch-2.11.0-cpu'])
  const files = filesBelow(join(cache, 'libtorch-2.11.0-cpu/torch'))
  t.true(files.includes('lib/libtorch_cpu.so') && files.includes('build-version') && !files.includes('include/noise'))
}

test('a connection that breaks again and again is taken up where it ended', async (t) => {
  const seen: SetupProgress[] = []
  const place = await workplace(t, (request, response) => serve(place.bytes, request, response, { drop: 40_000 }))
  const result = await setup({ ...place.options, onProgress: (progress) => seen.push(progress) })
  t.false(result.already)
  isSetUp(t, place.cache)
  const starts = place.asked.map((range) => Number(/\d+/.exec(range ?? '0')?.[0]))
  t.true(starts.length >= 3, starts.join())
  t.deepEqual(
    starts,
    [...starts].sort((a, b) => a - b),
  )
  t.true((starts.at(-1) as number) >= 40_000, starts.join())
  const fetched = seen.filter(({ doing }) => doing === 'fetch')
  t.deepEqual(fetched.at(-1), {
    doing: 'fetch',
    what: 'libtorch-shared-with-deps-2.11.0+cpu.zip',
    ...{ done: place.bytes.length, total: place.bytes.length },
  })
  t.true((await setup(place.options)).already)
})

test('a server without ranges, and one whose file changes meanwhile: it begins again', async (t) => {
  const plain = await workplace(t, (request, response, count) =>
    serve(plain.bytes, request, response, { ranges: false, ...(count < 3 && { drop: 50_000 }) }),
  )
  await setup(plain.options)
  isSetUp(t, plain.cache)
  const changing = await workplace(t, (request, response, count) => {
    const other = Buffer.from(changing.bytes)
    if (count === 1) other.fill(7, 0, 1000)
    serve(other, request, response, { etag: `"${Math.min(count, 2)}"`, ...(count < 3 && { drop: 50_000 }) })
  })
  await setup(changing.options)
  isSetUp(t, changing.cache)
})

test('two at once harm nothing', async (t) => {
  const place = await workplace(t, (request, response, count) =>
    serve(place.bytes, request, response, count % 2 ? { drop: 60_000 } : {}),
  )
  const both = await Promise.all([setup(place.options), setup(place.options)])
  t.is(new Set(both.map(({ libtorch }) => libtorch.root)).size, 1)
  isSetUp(t, place.cache)
})

test('a server that only breaks, only fails, or says nothing: given up, and nothing is left', async (t) => {
  for (const [answer, message] of [
    [(_: IncomingMessage, response: ServerResponse) => response.destroy(), /could not be fetched: .*Check the network/],
    [(_: IncomingMessage, response: ServerResponse) => response.writeHead(503).end(), /the server answered 503/],
    [() => {}, /could not be fetched: nothing came for 1\.5 s/],
  ] as const) {
    const place = await workplace(t, answer)
    await throwsError(t, 'SETUP_FAILED', () => setup(place.options), message)
    t.is(place.asked.length, patience.attempts)
    t.deepEqual(readdirSync(place.cache), [])
  }
  const none = await workplace(t, (_, response) => response.writeHead(404).end())
  await throwsError(t, 'SETUP_FAILED', () => setup(none.options), /the server answered 404\. .* --from FILE`\.$/)
  t.is(none.asked.length, 1)
})

test('another file under the name, by hash and by size', async (t) => {
  const other = await workplace(t, (request, response) => serve(Buffer.alloc(1000), request, response))
  await throwsError(
    t,
    'SETUP_FAILED',
    () => setup(other.options),
    /has the SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}/,
  )
  t.deepEqual(readdirSync(other.cache), [])
  const short = await workplace(t, (request, response) => serve(Buffer.alloc(1000), request, response), { bytes: 1001 })
  await throwsError(
    t,
    'SETUP_FAILED',
    () => setup(short.options),
    /holds 1000 bytes instead of 1001: it is another file/,
  )
  const huge = await workplace(t, (_, response) => response.writeHead(200, { 'Content-Length': 10 ** 18 }).write('x'))
  await throwsError(t, 'SETUP_FAILED', () => setup(huge.options), /setup needs 1000000000000 MB there/)
  t.deepEqual(readdirSync(huge.cache), [])
})

test('stopped in the middle', async (t) => {
  const controller = new AbortController()
  const place = await workplace(t, (_, response) => {
    response.writeHead(200, { 'Content-Length': 100_000 }).write(Buffer.alloc(50_000))
    setTimeout(() => controller.abort(), 50)
  })
  await throwsError(t, 'ABORTED', () => setup({ ...place.options, signal: controller.signal }))
  t.deepEqual(readdirSync(place.cache), [])
})

test('what is not known, not with its hash, or not encrypted is refused before anything is asked for', async (t) => {
  const place = await workplace(t, () => t.fail('nothing should be asked for'))
  const refuses = (from: string, message: RegExp, manifest = place.manifest) =>
    throwsError(t, 'SETUP_FAILED', async () => planSetup({ ...place.options, from, manifest }), message)
  await refuses(
    place.from.replace('cpu.zip', 'rocm.zip'),
    /^npair knows no libtorch-\S+\+rocm\.zip, only \S+\+cpu\.zip\. Fetch it/,
  )
  await refuses(place.from.replace('127.0.0.1', 'example.org'), /is not fetched: only https:\/\/ is/)
  await refuses('https://', /is no address/)
  await refuses('https://example.org/%E0%A4%A.zip', /is no address/)
  const hashless = { address: `https://example.org/${file}`, device: 'cpu' as const }
  const platforms = { [platformName()]: { wheels: [], archives: [hashless] } }
  await refuses(place.from, /^npair does not know the SHA-256 of \S+\+cpu\.zip\. Fetch it/, {
    ...place.manifest,
    platforms,
  })
  t.notThrows(() => planSetup({ ...place.options, from: `https://a.mirror/x/${file}?y=1` }))
  t.false(existsSync(place.cache))
})

test('the manifest’s own archives: known by name wherever they come from, and only with a hash', (t) => {
  const archives = readManifest().platforms['linux-x64-gnu']?.archives ?? []
  t.true(archives.length >= 3)
  for (const { address, sha256 } of archives) {
    t.true(isAddress(address))
    if (sha256 === undefined) t.throws(() => archiveAt(address, archives), { code: 'SETUP_FAILED' })
    else t.is(archiveAt(address, archives).sha256, sha256)
  }
})
