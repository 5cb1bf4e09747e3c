/**
 * npair: deep metric learning for Node.js, with the multi-class N-pair loss (Sohn, NIPS 2016) on libtorch.
 *
 * @packageDocumentation
 */

export type { CompareConfig, CompareOptions, CompareRun } from './compare/compareConfig.js'
export type { CompareMethod } from './compare/methods.js'
export type { ComparisonSummary, MethodSummary } from './compare/summary.js'
export type { Augment, AugmentOptions } from './config/augment.js'
export type {
  AnyBatch,
  Batch,
  BatchOptions,
  ClassBalancedBatch,
  MiningOptions,
  PairBatch,
  PlainPairs,
  TupletBatch,
} from './config/batch.js'
export type { BenchmarkName } from './config/benchmarkNames.js'
export type { DataOptions } from './config/data.js'
export type { Ema, EmaOptions } from './config/ema.js'
export type { Guard, GuardOptions } from './config/guard.js'
export type { AdamOptions, AdamWOptions, Optimizer, OptimizerOptions, SgdOptions } from './config/optimizer.js'
export type { Preprocess, PreprocessOptions } from './config/preprocess.js'
export type { Schedule, ScheduleOptions } from './config/schedule.js'
export type { TrainConfig } from './config/trainConfig.js'
export type { TrainOptions } from './config/trainOptions.js'
export type { ValidationOptions } from './config/validation.js'
export type { Whiten, WhitenOptions } from './config/whiten.js'
export type { Dataset, DatasetPlan, DatasetSummary, Part } from './data/dataset.js'
export { type BenchmarkInput, type CharactersInput, datasets, type FeaturesInput } from './data/datasets.js'
export type { FeatureIngest } from './data/featureIngest.js'
export type { IngestInput, IngestOptions } from './data/ingestOptions.js'
export type { PackInfo, SkippedImage } from './data/pack.js'
export type { Benchmark } from './data/sources/benchmark.js'
export type { CharactersOptions } from './data/sources/characters.js'
export type { ClassSplit, WithinSplit } from './data/split.js'
export { Embeddings } from './embeddings.js'
export { NPairError, type NPairErrorCode } from './errors.js'
export * as losses from './losses/losses.js'
export type { PairHistogram } from './metrics/histogram.js'
export * as metrics from './metrics/metrics.js'
export type { Neighbours } from './metrics/neighbours.js'
export type { TarAtFar } from './metrics/roc.js'
export * as mining from './mining/mining.js'
export type { BundleDescription } from './model/bundle.js'
export type { Calibration, MeasuredRate } from './model/calibration.js'
export type { Identification, Verdict } from './model/decisions.js'
export type { ModelIdentity } from './model/identity.js'
export { type ImageInput, Model, type ModelOptions, type RawImage } from './model/model.js'
export type { Views } from './model/views.js'
export type { Metric, Shortlist } from './native/gallery.js'
export * as nets from './nets/nets.js'
export { type CalibrateOptions, calibrate } from './protocols/calibrate.js'
export { evaluate } from './protocols/evaluate.js'
export { formatTable } from './protocols/formatTable.js'
export type { Embedder, Outcomes, Protocol, ProtocolPlan } from './protocols/protocol.js'
export * as protocols from './protocols/protocols.js'
export type { EvaluationResult, Figure, ResultTable } from './protocols/result.js'
export type { SideBySide } from './protocols/sideBySide.js'
export { type CompareHooks, compare } from './report/compare.js'
export { type ReportedModel, type ReportOptions, reportModels } from './report/reportModels.js'
export { type AllPairsOptions, type AllPairsResult, allPairs } from './retrieval/allPairs.js'
export type { ApproximateOptions } from './retrieval/graph.js'
export type {
  Hit,
  IndexAddOptions,
  IndexEntry,
  IndexLoadOptions,
  IndexOptions,
  RecallOptions,
  RowSample,
  SearchOptions,
} from './retrieval/indexOptions.js'
export { type Clustering, type KMeansOptions, kMeans } from './retrieval/kMeans.js'
export type { ApproximateRecall } from './retrieval/recall.js'
export { Index } from './retrieval/searchIndex.js'
export { type TopKOptions, topK } from './retrieval/topK.js'
export { type ClassBalancedOptions, type ClassBalancedSampler, classBalanced } from './sampling/classBalanced.js'
export { type PairSampler, type PairsOptions, pairs } from './sampling/pairs.js'
export type { Sampler } from './sampling/sampler.js'
export { type TupletSampler, type TupletsOptions, tuplets } from './sampling/tuplets.js'
export type { SmallClasses } from './sampling/usableClasses.js'
export type { Best } from './train/checkpoint.js'
export type { Progress } from './train/loop.js'
export type { Divergence, RollbackMetrics, StepMetrics } from './train/metricsLog.js'
export type { Notice } from './train/notice.js'
export type { TrainPlan } from './train/plan.js'
export {
  type ResumeHooks,
  type Run,
  type RunHooks,
  resume,
  type TrainInput,
  train,
} from './train/train.js'
