import { requireInteger, requireNames, requireWord } from '../config/require.js'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { NPairError } from '../errors.js'
import { weightedMean } from '../metrics/bootstrap.js'
import type { Interval } from '../metrics/interval.js'
import { type Episode, episodeError, nearestWays } from '../metrics/oneShot.js'
import { mean, standardError } from '../metrics/statistics.js'
import { Random } from '../random.js'
import { figure } from './figure.js'
import { type IntervalOptions, intervalSentence, intervals, meanIntervals, resolveIntervals } from './intervals.js'
import type { Outcomes, Protocol } from './protocol.js'
import type { EvaluationResult } from './result.js'

/** Options of {@link oneShot}. */
export interface OneShotOptions extends IntervalOptions {
  /** N: classes to choose between; at least 2. Default 20. */
  ways?: number
  /** k: example images a class; at least 1. Default 1. */
  shots?: number
  /** Episodes in each super-class; at least 1. Default 500. */
  episodes?: number
  /** A super-class with fewer usable classes than `ways`: refuse, leave it out, or play it with all it has. Default `error`. */
  fewerWays?: 'error' | 'skip' | 'all'
}

/** Resolved plan of {@link oneShot}. */
export interface OneShotPlan extends Required<OneShotOptions> {
  readonly type: 'oneShot'
}

/** A super-class (or the whole data, where it has none) and its usable classes. */
interface Arena {
  name: string
  index: number
  ways: number
  classes: Int32Array[]
}

/**
 * N-way k-shot recognition within each super-class (alphabet): given k examples of each of N classes never trained on,
 * which class is a new image of? One query a class and episode.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` where a super-class has too few classes with shots + 1 images
 */
export function oneShot(dataset: Dataset, options: OneShotOptions = {}): Protocol<OneShotPlan> {
  requireNames('oneShot', options, ['ways', 'shots', 'episodes', 'fewerWays', 'bootstrap', 'seed'])
  const { ways = 20, shots = 1, episodes = 500, fewerWays = 'error' } = options
  requireInteger('oneShot.ways', ways, 2)
  requireInteger('oneShot.shots', shots, 1)
  requireInteger('oneShot.episodes', episodes, 1)
  requireWord('oneShot.fewerWays', fewerWays, ['error', 'skip', 'all'])
  const resampling = resolveIntervals('oneShot', options)
  const plan = Object.freeze({ type: 'oneShot' as const, ways, shots, episodes, fewerWays, ...resampling })
  const { arenas, skipped } = findArenas(dataset, plan)
  return Object.freeze({
    plan,
    dataset,
    judge: (embeddings: Embeddings) => judge(plan, dataset, arenas, skipped, embeddings),
    outcomes: (embeddings: Embeddings) => outcomes(plan, arenas, embeddings),
  })
}

function findArenas(dataset: Dataset, { ways, shots, fewerWays }: OneShotPlan): { arenas: Arena[]; skipped: string[] } {
  const byClass = dataset.byClass()
  const groups = new Map<number, number[]>()
  byClass.forEach((_, c) => {
    const index = dataset.superClasses.length > 0 ? (dataset.superClassOf[c] as number) : 0
    groups.set(index, [...(groups.get(index) ?? []), c])
  })
  const arenas: Arena[] = []
  const skipped: string[] = []
  for (const [index, members] of [...groups].sort(([a], [b]) => a - b)) {
    const name = dataset.superClasses[index] ?? 'all classes'
    const classes = members.map((c) => byClass[c] as Int32Array).filter((images) => images.length > shots)
    if (classes.length < ways && fewerWays === 'error')
      throw new NPairError(
        'DATA_CLASSES',
        `${name} has ${classes.length} classes with ${shots + 1} or more images, too few for ${ways} ways: ` +
          "lower ways, or set fewerWays to 'skip' or 'all'",
        { option: 'oneShot.ways' },
      )
    if (classes.length >= ways || (fewerWays === 'all' && classes.length >= 2))
      arenas.push({ name, index, ways: Math.min(ways, classes.length), classes })
    else skipped.push(name)
  }
  if (arenas.length === 0)
    throw new NPairError('DATA_CLASSES', `No super-class has enough classes with ${shots + 1} or more images`, {
      option: 'oneShot.ways',
    })
  return { arenas, skipped }
}

/** Episode `e` of an arena: a function of (seed, super-class, e) alone. `classes[w]`: which of the arena's is way w. */
function drawEpisode(
  { index, classes, ways }: Arena,
  { seed, shots }: OneShotPlan,
  e: number,
): Episode & { classes: number[] } {
  const random = new Random(seed, 'protocol', index, e)
  const chosen = draw(Array.from(classes.keys()), ways, random)
  const drawn = chosen.map((c) => draw(classes[c] as Int32Array, shots + 1, random))
  return {
    classes: chosen,
    supports: drawn.map((images) => images.slice(0, shots)),
    queries: drawn.map((images) => images[shots] as number),
  }
}

/** What an arena came to. */
interface Played {
  /** `[episodes]` */
  errors: number[]
  /** `[queries]` 1 where a query was given to another class than its own. */
  wrong: number[]
  /** `[queries]` its class, an index into the arena's. */
  classes: number[]
}

