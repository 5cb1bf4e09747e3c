import { basename, dirname } from 'node:path'
import { requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import type { Searches } from '../metrics/identification.js'
import { templates } from '../metrics/templates.js'
import { type IntervalOptions, intervalSentence, resolveIntervals } from './intervals.js'
import { type Entry, entryRows, type Listed, ListedBefore, listedEntries } from './listedTemplates.js'
import { imagesByName, missingNote, readListFile } from './listFiles.js'
import { dirCurve, openSetFigures } from './openSetFigures.js'
import { probeSearches } from './probeSearches.js'
import type { Protocol } from './protocol.js'
import { rankFigures } from './rankFigures.js'
import type { EvaluationResult } from './result.js'
import { scoreName, templateName } from './scoreName.js'
import { resolveSearchOptions, type SearchOptions } from './searchOptions.js'

/** Options of {@link lists}. */
export interface ListsOptions extends IntervalOptions, SearchOptions {
  /**
   * A file with the images of the gallery, one path within the source a line; the extension does not count. After a tab there may be
   * the name of a template: its images are averaged and enrolled as one.
   */
  readonly gallery: string
  /** The same of the probes. */
  readonly probes: string
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
  const { gallery, probes } = given
  const plan: ListsPlan = Object.freeze({
    ...{ type: 'lists' as const, gallery, probes },
    ...resolveSearchOptions('lists', given),
    ...resolveIntervals('lists', options),
  })
  const sides = locate(dataset, plan)
  const [k] = plan.ranks as [number]
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, sides, embeddings),
    outcomes: async (embeddings: Embeddings) => ({
      label: `Rank-${k} of each probe with a mate`,
      values: Array.from((await search(plan, sides, embeddings)).rank.subarray(0, sides.mated), (r) =>
        r <= k ? 1 : 0,
      ),
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
  const before = new ListedBefore()
  const missing = { gallery: new Set<string>(), probes: new Set<string>() }
  const [gallery, probes] = (['gallery', 'probes'] as const).map((side) =>
    listedEntries(files[side], dataset, position, before, missing[side]),
  ) as [Listed, Listed]
  const enrolled = new Set(gallery.entries.map(({ label }) => label))
  const searched = new Set(probes.entries.map(({ label }) => label))
  const mated = probes.entries.filter(({ label }) => enrolled.has(label))
  // Whose images in the gallery are all missing would have been enrolled: no stranger, and nobody to be found.
  const lost = classesOf(missing.gallery, dataset)
  const unenrolled = probes.entries.filter(({ label }) => !enrolled.has(label))
  const unseen = unenrolled.filter(({ label }) => !lost.has(label))
  const dropped = unenrolled.length - unseen.length
  const absent = new Set([...missing.gallery, ...missing.probes])
  const lone = [...enrolled].filter((c) => !searched.has(c)).length
  const templates = gallery.templates || probes.templates
  const images = (side: Listed) => side.entries.reduce((sum, entry) => sum + entry.images.length, 0)
  if (mated.length === 0)
    throw new NPairError(
      'DATA_CLASSES',
      `None of ${probes.entries.length} probes has a mate among the ${gallery.entries.length} ${gallery.templates ? 'templates' : 'images'} of the gallery` +
        `${absent.size > 0 ? `; ${absent.size} listed images are missing, the first ${[...absent][0]}` : ''}`,
    )
  return {
    ...{ gallery: gallery.entries, probes: [...mated, ...unseen], mated: mated.length, templates },
    counts: {
      ...{ gallery: gallery.entries.length, enrolledIdentities: enrolled.size, identitiesWithoutProbe: lone },
      ...{ matedProbes: mated.length, unmatedProbes: unseen.length, missingImages: absent.size },
      ...(dropped > 0 && { probesOfMissingMates: dropped }),
      ...(templates && { galleryImages: images(gallery), probeImages: images(probes) }),
    },
    definition: `Gallery: ${basename(plan.gallery)} (SHA-256 ${files.gallery.hash}…); probes: ${basename(plan.probes)} (SHA-256 ${files.probes.hash}…).`,
    notes: [
      ...missingNote(absent, `${basename(plan.gallery)} or ${basename(plan.probes)}`),
      ...(dropped > 0
        ? [`${dropped} probes are left out: all images that the gallery was to have of their class are missing.`]
        : []),
      ...(lone > 0 ? [`${lone} identities of the gallery have no probe: they are only in the way.`] : []),
      ...(unseen.length === 0
        ? ['Every probe has a mate in the gallery: a closed set, without a DIR.']
        : [`${unseen.length} probes have no mate in the gallery: they set the thresholds of the open set.`]),
    ],
  }
}

/** Classes that images which the dataset lacks would have: those of the images it has in the same folders. */
function classesOf(missing: ReadonlySet<string>, dataset: Dataset): Set<number> {
  const folders = new Set([...missing].map((name) => dirname(name)))
  const classes = new Set<number>()
  if (folders.size > 0)
    dataset.labels.forEach((label, i) => {
      if (folders.has(dirname(dataset.imageName(i)))) classes.add(label)
    })
  return classes
}

function search(plan: ListsPlan, { gallery, probes }: Sides, embeddings: Embeddings): Promise<Searches> {
  const labels = (entries: readonly Entry[]) => entries.map(({ label }) => label)
  const listed = { embeddings: entryRows(embeddings, gallery), labels: labels(gallery) }
  const enrolled = plan.fusion === 'mean' ? templates(listed.embeddings, listed.labels) : listed
  const { ties, count } = plan
  const rows = entryRows(embeddings, probes)
  return probeSearches(rows, labels(probes), enrolled.embeddings, enrolled.labels, { ties, count })
}

async function judge(
  plan: ListsPlan,
  dataset: Dataset,
  sides: Sides,
  embeddings: Embeddings,
): Promise<EvaluationResult> {
  const classes = dataset.classes.length
  const found = await search(plan, sides, embeddings)
  const probeClasses = sides.probes.map(({ label }) => label)
  const mated = [found.rank.subarray(0, sides.mated), probeClasses.slice(0, sides.mated)] as const
  const ranked = rankFigures(plan, ...mated, classes, { label: '', detail: ', of the probes with a mate.' })
  const far = sides.probes.length > sides.mated ? plan.far : []
  const opened = openSetFigures({ ...plan, far }, found, probeClasses, classes)
  return {
    ...{
      protocol: plan.type,
      version: 2,
      definition: define(plan, sides, embeddings),
      options: { ...plan },
      data: dataset.plan,
    },
    counts: { images: dataset.length, classes, ...sides.counts },
    ...{ headline: `rank${plan.ranks[0]}`, figures: { ...ranked.figures, ...opened.figures }, tables: {} },
    curves: { cmc: ranked.curve, ...(far.length > 0 && { openSet: dirCurve(opened.roc) }) },
    notes: [
      ...sides.notes,
      ...(opened.unresolved.length > 0
        ? [`No DIR at ${opened.unresolved.join(', ')}: too few probes without a mate.`]
        : []),
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
