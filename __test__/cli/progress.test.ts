import test, { type ExecutionContext } from 'ava'
import { countProgress, duration, trainProgress } from '../../src/cli/progress.js'
import type { Progress } from '../../src/train/loop.js'

test('durations', (t) => {
  t.deepEqual([0, 9.6, 61, 3599.7, 3909].map(duration), ['0:00', '0:10', '1:01', '1:00:00', '1:05:09'])
})

/** What is written to stderr while `work` runs, on a terminal or not. */
function written(t: ExecutionContext, terminal: boolean, work: () => void): string[] {
  const { write, isTTY } = process.stderr
  const texts: string[] = []
  try {
    process.stderr.isTTY = terminal
    process.stderr.write = (text: string | Uint8Array) => texts.push(String(text)) > 0
    work()
  } catch (error) {
    t.fail(String(error))
  } finally {
    process.stderr.write = write
    process.stderr.isTTY = isTTY
  }
  return texts
}

const progress = (step: number): Progress => ({
  ...{
    step,
    steps: 20,
    loss: 1.23456,
    l2: 0,
    norm: 1,
    gradientNorm: 1,
    learningRate: 1e-3,
    imagesPerSecond: 321,
    time: 0,
  },
  remaining: (20 - step) * 4,
})

test.serial('on a terminal one line is rewritten and ends with the run', (t) => {
  const lines = written(t, true, () => {
    const tell = trainProgress()
    for (const step of [1, 10, 20]) tell(progress(step))
  })
  t.deepEqual(lines, [
    '\r\x1b[2Kstep 1/20  loss 1.2346  321 images/s  1:16 left',
    '\r\x1b[2Kstep 10/20  loss 1.2346  321 images/s  0:40 left',
    '\r\x1b[2Kstep 20/20  loss 1.2346  321 images/s  done\n',
  ])
})

test.serial('elsewhere plain lines: the first, the last, and one now and then', (t) => {
  const lines = written(t, false, () => {
    const tell = trainProgress()
    for (let step = 1; step <= 20; step++) tell(progress(step))
    const count = countProgress('images')
    for (let done = 1; done <= 5; done++) count(done, 5)
  })
  t.deepEqual(lines, [
    'step 1/20  loss 1.2346  321 images/s  1:16 left\n',
    'step 20/20  loss 1.2346  321 images/s  done\n',
    'images: 5/5\n',
  ])
})

test.serial('a judgement is a line of its own', (t) => {
  const figures = {
    'recall@1': { value: 0.5, unit: 'fraction', better: 'higher', label: 'Recall@1', definition: '' },
  } as const
  const validation = {
    ...{ protocol: 'retrieval', version: 1 as const, definition: '', options: {}, data: {}, counts: {} },
    ...{ headline: 'recall@1', figures, tables: {}, curves: {}, notes: [] },
  }
  const lines = written(t, false, () => trainProgress()({ ...progress(20), validation }))
  t.is(lines[1], 'step 20: Recall@1 50.00 %\n')
})

test('what a guard did is told: steps skipped, and going back', (t) => {
  const [skipped] = written(t, false, () => trainProgress()({ ...progress(20), skipped: 3 }))
  t.regex(skipped ?? '', /321 images\/s {2}3 skipped {2}done\n$/)
  const rollback = { from: 9, reason: 'collapse', rateFactor: 0.5 } as const
  const [back] = written(t, false, () => trainProgress()({ ...progress(6), rollback }))
  t.is(back, 'step 9 diverged (collapse): gone back, learning rate now times 0.5\n')
})
