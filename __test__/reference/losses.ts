import { distanceWeightedTriplets } from './distanceWeighted.js'

/** Every loss but the N-pair-mc as one would write it after reading its equation: loops over rows, float64, no gradient. */

type Rows = readonly (readonly number[])[]
type LabelList = readonly number[]

export const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)
const squared = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, k) => sum + (x - (b[k] as number)) ** 2, 0)
export const unit = (row: readonly number[]) => row.map((x) => x / Math.sqrt(dot(row, row)))
const units = (rows: Rows, normalize: boolean) => (normalize ? rows.map(unit) : rows)
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
/** log(1 + e^x) */
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
export const logSumExp = (values: readonly number[]) => {
  const top = Math.max(...values)
  return top === Number.NEGATIVE_INFINITY ? top : top + Math.log(values.reduce((s, x) => s + Math.exp(x - top), 0))
}
const row = (rows: Rows, i: number) => rows[i] as readonly number[]
const others = (n: number, i: number) => Array.from({ length: n }, (_, j) => j).filter((j) => j !== i)

export interface PairReference {
  normalize?: boolean
  temperature?: number
  l2?: number
  l2Convention?: 'sum' | 'mean' | 'quarter'
  l2Of?: 'squaredNorm' | 'norm'
  queries?: 'anchors' | 'symmetric' | 'all'
  sameClass?: 'error' | 'mask' | 'soft' | 'sum'
}

/** A query's inner products with its keys, which of them are positives, and how much of the target each has. */
interface Asked {
  s: number[]
  positive: boolean[]
  same: boolean[]
  target: number[]
}

function askedMc({ s, positive, same, target }: Asked, sameClass: string): number {
  const negatives = s.filter((_, j) => !same[j])
  const positives = s.filter((_, j) => positive[j])
  if (sameClass === 'soft') return s.reduce((sum, x, j) => sum - (target[j] as number) * (x - logSumExp(s)), 0)
  if (sameClass === 'sum') return softplus(logSumExp(negatives) - logSumExp(s.filter((_, j) => same[j])))
  return mean(positives.map((p) => softplus(logSumExp(negatives) - p)))
}

function askedOvo({ s, positive, same }: Asked): number {
  const own = s[positive.indexOf(true)] as number
  return s.reduce((sum, x, j) => (same[j] ? sum : sum + softplus(x - own)), 0)
}

/** Both N-pair losses; `rows` are N anchors, then N positives; `labels` lists of labels, one list a row. */
export function referencePairs(
  kind: 'mc' | 'ovo',
  rows: Rows,
  labels: readonly LabelList[],
  options: PairReference = {},
): number {
  const { normalize = false, temperature = 1, l2 = 0, l2Convention = 'sum', l2Of = 'squaredNorm' } = options
  const { queries = 'anchors', sameClass = 'error' } = options
  const n = rows.length / 2
  const f = units(rows, normalize)
  const overlap = (i: number, j: number) =>
    (labels[i] as LabelList).filter((label) => (labels[j] as LabelList).includes(label)).length
  /** The loss of query row i over key rows; `own` is its positive where it has one alone. */
  const ask = (i: number, keys: number[], own?: number): number | undefined => {
    const shared = keys.map((j) => overlap(i, j))
    const asked = {
      s: keys.map((j) => dot(row(f, i), row(f, j)) / temperature),
      same: shared.map((count) => count > 0),
      positive: keys.map((j, k) => (own === undefined ? (shared[k] as number) > 0 : j === own)),
      target: shared.map((count) => count / shared.reduce((a, b) => a + b, 0)),
    }
    if (!asked.positive.includes(true)) return undefined
    return kind === 'mc' ? askedMc(asked, sameClass) : askedOvo(asked)
  }
  const [anchors, positives] = [Array.from({ length: n }, (_, i) => i), Array.from({ length: n }, (_, i) => n + i)]
  const there = () => mean(anchors.map((i) => ask(i, positives, n + i) as number))
  const back = () => mean(positives.map((i) => ask(i, anchors, i - n) as number))
  const all = () =>
    mean(
      rows
        .map((_, i) => ask(i, others(rows.length, i), kind === 'ovo' ? (i + n) % rows.length : undefined))
        .filter((value) => value !== undefined),
    )
  const value = { anchors: there, symmetric: () => (there() + back()) / 2, all }[queries]()
  const norms = rows.map((r) => (l2Of === 'norm' ? Math.sqrt(dot(r, r)) : dot(r, r)))
  return value + l2 * { sum: 2, mean: 1, quarter: 0.5 }[l2Convention] * mean(norms)
}

