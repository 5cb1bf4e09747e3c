import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { clearLeftovers } from '../../src/files/atomic.js'
import { listCheckpoints } from '../../src/train/checkpoint.js'
import { MetricsLog, readMetrics, type StepMetrics } from '../../src/train/metricsLog.js'
import { refused, temporary } from './tinyRun.js'

const line = (step: number): StepMetrics => ({
  ...{ step, loss: 1 / step, l2: 0, norm: 1, gradientNorm: 2, learningRate: 1e-3, imagesPerSecond: 100, time: 0 },
})

test('lines are appended, cut where a checkpoint was, and told once', async (t) => {
  const folder = await temporary(t)
  const log = await MetricsLog.open(folder, 0)
  await log.append([line(1), line(2)])
  await log.sync()
  const { bytes } = log
  await log.append([line(3)])
  await log.close()
  t.is(bytes, (await readFile(join(folder, 'metrics.jsonl'))).indexOf('{"step":3'))
  t.deepEqual(await readMetrics(folder), [line(1), line(2), line(3)])

  const again = await MetricsLog.open(folder, bytes)
  await again.append([line(3), line(4)])
  await again.append([])
  await again.close()
  t.deepEqual(await readMetrics(folder), [line(1), line(2), line(3), line(4)])
  const anew = await MetricsLog.open(folder, 0)
  await anew.close()
  t.deepEqual(await readMetrics(folder), [])
})

test('a torn last line is no line', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'metrics.jsonl'), `${JSON.stringify(line(1))}\n`)
  await appendFile(join(folder, 'metrics.jsonl'), JSON.stringify(line(2)).slice(0, 20))
  t.deepEqual(await readMetrics(folder), [line(1)])
})

test('a log that is missing, or has a damaged line, is named', async (t) => {
  const folder = await temporary(t)
  await refused(t, () => readMetrics(folder), 'NOT_FOUND', /Cannot read .*metrics.jsonl: ENOENT/)
  for (const bad of ['{"step":2,', 'null', '7', '{}', '{"step":2,"validation":null}']) {
    await writeFile(join(folder, 'metrics.jsonl'), `${JSON.stringify(line(1))}\n${bad}\n${JSON.stringify(line(3))}\n`)
    await refused(t, () => readMetrics(folder), 'CHECKPOINT_CORRUPT', /metrics\.jsonl, line 2 is not what npair wrote/)
  }
})

test('folders of a run that are none are named', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'checkpoints'), '')
  await refused(t, () => listCheckpoints(folder), 'NOT_FOUND', /Cannot read .*checkpoints: ENOTDIR/)
  await refused(t, () => clearLeftovers(join(folder, 'checkpoints')), 'NOT_WRITABLE', /Cannot write .*checkpoints/)
})

test('a log shorter than its checkpoint knew it, or that cannot be written', async (t) => {
  const folder = await temporary(t)
  await writeFile(join(folder, 'metrics.jsonl'), 'abc')
  await refused(t, () => MetricsLog.open(folder, 4), 'CHECKPOINT_CORRUPT', /holds 3 bytes, but .* it held 4/)
  t.is(await readFile(join(folder, 'metrics.jsonl'), 'utf8'), 'abc')
  await refused(t, () => MetricsLog.open(join(folder, 'metrics.jsonl'), 0), 'NOT_WRITABLE', /Cannot write/)
})
