import { requireFalseAcceptRates } from '../config/falseAcceptRate.js'
import { requireNames, requireNumber, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { cmc } from '../metrics/cmc.js'
import { identify, type RankOptions, type Searches } from '../metrics/identification.js'
import { openSet } from '../metrics/openSet.js'
import { type FarRule, tarAtFar } from '../metrics/roc.js'
import { rocCurve } from '../metrics/rocCurve.js'
import { templates } from '../metrics/templates.js'
import { figure } from './figure.js'
import { closedSet, type GallerySplit, openSetSplit } from './gallerySplit.js'
import { type IntervalOptions, intervalSentence, intervals, meanIntervals, resolveIntervals } from './intervals.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { rowsAt } from './rows.js'
import { scoreName, templateName } from './scoreName.js'

/** Options of {@link identification}. */
export interface IdentificationOptions extends IntervalOptions, RankOptions {
  /** The k of rank-k, each an integer >= 1. Default 1, 5, 10. */
  ranks?: readonly number[]
  /** False alarm rates of the open set, each in (0, 1]. Default 0.1, 0.01. */
  far?: readonly number[]
  /** Which threshold stands for a rate, see `metrics.tarAtFar`; BLUFR's is `nthImpostor`. Default `atMost`. */
  farRule?: FarRule
  /** Share of the identities with two images or more that the open set's gallery lacks, in [0, 1). Default 0.5. */
  unseen?: number
  /**
   * Images an identity has in the gallery: `one`, the others probe (Best-Rowden's closed set, DeepID's open set); or
   * `allButOne`, one probes (the open set of Light CNN's reading). Default `one`.
   */
  galleryImages?: 'one' | 'allButOne'
  /** Several images of an identity in the gallery: the `best` score counts, or their `mean` is the template. Default `best`. */
  fusion?: 'best' | 'mean'
}

/** Resolved plan of {@link identification}. */
export interface IdentificationPlan extends Required<IdentificationOptions> {
  readonly type: 'identification'
}

const known = 'ranks far farRule unseen galleryImages fusion ties count bootstrap seed'.split(' ')

/**
 * "Who is it?" against a gallery. Closed set: everyone is enrolled; rank-k. Open set: some are not; the rate of those
 * detected and identified at a false alarm rate that is measured on the others alone (DIR@FAR, Best-Rowden et al. 2014).
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, none of them with two images
 */
export function identification(dataset: Dataset, options: IdentificationOptions = {}): Protocol<IdentificationPlan> {
  requireNames('identification', options, known)
  const { ranks = [1, 5, 10], far = [0.1, 0.01], farRule = 'atMost', unseen = 0.5 } = options
  const { galleryImages = 'one', fusion = 'best', ties = 'pessimistic', count = 'identities' } = options
  if (!Array.isArray(ranks) || ranks.length === 0 || !ranks.every((k) => Number.isSafeInteger(k) && k >= 1))
    throw invalidOption('identification.ranks', 'an array of integers >= 1', ranks)
  requireFalseAcceptRates('identification.far', far)
  requireWord('identification.farRule', farRule, ['atMost', 'nthImpostor'])
  requireNumber('identification.unseen', unseen, 'in [0, 1)', (x) => x >= 0 && x < 1)
  requireWord('identification.galleryImages', galleryImages, ['one', 'allButOne'])
  requireWord('identification.fusion', fusion, ['best', 'mean'])
  requireWord('identification.ties', ties, ['pessimistic', 'optimistic'])
  requireWord('identification.count', count, ['identities', 'images'])
  const plan = Object.freeze({
    type: 'identification' as const,
    ranks: Object.freeze([...new Set(ranks)].sort((a, b) => a - b)),
    far: Object.freeze([...far]),
    ...{ farRule, unseen, galleryImages, fusion, ties, count },
    ...resolveIntervals('identification', options),
  })
  const byClass = dataset.byClass()
  if (byClass.length < 2 || byClass.every((images) => images.length < 2))
    throw new NPairError(
      'DATA_CLASSES',
      `Identification needs two classes and one of them with two images; the data has ${byClass.length} classes, ` +
        `the largest of ${Math.max(0, ...byClass.map((images) => images.length))}`,
    )
  const sets = { closed: closedSet(byClass, plan), open: openSetSplit(byClass, unseen, plan) }
  const [k] = plan.ranks as [number]
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, sets, embeddings),
    outcomes: (embeddings: Embeddings) => ({
      label: `Rank-${k} of each probe of the closed set`,
      values: searchAll(plan, dataset, sets.closed, embeddings).rank.map((rank) => (rank <= k ? 1 : 0)),
      identities: sets.closed.mated.map((i) => dataset.labels[i] as number),
    }),
  })
}