export function referenceSupCon(rows: Rows, labels: LabelList, temperature: number, normalize: boolean): number {
  const f = units(rows, normalize)
  const losses = rows.flatMap((_, i) => {
    const keys = others(rows.length, i)
    const s = keys.map((j) => dot(row(f, i), row(f, j)) / temperature)
    const positives = s.filter((_, k) => labels[keys[k] as number] === labels[i])
    return positives.length > 0 ? [mean(positives.map((p) => logSumExp(s) - p))] : []
  })
  return mean(losses)
}

export function referenceContrastive(rows: Rows, labels: LabelList, margin: number, normalize = false): number {
  const f = units(rows, normalize)
  const losses = rows.flatMap((_, i) =>
    others(rows.length, i)
      .filter((j) => j > i)
      .map((j) => {
        const d = squared(row(f, i), row(f, j))
        return labels[i] === labels[j] ? d : Math.max(0, margin - Math.sqrt(d)) ** 2
      }),
  )
  return mean(losses)
}

export type Triple = readonly [number, number, number]

/** Which triplets, by plain search; `far` says how unlike two rows are. */
export function referenceTriplets(
  kind: 'paper' | 'all' | 'hard' | 'semiHard' | 'given',
  labels: LabelList,
  far: (i: number, j: number) => number,
): Triple[] {
  const n = labels.length
  if (kind === 'given') return Array.from({ length: n / 3 }, (_, i) => [i, n / 3 + i, (2 * n) / 3 + i])
  if (kind === 'paper')
    return Array.from({ length: n / 2 }, (_, i) => {
      const partner = i % 2 === 0 && i + 1 < n / 2 ? i + 1 : i - 1
      return [i, n / 2 + i, n / 2 + partner]
    })
  return labels.flatMap((_, a): Triple[] => {
    const positives = others(n, a).filter((j) => labels[j] === labels[a])
    const negatives = others(n, a).filter((j) => labels[j] !== labels[a])
    if (positives.length === 0 || negatives.length === 0) return []
    const least = (list: number[], key: (j: number) => number) =>
      list.reduce((best, j) => (key(j) < key(best) ? j : best))
    if (kind === 'all') return positives.flatMap((p) => negatives.map((m): Triple => [a, p, m]))
    if (kind === 'hard') return [[a, least(positives, (j) => -far(a, j)), least(negatives, (j) => far(a, j))]]
    return positives.map((p): Triple => {
      const beyond = negatives.filter((j) => far(a, j) > far(a, p))
      return [a, p, beyond.length > 0 ? least(beyond, (j) => far(a, j)) : least(negatives, (j) => -far(a, j))]
    })
  })
}

export interface TripletReference {
  form?: 'hinge' | 'smooth'
  margin?: number
  triplets?: 'paper' | 'all' | 'hard' | 'semiHard' | 'distanceWeighted' | 'given'
  average?: 'all' | 'active'
  normalize?: boolean
  l2?: number
}

