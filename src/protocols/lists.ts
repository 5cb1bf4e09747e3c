import { basename } from 'node:path'
import { requireFalseAcceptRates } from '../config/falseAcceptRate.js'
import { requireNames, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { cmc } from '../metrics/cmc.js'
import { identify, type RankOptions, type Searches } from '../metrics/identification.js'
import { openSet } from '../metrics/openSet.js'
import { type FarRule, tarAtFar } from '../metrics/roc.js'
import { templates } from '../metrics/templates.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, intervals, meanIntervals, resolveIntervals } from './intervals.js'
import { type Entry, entryRows, type Listed, ListedBefore, listedEntries } from './listedTemplates.js'
import { imagesByName, missingNote, readListFile } from './listFiles.js'
import type { Protocol } from './protocol.js'
import type { EvaluationResult, Figure } from './result.js'
import { scoreName, templateName } from './scoreName.js'

/** Options of {@link lists}. */
export interface ListsOptions extends IntervalOptions, RankOptions {
  /**
   * A file with the images of the gallery, one path within the source a line; the extension does not count. After a tab there may be
   * the name of a template: its images are averaged and enrolled as one.
   */
  readonly gallery: string
  /** The same of the probes. */
  readonly probes: string
  /** The k of rank-k, each an integer >= 1. Default 1, 5, 10. */
  readonly ranks?: readonly number[]
  /** False alarm rates, each in (0, 1], where there are probes without a mate. Default 0.1, 0.01. */
  readonly far?: readonly number[]
  /** Which threshold stands for a rate, see `metrics.tarAtFar`. Default `atMost`. */
  readonly farRule?: FarRule
  /** Several images of an identity in the gallery: the `best` score counts, or their `mean` is the template. Default `best`. */
  readonly fusion?: 'best' | 'mean'
}

/** Resolved plan of {@link lists}. */
export interface ListsPlan extends Required<ListsOptions> {
  readonly type: 'lists'
}

/** What is enrolled, and what is searched for. */
interface Sides {
  readonly gallery: readonly Entry[]
  /** Those with a mate in the gallery first, then those without. */
  readonly probes: readonly Entry[]
  readonly mated: number
  readonly counts: Readonly<Record<string, number>>
  readonly definition: string
  /** Whether an entry is the mean of several images. */
  readonly templates: boolean
  readonly notes: readonly string[]
}

const known = 'gallery probes ranks far farRule fusion ties count bootstrap seed'.split(' ')

/**
 * Identification by two lists of images: rank-k of the probes that have a mate in the gallery (closed set), and where some have none,
 * DIR at false alarm rates that are measured on those (open set). Who an image shows is its class in the dataset.
 *
 * @throws NPairError `INVALID_OPTION`, `NOT_FOUND`; `PROTOCOL_CORRUPT` for an image that is listed twice, or a template of two
 *   classes; `DATA_CLASSES` where no probe has a mate
 */
export function lists(dataset: Dataset, options: ListsOptions): Protocol<ListsPlan> {
  requireNames('lists', options, known)
  const given = options as ListsOptions
  const { gallery, probes, ranks = [1, 5, 10], far = [0.1, 0.01], farRule = 'atMost', fusion = 'best' } = given
  const { ties = 'pessimistic', count = 'identities' } = given
  if (!Array.isArray(ranks) || ranks.length === 0 || !ranks.every((k) => Number.isSafeInteger(k) && k >= 1))
    throw invalidOption('lists.ranks', 'an array of integers >= 1', ranks)
  requireFalseAcceptRates('lists.far', far)
  requireWord('lists.farRule', farRule, ['atMost', 'nthImpostor'])
  requireWord('lists.fusion', fusion, ['best', 'mean'])
  requireWord('lists.ties', ties, ['pessimistic', 'optimistic'])
  requireWord('lists.count', count, ['identities', 'images'])
  const plan: ListsPlan = Object.freeze({
    ...{ type: 'lists' as const, gallery, probes, farRule, fusion, ties, count },
    ranks: Object.freeze([...new Set(ranks)].sort((a, b) => a - b)),
    far: Object.freeze([...far]),
    ...resolveIntervals('lists', options),
  })
  const sides = locate(dataset, plan)
  const [k] = plan.ranks as [number]
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, sides, embeddings),
    outcomes: (embeddings: Embeddings) => ({
      label: `Rank-${k} of each probe with a mate`,
      values: Array.from(search(plan, sides, embeddings).rank.subarray(0, sides.mated), (r) => (r <= k ? 1 : 0)),
      identities: sides.probes.slice(0, sides.mated).map(({ label }) => label),
    }),
  })
}

