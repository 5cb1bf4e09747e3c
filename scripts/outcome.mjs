// What makes two runs the same: weights, optimiser state, model, and the metrics but for times.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../dist/files/sha256.js'
import { checkpointFolder } from '../dist/train/checkpoint.js'
import { readMetrics } from '../dist/train/metricsLog.js'

/** A hash of the tensors of the checkpoint of `step` and of the finished model. */
export async function tensorsOf(run, step) {
  const hash = createHash('sha256')
  const folder = checkpointFolder(run, step)
  for (const name of (await readdir(folder)).sort())
    if (name.endsWith('.safetensors')) hash.update(name).update(await sha256(join(folder, name)))
  return hash.update(await sha256(join(run, 'model/weights.safetensors'))).digest('hex')
}

/** A hash of what metrics.jsonl tells, without what depends on the clock. */
export async function metricsOf(run) {
  const hash = createHash('sha256')
  for (const { time: _, imagesPerSecond: __, miningShare: ___, ...line } of await readMetrics(run))
    hash.update(JSON.stringify(line))
  return hash.digest('hex')
}
