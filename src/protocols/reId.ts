import { requireBoolean, requireNames } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import { cmc } from '../metrics/cmc.js'
import type { MetricName } from '../metrics/definitions.js'
import { reIdRelevance, type Sightings } from '../metrics/reId.js'
import { averagePrecision, inverseNegativePenalty, trapezoidAveragePrecision } from '../metrics/retrieval.js'
import { mean } from '../metrics/statistics.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, meanIntervals, resolveIntervals } from './intervals.js'
import type { Protocol } from './protocol.js'
import { reRanked } from './reRanked.js'
import type { EvaluationResult, Figure } from './result.js'
import { rowsAt } from './rows.js'
import { scoreName } from './scoreName.js'
import { resolveRanks } from './searchOptions.js'
import { sightingRanks } from './sightingRanks.js'

/** Options of {@link reId}. */
export interface ReIdOptions extends IntervalOptions {
  /** Finds an image's camera in its name: a regular expression whose first group is the camera. Default `c(\d+)`, as in `0002_c1s1_000451_03.jpg`. */
  camera?: string
  /** Names that match are queries, all others the gallery. Default none: every image is a query, all others its gallery. */
  query?: string
  /** Classes whose images are left out for all. Default `-1`, Market-1501's junk. */
  junk?: readonly string[]
  /** Classes that are in the gallery, but never asked for. Default `0` and `0000`. */
  distractors?: readonly string[]
  /** The k of rank-k, each an integer >= 1. Default 1, 5, 10. */
  ranks?: readonly number[]
  /** Re-rank by k-reciprocal neighbours (k1 = 20, k2 = 6, λ = 0.3). Default false. */
  reRank?: boolean
}

/** Resolved plan of {@link reId}. */
export interface ReIdPlan extends Required<Omit<ReIdOptions, 'query'>> {
  readonly type: 'reId'
  readonly query?: string
}

/** Positions in the dataset, and what counts in re-identification. */
interface Sides {
  queries: number[]
  gallery: number[]
  /** `[images]` camera, numbered. */
  cameras: number[]
  cameraCount: number
}

const known = ['camera', 'query', 'junk', 'distractors', 'ranks', 'reRank', 'bootstrap', 'seed']

/**
 * Re-identification by Market-1501's rules: is the nearest image of another camera the same one? Rank-k, mAP, mINP.
 *
 * @throws NPairError `INVALID_OPTION`, also where a name holds no camera; `DATA_CLASSES` where no query was seen by two cameras
 */
export function reId(dataset: Dataset, options: ReIdOptions = {}): Protocol<ReIdPlan> {
  requireNames('reId', options, known)
  const given: ReIdOptions = options
  const { camera = 'c(\\d+)', query, junk = ['-1'], distractors = ['0', '0000'] } = given
  const { reRank = false } = given
  const ranks = resolveRanks('reId', given.ranks)
  for (const [name, value] of Object.entries({ junk, distractors }))
    if (!Array.isArray(value) || !value.every((c) => typeof c === 'string'))
      throw invalidOption(`reId.${name}`, 'an array of class names', value)
  requireBoolean('reId.reRank', reRank)
  const plan: ReIdPlan = Object.freeze({
    type: 'reId' as const,
    camera,
    ...(query === undefined ? {} : { query }),
    ...{ junk: Object.freeze([...junk]), distractors: Object.freeze([...distractors]) },
    ...{ ranks, reRank },
    ...resolveIntervals('reId', options),
  })
  const sides = findSides(dataset, plan)
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, sides, embeddings),
    outcomes: async (embeddings: Embeddings) => {
      const { ranks: found, asked } = await searchAll(plan, dataset, sides, embeddings)
      const counted = Array.from(found.keys()).filter((q) => (found[q]?.length ?? 0) > 0)
      return {
        label: 'Average precision of each query',
        values: counted.map((q) => averagePrecision(found[q] as Int32Array)),
        identities: counted.map((q) => asked.labels[q] as number),
      }
    },
  })
}

function findSides(dataset: Dataset, plan: ReIdPlan): Sides {
  const camera = pattern('reId.camera', plan.camera)
  const query = plan.query === undefined ? undefined : pattern('reId.query', plan.query)
  const numbers = new Map<string, number>()
  const cameras = Array.from(dataset.labels, (_, i) => {
    const name = dataset.imageName(i)
    const found = camera.exec(name)?.[1]
    if (found === undefined)
      throw invalidOption('reId.camera', `a regular expression whose first group is the camera in ${name}`, plan.camera)
    const number = numbers.get(found) ?? numbers.size
    numbers.set(found, number)
    return number
  })
  const all = Array.from(dataset.labels.keys())
  const name = (i: number) => dataset.classes[dataset.labels[i] as number] as string
  const kept = all.filter((i) => !plan.junk.includes(name(i)))
  const asked = kept.filter((i) => !plan.distractors.includes(name(i)))
  const sides = {
    queries: query === undefined ? asked : asked.filter((i) => query.test(dataset.imageName(i))),
    gallery: query === undefined ? kept : kept.filter((i) => !query.test(dataset.imageName(i))),
    cameras,
    cameraCount: numbers.size,
  }
  const seen = new Map<number, Set<number>>()
  for (const i of sides.gallery) {
    const label = dataset.labels[i] as number
    seen.set(label, (seen.get(label) ?? new Set()).add(cameras[i] as number))
  }
  const other = (i: number) => [...(seen.get(dataset.labels[i] as number) ?? [])].some((c) => c !== cameras[i])
  if (!sides.queries.some(other))
    throw new NPairError(
      'DATA_CLASSES',
      `Re-identification needs a query whose class another camera saw; there are ${sides.queries.length} queries, ` +
        `${sides.gallery.length} images in the gallery and ${numbers.size} cameras`,
    )
  return sides
}

