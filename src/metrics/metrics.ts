export { type BootstrapOptions, bootstrap, pairWeights, weightedMean } from './bootstrap.js'
export {
  adjustedMutualInformation,
  expectedInformation,
  normalizedMutualInformation,
  type PairwiseF1,
  pairwiseF1,
  purity,
  type VMeasure,
  vMeasure,
} from './clustering.js'
export { cmc } from './cmc.js'
export { type McNemar, mcNemar, type PairedDifference, pairedBootstrap } from './compare.js'
export { type Contingency, contingency } from './contingency.js'
export { pairCosines } from './cosine.js'
export { type Definition, definitions, type MetricName } from './definitions.js'
export { type Det, det } from './det.js'
export { dPrime } from './dPrime.js'
export { type PairHistogram, pairHistogram } from './histogram.js'
export { histogramRoc } from './histogramRoc.js'
export {
  identify,
  neighbourSearches,
  type RankOptions,
  type Search,
  type Searches,
  searchOutcome,
} from './identification.js'
export { type Interval, wilson, wilsonOfMean } from './interval.js'
export { knnClasses } from './knn.js'
export { type KReciprocalOptions, kReciprocal } from './kReciprocal.js'
export { type Neighbours, nearest, neighbourRanks } from './neighbours.js'
export { normalQuantile } from './normalQuantile.js'
export { type Episode, episodeError, nearestWays } from './oneShot.js'
export { openSet } from './openSet.js'
export { reIdRelevance, type Sightings } from './reId.js'
export { galleryRanks, type Relevance, relevantRanks } from './relevantRanks.js'
export type { Neighbourhoods } from './reRanking.js'
export {
  averagePrecision,
  averagePrecisionAtR,
  inverseNegativePenalty,
  ndcgAtK,
  precisionAtK,
  recallAtK,
  reciprocalRank,
  rPrecision,
  trapezoidAveragePrecision,
} from './retrieval.js'
export {
  areaUnderRoc,
  equalErrorRate,
  type FarRule,
  type Roc,
  roc,
  type SortedPairs,
  sortPairs,
  type TarAtFar,
  tarAtFar,
  weightedRoc,
} from './roc.js'
export { rocCurve } from './rocCurve.js'
export { sameClassRanks } from './sameClassRanks.js'
export { type CohortStatistics, cohortStatistics, normalizeScores } from './scoreNorm.js'
export { scoreRows } from './scoreRows.js'
export { mean, standardError } from './statistics.js'
export { templates } from './templates.js'
export { accuracyAt, bestThreshold, type FoldAccuracy, foldAccuracy, type ThresholdChoice } from './verification.js'
export { verificationSuccesses } from './verificationRate.js'
