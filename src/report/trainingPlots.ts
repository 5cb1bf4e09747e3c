import type { Figure } from './draw.js'
import type { RunRecord } from './runRecord.js'
import { setbackMarks } from './setbackMarks.js'
import { stepCurve } from './stepCurve.js'

/**
 * What was recorded of the steps of a run: loss, learning rate, norms; where there is a guard the cosine that it watches, and
 * where it skipped steps or went back; where classes are mined what that takes, and how much of a batch one super-class fills.
 */
export function trainingPlots({
  config,
  steps,
  rollbacks,
}: Pick<RunRecord, 'config' | 'steps' | 'rollbacks'>): Figure[] {
  const { maxCosine } = (config.guard ?? {}) as { maxCosine?: unknown }
  // A mean cosine never lies above 1.
  const watched = typeof maxCosine === 'number' && maxCosine < 1
  return [
    stepCurve(steps, {
      title: 'Loss',
      caption: 'All terms together.',
      value: (line) => line.loss,
      part: { label: 'of which the L2 penalty', value: (line) => line.l2 },
      setbacks: setbackMarks(steps, rollbacks),
    }),
    stepCurve(steps, {
      title: 'Learning rate',
      caption: 'As the schedule set it for each step.',
      value: (line) => line.learningRate,
      // Each return lowers it.
      setbacks: setbackMarks([], rollbacks),
    }),
    stepCurve(steps, {
      title: 'Embedding norm',
      caption: 'Mean Euclidean length of the embeddings of a batch.',
      value: (line) => line.norm,
      setbacks: setbackMarks(steps, rollbacks, ['norm']),
    }),
    stepCurve(steps, {
      title: 'Gradient norm',
      caption: 'Euclidean length of the gradient of all weights, before clipping.',
      value: (line) => line.gradientNorm,
      setbacks: setbackMarks(steps, rollbacks, ['gradientSpike']),
    }),
    stepCurve(steps, {
      title: 'Cosine between classes',
      caption:
        'Mean cosine between embeddings of different classes of a batch, which the guard watches: near 1 all embeddings point the same way.',
      value: (line) => line.cosine,
      limit: watched ? { label: 'its limit, guard.maxCosine', value: maxCosine } : undefined,
      setbacks: setbackMarks(steps, rollbacks, ['collapse']),
    }),
    stepCurve(steps, {
      title: 'Time spent on mining',
      caption: "Share of the time of a block of steps that went into choosing its batches' classes.",
      value: ({ miningShare }) => miningShare && 100 * miningShare,
      unit: '%',
    }),
    stepCurve(steps, {
      title: 'Largest super-class',
      caption:
        'Share of the images of a step that are of one super-class, the largest: hard classes tend to come from one.',
      value: ({ largestSuperClass }) => largestSuperClass && 100 * largestSuperClass,
      unit: '%',
    }),
  ].flat()
}
