/** Slow and obvious: every definition read off a sorted list, a matrix of pairs, or all permutations. */

/** A gallery as a list, best first, equal scores by lower row. */
export function sorted(scores: number[]): number[] {
  return scores.map((_, g) => g).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
}

/** 1-based places of the relevant images after those left out are struck from the list. */
export function ranks(scores: number[], relevance: number[]): number[] {
  const list = sorted(scores).filter((g) => relevance[g] !== -1)
  return list.flatMap((g, i) => (relevance[g] === 1 ? [i + 1] : []))
}

/** Precision of the first `k` of a list of hits. */
const precision = (hits: boolean[], k: number) => hits.slice(0, k).filter(Boolean).length / k

export const precisionAtK = (hits: boolean[], k: number): number => precision(hits, k)

export function averagePrecision(hits: boolean[]): number {
  const places = hits.flatMap((hit, i) => (hit ? [i + 1] : []))
  return places.reduce((sum, place) => sum + precision(hits, place), 0) / places.length
}

/** The area below the polygon through (recall, precision) of every rank, as compute_AP.m of Market-1501 walks it. */
export function trapezoidAveragePrecision(hits: boolean[]): number {
  const relevant = hits.filter(Boolean).length
  let area = 0
  let [oldRecall, oldPrecision] = [0, 1]
  for (let n = 1; n <= hits.length; n++) {
    const recall = hits.slice(0, n).filter(Boolean).length / relevant
    area += ((recall - oldRecall) * (oldPrecision + precision(hits, n))) / 2
    ;[oldRecall, oldPrecision] = [recall, precision(hits, n)]
  }
  return area
}

export function ndcgAtK(hits: boolean[], k: number): number {
  const gain = (list: boolean[]) => list.slice(0, k).reduce((sum, hit, i) => sum + (hit ? 1 / Math.log2(i + 2) : 0), 0)
  return gain(hits) / gain([...hits].sort((a, b) => Number(b) - Number(a)))
}

export function inverseNegativePenalty(hits: boolean[]): number {
  return hits.filter(Boolean).length / (hits.lastIndexOf(true) + 1)
}

/** Best score of each identity, then who is before the mate. */
export function rank(scores: number[], labels: number[], label: number, ties: string, count: string): number {
  const best = (identity: number) => Math.max(...scores.filter((_, g) => labels[g] === identity))
  if (!labels.includes(label)) return 0
  const beats = (score: number) => (ties === 'pessimistic' ? score >= best(label) : score > best(label))
  if (count === 'images') return 1 + scores.filter((score, g) => labels[g] !== label && beats(score)).length
  return 1 + [...new Set(labels)].filter((identity) => identity !== label && beats(best(identity))).length
}

/** DIR and FAR at one threshold, by counting. */
export function openSetAt(
  probes: { mate: number; stranger: number; rank: number }[],
  maxRank: number,
  threshold: number,
): { dir: number; far: number } {
  const mated = probes.filter((p) => p.rank > 0)
  const unseen = probes.filter((p) => p.rank === 0)
  return {
    dir: mated.filter((p) => p.rank <= maxRank && p.mate >= threshold).length / mated.length,
    far: unseen.filter((p) => p.stranger >= threshold).length / unseen.length,
  }
}

/** Mutual information by the definition, over every class and cluster. */
export function mutualInformation(classes: number[], clusters: number[]): number {
  const share = (holds: (i: number) => boolean) => classes.filter((_, i) => holds(i)).length / classes.length
  let sum = 0
  for (const a of new Set(classes))
    for (const b of new Set(clusters)) {
      const both = share((i) => classes[i] === a && clusters[i] === b)
      if (both > 0) sum += both * Math.log(both / (share((i) => classes[i] === a) * share((i) => clusters[i] === b)))
    }
  return sum
}

export const entropy = (labels: number[]): number => mutualInformation(labels, labels)

/** E[I] by trying every order of the clusters' labels. */
export function expectedInformation(classes: number[], clusters: number[]): number {
  const orders = (items: number[]): number[][] =>
    items.length === 0
      ? [[]]
      : items.flatMap((item, i) => orders([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]))
  const all = orders(clusters)
  return all.reduce((sum, order) => sum + mutualInformation(classes, order), 0) / all.length
}

/** F1 over pairs by looking at every pair. */
export function pairwiseF1(classes: number[], clusters: number[]): { precision: number; recall: number; f1: number } {
  let [right, together, alike] = [0, 0, 0]
  classes.forEach((label, i) => {
    classes.slice(i + 1).forEach((other, d) => {
      const [sameClass, sameCluster] = [label === other, clusters[i] === clusters[i + 1 + d]]
      if (sameClass && sameCluster) right++
      if (sameCluster) together++
      if (sameClass) alike++
    })
  })
  const [precision, recall] = [together > 0 ? right / together : 0, alike > 0 ? right / alike : 0]
  return { precision, recall, f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 }
}
