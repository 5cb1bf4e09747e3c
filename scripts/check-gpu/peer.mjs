// PyTorch beside npair, where a Python with the same torch and bench/pytorch are at hand.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('../../bench/', import.meta.url))

/** The Python that the libtorch belongs to, else the one on the path; undefined if none has torch. */
function pythonOf(libtorch) {
  // lib/python3.x/site-packages/torch
  const own = join(libtorch.root, '..', '..', '..', '..', 'bin', 'python3')
  const candidates = [process.env.NPAIR_BENCH_PYTHON, existsSync(own) ? own : undefined, 'python3']
  return candidates.filter(Boolean).find((program) => {
    try {
      const found = execFileSync(program, ['-c', 'import torch; print(torch.__version__)'], {
        ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 120_000 },
      })
      return found.trim().split('+')[0] === libtorch.version
    } catch {
      return false
    }
  })
}

/**
 * @param work - `batchOf`: images of a training step, by network; `lossSizes`: [N, D] of the loss alone, each taken `lossSteps` times
 * @returns `{ skipped }`, or what PyTorch at its best takes for the same work
 */
export async function comparePyTorch(libtorch, work) {
  const { device, precisions, batchOf, steps, embed, threads, lossSizes, lossSteps } = work
  if (!existsSync(join(bench, 'contestant.mjs'))) return { skipped: 'bench/ is not here' }
  const python = pythonOf(libtorch)
  if (python === undefined) return { skipped: `no Python with torch ${libtorch.version} is here` }
  process.env.NPAIR_BENCH_PYTHON = python
  const { pythonContestant } = await import('../../bench/contestant.mjs')
  const time = async (script, args, count) => {
    const contestant = await pythonContestant(script, args)
    try {
      await contestant.run(count)
      return await contestant.run(count)
    } finally {
      contestant.close()
    }
  }
  const result = {}
  for (const [name, batch] of Object.entries(batchOf)) {
    const net = name === 'casiaNet' ? 'casia' : name
    for (const precision of precisions) {
      const trained = await time('train_step.py', [net, 'best', threads, batch, device, precision], steps)
      const embedded = await time('embed.py', [net, threads, 128, device, precision], embed)
      result[`${name} ${precision}`] = {
        trainedImagesPerSecond: (steps * batch) / trained,
        stepMs: (1000 * trained) / steps,
        embeddedImagesPerSecond: embed / embedded,
      }
    }
  }
  const rows = []
  for (const [n, d] of lossSizes) {
    const taken = await time('loss.py', ['torch', n, d, threads, device], lossSteps)
    rows.push({ N: n, D: d, stepMs: (1000 * taken) / lossSteps })
  }
  return { python, result, rows }
}
