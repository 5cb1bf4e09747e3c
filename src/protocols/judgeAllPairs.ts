import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { dPrime } from '../metrics/dPrime.js'
import type { PairHistogram } from '../metrics/histogram.js'
import type { Interval } from '../metrics/interval.js'
import { areaUnderRoc, equalErrorRate, type Roc, type TarAtFar } from '../metrics/roc.js'
import { rocCurve } from '../metrics/rocCurve.js'
import { type AllPairsResult, allPairs } from '../retrieval/allPairs.js'
import { acceptedPairs } from './acceptedPairs.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, intervals } from './intervals.js'
import type { ProtocolPlan } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { scoreName } from './scoreName.js'

/** Bins of the histogram that is drawn. */
const drawnBins = 128

/** Every pair of images: true accept rates exactly, area, equal error rate and d′ by a fine histogram. No score is held. */
export async function judgeAllPairs(
  plan: ProtocolPlan & Required<IntervalOptions> & { readonly far: readonly number[] },
  dataset: Dataset,
  embeddings: Embeddings,
): Promise<EvaluationResult> {
  const found = await allPairs(embeddings, dataset.labels, { far: plan.far, bins: drawnBins })
  const targets = plan.far.map((target, i) => ({ target, at: found.tarAtFar[i] }))
  const resolved = targets.flatMap(({ target, at }) => (at === undefined ? [] : [{ target, at }]))
  const unresolved = targets.flatMap(({ target, at }) => (at === undefined ? [target] : []))
  const spread = await rateIntervals(
    plan,
    dataset,
    embeddings,
    resolved.map(({ at }) => at),
  )
  const figures = binnedFigures(found)
  resolved.forEach(({ target, at }, i) => {
    figures[`tar@far=${target}`] = figure('tarAtFar', at.tar, {
      label: `True accept rate at false accept rate ${target}`,
      interval: spread[i],
      detail: `Here at ${at.threshold.toPrecision(4)}; false accept rate reached: ${Number(at.far.toPrecision(4))}.`,
    })
  })
  return {
    protocol: plan.type,
    version: 1,
    definition:
      'All pairs of images: genuine those of one class, impostors all others, of which none is drawn and none left out. There are no ' +
      `folds. Score: ${scoreName(embeddings)}; a pair is called same if its score is at or above the threshold. True accept rates are ` +
      'exact, their thresholds found among all scores.' +
      intervalSentence(
        plan,
        'classes, of true accept rates alone and each at its threshold, however much that varies itself: pairs share images, so that ' +
          "Wilson's for independent pairs would be far too narrow for the other figures, and all pairs are too many to be drawn by class",
      ),
    options: { ...plan },
    data: dataset.plan,
    counts: {
      images: dataset.length,
      classes: dataset.classes.length,
      genuinePairs: found.genuine,
      impostorPairs: found.impostor,
    },
    headline: 'auc',
    figures,
    tables: {},
    curves: { roc: rocCurve(found.roc, 800), histogram: { ...found.histogram } },
    notes: [
      ...(unresolved.length > 0
        ? [
            `No true accept rate at ${unresolved.join(', ')}: ${found.impostor} impostor pairs cannot resolve so low a rate.`,
          ]
        : []),
    ],
  }
}

/** What needs no single score: the scores of a bin count as ties. */
function binnedFigures({ roc, fine }: AllPairsResult): Record<string, Figure> {
  const width = `Scores were put into ${fine.same.length} bins, ${(2 / fine.same.length).toPrecision(2)} wide`
  const figures: Record<string, Figure> = {
    auc: figure('areaUnderRoc', areaUnderRoc(roc), {
      detail: `${width}, and those of a bin count as ties: at most ${mostAstray(roc).toPrecision(2)} off.`,
    }),
    eer: figure('equalErrorRate', equalErrorRate(roc).rate, { detail: `${width}, and thresholds are their edges.` }),
  }
  const separation = binnedSeparation(fine)
  if (Number.isFinite(separation)) figures.dPrime = figure('dPrime', separation, { detail: `${width}.` })
  return figures
}

/** How far the area can be from that of the scores themselves: pairs of both kinds in a bin counted half. */
function mostAstray({ far, tar }: Roc): number {
  let area = 0
  for (let i = 1; i < far.length; i++)
    area += (((far[i] as number) - (far[i - 1] as number)) * ((tar[i] as number) - (tar[i - 1] as number))) / 2
  return area
}

/** d′ of scores in the middle of their bins. */
function binnedSeparation({ edges, same, different }: PairHistogram): number {
  const middles = same.map((_, bin) => ((edges[bin] as number) + (edges[bin + 1] as number)) / 2)
  const kinds = [...same.map(() => 1), ...different.map(() => 0)]
  return dPrime([...middles, ...middles], kinds, [...same, ...different])
}

/** Of true accept rates at thresholds that stay, over classes. */
async function rateIntervals(
  plan: Required<IntervalOptions>,
  dataset: Dataset,
  embeddings: Embeddings,
  rates: readonly TarAtFar[],
): Promise<(Interval | undefined)[]> {
  if (plan.bootstrap === 0) return rates.map(() => undefined)
  const byClass = dataset.byClass()
  const accepted = await acceptedPairs(
    embeddings,
    byClass,
    rates.map(({ threshold }) => threshold),
  )
  const genuine = byClass.map(({ length }) => (length * (length - 1)) / 2)
  return intervals(byClass.length, rates.length, plan, (weights) => {
    const drawn = (counts: ArrayLike<number>) => weights.reduce((sum, w, c) => sum + w * (counts[c] as number), 0)
    const all = drawn(genuine)
    return accepted.map((own) => drawn(own) / all)
  })
}