function pattern(name: string, text: unknown): RegExp {
  try {
    if (typeof text === 'string') return new RegExp(text)
  } catch {}
  throw invalidOption(name, 'a regular expression', text)
}

/** Ranks of each query's relevant images, none for a query that no other camera saw. */
async function searchAll(
  plan: ReIdPlan,
  dataset: Dataset,
  { queries, gallery, cameras }: Sides,
  embeddings: Embeddings,
): Promise<{ ranks: Int32Array[]; asked: Sightings }> {
  const side = (positions: number[]): Sightings => ({
    labels: positions.map((i) => dataset.labels[i] as number),
    cameras: positions.map((i) => cameras[i] as number),
  })
  const asked = side(queries)
  // The query itself has its own class and camera: the rule leaves it out. Junk is in no gallery here.
  const seen = side(gallery)
  const [rows, galleryRows] = [rowsAt(embeddings, queries), rowsAt(embeddings, gallery)]
  // Without a pattern for queries they are images of the gallery: each is one image, not two that are each other's nearest.
  const row = new Map(gallery.map((position, at) => [position, at]))
  const own = plan.query === undefined ? { own: queries.map((position) => row.get(position) as number) } : {}
  const ranks = plan.reRank
    ? await reRanked(rows, galleryRows, own, reIdRelevance(asked, seen, []))
    : await sightingRanks(rows, asked, galleryRows, seen)
  return { ranks, asked }
}

async function judge(
  plan: ReIdPlan,
  dataset: Dataset,
  sides: Sides,
  embeddings: Embeddings,
): Promise<EvaluationResult> {
  const { ranks, asked } = await searchAll(plan, dataset, sides, embeddings)
  const curve = cmc(
    ranks.map((r) => r[0] ?? 0),
    Math.max(...plan.ranks),
  )
  const family: [name: string, metric: MetricName, label: string, value: (r: Int32Array) => number][] = [
    ...plan.ranks.map((k): (typeof family)[number] => [
      ...([`rank${k}`, 'cmc', `Rank-${k}`] as const),
      (r) => (r.length === 0 ? Number.NaN : (r[0] as number) <= k ? 1 : 0),
    ]),
    ['map', 'averagePrecision', 'mAP', (r) => averagePrecision(r)],
    [
      'mapTrapezoid',
      'trapezoidAveragePrecision',
      "mAP by trapezoids (Market-1501's program)",
      (r) => trapezoidAveragePrecision(r),
    ],
    ['minp', 'inverseNegativePenalty', 'mINP', (r) => inverseNegativePenalty(r)],
  ]
  const columns = family.map(([, , , value]) => ranks.map(value)) // NaN for a query that no other camera saw
  const spread = meanIntervals(columns, asked.labels, dataset.classes.length, plan)
  const figures: Record<string, Figure> = {}
  family.forEach(([name, metric, label], f) => {
    const value = mean((columns[f] as number[]).filter((x) => !Number.isNaN(x)))
    figures[name] = figure(metric, value, { label, interval: spread[f] })
  })
  const lone = ranks.filter((r) => r.length === 0).length
  return {
    protocol: plan.type,
    version: 2,
    definition: define(plan, embeddings),
    options: { ...plan },
    data: dataset.plan,
    counts: {
      ...{ images: dataset.length, classes: dataset.classes.length, cameras: sides.cameraCount },
      ...{ queries: ranks.length, gallery: sides.gallery.length, loneQueries: lone },
    },
    headline: 'map',
    figures,
    tables: {},
    curves: { cmc: { rank: Array.from(curve, (_, k) => k + 1), rate: Array.from(curve) } },
    notes: lone > 0 ? [`${lone} queries were seen by no other camera: left out of all figures.`] : [],
  }
}

function define(plan: ReIdPlan, embeddings: Embeddings): string {
  const asked =
    plan.query === undefined
      ? 'Every image is a query against all others'
      : `Images named like /${plan.query}/ are queries, the others the gallery`
  const order = plan.reRank
    ? 'by k-reciprocal re-ranking (k1 = 20, k2 = 6, λ = 0.3) of cosine similarity'
    : `by ${scoreName(embeddings)}`
  return (
    `${asked}, ordered ${order}, equal ones by lower index. Images of the query's class by the query's own camera ` +
    `(/${plan.camera}/ in the name) are left out; relevant are those by another. Left out for all: classes ` +
    `${plan.junk.join(', ') || 'none'}; never asked for: ${plan.distractors.join(', ') || 'none'}.${intervalSentence(plan, 'the classes of the queries')}`
  )
}
