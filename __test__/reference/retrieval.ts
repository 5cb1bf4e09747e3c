/** Slow and obvious: sort the whole gallery for each query, then read the answer off the list. */
export function rankings(rows: number[][], labels: number[]): boolean[][] {
  return rows.map((query, q) => {
    const others = rows.map((row, i) => ({ i, score: cosine(query, row) })).filter(({ i }) => i !== q)
    others.sort((a, b) => b.score - a.score || a.i - b.i)
    return others.map(({ i }) => labels[i] === labels[q])
  })
}

/** Cosine of two rows of which every number is small and whole: exact up to one rounding, so that ties are ties. */
function cosine(a: number[], b: number[]): number {
  const dot = a.reduce((sum, x, k) => sum + x * (b[k] as number), 0)
  const squared = (row: number[]) => row.reduce((sum, x) => sum + x * x, 0)
  const scale = squared(a) * squared(b)
  return scale === 0 ? 0 : Math.sign(dot) * Math.sqrt((dot * dot) / scale)
}

export const recallAtK = (hits: boolean[], k: number): number => (hits.slice(0, k).some(Boolean) ? 1 : 0)

export function rPrecision(hits: boolean[]): number {
  const relevant = hits.filter(Boolean).length
  return hits.slice(0, relevant).filter(Boolean).length / relevant
}

export function averagePrecisionAtR(hits: boolean[]): number {
  const relevant = hits.filter(Boolean).length
  let sum = 0
  for (let i = 1; i <= relevant; i++) if (hits[i - 1]) sum += hits.slice(0, i).filter(Boolean).length / i
  return sum / relevant
}
