/**
 * Slow and obvious: k-reciprocal re-ranking (Zhong et al. 2017) with everything between all images held, step by step as in the
 * paper's section 3. `rows` are of length 1 (or 0).
 *
 * @returns `[n][n]` distance of every image, as the query, from every other
 */
export function reRanked(rows: number[][], k1: number, k2: number, lambda: number): number[][] {
  const all = rows.map((_, i) => i)
  const cosines = rows.map((a) => rows.map((b) => a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)))
  const at = (table: number[][], i: number, j: number) => (table[i] as number[])[j] as number
  /** Squared Euclidean distance over the largest of image i; 0 where that is 0. */
  const distance = cosines.map((row) => {
    const most = Math.max(...row.map((c) => 2 - 2 * c))
    return row.map((c) => (most === 0 ? 0 : (2 - 2 * c) / most))
  })
  /** N(i, k): the k nearest, the image itself among them. */
  const nearest = (i: number, k: number) =>
    [...all].sort((a, b) => at(cosines, i, b) - at(cosines, i, a) || a - b).slice(0, k)
  /** R(i, k): those of them that have i among their own. */
  const mutual = (i: number, k: number) => nearest(i, k).filter((j) => nearest(j, k).includes(i))
  const half = k1 % 4 === 3 ? (k1 + 1) / 2 : Math.floor(k1 / 2) // NumPy rounds halves to even
  const codes = all.map((i) => {
    const own = mutual(i, k1 + 1)
    const added = own.flatMap((j) => {
      const theirs = mutual(j, half + 1)
      return 3 * theirs.filter((x) => own.includes(x)).length > 2 * theirs.length ? theirs : []
    })
    const members = all.filter((j) => own.includes(j) || added.includes(j))
    const total = members.reduce((sum, j) => sum + Math.exp(-at(distance, i, j)), 0)
    return all.map((j) => (members.includes(j) ? Math.exp(-at(distance, i, j)) / total : 0))
  })
  const averaged = all.map((i) =>
    k2 === 1
      ? (codes[i] as number[])
      : all.map((j) => {
          const near = nearest(i, k2)
          return near.reduce((sum, x) => sum + at(codes, x, j), 0) / near.length
        }),
  )
  return all.map((i) =>
    all.map((g) => {
      const shared = all.reduce((sum, j) => sum + Math.min(at(averaged, i, j), at(averaged, g, j)), 0)
      // Weights of an image sum to 1, so that the larger ones of two sum to 2 less what is shared.
      return (1 - lambda) * (1 - shared / (2 - shared)) + lambda * at(distance, i, g)
    }),
  )
}
