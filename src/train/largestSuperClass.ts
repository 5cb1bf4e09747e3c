import type { Dataset } from '../data/dataset.js'

/** How much of a step is of one super-class (alphabet): mined classes tend to come from one. Empty where the data has none. */
export function largestSuperClass(
  { superClassOf }: Pick<Dataset, 'superClassOf'>,
  labels: Int32Array,
): { largestSuperClass?: number } {
  if (superClassOf.length === 0) return {}
  const counts = new Map<number, number>()
  for (const label of labels) {
    const own = superClassOf[label] as number
    counts.set(own, (counts.get(own) ?? 0) + 1)
  }
  return { largestSuperClass: Math.max(...counts.values()) / labels.length }
}
