import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { parseHTML } from 'linkedom'
import { faults } from '../report/faults.js'
import { withUsearch } from '../retrieval/withUsearch.js'
import { contents, temporary, trainTiny } from '../train/tinyRun.js'
import { imagesOf } from './imagesOf.js'
import { npair } from './npair.js'

const recall = (k: number, candidates: number) =>
  new RegExp(
    `^approximate search finds 100\\.0 % of the ${k} nearest with ${candidates} candidates ` +
      '\\(90\\.4 % to 100\\.0 %, measured on 36 images of the index; worst 100\\.0 %\\)\\n$',
  )

withUsearch('index and search with --approximate: what exact search finds, and the recall', async (t) => {
  const folder = await temporary(t)
  const [run, index, plain] = [join(folder, 'run'), join(folder, 'index'), join(folder, 'plain')]
  await trainTiny(run, { checkpointEvery: 0 })
  const files = await imagesOf(join(folder, 'images'))
  const [first, second] = [files[0] as string, files[20] as string]
  const made = await npair('index', run, join(folder, 'images'), '--output', index, '--approximate')
  t.is(made.code, 0, made.stderr)
  const [line, ...rest] = made.stdout.split('\n')
  t.is(line, `36 images, 8 numbers each: ${index}`)
  t.regex(rest.join('\n'), recall(10, 128))
  t.is(JSON.parse(await readFile(join(index, 'index.json'), 'utf8')).graph.recall.queries, 36)

  const exact = await npair('search', run, index, first, second, '--json')
  t.deepEqual([exact.code, exact.stderr], [0, ''])
  for (const [flags, expected] of [
    [[], recall(10, 128)],
    // Not what was measured when it was built: measured anew.
    [['--candidates', '70'], recall(5, 70)],
  ] as const) {
    const found = await npair('search', run, index, first, second, '--json', '--approximate', ...flags)
    t.deepEqual([found.code, JSON.parse(found.stdout)], [0, JSON.parse(exact.stdout)])
    t.regex(found.stderr, expected)
  }
  const page = join(folder, 'page.html')
  const shown = await npair('search', run, index, first, second, '--approximate', '--output', page)
  t.is(shown.code, 0, shown.stderr)
  const drawn = await readFile(page, 'utf8')
  t.deepEqual(faults(drawn), [])
  const likely = parseHTML(drawn).document
  t.regex(
    likely.querySelector('header .soft')?.textContent ?? '',
    /^Only likely .*: approximate search finds 100\.0 % of/,
  )
  const near = [...likely.querySelectorAll('.gallery > li')].map((item) =>
    [...item.querySelectorAll('ol img')].map((image) => image.getAttribute('title')),
  )
  t.deepEqual(
    near,
    JSON.parse(exact.stdout).map(({ hits }: { hits: { id: string }[] }) => hits.map(({ id }) => id)),
  )
  const text = await npair('search', run, index, first, '--k', '20', '--approximate')
  t.is(text.stdout.split('\n').length, 22)
  t.regex(text.stderr, recall(20, 128))

  t.is((await npair('index', run, first, '--output', plain)).code, 0)
  for (const [args, code, message] of [
    [
      ['search', run, plain, first, '--approximate'],
      1,
      /plain, which was saved without a graph .*npair index --approx/,
    ],
    [['search', run, index, first, '--candidates', '9'], 2, /none without --approximate for --candidates/],
    [['search', run, index, first, '--approximate', '--candidates', '4'], 2, /an integer >= 5 for --candidates/],
    [['search', run, index, first, '--output', 'p.txt'], 2, /ends with \.html, for --output/],
  ] as const) {
    const ended = await npair(...args)
    t.is(ended.code, code, ended.stderr)
    t.regex(ended.stderr, message)
  }

  const alone = await npair('index', run, first, '--output', join(folder, 'alone'), '--approximate')
  t.regex(alone.stdout, /^1 images.*\napproximate search: too few images to measure its recall\n$/)
})

/** A process in which usearch is not installed. */
function withoutUsearch(...args: string[]): Promise<{ code: unknown; stderr: string }> {
  const hooks = `export async function resolve(specifier, context, next) {
    if (specifier !== 'usearch') return next(specifier, context)
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  }`
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`
  const register = url(`import { register } from 'node:module'; register(${JSON.stringify(url(hooks))})`)
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  return new Promise((done) => {
    execFile(process.execPath, ['--import', register, 'bin/npair.mjs', ...args], { cwd }, (error, _, stderr) =>
      done({ code: error?.code ?? 0, stderr }),
    )
  })
}

test('without usearch it is named before anything is done; exact search needs none', async (t) => {
  const folder = await temporary(t)
  const [run, index] = [join(folder, 'run'), join(folder, 'index')]
  await trainTiny(run, { checkpointEvery: 0 })
  const [first = ''] = await imagesOf(join(folder, 'images'))
  t.is((await withoutUsearch('index', run, first, '--output', index)).code, 0)
  t.is((await withoutUsearch('search', run, index, first)).code, 0)
  const before = await contents(folder)
  for (const args of [
    // Nothing of it is there: who embeds first would say so.
    ['index', join(folder, 'no run'), join(folder, 'no images'), '--output', join(folder, 'new'), '--approximate'],
    ['search', run, index, first, '--approximate'],
  ]) {
    const { code, stderr } = await withoutUsearch(...args)
    t.is(code, 1)
    t.regex(
      stderr,
      /^npair: Approximate search needs the package usearch, .*: npm install usearch \[DEPENDENCY_MISSING\]\n$/,
    )
  }
  t.deepEqual(await contents(folder), before)
})

test('an output that is taken is told before anything is embedded', async (t) => {
  const folder = await temporary(t)
  const ended = await npair(
    'index',
    join(folder, 'no run'),
    folder,
    '--output',
    fileURLToPath(new URL('.', import.meta.url)),
  )
  t.is(ended.code, 1)
  t.regex(ended.stderr, /already holds .*\[OUTPUT_EXISTS\]/)
})
