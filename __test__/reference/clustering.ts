import { entropy, mutualInformation } from './metrics.js'

/** The commonest class of each cluster, looked for among all its items. */
export function purity(classes: number[], clusters: number[]): number {
  let right = 0
  for (const cluster of new Set(clusters)) {
    const inside = classes.filter((_, i) => clusters[i] === cluster)
    right += Math.max(...inside.map((label) => inside.filter((other) => other === label).length))
  }
  return right / classes.length
}

/** By the words of Rosenberg and Hirschberg 2007: 1 − H(C|K) / H(C) and 1 − H(K|C) / H(K), 1 where there is nothing to tell. */
export function vMeasure(
  classes: number[],
  clusters: number[],
  beta: number,
): { homogeneity: number; completeness: number; vMeasure: number } {
  const information = mutualInformation(classes, clusters)
  const known = (whole: number) => (whole < 1e-12 ? 1 : 1 - (whole - information) / whole)
  const [h, c] = [known(entropy(classes)), known(entropy(clusters))]
  const divisor = beta * h + c
  return { homogeneity: h, completeness: c, vMeasure: divisor < 1e-12 ? 0 : ((1 + beta) * h * c) / divisor }
}
