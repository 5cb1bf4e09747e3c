/**
 * Recall@K of one query: 1 if any of its K nearest shares its class, else 0 (Song et al. 2016). A query whose class has
 * no other image can only miss; the mean over queries includes it.
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest (`sameClassRanks`)
 * @param k - at least 1
 * @example recallAtK([3, 7], 2) // 0
 */
export function recallAtK(ranks: ArrayLike<number>, k: number): number {
  return ranks.length > 0 && (ranks[0] as number) <= k ? 1 : 0
}

/**
 * R-precision of one query, in [0, 1]: of its R nearest the fraction that share its class, R = how many do in all.
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest; at least those up to rank R
 * @param relevant - R, images of the query's class without the query; NaN for 0
 * @example rPrecision([1, 3, 4], 3) // 0.6666666666666666
 */
export function rPrecision(ranks: ArrayLike<number>, relevant: number = ranks.length): number {
  let found = 0
  while (found < ranks.length && (ranks[found] as number) <= relevant) found++
  return found / relevant
}

/**
 * Average precision at R of one query, in [0, 1]: (1/R) Σ_{i=1}^R P(i)·rel(i), with P(i) the precision among the i
 * nearest and rel(i) 1 where the i-th shares the query's class (Musgrave et al. 2020). Its mean is MAP@R.
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest; at least those up to rank R
 * @param relevant - R, images of the query's class without the query; NaN for 0
 * @example averagePrecisionAtR([1, 3, 4], 3) // (1 / 1 + 2 / 3) / 3
 */
export function averagePrecisionAtR(ranks: ArrayLike<number>, relevant: number = ranks.length): number {
  let sum = 0
  for (let i = 0; i < ranks.length && (ranks[i] as number) <= relevant; i++) sum += (i + 1) / (ranks[i] as number)
  return sum / relevant
}
