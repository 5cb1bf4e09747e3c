import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { listCheckpoints } from '../../src/train/checkpoint.js'
import { readMetrics } from '../../src/train/metricsLog.js'
import { outcome, temporary } from '../train/tinyRun.js'
import { npair, started } from './npair.js'

/** A config of few steps; the characters are the default ones, made once. */
async function config(t: ExecutionContext, change: object = {}): Promise<{ file: string; folder: string }> {
  const folder = await temporary(t)
  const file = join(folder, 'config.json')
  const content = {
    $schema: '../npair.schema.json',
    data: { type: 'characters', size: 14, split: { by: 'superClass', test: ['alphabet01'] } },
    net: {
      type: 'layers',
      layers: [{ type: 'conv', name: 'a', out: 4, kernel: 3 }, { type: 'globalPool' }, { type: 'flatten' }],
    },
    ...{ batch: { pairs: 4 }, steps: 10, seed: 2, device: 'cpu', threads: 1, ...change },
  }
  await writeFile(file, JSON.stringify(content))
  return { file, folder }
}

test.serial('train: config, --output and --set; tables, paths and the baseline at the end', async (t) => {
  const { file, folder } = await config(t)
  const run = join(folder, 'run')
  const { code, stdout, stderr } = await npair(
    'train',
    file,
    '--output',
    run,
    '--set',
    'batch.pairs=3',
    '--set',
    'steps=7',
  )
  t.is(code, 0, stderr)
  // No terminal: plain lines, none rewritten.
  t.false(stderr.includes('\r') || stderr.includes('\x1b'))
  t.regex(stderr, /^step 7\/7 {2}loss \d+\.\d{4} {2}\d+ images\/s {2}done$/m)
  t.regex(stdout, /^Recall@1 +\d+\.\d\d %/m)
  t.regex(
    stdout,
    /^untrained pixels: 20-way 1-shot error .* \(model: .*\), Recall@1 .*, Verification accuracy [^\n]*$/m,
  )
  t.true(stdout.endsWith(`model:  ${run}/model\nreport: ${run}/report.html\n`))
  const plan = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'))
  t.is(plan.batch.pairs, 3)
  t.is(plan.steps, 7)
  t.deepEqual((await readdir(run)).sort(), [
    ...[
      'checkpoints',
      'config.json',
      'environment.json',
      'metrics.jsonl',
      'model',
      'report.html',
      'report.json',
      'results.json',
    ],
  ])
  t.true((await readFile(join(run, 'report.html'), 'utf8')).includes('untrained pixels'))
  // The same command again is refused and changes nothing; resume of a finished run judges it again.
  const before = await outcome(run, 7)
  t.is((await npair('train', file, '--output', run)).code, 1)
  const again = await npair('resume', run)
  t.is(again.code, 0, again.stderr)
  t.is(again.stdout, stdout)
  t.deepEqual(await outcome(run, 7), before)
})

test.serial('all that is wrong with a config is told at once', async (t) => {
  const { file, folder } = await config(t, { steps: 0, seed: -1, batchSize: 3 })
  const { code, stderr } = await npair('train', file, '--output', join(folder, 'run'))
  t.is(code, 1)
  t.regex(
    stderr,
    /^npair: Unknown option batchSize: [^\n]* \[INVALID_OPTION\]\n {2}and: Expected an integer >= 1 for steps [^\n]*\n {2}and: [^\n]* for seed [^\n]*\n$/,
  )
})

/** Long enough to be interrupted, short enough to be finished. */
const long = { steps: 1200, checkpointEvery: 100, data: { type: 'characters', size: 14 } }

