// Sets up a checkout: packages, TypeScript, libtorch, addon; what is up to date is passed over. It needs nothing but Node,
// because `npm run demo` and `npm test` begin with it in a fresh clone.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const leastNode = [20, 19]
const leastRust = [1, 95]

/** A reason to stop that is told in one sentence. */
class Stop extends Error {}

/** SHA-256 over names and contents of files and of all files below folders. */
function hashOf(paths) {
  const hash = createHash('sha256')
  const visit = (path) => {
    const full = join(root, path)
    if (statSync(full, { throwIfNoEntry: false })?.isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(`${path}/${name}`)
    } else if (existsSync(full) && !path.endsWith('.node')) {
      hash.update(`${path}\0`).update(readFileSync(full)).update('\0')
    }
  }
  for (const path of paths) visit(path)
  return hash.digest('hex')
}

/** What was last made from which sources: one small file for each thing that is made. */
const stamps = {
  path: (name) => join(root, '.stamps', name),
  isFresh: (name, hash) => existsSync(stamps.path(name)) && readFileSync(stamps.path(name), 'utf8') === hash,
  clear: (name) => rmSync(stamps.path(name), { force: true }),
  set(name, hash) {
    mkdirSync(join(root, '.stamps'), { recursive: true })
    writeFileSync(stamps.path(name), hash)
  },
}

/** Where something is made before it takes its place; not the name of a stamp. */
const making = (name) => join(root, '.stamps', `${name}.new`)

const clock = (milliseconds) => {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Runs a command; shows its last line as it goes (now and then where there is no terminal), all of it if it fails. */
function run(command, args, { explain = () => undefined, env = {} } = {}) {
  const start = performance.now()
  const live = process.stderr.isTTY
  return new Promise((done, refuse) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    const take = (chunk) => {
      text += chunk
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    const tell = () => {
      const last = text.trimEnd().split('\n').at(-1)?.trim().slice(0, 90) ?? ''
      const line = `  ${clock(performance.now() - start)} ${last}`
      process.stderr.write(live ? `\r\x1b[2K${line}` : `${line}\n`)
    }
    const ticking = setInterval(tell, live ? 500 : 30_000)
    const end = () => {
      clearInterval(ticking)
      if (live) process.stderr.write('\r\x1b[2K')
    }
    child.on('error', (error) => {
      end()
      refuse(new Stop(explain(error.message) ?? `${command} cannot be run: ${error.message}.`))
    })
    child.on('close', (code) => {
      end()
      if (code === 0) return done(text)
      const sentence = explain(text)
      if (sentence === undefined) process.stderr.write(text)
      refuse(
        new Stop(sentence ?? `${[command, ...args].join(' ')} failed with code ${code} (its output stands above).`),
      )
    })
  })
}

function say(what, howLong) {
  process.stderr.write(`${what}${howLong ? ` (${howLong})` : ''} …\n`)
}

const isAtLeast = (version, least) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > least[0] || (major === least[0] && minor >= least[1])
}

function checkNode() {
  if (isAtLeast(process.versions.node, leastNode)) return
  throw new Stop(
    `Node.js ${process.versions.node} is too old: npair needs ${leastNode.join('.')} or newer (nodejs.org).`,
  )
}

/** Before anything is fetched, since what is missing here only the user can bring. */
function checkTools() {
  const rust = spawnSync('cargo', ['--version'], { cwd: root, encoding: 'utf8' })
  const version = /^cargo ([\d.]+)/.exec(rust.stdout ?? '')?.[1]
  if (version === undefined)
    throw new Stop(
      `cargo is missing, and the addon is built with it: install Rust ${leastRust.join('.')} or newer (rustup.rs).`,
    )
  if (!isAtLeast(version, leastRust))
    throw new Stop(`cargo ${version} is too old: npair needs Rust ${leastRust.join('.')} or newer (\`rustup update\`).`)
  // cargo finds the machine to build for by it, and so do we.
  if (hostTriple() === undefined)
    throw new Stop('rustc does not run, and the addon is built with it: install Rust anew (rustup.rs).')
  // May be more than a program, for example `ccache g++`.
  const [compiler, ...first] = (process.env.CXX || 'c++').trim().split(/\s+/)
  const program = '#include <optional>\nint main() { if constexpr (true) return std::optional(0).value(); }\n'
  const tried = spawnSync(compiler, [...first, '-std=c++17', '-fsyntax-only', '-x', 'c++', '-'], { input: program })
  // Not any error: a compiler that refuses the flags may be gone before the program is handed to it.
  const missing = tried.error?.code === 'ENOENT'
  if (missing || tried.status !== 0)
    throw new Stop(
      `${compiler} ${missing ? 'is missing' : 'compiles no C++17'}, and the addon is built with it: install a C++17 compiler (for example \`apt install g++\`), or name one in CXX.`,
    )
}

/** The target that everything is built for, named, so that the addon and the Rust tests share one build of tch. */
function hostTriple() {
  return /^host: (.*)$/m.exec(spawnSync('rustc', ['-vV'], { cwd: root, encoding: 'utf8' }).stdout ?? '')?.[1]
}

