/**
 * Recall@K of one query: 1 if any of its K nearest shares its class, else 0 (Song et al. 2016). A query whose class has
 * no other image can only miss; the mean over queries includes it.
 *
 * `Recall@K = 1/Q Σ_q 1[r_1(q) ≤ K], r_m(q) = ranks[m − 1] of query q`
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
 * `R-precision = 1/Q Σ_q 1/R Σ_m 1[r_m(q) ≤ R], r_m(q) = ranks[m − 1] of query q`
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest; at least those up to rank R
 * @param relevant - R, images of the query's class without the query; NaN for 0
 * @example rPrecision([1, 3, 4], 3) // 0.6666666666666666
 */
export function rPrecision(ranks: ArrayLike<number>, relevant: number = ranks.length): number {
  return within(ranks, relevant) / relevant
}

/**
 * Average precision at R of one query, in [0, 1], with P(i) the precision among the i nearest and rel(i) 1 where the i-th
 * shares the query's class (Musgrave et al. 2020). Its mean is MAP@R.
 *
 * `AP@R = 1/R Σ_{i=1}^R P(i) rel(i) = 1/R Σ_{m : r_m ≤ R} m / r_m, r_m = ranks[m − 1]; MAP@R = 1/Q Σ_q AP@R(q)`
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

/**
 * Precision@K of one query, in [0, 1]: the fraction of its K nearest that share its class. Always divided by K, also
 * where fewer than K exist or are relevant (others divide by min(K, R)); precision@1 is Recall@1.
 *
 * `Precision@K = 1/Q Σ_q 1/K Σ_m 1[r_m(q) ≤ K], r_m(q) = ranks[m − 1] of query q`
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest; at least those up to rank K
 * @param k - at least 1
 * @example precisionAtK([1, 3, 7], 4) // 0.5
 */
export function precisionAtK(ranks: ArrayLike<number>, k: number): number {
  return within(ranks, k) / k
}

/**
 * Average precision of one query over the whole ranking, in [0, 1]: the mean over relevant images of the precision at
 * their rank. Its mean over queries is mAP. Given only ranks up to k it is MAP@k divided by R (pytorch-metric-learning's).
 *
 * `AP = 1/R Σ_m P(r_m) = 1/R Σ_m m / r_m, r_m = ranks[m − 1]; mAP = 1/Q Σ_q AP(q)`
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest
 * @param relevant - R, images of the query's class without the query; NaN for 0
 * @example averagePrecision([1, 4], 2) // (1 / 1 + 2 / 4) / 2
 */
export function averagePrecision(ranks: ArrayLike<number>, relevant: number = ranks.length): number {
  let sum = 0
  for (let i = 0; i < ranks.length; i++) sum += (i + 1) / (ranks[i] as number)
  return sum / relevant
}

/**
 * Average precision of one query by trapezoids, in [0, 1], as Market-1501's own program computes it: at each relevant
 * rank r the mean of the precision at r and at r − 1 (1 at rank 0).
 *
 * `AP = 1/R Σ_m (P(r_m − 1) + P(r_m)) / 2, P(r_m) = m / r_m, P(r_m − 1) = (m − 1) / (r_m − 1), P(0) = 1, r_m = ranks[m − 1]`
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest
 * @param relevant - R; NaN for 0
 * @example trapezoidAveragePrecision([1, 4], 2) // ((1 + 1) / 2 + (1 / 3 + 2 / 4) / 2) / 2
 */
export function trapezoidAveragePrecision(ranks: ArrayLike<number>, relevant: number = ranks.length): number {
  let sum = 0
  for (let i = 0; i < ranks.length; i++) {
    const rank = ranks[i] as number
    sum += ((rank === 1 ? 1 : i / (rank - 1)) + (i + 1) / rank) / 2
  }
  return sum / relevant
}

/**
 * Reciprocal rank of one query, in [0, 1], by the first relevant image; 0 where there is none.
 *
 * `RR = 1 / ranks[0]; MRR = 1/Q Σ_q RR(q)`
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest
 * @example reciprocalRank([4, 5]) // 0.25
 */
export function reciprocalRank(ranks: ArrayLike<number>): number {
  return ranks.length > 0 ? 1 / (ranks[0] as number) : 0
}

/**
 * Normalised discounted cumulative gain of one query among its K nearest, in [0, 1], relevance 0 or 1: the gain of the relevant
 * images up to rank K, divided by that of a perfect ranking (Järvelin and Kekäläinen 2002).
 *
 * `NDCG@K = Σ_{m : r_m ≤ K} 1/log2(1 + r_m) / Σ_{i=1}^{min(K, R)} 1/log2(1 + i), r_m = ranks[m − 1]`
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest; at least those up to rank K
 * @param k - at least 1; Infinity for the whole ranking
 * @param relevant - R, images of the query's class without the query; NaN for 0
 * @example ndcgAtK([1, 3, 9], 3, 3) // (1 + 1 / 2) / (1 + 1 / Math.log2(3) + 1 / 2)
 */
export function ndcgAtK(ranks: ArrayLike<number>, k: number, relevant: number = ranks.length): number {
  let gain = 0
  for (let i = 0; i < ranks.length && (ranks[i] as number) <= k; i++) gain += 1 / Math.log2(1 + (ranks[i] as number))
  let ideal = 0
  for (let rank = 1; rank <= Math.min(k, relevant); rank++) ideal += 1 / Math.log2(1 + rank)
  return gain / ideal
}

/**
 * Inverse negative penalty of one query, in [0, 1], by the last relevant image (Ye et al. 2021). Its mean over
 * queries is mINP; 1 means that every relevant image comes before every other.
 *
 * `INP = R / ranks[R − 1]; mINP = 1/Q Σ_q INP(q)`
 *
 * @param ranks - ascending ranks of all R images of the query's class, 1 = nearest; NaN for none
 * @example inverseNegativePenalty([1, 4]) // 0.5
 */
export function inverseNegativePenalty(ranks: ArrayLike<number>): number {
  return ranks.length / (ranks[ranks.length - 1] ?? Number.NaN)
}

/** How many of the ranks are at most k. */
function within(ranks: ArrayLike<number>, k: number): number {
  let found = 0
  while (found < ranks.length && (ranks[found] as number) <= k) found++
  return found
}
