import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { temporaryFolder } from '../native/temporaryFolder.js'
import { Checkout } from './checkout.js'

/** Prepare must refuse with one sentence, exit code 1, and leave the checkout as it was. */
async function refuses(t: ExecutionContext, checkout: Checkout, sentence: RegExp, nodeOptions: string[] = []) {
  const before = checkout.files()
  const { code, text } = await checkout.prepare([], nodeOptions)
  t.is(code, 1, text)
  t.regex(text, sentence)
  t.deepEqual(checkout.files(), before)
}

test('a missing or old tool: one sentence, and nothing is begun', async (t) => {
  const checkout = new Checkout(t).completeMachine()
  const without = async (name: string, script: string | undefined, sentence: RegExp) => {
    checkout.program(name, script)
    await refuses(t, checkout, sentence)
    checkout.completeMachine()
  }
  const oneLine = (text: string) => new RegExp(`^npair: ${text}\\n$`)
  await without(
    'cargo',
    undefined,
    oneLine('cargo is missing, and the addon is built with it: install Rust 1\\.95 or newer \\(rustup\\.rs\\)\\.'),
  )
  await without(
    'cargo',
    'echo "cargo 1.80.1 (0000 2024-01-01)"',
    oneLine('cargo 1\\.80\\.1 is too old: npair needs Rust 1\\.95 or newer \\(`rustup update`\\)\\.'),
  )
  await without('rustc', undefined, oneLine('rustc does not run, .*install Rust anew \\(rustup\\.rs\\)\\.'))
  await without(
    'c++',
    undefined,
    oneLine('c\\+\\+ is missing, .*install a C\\+\\+17 compiler .*, or name one in CXX\\.'),
  )
  await without('c++', 'exit 1', oneLine('c\\+\\+ compiles no C\\+\\+17, .*'))
  checkout.behave({ CXX: 'ccache g++' })
  await without('ccache', undefined, oneLine('ccache is missing, .*'))
})

test('a Node that is too old: one sentence', async (t) => {
  const old = join(temporaryFolder(t), 'old.mjs')
  writeFileSync(
    old,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } })\n",
  )
  const sentence = /^npair: Node\.js 20\.18\.3 is too old: npair needs 20\.19 or newer \(nodejs\.org\)\.\n$/
  await refuses(t, new Checkout(t).completeMachine(), sentence, ['--import', old])
})

test('packages that cannot be had: one sentence that names why, and nothing is left', async (t) => {
  const checkout = new Checkout(t).completeMachine()
  const says = async (text: string, sentence: RegExp) => {
    checkout.program('npm', `echo '${text}' >&2; exit 1`)
    await refuses(t, checkout, sentence)
  }
  const begin = '^Installing packages \\(about half a minute\\) …\\n'
  const unreachable = (code: string) =>
    new RegExp(
      `${begin}npair: npm could not get the packages \\(${code}\\): check the network and npm's registry setting \\(\`npm config get registry\`\\)\\.\\n$`,
    )
  await says('npm error code ENOTFOUND\nnpm error syscall getaddrinfo', unreachable('ENOTFOUND'))
  await says('npm error code E404\nnpm error 404 Not Found', unreachable('E404'))
  await says('npm error code ECONNREFUSED', unreachable('ECONNREFUSED'))
  await says(
    'npm error code EUSAGE\nnpm error something else',
    /npm error something else\nnpair: npm install .* failed with code 1 \(its output stands above\)\.\n$/,
  )
  checkout.program('npm', undefined)
  await refuses(t, checkout, /npair: npm is missing, .*install Node\.js together with npm/)
})

test('everything is set up once; then there is silence, and later only what has changed is done', async (t) => {
  const checkout = new Checkout(t).completeMachine()
  const steps = async () => {
    const { code, text } = await checkout.prepare()
    t.is(code, 0, text)
    return [...text.matchAll(/^(.*?)(?: \(.*\))? …$/gm)].map(([, step]) => step)
  }
  t.deepEqual(await steps(), ['Installing packages', 'Compiling TypeScript', 'Building the addon'])
  t.is(readlinkSync(join(checkout.root, '.libtorch')), checkout.env.NPAIR_LIBTORCH ?? '')
  t.true(existsSync(join(checkout.root, 'dist/index.js')))
  // The Rust tests are built for a named target too: only then tch is compiled once.
  for (const name of ['npair', 'npair-loader'])
    t.regex(
      readFileSync(join(checkout.root, `src/native/${name}.linux-x64-gnu.node`), 'utf8'),
      /--release --target x86_64-unknown-linux-gnu /,
    )
  t.deepEqual(await checkout.prepare(), { code: 0, text: '' })

  // Tools are needed only where something is to be built.
  checkout.program('cargo', undefined)
  appendFileSync(join(checkout.root, 'src/index.ts'), '\n')
  t.deepEqual(await steps(), ['Compiling TypeScript'])
  checkout.completeMachine()
  appendFileSync(join(checkout.root, 'crates/loader/src/lib.rs'), '\n')
  t.deepEqual(await steps(), ['Building the addon'])
  appendFileSync(join(checkout.root, 'package-lock.json'), '\n')
  t.deepEqual(await steps(), ['Installing packages', 'Compiling TypeScript'])
  t.deepEqual(await steps(), [])
})

