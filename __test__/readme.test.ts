import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'

/**
 * Every `ts` block of README.md and docs/*.md is a module that a reader could paste: it is type-checked against the
 * public API and run, the blocks of one document in order and in one folder. `ts no-run` blocks are only type-checked.
 */

const root = fileURLToPath(new URL('..', import.meta.url))

interface Block {
  document: string
  line: number
  code: string
  run: boolean
}

async function blocksOf(document: string): Promise<Block[]> {
  const lines = (await readFile(join(root, document), 'utf8')).split('\n')
  const blocks: Block[] = []
  let open: Block | undefined
  lines.forEach((text, i) => {
    const fence = /^```(\S*)\s*(.*)$/.exec(text)
    if (open && fence) {
      blocks.push(open)
      open = undefined
    } else if (open) open.code += `${text}\n`
    else if (fence?.[1] === 'ts') open = { document, line: i + 2, code: '', run: fence[2] !== 'no-run' }
  })
  return blocks
}

async function allBlocks(): Promise<Map<string, Block[]>> {
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).sort()
  const documents = ['README.md', ...docs.map((name) => `docs/${name}`)]
  return new Map(await Promise.all(documents.map(async (name) => [name, await blocksOf(name)] as const)))
}

/** A folder of a user's: it has npair installed and is an ES module package. */
async function userFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'npair-readme-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'node_modules'))
  await symlink(root, join(folder, 'node_modules/npair'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}

const fileOf = (block: Block) => `${block.document.replace(/\W/g, '_')}_line_${block.line}.ts`

/** @returns what the command said; undefined where it succeeded */
function failure(args: string[], cwd: string): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      done(error ? `${stdout}${stderr}` : undefined)
    })
  })
}

test('the README has code to try', async (t) => {
  t.true((await blocksOf('README.md')).some((block) => block.run))
})

test('every block type-checks against the public API', async (t) => {
  t.timeout(300_000)
  const folder = await userFolder(t)
  const blocks = [...(await allBlocks()).values()].flat()
  for (const block of blocks) await writeFile(join(folder, fileOf(block)), `export {}\n${block.code}`)
  const compilerOptions = {
    ...{ target: 'es2023', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  t.is(await failure([join(typescript, 'bin/tsc'), '-p', '.', '--pretty', 'false'], folder), undefined)
})

test('every block runs, those of a document after one another', async (t) => {
  t.timeout(900_000)
  const tsx = import.meta.resolve('tsx')
  for (const [document, blocks] of await allBlocks()) {
    const folder = await userFolder(t)
    for (const block of blocks.filter(({ run }) => run)) {
      await writeFile(join(folder, fileOf(block)), block.code)
      t.is(await failure(['--import', tsx, fileOf(block)], folder), undefined, `${document}, line ${block.line}`)
    }
  }
})
