/** What a metric is, in words that a result can carry. */
export interface Definition {
  /** Rises when the same scores could give another value. */
  readonly version: number
  /** Name for people. */
  readonly label: string
  readonly unit: 'fraction' | 'score'
  readonly better: 'higher' | 'lower' | 'none'
  /** One sentence, ties included. */
  readonly text: string
}

const ranking = 'nearest first by score, equal ones by lower row, the query itself taken out by its row'
const lone = 'queries without a relevant image left out'

function define(
  label: string,
  better: Definition['better'],
  text: string,
  unit: Definition['unit'] = 'fraction',
  version = 1,
): Definition {
  return Object.freeze({ version, label, unit, better, text })
}

/** The definition of every metric, by the name of the function that computes it. */
export const definitions = Object.freeze({
  foldAccuracy: define(
    'Verification accuracy',
    'higher',
    'Mean over folds of the fraction of pairs decided rightly by "same if score >= t", t the best threshold on the other ' +
      'folds (the middle of the longest best plateau); ± is the sample deviation of the folds / √folds.',
  ),
  areaUnderRoc: define(
    'Area under the ROC curve',
    'higher',
    'Probability that a genuine pair scores higher than an impostor pair, ties counting half.',
  ),
  equalErrorRate: define(
    'Equal error rate',
    'lower',
    'Mean of false accept and false reject rate at the score where they differ least, of equally near scores the highest.',
  ),
  tarAtFar: define(
    'True accept rate at a false accept rate',
    'higher',
    'Fraction of genuine pairs at or above the lowest score at which no more than the given fraction of impostor pairs is ' +
      'accepted; not given where that fraction is less than one pair.',
  ),
  dPrime: define(
    "Sensitivity index d'",
    'higher',
    'Mean genuine minus mean impostor score, divided by the root of the mean of both sample variances.',
    'score',
  ),
  bestThreshold: define(
    'Best threshold on all pairs',
    'none',
    'The score from which on "same" is most often right, the middle of the longest best plateau.',
    'score',
  ),
  recallAtK: define(
    'Recall@K',
    'higher',
    `Fraction of all queries with a relevant image among their K nearest: ${ranking}.`,
  ),
  precisionAtK: define(
    'Precision@K',
    'higher',
    `Mean over queries of the fraction of the K nearest that are relevant, always divided by K; ${ranking}; ${lone}.`,
  ),
  rPrecision: define(
    'R-precision',
    'higher',
    `Mean over queries of the fraction of the R nearest that are relevant, R = relevant images there are; ${ranking}; ${lone}.`,
  ),
  averagePrecisionAtR: define(
    'MAP@R',
    'higher',
    `Mean over queries of (1/R) Σ P(i)·rel(i) over the R nearest, R = relevant images there are; ${ranking}; ${lone}.`,
  ),
  averagePrecision: define(
    'mAP',
    'higher',
    `Mean over queries of the mean precision at the ranks of all relevant images, over the whole ranking; ${ranking}; ${lone}.`,
  ),
  trapezoidAveragePrecision: define(
    'mAP by trapezoids',
    'higher',
    'Mean over queries of the mean, at the rank of each relevant image, of the precision there and one rank before (1 ' +
      `before the first); ${ranking}; ${lone}.`,
  ),
  reciprocalRank: define(
    'Mean reciprocal rank',
    'higher',
    `Mean over queries of 1 / rank of the first relevant image; ${ranking}; ${lone}.`,
  ),
  ndcgAtK: define(
    'NDCG@K',
    'higher',
    'Mean over queries of Σ 1 / log2(1 + rank) over relevant ranks up to K, divided by its value for a perfect ranking; ' +
      `${ranking}; ${lone}.`,
  ),
  inverseNegativePenalty: define(
    'mINP',
    'higher',
    `Mean over queries of R / rank of the last relevant image, R = relevant images there are; ${ranking}; ${lone}.`,
  ),
  knnClasses: define(
    'kNN recognition accuracy',
    'higher',
    'Fraction of queries whose class most of their k nearest have; of classes with equally many the one whose nearest ' +
      `image is nearer; ${ranking}.`,
  ),
  verificationSuccesses: define(
    'Verification rate with K negatives',
    'higher',
    'Fraction of trials in which the positive scores higher than all K negatives, each of another class; a tie is no success.',
  ),
  cmc: define(
    'Rank-k identification rate',
    'higher',
    'Fraction of searches with a mate in the gallery whose mate comes at rank k or better; where a stranger scores as much as ' +
      'the mate, the search says who comes first.',
  ),
  openSet: define(
    'Detection and identification rate at a false alarm rate (DIR@FAR, TPIR@FPIR)',
    'higher',
    'Fraction of mated searches whose mate comes at rank r or better and scores at least t, with t set by the best scores ' +
      'of searches that have no mate in the gallery.',
    'fraction',
    2,
  ),
  normalizedMutualInformation: define(
    'NMI',
    'higher',
    'Mutual information of clusters and classes / the arithmetic mean of their entropies; 1 where neither splits anything.',
  ),
  adjustedMutualInformation: define(
    'AMI',
    'higher',
    'Mutual information less its expectation over clusterings of the same sizes, / the mean entropy less that expectation.',
  ),
  vMeasure: define(
    'V-measure',
    'higher',
    'Harmonic mean of homogeneity (information / entropy of classes) and completeness (information / entropy of clusters).',
  ),
  pairwiseF1: define(
    'Pairwise F1',
    'higher',
    'F1 over pairs of items of "in one cluster" as a guess of "of one class"; 0 where there is no such pair.',
  ),
  purity: define('Purity', 'higher', 'Fraction of items that are of the commonest class of their cluster.'),
  episodeError: define(
    'N-way k-shot error',
    'lower',
    'Fraction of queries given to a wrong class, each to the class whose mean of supports is nearest, equal ones by lower way.',
  ),
})

/** Name of a defined metric. */
export type MetricName = keyof typeof definitions
