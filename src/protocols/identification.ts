import { requireNames, requireNumber, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import type { Searches } from '../metrics/identification.js'
import { templates } from '../metrics/templates.js'
import { closedSet, type GallerySplit, openSetSplit } from './gallerySplit.js'
import { type IntervalOptions, intervalSentence, resolveIntervals } from './intervals.js'
import { dirCurve, openSetFigures } from './openSetFigures.js'
import { probeSearches } from './probeSearches.js'
import type { Protocol } from './protocol.js'
import { rankFigures } from './rankFigures.js'
import type { EvaluationResult } from './result.js'
import { rowsAt } from './rows.js'
import { scoreName, templateName } from './scoreName.js'
import { resolveSearchOptions, type SearchOptions } from './searchOptions.js'

/** Options of {@link identification}. */
export interface IdentificationOptions extends IntervalOptions, SearchOptions {
  /** Share of the identities with two images or more that the open set's gallery lacks, in [0, 1). Default 0.5. */
  unseen?: number
  /**
   * Images an identity has in the gallery: `one`, the others probe (Best-Rowden's closed set, DeepID's open set); or
   * `allButOne`, one probes (the open set of Light CNN's reading). Default `one`.
   */
  galleryImages?: 'one' | 'allButOne'
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
  const { unseen = 0.5, galleryImages = 'one' } = options
  requireNumber('identification.unseen', unseen, 'in [0, 1)', (x) => x >= 0 && x < 1)
  requireWord('identification.galleryImages', galleryImages, ['one', 'allButOne'])
  const plan = Object.freeze({
    type: 'identification' as const,
    ...{ unseen, galleryImages },
    ...resolveSearchOptions('identification', options),
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
    outcomes: async (embeddings: Embeddings) => ({
      label: `Rank-${k} of each probe of the closed set`,
      values: (await searchAll(plan, dataset, sets.closed, embeddings)).rank.map((rank) => (rank <= k ? 1 : 0)),
      identities: sets.closed.mated.map((i) => dataset.labels[i] as number),
    }),
  })
}

async function judge(
  plan: IdentificationPlan,
  dataset: Dataset,
  { closed, open }: { closed: GallerySplit; open: GallerySplit },
  embeddings: Embeddings,
): Promise<EvaluationResult> {
  const classes = dataset.classes.length
  const own = (probes: readonly number[]) => probes.map((i) => dataset.labels[i] as number)
  const found = await searchAll(plan, dataset, closed, embeddings)
  const ranked = rankFigures(plan, found.rank, own(closed.mated), classes, {
    label: ', closed set',
    detail: ' and everyone is in the gallery.',
  })
  const searches = await searchAll(plan, dataset, open, embeddings)
  const opened = openSetFigures(plan, searches, own([...open.mated, ...open.unseen]), classes, ', open set')
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
    figures: { ...ranked.figures, ...opened.figures },
    tables: {},
    curves: {
      cmc: ranked.curve,
      ...(open.unseen.length === 0 ? {} : { openSet: dirCurve(opened.roc) }),
    },
    notes:
      opened.unresolved.length === 0
        ? []
        : [
            `No DIR at ${opened.unresolved.join(', ')}: ${open.unseen.length} probes without a mate cannot resolve so low a rate.`,
          ],
  }
}

/** Mated probes first, then those without a mate. */
function searchAll(
  plan: IdentificationPlan,
  dataset: Dataset,
  split: GallerySplit,
  embeddings: Embeddings,
): Promise<Searches> {
  const probes = [...split.mated, ...split.unseen]
  const labels = (positions: readonly number[]) => positions.map((i) => dataset.labels[i] as number)
  const images = { embeddings: rowsAt(embeddings, split.gallery), labels: labels(split.gallery) }
  const gallery = plan.fusion === 'mean' ? templates(images.embeddings, images.labels) : images
  const { ties, count } = plan
  return probeSearches(rowsAt(embeddings, probes), labels(probes), gallery.embeddings, gallery.labels, { ties, count })
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
