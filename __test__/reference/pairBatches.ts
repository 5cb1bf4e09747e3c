/** A batch of a pair sampler by the plainest counting: what is wrong with it, or nothing. */
export function faultOfBatch(batch: ArrayLike<number>, n: number, classOf: ReadonlyMap<number, number>): string {
  const ids = Array.from(batch)
  if (ids.length !== 2 * n) return `${ids.length} images instead of ${2 * n}`
  const classes = ids.map((id) => classOf.get(id))
  if (classes.includes(undefined)) return 'an image that the data does not have'
  if (new Set(classes.slice(0, n)).size !== n) return 'a class twice'
  for (let row = 0; row < n; row++) {
    if (classes[row] !== classes[n + row]) return `row ${row}: a positive of another class`
    if (ids[row] === ids[n + row]) return `row ${row}: the same image twice`
  }
  return ''
}

/** How often each image was an anchor. */
export function anchorCounts(batches: readonly ArrayLike<number>[], n: number): Map<number, number> {
  const counts = new Map<number, number>()
  for (const batch of batches) for (const id of Array.from(batch).slice(0, n)) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
