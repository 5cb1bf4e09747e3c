// Value and gradient of the N-pair loss beside the products of matrices in it, PyTorch, and pytorch-metric-learning.
import { alternate, formatRatio, median, ratio } from './alternate.mjs'
import { pythonContestant, rustContestant } from './contestant.mjs'
import { buildExamples } from './examples.mjs'

// PyTorch keeps some matrices of N² numbers: at 16,384 that is 1 GB each, and only npair runs.
const cases = [320, 4096, 16_384].flatMap((n) => [64, 512].map((d) => ({ n, d, peers: n <= 4096 })))

export const title = 'The loss'
export const about =
  'Value and gradient for N anchors and N positives of D numbers, float32, l2 penalty included. The floor is the three products ' +
  'of matrices alone, block by block with the same libtorch. Processor seconds are of all threads together. ' +
  'pytorch-metric-learning 2.9: `NPairsLoss(distance=DotProductSimilarity(normalize_embeddings=False))`, denormals flushed, ' +
  'the same allocator settings. Extra memory is the peak of a step above what was there before it, the gradient included.'

export async function bench({ threads, tiny = false }) {
  buildExamples('loss')
  const rows = []
  for (const { n, d, peers } of tiny ? [{ n: 24, d: 8, peers: true }] : cases) {
    const contestants = {
      step: await rustContestant('loss', ['step', n, d, threads]),
      gemms: await rustContestant('loss', ['gemms', n, d, threads]),
      ...(peers && {
        torch: await pythonContestant('loss.py', ['torch', n, d, threads]),
        pml: await pythonContestant('loss.py', ['pml', n, d, threads]),
      }),
    }
    const extra = await extraMemory(contestants.step)
    // Each has made its first step, and what that costs, before processor seconds count.
    for (const one of Object.values(contestants)) if (one !== contestants.step) await one.run(1)
    // Turns of about 40 GFLOP, since processor time comes in ticks of 10 ms.
    const count = Math.max(1, Math.min(500, Math.round(4e10 / (6 * n * n * d))))
    const before = cpu(contestants)
    const rounds = tiny ? 2 : n > 4096 ? 5 : 11
    const seconds = await alternate(contestants, count, rounds, 0)
    const after = cpu(contestants)
    for (const contestant of Object.values(contestants)) contestant.close()
    const cpuMs = (who) => (1000 * (after[who] - before[who])) / (count * rounds)
    const against = (who) => (peers ? formatRatio(ratio(seconds[who], seconds.step)) : '')
    rows.push({
      N: n,
      D: d,
      'npair, ms': ((1000 * median(seconds.step)) / count).toFixed(2),
      'npair, processor ms': cpuMs('step').toFixed(2),
      'floor, processor ms': cpuMs('gemms').toFixed(2),
      'times the floor': (cpuMs('step') / cpuMs('gemms')).toFixed(2),
      'against PyTorch': against('torch'),
      'against pytorch-metric-learning': against('pml'),
      'extra memory, MB': Math.round(extra / 1e6),
    })
  }
  return rows
}

const cpu = (contestants) =>
  Object.fromEntries(Object.entries(contestants).map(([name, one]) => [name, one.cpuSeconds()]))

/** Of the first step: later ones use what it left. */
async function extraMemory(contestant) {
  contestant.forgetPeak()
  const { now } = contestant.memory()
  await contestant.run(1)
  return contestant.memory().peak - now
}