async function packages() {
  const hash = () => hashOf(['package.json', 'package-lock.json', '.npmrc'])
  if (existsSync(join(root, 'node_modules')) && stamps.isFresh('packages', hash())) return
  say('Installing packages', 'about half a minute')
  stamps.clear('packages')
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    explain: (text) => {
      if (text.includes('spawn npm ENOENT'))
        return 'npm is missing, and packages are installed with it: install Node.js together with npm (nodejs.org).'
      if (!/E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|404|403|HOSTUNREACH)|network/.test(text))
        return undefined
      const code = /code (E\w+)/.exec(text)?.[1] ?? 'no answer'
      return `npm could not get the packages (${code}): check the network and npm's registry setting (\`npm config get registry\`).`
    },
  })
  stamps.set('packages', hash())
}

async function typescript() {
  const hash = hashOf(['src', 'tsconfig.json', 'package-lock.json'])
  if (existsSync(join(root, 'dist')) && stamps.isFresh('typescript', hash)) return
  say('Compiling TypeScript', 'some seconds')
  const fresh = making('typescript')
  rmSync(fresh, { recursive: true, force: true })
  await run(process.execPath, [
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.json',
    '--outDir',
    fresh,
    '--pretty',
    'false',
  ])
  // A stamp vouches for what it was set for: not while that is exchanged.
  stamps.clear('typescript')
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(fresh, join(root, 'dist'))
  stamps.set('typescript', hash)
}

/** A libtorch with headers, behind the link that cargo looks at. */
async function libtorch() {
  const { findLibtorch } = await import(pathToFileURL(join(root, 'dist/native/find.js')).href)
  const find = () => findLibtorch({ headers: true })
  const found = await find().catch(async (error) => {
    if (error.code !== 'LIBTORCH_NOT_FOUND') throw new Stop(error.message)
    say('Fetching libtorch', '544 MB, about a minute')
    const { status } = spawnSync(process.execPath, ['bin/npair.mjs', 'setup', '--headers'], {
      cwd: root,
      stdio: 'inherit',
    })
    // It has said why.
    if (status !== 0) process.exit(status ?? 1)
    return find().catch(({ message }) => {
      throw new Stop(message)
    })
  })
  const link = join(root, '.libtorch')
  const now = (() => {
    try {
      return readlinkSync(link)
    } catch {
      return undefined
    }
  })()
  if (now === found.root) return
  rmSync(link, { force: true, recursive: true })
  symlinkSync(found.root, link)
}

const crateSources = ['crates', 'Cargo.toml', 'Cargo.lock', '.cargo/config.toml', 'libtorch.json']
const native = join(root, 'src/native')

function addonIsBuilt() {
  const built = readdirSync(native).filter((file) => /^npair(?:-loader)?\..*\.node$/.test(file))
  return built.length === 2 && stamps.isFresh('addon', hashOf(crateSources))
}

async function addon() {
  if (addonIsBuilt()) return
  const hash = hashOf(crateSources)
  say('Building the addon', 'four to five minutes the first time')
  const built = making('addon')
  rmSync(built, { recursive: true, force: true })
  const explain = (text) =>
    /failed to (?:get|download|fetch|load source)|Could not resolve host|Couldn't connect|spurious network error/i.test(
      text,
    )
      ? 'cargo could not get the crates: check the network and the registry in cargo’s configuration.'
      : undefined
  const build = (...args) =>
    run(
      process.execPath,
      [
        'node_modules/@napi-rs/cli/dist/cli.js',
        'build',
        '--platform',
        '--release',
        '--target',
        hostTriple(),
        '-o',
        built,
        '--no-js',
        ...args,
      ],
      { explain },
    )
  await build('-p', 'npair-node', '--dts', 'binding.d.ts')
  await build('-p', 'npair-loader', '--config-path', 'crates/loader/napi.json', '--dts', 'loader.d.ts')
  for (const types of ['binding.d.ts', 'loader.d.ts']) {
    if (readFileSync(join(built, types), 'utf8') === readFileSync(join(native, types), 'utf8')) continue
    if (process.argv.includes('--accept-binding')) {
      renameSync(join(built, types), join(native, types))
      continue
    }
    throw new Stop(
      `The addon's types differ from src/native/${types}: if that is meant, run \`node scripts/prepare.mjs --accept-binding\` and commit the file.`,
    )
  }
  stamps.clear('addon')
  for (const file of readdirSync(built).filter((name) => name.endsWith('.node')))
    renameSync(join(built, file), join(native, file))
  rmSync(built, { recursive: true, force: true })
  stamps.set('addon', hash)
}

try {
  checkNode()
  if (!addonIsBuilt()) checkTools()
  await packages()
  await typescript()
  await libtorch()
  await addon()
} catch (error) {
  if (!(error instanceof Stop)) throw error
  console.error(`npair: ${error.message}`)
  process.exitCode = 1
}