test('killed in the middle of a step, a later run makes up for it', async (t) => {
  const checkout = new Checkout(t).completeMachine()
  await checkout.killWhile({ TSC: 'hangs' })
  t.false(existsSync(join(checkout.root, 'dist')))
  await checkout.killWhile({ NAPI: 'hangs' })
  t.false(checkout.files().some((path) => path.startsWith('src/') && path.endsWith('.node')))
  const { code, text } = await checkout.prepare()
  t.deepEqual([code, text], [0, 'Building the addon (four to five minutes the first time) …\n'])
  t.not(readFileSync(join(checkout.root, 'dist/index.js'), 'utf8'), 'half')

  // What was good stays in use while its successor is made.
  const built = checkout.files().filter((path) => !path.startsWith('.stamps'))
  appendFileSync(join(checkout.root, 'src/index.ts'), '\n')
  await checkout.killWhile({ TSC: 'hangs' })
  t.deepEqual(
    checkout.files().filter((path) => !path.startsWith('.stamps')),
    built,
  )
  t.regex((await checkout.prepare()).text, /^Compiling TypeScript/)
  t.deepEqual(await checkout.prepare(), { code: 0, text: '' })
})

test('npm killed in the middle is run again', async (t) => {
  const checkout = new Checkout(t).completeMachine()
  checkout.program('npm', '/bin/mkdir node_modules; echo > hanging; exec /bin/sleep 20')
  await checkout.killWhile({})
  checkout.program('npm', '/bin/rm -r node_modules\n/bin/cp -r ../packages node_modules')
  t.regex((await checkout.prepare()).text, /^Installing packages/)
  t.is((await checkout.prepare()).text, '')
})

test('a step that fails: its own words, or one sentence', async (t) => {
  const checkout = new Checkout(t).completeMachine()
  const fails = async (behaviour: Record<string, string>, text: RegExp) => {
    checkout.behave(behaviour)
    const result = await checkout.prepare()
    t.is(result.code, 1)
    t.regex(result.text, text)
  }
  await fails(
    { TSC: 'fails' },
    /error TS1005: ';' expected\.\nnpair: .*tsc .* failed with code 2 \(its output stands above\)\.\n$/,
  )
  t.false(existsSync(join(checkout.root, 'dist')))
  await fails(
    { TSC: '', NAPI: 'says error: failed to get `tch` as a dependency' },
    /…\nnpair: cargo could not get the crates: check the network and the registry in cargo’s configuration\.\n$/,
  )
  await fails({ NAPI: 'says error[E0308]: mismatched types' }, /E0308.*\nnpair: .*failed with code 1/)
  await fails(
    { NAPI: 'differs' },
    /npair: The addon's types differ from src\/native\/binding\.d\.ts: if that is meant, run `node scripts\/prepare\.mjs --accept-binding` and commit the file\.\n$/,
  )
  t.false(checkout.files().some((path) => path.startsWith('src/') && path.endsWith('.node')))
  const accepted = await checkout.prepare(['--accept-binding'])
  t.is(accepted.code, 0, accepted.text)
  t.regex(readFileSync(join(checkout.root, 'src/native/binding.d.ts'), 'utf8'), /\/\/ more\n$/)
})

test('a libtorch that is wrong or cannot be had: one sentence, and no link', async (t) => {
  const checkout = new Checkout(t).completeMachine()
  const good = checkout.env.NPAIR_LIBTORCH ?? ''
  checkout.behave({ NPAIR_LIBTORCH: '/nowhere' })
  const wrong = await checkout.prepare()
  t.is(wrong.code, 1)
  t.regex(wrong.text, /\nnpair: NPAIR_LIBTORCH is wrong: \/nowhere does not exist\. Point .*\n$/)
  checkout.behave({ NPAIR_LIBTORCH: '' })
  const none = await checkout.prepare()
  t.is(none.code, 1)
  t.regex(none.text, /^Fetching libtorch \(.*\) …\nnpair: Neither pip nor uv runs here, .* \[SETUP_FAILED\]\n$/)
  t.false(existsSync(join(checkout.root, '.libtorch')))
  checkout.behave({ NPAIR_LIBTORCH: good })
  t.is((await checkout.prepare()).code, 0)
})

test('in this checkout, which is set up, it says nothing', (t) => {
  const script = fileURLToPath(new URL('../../scripts/prepare.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  t.deepEqual([status, stdout, stderr], [0, '', ''])
})

test('without a build the command says how to make one', (t) => {
  const checkout = new Checkout(t)
  const { status, stderr } = spawnSync(process.execPath, [join(checkout.root, 'bin/npair.mjs'), 'demo'], {
    encoding: 'utf8',
  })
  t.deepEqual(
    [status, stderr],
    [1, 'npair: not built yet. Run `npm run prepare:all` in its folder (a few minutes the first time).\n'],
  )
})