test.serial(
  'Ctrl-C, kill -9 and SIGTERM in turn: each run that is resumed ends as the one never stopped',
  async (t) => {
    const { file, folder } = await config(t, long)
    const [whole, run] = [join(folder, 'whole'), join(folder, 'run')]
    const undisturbed = await npair('train', file, '--output', whole)
    t.is(undisturbed.code, 0, undisturbed.stderr)
    t.regex(undisturbed.stdout, /^There was no test half: the model was not judged\.$/m)

    const first = started('train', file, '--output', run)
    await first.says(/^step \d/m)
    first.child.kill('SIGINT')
    const stopped = await first.ended
    t.is(stopped.code, 130, stopped.stderr)
    t.is(stopped.stdout, '')
    t.regex(stopped.stderr, /^Stopping after this block of steps \(Ctrl-C again: at once, without saving\) …$/m)
    t.regex(
      stopped.stderr,
      new RegExp(`^npair: Stopped after step \\d+ of 1200; go on with: npair resume ${run} \\[ABORTED\\]$`, 'm'),
    )
    const saved = Number(/Stopped after step (\d+)/.exec(stopped.stderr)?.[1])
    t.is((await listCheckpoints(run)).at(-1), saved)
    t.is((await readMetrics(run)).length, saved)

    const second = started('resume', run)
    await second.says(/^step \d/m)
    second.child.kill('SIGKILL')
    t.is((await second.ended).signal, 'SIGKILL')

    const third = started('resume', run)
    await third.says(/^step \d/m)
    third.child.kill('SIGTERM')
    const terminated = await third.ended
    // It asks whoever sent the signal to start it again.
    t.is(terminated.code, 75, terminated.stderr)
    t.regex(terminated.stderr, /go on with: npair resume .* \[ABORTED\]\n$/)

    const last = await npair('resume', run)
    t.is(last.code, 0, last.stderr)
    t.deepEqual(await outcome(run, 1200), await outcome(whole, 1200))
    t.deepEqual((await readdir(run)).sort(), (await readdir(whole)).sort())
  },
)

test.serial('Ctrl-C twice leaves at once, without saving', async (t) => {
  // Steps so long that the second signal comes in the middle of one.
  const net = { type: 'conv4', width: 64, embeddingSize: 8 }
  const { file, folder } = await config(t, {
    net,
    batch: { pairs: 100 },
    steps: 1000,
    data: { type: 'characters', size: 28 },
  })
  const run = join(folder, 'run')
  const { child, ended, says } = started('train', file, '--output', run)
  await says(/^step 1\/1000/m)
  child.kill('SIGINT')
  await says(/Stopping after this block/)
  child.kill('SIGINT')
  const { code, signal, stderr } = await ended
  t.deepEqual([code, signal], [130, null], stderr)
  t.false(stderr.includes('[ABORTED]'))
  t.deepEqual(await listCheckpoints(run), [])
})

test.serial('a second process on a run is told who is at work on it, and a change of threads is said', async (t) => {
  const { file, folder } = await config(t, long)
  const run = join(folder, 'run')
  const { child, ended, says } = started('train', file, '--output', run)
  await says(/^step \d/m)
  const second = await npair('resume', run)
  t.is(second.code, 1)
  t.regex(
    second.stderr,
    new RegExp(`^npair: ${run} is being trained by process ${child.pid} on .* \\[RUN_LOCKED\\]\n$`),
  )
  child.kill('SIGTERM')
  t.is((await ended).code, 75)

  const plan = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'))
  await writeFile(join(run, 'config.json'), JSON.stringify({ ...plan, threads: 2 }))
  const last = await npair('resume', run)
  t.is(last.code, 0, last.stderr)
  t.regex(last.stderr, /^npair: .* goes on with threads 2 instead of 1: .* \[ENVIRONMENT_CHANGED\]$/m)
})

test.serial('a run that goes wrong: exit code 1, the culprit in one line', async (t) => {
  const { file, folder } = await config(t)
  const set = ['--set', 'optimizer={"type":"adam","learningRate":1e30}']
  const { code, stderr } = await npair('train', file, '--output', join(folder, 'run'), ...set)
  t.is(code, 1)
  t.regex(stderr, /^npair: Step \d+: .* is not finite .* \[NON_FINITE\]$/m)
})
