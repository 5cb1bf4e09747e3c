import type { ApproximateRecall } from './recall.js'

/** What approximate search finds of what exact search finds, in a line. */
export function recallLine(recall: ApproximateRecall | undefined): string {
  if (recall === undefined) return 'approximate search: too few images to measure its recall'
  const { k, candidates, queries, interval, worst } = recall
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  const range = `${percent(interval.low)} to ${percent(interval.high)}`
  return (
    `approximate search finds ${percent(recall.recall)} of the ${k} nearest with ${candidates} candidates ` +
    `(${range}, measured on ${queries} images of the index; worst ${percent(worst)})`
  )
}