function locate(dataset: Dataset, plan: ListsPlan): Sides {
  const files = {
    gallery: readListFile('lists.gallery', plan.gallery),
    probes: readListFile('lists.probes', plan.probes),
  }
  const position = imagesByName(dataset)
  const missing = new Set<string>()
  const before = new ListedBefore()
  const [gallery, probes] = [files.gallery, files.probes].map((file) =>
    listedEntries(file, dataset, position, before, missing),
  ) as [Listed, Listed]
  const enrolled = new Set(gallery.entries.map(({ label }) => label))
  const searched = new Set(probes.entries.map(({ label }) => label))
  const mated = probes.entries.filter(({ label }) => enrolled.has(label))
  const unseen = probes.entries.filter(({ label }) => !enrolled.has(label))
  const lone = [...enrolled].filter((c) => !searched.has(c)).length
  const templates = gallery.templates || probes.templates
  const images = (side: Listed) => side.entries.reduce((sum, entry) => sum + entry.images.length, 0)
  if (mated.length === 0)
    throw new NPairError(
      'DATA_CLASSES',
      `None of ${probes.entries.length} probes has a mate among the ${gallery.entries.length} ${gallery.templates ? 'templates' : 'images'} of the gallery` +
        `${missing.size > 0 ? `; ${missing.size} listed images are missing, the first ${[...missing][0]}` : ''}`,
    )
  return {
    ...{ gallery: gallery.entries, probes: [...mated, ...unseen], mated: mated.length, templates },
    counts: {
      ...{ gallery: gallery.entries.length, enrolledIdentities: enrolled.size, identitiesWithoutProbe: lone },
      ...{ matedProbes: mated.length, unmatedProbes: unseen.length, missingImages: missing.size },
      ...(templates && { galleryImages: images(gallery), probeImages: images(probes) }),
    },
    definition: `Gallery: ${basename(plan.gallery)} (SHA-256 ${files.gallery.hash}…); probes: ${basename(plan.probes)} (SHA-256 ${files.probes.hash}…).`,
    notes: [
      ...missingNote(missing, `${basename(plan.gallery)} or ${basename(plan.probes)}`),
      ...(lone > 0 ? [`${lone} identities of the gallery have no probe: they are only in the way.`] : []),
      ...(unseen.length === 0
        ? ['Every probe has a mate in the gallery: a closed set, without a DIR.']
        : [`${unseen.length} probes have no mate in the gallery: they set the thresholds of the open set.`]),
    ],
  }
}

function search(plan: ListsPlan, { gallery, probes }: Sides, embeddings: Embeddings): Searches {
  const labels = (entries: readonly Entry[]) => entries.map(({ label }) => label)
  const listed = { embeddings: entryRows(embeddings, gallery), labels: labels(gallery) }
  const enrolled = plan.fusion === 'mean' ? templates(listed.embeddings, listed.labels) : listed
  const { ties, count } = plan
  return identify(entryRows(embeddings, probes), labels(probes), enrolled.embeddings, enrolled.labels, { ties, count })
}

function judge(plan: ListsPlan, dataset: Dataset, sides: Sides, embeddings: Embeddings): EvaluationResult {
  const classes = dataset.classes.length
  const found = search(plan, sides, embeddings)
  const probeClasses = sides.probes.map(({ label }) => label)
  const ranks = found.rank.subarray(0, sides.mated)
  const curve = cmc(ranks, Math.max(...plan.ranks))
  const hits = plan.ranks.map((k) => Float64Array.from(ranks, (rank) => (rank <= k ? 1 : 0)))
  const spread = meanIntervals(hits, probeClasses.slice(0, sides.mated), classes, plan)
  const figures: Record<string, Figure> = {}
  plan.ranks.forEach((k, i) => {
    const more = { label: `Rank-${k}`, detail: `Here k = ${k}, of the probes with a mate.`, interval: spread[i] }
    figures[`rank${k}`] = figure('cmc', curve[k - 1] as number, more)
  })
  const opened = openSet(found)
  const open = sides.probes.length > sides.mated
  const targets = (open ? plan.far : []).map((target) => ({ target, at: tarAtFar(opened, target, plan.farRule) }))
  const resolved = targets.flatMap(({ target, at }) => (at === undefined ? [] : [{ target, at }]))
  const openSpread = intervals(classes, resolved.length, plan, (weights) => {
    const own = probeClasses.map((c) => weights[c] as number)
    const drawn = openSet(found, 1, own)
    return resolved.map(({ target }) => tarAtFar(drawn, target, plan.farRule)?.tar ?? Number.NaN)
  })
  resolved.forEach(({ target, at }, i) => {
    figures[`dir@far=${target}`] = figure('openSet', at.tar, {
      label: `DIR at false alarm rate ${target}`,
      detail: `Here r = 1, t = ${at.threshold.toPrecision(4)}; false alarm rate reached: ${Number(at.far.toPrecision(4))}.`,
      interval: openSpread[i],
    })
  })
  const unresolved = targets.flatMap(({ target, at }) => (at === undefined ? [target] : []))
  return {
    ...{
      protocol: plan.type,
      version: 1,
      definition: define(plan, sides, embeddings),
      options: { ...plan },
      data: dataset.plan,
    },
    counts: { images: dataset.length, classes, ...sides.counts },
    ...{ headline: `rank${plan.ranks[0]}`, figures, tables: {} },
    curves: { cmc: { rank: Array.from(curve, (_, k) => k + 1), rate: Array.from(curve) } },
    notes: [
      ...sides.notes,
      ...(unresolved.length > 0 ? [`No DIR at ${unresolved.join(', ')}: too few probes without a mate.`] : []),
    ],
  }
}

function define(plan: ListsPlan, sides: Sides, embeddings: Embeddings): string {
  const fused =
    plan.fusion === 'mean'
      ? templateName(embeddings)
      : `its best-scoring ${sides.templates ? 'image or template' : 'image'}`
  const joined = sides.templates ? ` A template is ${templateName(embeddings)}, and probes or is enrolled as one.` : ''
  const ties = plan.ties === 'pessimistic' ? 'a stranger before the mate' : 'the mate before a stranger'
  return (
    `${sides.definition}${joined} An identity stands in the gallery by ${fused}. Score: ${scoreName(embeddings)}; a rank counts ${plan.count}, ` +
    `equal scores ${ties}. The probes without a mate set the threshold of the open set (${plan.farRule}).` +
    intervalSentence(plan, 'the identities of the probes, the gallery kept')
  )
}