function play(arena: Arena, plan: OneShotPlan, unit: Embeddings): Played {
  const played: Played = { errors: [], wrong: [], classes: [] }
  for (let e = 0; e < plan.episodes; e++) {
    const episode = drawEpisode(arena, plan, e)
    const ways = nearestWays(unit, episode)
    played.errors.push(episodeError(ways))
    ways.forEach((way, own) => {
      played.wrong.push(way === own ? 0 : 1)
      played.classes.push(episode.classes[own] as number)
    })
  }
  return played
}

/** `count` different items in random order. */
function draw<T>(items: ArrayLike<T>, count: number, random: Random): T[] {
  const pool = Array.from(items)
  for (let i = 0; i < count; i++) {
    const j = i + random.below(pool.length - i)
    const held = pool[i] as T
    pool[i] = pool[j] as T
    pool[j] = held
  }
  return pool.slice(0, count)
}

function judge(
  plan: OneShotPlan,
  dataset: Dataset,
  arenas: Arena[],
  skipped: string[],
  embeddings: Embeddings,
): EvaluationResult {
  const unit = embeddings.comparable()
  const played = arenas.map((arena) => play(arena, plan, unit))
  const errors = played.map((own) => own.errors)
  const means = errors.map(mean)
  // With one super-class there is nothing to vary but the episodes.
  const spread = standardError(means.length > 1 ? means : (errors[0] as number[]))
  const over = means.length > 1 ? `the ${means.length} super-classes` : 'the episodes'
  return {
    protocol: plan.type,
    version: 2,
    definition:
      `${plan.ways}-way ${plan.shots}-shot within a super-class: an episode draws ${plan.ways} classes, ${plan.shots} support ` +
      `image${plan.shots > 1 ? 's' : ''} and one query, another image, of each; a query is given to the class whose ` +
      `${embeddings.metric === 'dot' ? 'mean score with the supports is the highest' : 'mean of length-1 support embeddings has the highest cosine'}. ${plan.episodes} episodes a super-class, seed ${plan.seed}.` +
      intervalSentence(
        plan,
        means.length > 1
          ? 'super-classes'
          : 'classes: a query counts as often as its class was drawn, and meets the same others',
      ),
    options: { ...plan },
    data: dataset.plan,
    counts: {
      images: dataset.length,
      classes: dataset.classes.length,
      superClasses: arenas.length,
      superClassesSkipped: skipped.length,
      episodes: arenas.length * plan.episodes,
      queries: arenas.reduce((total, arena) => total + arena.ways * plan.episodes, 0),
    },
    headline: 'error',
    figures: {
      error: figure('episodeError', mean(means), {
        ...(Number.isNaN(spread) ? {} : { standardError: spread }),
        interval: errorInterval(plan, arenas, played, means),
        label: `${plan.ways}-way ${plan.shots}-shot error`,
        detail: `Mean over super-classes; ± is the standard error over ${over}.`,
      }),
    },
    tables: {
      superClasses: {
        label: 'Super-classes',
        columns: [
          { label: 'Super-class', unit: 'text' },
          { label: 'Classes', unit: 'count' },
          { label: 'Ways', unit: 'count' },
          { label: 'Error', unit: 'fraction' },
          { label: 'Standard error', unit: 'fraction' },
        ],
        rows: arenas.map((arena, i) => {
          const own = standardError(errors[i] as number[])
          return [arena.name, arena.classes.length, arena.ways, means[i] as number, Number.isNaN(own) ? null : own]
        }),
      },
    },
    curves: {},
    notes: [
      ...(skipped.length > 0 ? [`Left out, too few classes: ${skipped.join(', ')}.`] : []),
      ...arenas
        .filter((a) => a.ways < plan.ways)
        .map((a) => `${a.name} was played with ${a.ways} ways: it has no more classes.`),
    ],
  }
}

/** Episodes of super-classes: the seed deals every model the same ones. Of a single super-class its queries, of their classes. */
function outcomes(plan: OneShotPlan, arenas: readonly Arena[], embeddings: Embeddings): Outcomes {
  const unit = embeddings.comparable()
  const played = arenas.map((arena) => play(arena, plan, unit))
  const [{ wrong, classes }] = played as [Played]
  if (played.length === 1)
    return { label: 'Queries given to their class', values: wrong.map((error) => 1 - error), identities: classes }
  return {
    label: 'Accuracy (1 − error) of each episode',
    values: played.flatMap(({ errors }) => errors.map((error) => 1 - error)),
    identities: played.flatMap(({ errors }, arena) => errors.map(() => arena)),
  }
}

/** Of the mean over super-classes, these drawn again; of a single one its classes. Episodes are as many as one likes. */
function errorInterval(
  plan: OneShotPlan,
  arenas: readonly Arena[],
  played: readonly Played[],
  means: readonly number[],
): Interval | undefined {
  const [{ classes }] = arenas as [Arena]
  const [{ wrong, classes: own }] = played as [Played]
  const [interval] =
    arenas.length > 1
      ? intervals(arenas.length, 1, plan, (weights) => [weightedMean(means, weights)])
      : meanIntervals([wrong], own, classes.length, plan)
  return interval
}