function judge(
  plan: IdentificationPlan,
  dataset: Dataset,
  { closed, open }: { closed: GallerySplit; open: GallerySplit },
  embeddings: Embeddings,
): EvaluationResult {
  const classes = dataset.classes.length
  const own = (probes: readonly number[]) => probes.map((i) => dataset.labels[i] as number)
  const found = searchAll(plan, dataset, closed, embeddings)
  const curve = cmc(found.rank, Math.max(...plan.ranks))
  const hits = plan.ranks.map((k) => Float64Array.from(found.rank, (rank) => (rank <= k ? 1 : 0)))
  const spread = meanIntervals(hits, own(closed.mated), classes, plan)
  const figures: Record<string, Figure> = {}
  plan.ranks.forEach((k, i) => {
    figures[`rank${k}`] = figure('cmc', curve[k - 1] as number, {
      label: `Rank-${k}, closed set`,
      detail: `Here k = ${k} and everyone is in the gallery.`,
      interval: spread[i],
    })
  })

  const searched = searchAll(plan, dataset, open, embeddings)
  const opened = openSet(searched)
  const targets = plan.far.map((target) => ({ target, at: tarAtFar(opened, target, plan.farRule) }))
  const resolved = targets.flatMap(({ target, at }) => (at === undefined ? [] : [{ target, at }]))
  const probeClasses = own([...open.mated, ...open.unseen])
  const openSpread = intervals(classes, resolved.length, plan, (weights) => {
    const drawn = openSet(
      searched,
      1,
      probeClasses.map((c) => weights[c] as number),
    )
    return resolved.map(({ target }) => tarAtFar(drawn, target, plan.farRule)?.tar ?? Number.NaN)
  })
  resolved.forEach(({ target, at }, i) => {
    figures[`dir@far=${target}`] = figure('openSet', at.tar, {
      label: `DIR at false alarm rate ${target}, open set`,
      detail: `Here r = 1, t = ${at.threshold.toPrecision(4)}; false alarm rate reached: ${Number(at.far.toPrecision(4))}.`,
      interval: openSpread[i],
    })
  })
  const unresolved = targets.flatMap(({ target, at }) => (at === undefined ? [target] : []))
  return {
    protocol: plan.type,
    version: 1,
    definition: define(plan, embeddings),
    options: { ...plan },
    data: dataset.plan,
    counts: {
      ...{ images: dataset.length, classes },
      ...{ closedGallery: closed.gallery.length, closedProbes: closed.mated.length },
      ...{ openGallery: open.gallery.length, openMatedProbes: open.mated.length, openUnseenProbes: open.unseen.length },
    },
    headline: `rank${plan.ranks[0]}`,
    figures,
    tables: {},
    curves: {
      cmc: { rank: Array.from(curve, (_, k) => k + 1), rate: Array.from(curve) },
      ...(open.unseen.length === 0 ? {} : { openSet: dirCurve(opened) }),
    },
    notes:
      unresolved.length === 0
        ? []
        : [
            `No DIR at ${unresolved.join(', ')}: ${open.unseen.length} probes without a mate cannot resolve so low a rate.`,
          ],
  }
}

/** Mated probes first, then those without a mate. */
function searchAll(plan: IdentificationPlan, dataset: Dataset, split: GallerySplit, embeddings: Embeddings): Searches {
  const probes = [...split.mated, ...split.unseen]
  const labels = (positions: readonly number[]) => positions.map((i) => dataset.labels[i] as number)
  const images = { embeddings: rowsAt(embeddings, split.gallery), labels: labels(split.gallery) }
  const gallery = plan.fusion === 'mean' ? templates(images.embeddings, images.labels) : images
  const { ties, count } = plan
  return identify(rowsAt(embeddings, probes), labels(probes), gallery.embeddings, gallery.labels, { ties, count })
}

function dirCurve(opened: ReturnType<typeof openSet>): Record<string, number[]> {
  const { far, tar } = rocCurve(opened, 800)
  return { far, dir: tar }
}

function define(plan: IdentificationPlan, embeddings: Embeddings): string {
  const enrolled =
    plan.galleryImages === 'one'
      ? 'one image, drawn by the seed, is enrolled and the others are probes'
      : 'one image, drawn by the seed, is the probe and the others are enrolled'
  const fused = plan.fusion === 'mean' ? templateName(embeddings) : 'its best-scoring image'
  const ties = plan.ties === 'pessimistic' ? 'a stranger before the mate' : 'the mate before a stranger'
  return (
    `Of each enrolled identity ${enrolled}; an identity stands in the gallery by ${fused}. Score: ${scoreName(embeddings)}; a rank ` +
    `counts ${plan.count}, equal scores ${ties}. Closed set: all identities are enrolled, those of one image too. Open set: a ` +
    `share of ${plan.unseen} of the identities with two images or more, drawn by the seed, and all with one, are not; all ` +
    `their images are the probes that set the threshold (${plan.farRule}).${intervalSentence(plan, 'the identities of the probes, the gallery kept')}`
  )
}
