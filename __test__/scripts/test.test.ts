import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { temporaryFolder } from '../native/temporaryFolder.js'

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url))

/** What a made-up tool prints, and its exit code. */
type Said = readonly [text: string, code?: number]

/** Runs `scripts/test.mjs` among made-up tools. */
function runTests(t: ExecutionContext, tools: { ava?: Said; cargo?: Record<string, Said> }, ...args: string[]) {
  const folder = temporaryFolder(t)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    chmodSync(join(folder, path), 0o755)
  }
  cpSync(scripts, join(folder, 'scripts'), { recursive: true })
  const bins = { ava: 'ava', '@biomejs/biome': 'biome', typescript: 'tsc' }
  for (const [name, command] of Object.entries(bins)) {
    const [text, code = 0]: Said = (name === 'ava' && tools.ava) || ['']
    write(`node_modules/${name}/package.json`, JSON.stringify({ bin: { [command]: 'bin.js' } }))
    write(`node_modules/${name}/bin.js`, `process.stdout.write(${JSON.stringify(text)}); process.exitCode = ${code}`)
  }
  for (const name of ['api', 'schema']) write(`scripts/${name}.mjs`, '')
  write('bin/rustc', '#!/bin/sh\necho "host: some-triple"\n')
  const cases = Object.entries(tools.cargo ?? {}).map(
    ([command, [text, code = 0]]) => `${command}) printf '%s' '${text}'; exit ${code};;`,
  )
  write('bin/cargo', `#!/bin/sh\necho "$@" >> calls\ncase "$1" in ${cases.join('\n')} esac\n`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/test.mjs'), ...args], {
    ...{ encoding: 'utf8', cwd: folder },
    env: { PATH: join(folder, 'bin') },
  })
  return { code: status, lines: stdout.trimEnd().split('\n'), stdout, stderr }
}

const good: Said = ['\n  ✔ a › one (1s)\n  ✔ a › two\n    ℹ a remark\n  - [skip] a › three\n  ─\n\n  2 tests passed\n']
const cargo: Record<string, Said> = {
  test: [
    'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\n\ntest result: ok. 4 passed; 0 failed; 0 ignored\n',
  ],
}

test('every step is run, and the last line adds them up', (t) => {
  const { code, lines } = runTests(t, { ava: good, cargo })
  t.is(code, 0)
  t.is(lines.at(-1), '15 passed, 0 failed, 2 skipped')
  t.true(
    lines.slice(0, -1).every((line) => line.startsWith('ok   ')),
    lines.join('\n'),
  )
})

test('a failed test of ava is counted and told', (t) => {
  const said = '  ✔ a › one\n  ✘ [fail]: a › two Error\n  ─\n\n  a › two\n\n  It is wrong\n'
  const { code, lines, stdout } = runTests(t, { ava: [said, 1] }, 'ava')
  t.deepEqual([code, lines.at(-1)], [1, '1 passed, 1 failed, 0 skipped'])
  t.regex(stdout, /FAIL ava: 1 passed, 1 failed .*\n[\s\S]*It is wrong/)
})

test('an ava that dies, finds nothing, or fails without a failed test is a failure', (t) => {
  for (const said of [
    ['  ✔ a › one\nSegmentation fault\n', 139],
    ['', 0],
    ['  ✔ a › one\n  Uncaught exception in a\n', 1],
  ] as const) {
    const { code, lines } = runTests(t, { ava: said }, 'ava')
    t.is(code, 1)
    t.regex(lines.at(-1) ?? '', /^\d passed, 1 failed, 0 skipped$/)
  }
})

test('Rust: failures are counted and shown, and what does not compile is one', (t) => {
  const failed =
    'failures:\n\n---- it panicked ----\nfailures:\n    it\n\ntest result: FAILED. 3 passed; 2 failed; 0 ignored\n'
  const some = runTests(t, { cargo: { test: [failed, 101] } }, 'cargo test')
  t.deepEqual([some.code, some.lines.at(-1)], [1, '3 passed, 2 failed, 0 skipped'])
  t.regex(some.stdout, /---- it panicked ----/)
  const broken = runTests(t, { cargo: { test: ['error[E0308]: mismatched types', 101] } }, 'cargo test')
  t.deepEqual([broken.code, broken.lines.at(-1)], [1, '0 passed, 1 failed, 0 skipped'])
  t.regex(broken.stdout, /E0308/)
})

test('a tool that complains fails its step; clippy that is not there is skipped', (t) => {
  const { code, lines, stdout } = runTests(
    t,
    { cargo: { fmt: ['Diff in lib.rs', 1], clippy: ['no such command', 101] } },
    'cargo fmt',
    'cargo clippy',
  )
  t.deepEqual([code, lines.at(-1)], [1, '0 passed, 1 failed, 1 skipped'])
  t.regex(stdout, /FAIL cargo fmt: 0 passed, 1 failed .*\nDiff in lib\.rs/)
  t.regex(stdout, /ok {3}cargo clippy: 0 passed, 1 skipped .*\ncargo clippy is not installed here/)
})

test('a name that no step begins with is told, with the names there are', (t) => {
  const { code, stdout } = runTests(t, {}, 'avaa')
  t.is(code, 1)
  t.regex(
    stdout,
    /^No step begins with avaa; there are: biome: lint and format; .*; ava\n0 passed, 1 failed, 0 skipped\n$/,
  )
})

test('with-libtorch adds the folder behind the link, and keeps what was set', (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'libtorch/lib'), { recursive: true })
  cpSync(join(scripts, 'with-libtorch'), join(folder, 'scripts/with-libtorch'))
  symlinkSync(join(folder, 'libtorch'), join(folder, '.libtorch'))
  const run = (env: Record<string, string>) =>
    spawnSync(
      join(folder, 'scripts/with-libtorch'),
      ['/bin/sh', '-c', 'echo "$LD_LIBRARY_PATH $OMP_WAIT_POLICY $1"', '-', 'a b'],
      {
        ...{ encoding: 'utf8', cwd: '/' },
        env: { PATH: '/usr/bin:/bin', ...env },
      },
    ).stdout
  t.is(run({}), `${folder}/libtorch/lib passive a b\n`)
  t.is(run({ LD_LIBRARY_PATH: '/x', OMP_WAIT_POLICY: 'active' }), `${folder}/libtorch/lib:/x active a b\n`)
})
