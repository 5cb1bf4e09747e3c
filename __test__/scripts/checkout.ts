import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { filesBelow, makeLibtorch } from '../native/fakeLibtorch.js'
import { temporaryFolder } from '../native/temporaryFolder.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Everything of a fresh clone that `scripts/` looks at. */
const cloned = [
  ...['scripts', 'bin', 'src', 'crates', '.cargo', 'package.json', 'package-lock.json', '.npmrc', 'tsconfig.json'],
  ...['Cargo.toml', 'Cargo.lock', 'libtorch.json'],
]

/** What prepare.mjs said and how it ended. */
export interface Prepared {
  readonly code: number | null
  /** Both streams. */
  readonly text: string
}

/** A copy of the sources, on a machine that has only the programs put on its PATH. */
export class Checkout {
  readonly root: string
  readonly #programs: string
  readonly env: Record<string, string>

  constructor(t: ExecutionContext) {
    const folder = temporaryFolder(t)
    this.root = join(folder, 'npair')
    this.#programs = join(folder, 'bin')
    mkdirSync(this.#programs)
    for (const name of cloned)
      cpSync(join(root, name), join(this.root, name), { recursive: true, filter: (path) => !path.endsWith('.node') })
    this.env = {
      ...{ PATH: this.#programs, HOME: folder, NPAIR_CACHE: join(folder, 'cache') },
      NPAIR_LIBTORCH: makeLibtorch(join(folder, 'libtorch')),
    }
    this.#makePackages(join(folder, 'packages'))
  }

  /** Everything that a machine needs, as programs that do next to nothing. */
  completeMachine(): this {
    this.program('cargo', 'echo "cargo 1.95.0 (0000 2026-01-01)"')
    this.program('rustc', 'echo "rustc 1.95.0"; echo "host: x86_64-unknown-linux-gnu"')
    this.program('c++', '/bin/cat > /dev/null')
    this.program('npm', `/bin/cp -r ${join(dirname(this.root), 'packages')} node_modules`)
    return this
  }

  /** Puts a shell script on PATH, in place of what is there by that name; undefined takes it away. */
  program(name: string, script: string | undefined): void {
    const path = join(this.#programs, name)
    rmSync(path, { force: true })
    if (script === undefined) return
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
  }

  /** Lets a step fail, hang (its name appears in the checkout as `hanging`) or do otherwise, until it is told again. */
  behave(behaviour: Record<string, string>): void {
    Object.assign(this.env, behaviour)
  }

  start(
    args: readonly string[] = [],
    nodeOptions: readonly string[] = [],
  ): { child: ChildProcess; ended: Promise<Prepared> } {
    const script = join(this.root, 'scripts/prepare.mjs')
    // In a group of its own, as a terminal has it, so that what it started can be ended with it.
    const options = { env: this.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }
    const child = spawn(process.execPath, [...nodeOptions, script, ...args], options)
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk
      })
    }
    const ended = new Promise<Prepared>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, text }))
    })
    return { child, ended }
  }

  prepare(args: readonly string[] = [], nodeOptions: readonly string[] = []): Promise<Prepared> {
    return this.start(args, nodeOptions).ended
  }

  /** Runs until a step hangs, then ends it and all that it started, as a power cut would. */
  async killWhile(behaviour: Record<string, string>): Promise<void> {
    const before = { ...this.env }
    this.behave(behaviour)
    const { child, ended } = this.start()
    const sign = join(this.root, 'hanging')
    while (!existsSync(sign)) {
      if (child.exitCode !== null) throw new Error((await ended).text)
      await new Promise((done) => setTimeout(done, 20))
    }
    if (child.pid === undefined) throw new Error('it did not start')
    process.kill(-child.pid, 'SIGKILL')
    await ended
    rmSync(sign)
    for (const name of Object.keys(behaviour)) delete this.env[name]
    Object.assign(this.env, before)
  }

  files(): string[] {
    return filesBelow(this.root)
  }

  /** What npm installs: a compiler that copies what was compiled before, and a builder that writes a word. */
  #makePackages(folder: string): void {
    const put = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const hang = "writeFileSync('hanging', ''); setInterval(() => {}, 1000)"
    put(
      'typescript/bin/tsc',
      `const { cpSync, mkdirSync, writeFileSync } = require('node:fs')
const out = process.argv[process.argv.indexOf('--outDir') + 1]
const { TSC } = process.env
mkdirSync(out, { recursive: true })
if (TSC === 'fails') console.log("src/index.ts(1,1): error TS1005: ';' expected."), process.exit(2)
if (TSC === 'hangs') { writeFileSync(out + '/index.js', 'half'); ${hang} }
else cpSync(${JSON.stringify(join(root, 'dist'))}, out, { recursive: true })`,
    )
    put(
      '@napi-rs/cli/dist/cli.js',
      `const { mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const after = (option) => process.argv[process.argv.indexOf(option) + 1]
const [out, types] = [after('-o'), after('--dts')]
const { NAPI } = process.env
const name = types === 'loader.d.ts' ? 'npair-loader' : 'npair'
mkdirSync(out, { recursive: true })
if (NAPI?.startsWith('says ')) console.error(NAPI.slice(5)), process.exit(1)
writeFileSync(out + '/' + name + '.linux-x64-gnu.node', process.argv.slice(2).join(' '))
if (NAPI === 'hangs' && name === 'npair-loader') { ${hang} }
else writeFileSync(out + '/' + types, readFileSync('src/native/' + types, 'utf8') + (NAPI === 'differs' ? '// more\\n' : ''))`,
    )
    for (const name of ['commander', 'yauzl', 'pend']) symlinkSync(join(root, 'node_modules', name), join(folder, name))
  }
}
