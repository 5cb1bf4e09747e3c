import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'

const peer = new URL('../../scripts/check-gpu/peer.mjs', import.meta.url).href

/** Stands for a Python with torch 2.11.0: notes what it is asked for, and takes half a second for everything. */
const python = (log: string) => `#!${process.execPath}
const [script, ...args] = process.argv.slice(2)
if (script === '-c') console.log('2.11.0+cu130')
else {
  require('node:fs').appendFileSync(${JSON.stringify(log)}, [script.split('/').pop(), ...args].join(' ') + '\\n')
  console.log('PyTorch 2.11.0, of the test')
  require('node:readline').createInterface({ input: process.stdin }).on('line', () => console.log('0.5'))
}
`

test('PyTorch does the same work as npair: steps and embeddings in every precision, the loss alone in every size', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'npair-peer-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [program, log] = [join(folder, 'python.cjs'), join(folder, 'log')]
  writeFileSync(program, python(log))
  chmodSync(program, 0o755)
  const work = {
    ...{ device: 'cuda', precisions: ['float32', 'bfloat16'], batchOf: { conv4: 8, casiaNet: 4 }, threads: 2 },
    lossSizes: [
      [320, 64],
      [4096, 512],
    ],
    ...{ steps: 5, embed: 100, lossSteps: 10 },
  }
  const script = `
    const { comparePyTorch } = await import(${JSON.stringify(peer)})
    const libtorch = { root: '/nowhere', version: '2.11.0' }
    console.log(JSON.stringify(await comparePyTorch(libtorch, ${JSON.stringify(work)})))`
  const env = { ...process.env, NPAIR_BENCH_PYTHON: program }
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    ...{ encoding: 'utf8', env, timeout: 60_000 },
  })
  const { result, rows } = JSON.parse(stdout || JSON.stringify({ result: stderr }))
  t.deepEqual(rows, [
    { N: 320, D: 64, stepMs: 50 },
    { N: 4096, D: 512, stepMs: 50 },
  ])
  const figures = { stepMs: 100, embeddedImagesPerSecond: 200 }
  t.deepEqual(result, {
    'conv4 float32': { ...figures, trainedImagesPerSecond: 80 },
    'conv4 bfloat16': { ...figures, trainedImagesPerSecond: 80 },
    'casiaNet float32': { ...figures, trainedImagesPerSecond: 40 },
    'casiaNet bfloat16': { ...figures, trainedImagesPerSecond: 40 },
  })
  t.deepEqual(readFileSync(log, 'utf8').trim().split('\n'), [
    'train_step.py conv4 best 2 8 cuda float32',
    'embed.py conv4 2 128 cuda float32',
    'train_step.py conv4 best 2 8 cuda bfloat16',
    'embed.py conv4 2 128 cuda bfloat16',
    'train_step.py casia best 2 4 cuda float32',
    'embed.py casia 2 128 cuda float32',
    'train_step.py casia best 2 4 cuda bfloat16',
    'embed.py casia 2 128 cuda bfloat16',
    'loss.py torch 320 64 2 cuda',
    'loss.py torch 4096 512 2 cuda',
  ])
})