export function referenceTriplet(rows: Rows, labels: LabelList, options: TripletReference): number {
  const { form = 'hinge', margin = 0.2, triplets = 'paper', average = 'all', normalize = false, l2 = 0 } = options
  const f = units(rows, normalize)
  const far = (i: number, j: number) => (form === 'hinge' ? squared(row(f, i), row(f, j)) : -dot(row(f, i), row(f, j)))
  const list =
    triplets === 'distanceWeighted' ? distanceWeightedTriplets(rows, labels) : referenceTriplets(triplets, labels, far)
  const losses = list.map(([a, p, n]) =>
    form === 'hinge' ? Math.max(0, far(a, p) - far(a, n) + margin) : softplus(far(a, p) - far(a, n)),
  )
  const counted = average === 'active' ? losses.filter((x) => x > 0) : losses
  return (counted.length > 0 ? mean(counted) : 0) + l2 * mean(rows.map((r) => dot(r, r)))
}

export function referenceTripletMargin(
  rows: Rows,
  labels: LabelList,
  {
    margin = 1,
    p = 2,
    eps = 1e-6,
    swap = false,
    triplets = 'given' as 'given' | 'paper' | 'hard' | 'semiHard' | 'distanceWeighted',
  } = {},
): number {
  const d = (i: number, j: number) =>
    row(rows, i).reduce((sum, x, k) => sum + Math.abs(x - (row(rows, j)[k] as number) + eps) ** p, 0) ** (1 / p)
  const far = (i: number, j: number) => squared(row(rows, i), row(rows, j))
  const list =
    triplets === 'distanceWeighted' ? distanceWeightedTriplets(rows, labels) : referenceTriplets(triplets, labels, far)
  return mean(list.map(([a, q, n]) => Math.max(0, d(a, q) - (swap ? Math.min(d(a, n), d(q, n)) : d(a, n)) + margin)))
}

export function referenceTuplet(
  rows: Rows,
  negatives: number,
  { temperature = 1, normalize = false, l2 = 0 } = {},
): number {
  const b = rows.length / (negatives + 2)
  const f = units(rows, normalize)
  const losses = Array.from({ length: b }, (_, i) => {
    const s = (k: number) => dot(row(f, i), row(f, k * b + i)) / temperature
    return softplus(logSumExp(Array.from({ length: negatives }, (_, k) => s(k + 2))) - s(1))
  })
  return mean(losses) + l2 * mean(rows.map((r) => dot(r, r)))
}

/** Cross-entropy of logits. */
function crossEntropy(logits: Rows, labels: LabelList): number {
  return mean(logits.map((z, i) => logSumExp(z) - (z[labels[i] as number] as number)))
}

export function referenceSoftmax(rows: Rows, labels: LabelList, weight: Rows, bias: readonly number[]): number {
  return crossEntropy(
    rows.map((f) => weight.map((w, c) => dot(f, w) + (bias[c] as number))),
    labels,
  )
}

export function referenceMarginSoftmax(
  kind: 'arcFace' | 'cosFace',
  rows: Rows,
  labels: LabelList,
  weight: Rows,
  { scale, margin }: { scale: number; margin: number },
): number {
  const harder = (cosine: number) => {
    if (kind === 'cosFace') return cosine - margin
    const angle = Math.acos(cosine)
    return angle < Math.PI - margin ? Math.cos(angle + margin) : cosine - margin * Math.sin(margin)
  }
  const logits = rows.map((f, i) =>
    weight.map((w, c) => {
      const cosine = dot(unit(f), unit(w))
      return scale * (c === labels[i] ? harder(cosine) : cosine)
    }),
  )
  return crossEntropy(logits, labels)
}

export function referenceProxyAnchor(
  rows: Rows,
  labels: LabelList,
  proxies: Rows,
  { alpha, margin }: { alpha: number; margin: number },
): number {
  let [pulled, pushed] = [0, 0]
  proxies.forEach((p, c) => {
    let [near, far] = [0, 0]
    rows.forEach((f, i) => {
      const s = dot(unit(f), unit(p))
      if (labels[i] === c) near += Math.exp(-alpha * (s - margin))
      else far += Math.exp(alpha * (s + margin))
    })
    pulled += Math.log1p(near)
    pushed += Math.log1p(far)
  })
  return pulled / new Set(labels).size + pushed / proxies.length
}
