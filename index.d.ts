// Written by scripts/api.mjs from src/index.ts: do not edit.

/**
 * npair: deep metric learning for Node.js, with the multi-class N-pair loss (Sohn, NIPS 2016) on libtorch.
 *
 * @packageDocumentation
 */

/**
 * Fraction of pairs that "same ⇔ score >= threshold" decides rightly, in [0, 1]; NaN of no pairs.
 *
 * `accuracy = 1/n Σ_p 1[(s_p ≥ threshold) = same_p]`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param threshold - ∓Infinity accepts or rejects everything
 * @throws NPairError `INVALID_OPTION` where a score is not finite, the threshold is no number or the lists differ in length
 * @example accuracyAt([0.2, 0.5, 0.8], [0, 0, 1], 0.5) // 0.6666666666666666
 */
declare function accuracyAt(scores: ArrayLike<number>, same: ArrayLike<number>, threshold: number): number;

/**
 * One result of several: the same protocol on the same data for models of different seeds. Each figure becomes the mean
 * over models, ± its standard error (sample deviation / √models); a table lists every model. Intervals, curves and counts that
 * belong to one model are left out, and so is what a definition says of one model alone.
 *
 * @param results - two or more, in the order of the table
 * @throws NPairError `INVALID_OPTION` where they differ in protocol, version, definition (a list or a file of pairs was changed), options or data
 */
declare function acrossSeeds(results: readonly EvaluationResult[]): EvaluationResult;

/** Adam (Kingma and Ba 2015), as `torch.optim.Adam`. */
export declare interface AdamOptions extends BetaOptions {
    readonly type: 'adam';
    /** This share of each weight is added to its gradient, >= 0; biases and norms are left alone. Default 0. */
    readonly weightDecay?: number;
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019), as `torch.optim.AdamW`. */
export declare interface AdamWOptions extends BetaOptions {
    readonly type: 'adamW';
    /** Each weight shrinks by learning rate × this, >= 0; biases and norms are left alone. Default 1e-2. */
    readonly weightDecay?: number;
}

/**
 * Adjusted mutual information, at most 1, about 0 for chance, with
 * E[I] over all clusterings of the same sizes (Vinh et al. 2010, hypergeometric). 1 for equal partitions, whatever they
 * are; 0 where just one of them splits nothing.
 *
 * `AMI = (I − E[I]) / (½ (H(classes) + H(clusters)) − E[I])`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example adjustedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1]) // -0.5
 */
declare function adjustedMutualInformation(classes: ArrayLike<number>, clusters: ArrayLike<number>): number;

/**
 * Histogram of all pairs and true accept rates at false accept rates, without ever holding the scores: a histogram finds the bins in which
 * the thresholds lie, a second pass computes the pairs in them in float64. Memory is that of these bins. There are no intervals: pairs
 * share rows, and Wilson's for independent ones would be far too narrow.
 *
 * @param embeddings - `[n, d]`, of any length, not to be changed meanwhile
 * @param labels - `[n]` class of each row, integers in [−2^31, 2^31)
 * @throws NPairError `INVALID_OPTION`, also where more scores crowd around a threshold than fit the memory (2^25)
 */
export declare function allPairs(embeddings: Embeddings, labels: ArrayLike<number>, options?: AllPairsOptions): Promise<AllPairsResult>;

/** Options of {@link allPairs}. */
export declare interface AllPairsOptions {
    /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 1e-3, 1e-4, 1e-5, 1e-6. */
    far?: readonly number[];
    /** Bins of the histogram over cosines from −1 to 1: a power of 2 up to 65536. Default 128. */
    bins?: number;
}

/** Every pair of rows, judged by its cosine. */
export declare interface AllPairsResult {
    /** Pairs of one label. */
    genuine: number;
    /** Pairs of two labels. */
    impostor: number;
    /** Cosines in float32: one that lies within its rounding of an edge may count on the other side. */
    histogram: PairHistogram;
    /** The same in the 65536 bins that are counted. */
    fine: PairHistogram;
    /** The curve at the edges of these bins. */
    roc: Roc;
    /** For each rate of `far` in order, exact to float64; undefined where the impostor pairs cannot resolve it. */
    tarAtFar: (TarAtFar | undefined)[];
}

/** What batches of every form may say. */
export declare interface AnyBatch {
    /**
     * k >= 1: the gradients of k batches are averaged to one step, for batches that do not fit into memory at once. Negatives
     * still come from the same batch only, so k batches of N pairs are not one of k·N. A step then asks the sampler for the
     * batches k·step … k·step + k − 1; `steps`, schedules and checkpoints count steps. 1 with a loss of your own. Default 1.
     */
    readonly accumulate?: number;
    /**
     * Images that go through the network at once, for batches that do not fit into memory: gradient caching (`mini_batch_size` of
     * sentence-transformers' cached losses). All images are embedded chunk by chunk, the loss is that of the whole batch, and each
     * chunk goes through once more to take its share of the gradient: the same step but for rounding, for one more forward
     * pass. Where the batch has no more images, it goes through at once. Default: the whole batch at once.
     */
    readonly chunk?: number;
    /**
     * Allows `chunk` for a network with batch norm, whose statistics are then those of each chunk: another step than that of the
     * whole batch. Running statistics move once a chunk, in the first pass. Default false: such a network is refused.
     */
    readonly normPerChunk?: boolean;
    /**
     * What becomes of classes with fewer images than the batch takes of each: left out, counted in a notice, or refused
     * (`DATA_CLASSES`). Default `drop`.
     */
    readonly smallClasses?: SmallClasses;
}

/** Any loss that options describe. */
declare type AnyLoss = NPairMc | NPairOvo | SupCon | Contrastive | Triplet | TripletMargin | Tuplet | Softmax | ArcFace | CosFace | ProxyAnchor;

/** Every network that a factory of `nets` gives. */
declare type AnyNet = Conv4Net | CasiaNet | LinearNet | MlpNet | LayersNet;

/** Options of {@link Index.approximate}. */
export declare interface ApproximateOptions {
    /** Neighbours that a row is linked to, an integer >= 2 (M of HNSW): more find more, and take time and memory. Default 16. */
    readonly connectivity?: number;
    /** Rows that are looked at for a new row's neighbours, an integer >= 1 (efConstruction). Default 128. */
    readonly expansion?: number;
}

/** How much of the exact result an approximate search finds. */
export declare interface ApproximateRecall {
    /** Neighbours of each query that were asked for. */
    readonly k: number;
    /** Likely neighbours that were scored for each query. */
    readonly candidates: number;
    /** Queries that were asked. */
    readonly queries: number;
    /** Mean over queries of the share of the k nearest that was found, in [0, 1]. */
    readonly recall: number;
    /**
     * Of the recall of all queries of the kind, 95 %, by Wilson with each query as one trial: neighbours of one query are found or lost
     * together, and whatever they do between that varies less.
     */
    readonly interval: Interval;
    /** The least share that a query of the sample got. */
    readonly worst: number;
}

/** ArcFace: its plan, and `compute`. */
declare interface ArcFace extends ArcFacePlan, ParametricLoss {
    readonly type: 'arcFace';
}

/**
 * ArcFace (Deng et al., CVPR 2019, Eq. 3): softmax over s · cos θ, θ the angle between embedding and weight vector, with an
 * angle added to the own class's:
 *
 *   L = mean over i of −log( exp(s·cos(θᵢ + m)) / (exp(s·cos(θᵢ + m)) + Σ_{c≠yᵢ} exp(s·cos θ_c)) )
 *
 * Past θ = π − m, where cos(θ + m) would rise again, it is cos θ − m sin m, as in insightface. Parameter: `weight`
 * `[classes, size]`, first drawn normal with deviation 0.01. Term: `arcFace`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function arcFace(options?: ArcFaceOptions): ArcFace;

/** Options of {@link arcFace}. */
declare interface ArcFaceOptions {
    /** C ≥ 2: rows of the classifier. Default in a run: the classes of its data. */
    readonly classes?: number;
    /** s > 0. Default 64. */
    readonly scale?: number;
    /** m in (0, π), in radians. Default 0.5. */
    readonly margin?: number;
}

/** The plan of {@link arcFace}: all options resolved, but for the classes, which the data may tell. */
declare interface ArcFacePlan extends Required<Omit<ArcFaceOptions, 'classes'>> {
    readonly type: 'arcFace';
    readonly classes?: number;
}

/**
 * Area under the ROC curve, in [0, 1] (Mann-Whitney): the trapezoids over the tie-collapsed curve.
 *
 * `AUC = P(genuine > impostor) + ½ P(genuine = impostor) = Σ_j (FAR_j − FAR_{j−1}) (TAR_j + TAR_{j−1}) / 2`
 *
 * @example areaUnderRoc(roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])) // 0.875
 */
declare function areaUnderRoc({ far, tar }: Roc): number;

/** Augmentation with nothing left to defaults. */
export declare type Augment = Required<Omit<AugmentOptions, 'classes'>> & {
    readonly classes?: Required<ClassAugmentOptions>;
};

/** Random changes of the images while training; every number is the limit of a uniform draw, one for each image. */
export declare interface AugmentOptions {
    /** Where the network's input is cut out of a larger image; at evaluation always the centre. Default `random`. */
    readonly crop?: 'random' | 'centre';
    /** Mirror every other image, left to right. Default false. */
    readonly flip?: boolean;
    /** ± degrees, at most 180. Default 0. */
    readonly rotation?: number;
    /** ± fraction, in [0, 1): zoom in [1 − scale, 1 + scale]. Default 0. */
    readonly scale?: number;
    /** ± shear. Default 0. */
    readonly shear?: number;
    /** ± fraction of half the side. Default 0. */
    readonly shift?: number;
    /** What lies outside of the image, in [0, 1], after inversion. Default 0. */
    readonly fill?: number;
    /** ± added to all pixels, in [0, 1] units. Default 0. */
    readonly brightness?: number;
    /** ± fraction, in [0, 1]: differences from the image's mean are scaled by [1 − contrast, 1 + contrast]. Default 0. */
    readonly contrast?: number;
    /** Deforms classes as a whole, before each image by itself. Default: not. */
    readonly classes?: ClassAugmentOptions;
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
declare function averagePrecision(ranks: ArrayLike<number>, relevant?: number): number;

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
declare function averagePrecisionAtR(ranks: ArrayLike<number>, relevant?: number): number;

/** A batch as plans hold it; without `accumulate` in plans of npair 0.1: one batch a step. */
export declare type Batch = Planned<Omit<PairBatch, 'type'>> | Planned<ClassBalancedBatch> | TupletBatch;

/** Batch normalisation over `[n, c, h, w]`, per channel, or `[n, d]`; running statistics when not training. */
declare interface BatchNormLayer {
    readonly type: 'batchNorm';
    /** Name of its `weight`, `bias`, `running_mean`, `running_var`, each `[c]`. */
    readonly name: string;
    /** Share of the new batch in the running statistics, in [0, 1]. Default 0.1. */
    readonly momentum?: number;
    /** Added to the variance. Default 1e-5. */
    readonly eps?: number;
}

/** What makes a batch. */
export declare type BatchOptions = PairBatch | ClassBalancedBatch | TupletBatch;

/** Which half of a published set, by its own split. */
export declare interface Benchmark {
    readonly name: BenchmarkName;
    readonly half: 'train' | 'test';
}

/**
 * A half of a published set as it comes, by its own split: CUB-200-2011 (`cub`), Stanford Cars (`cars196`), Stanford Online Products (`sop`), In-Shop (`inShop`),
 * Market-1501 (`market1501`). A listed image that is missing is a broken one. Test images of the last two are named `query/…` and
 * `gallery/…`.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
declare function benchmark(path: string, options: BenchmarkInput): Promise<Dataset>;

/** A published set as it comes, by its own files: see `datasets.benchmark`. */
declare interface BenchmarkData extends SourceOptions {
    readonly type: 'benchmark';
    readonly name: BenchmarkName;
    /** The folder; `--data` on the command line goes before it. */
    readonly path?: string;
    /** One half alone, which `split` may cut again. Default: its training half trains, and its test half judges. */
    readonly half?: 'train' | 'test';
}

/** Options of {@link benchmark}. */
export declare interface BenchmarkInput extends IngestInput, Benchmark {
}

export declare type BenchmarkName = (typeof benchmarkNames)[number];

/** Published sets whose own files say which images they hold. */
declare const benchmarkNames: readonly ["cub", "cars196", "sop", "inShop", "market1501"];

/** The best judgement of a run so far. */
export declare interface Best {
    /** Steps done when it was judged. */
    readonly step: number;
    readonly value: number;
}

/**
 * The threshold with the highest accuracy under the rule "same ⇔ score >= threshold", exactly.
 *
 * Every threshold between two neighbouring distinct scores decides alike, so the candidates are −∞, the midpoints and
 * +∞. Where several are best, neighbouring ones form a plateau; the middle of the longest plateau is taken (length in
 * score units, cut to the range of the scores), of equally long ones (to 1e-9) the highest, which accepts fewest.
 * A plateau outside that range has length 0 and gives ∓∞.
 *
 * `threshold = argmax_t Σ_p 1[(s_p ≥ t) = same_p]`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 for a genuine pair, 0 for an impostor pair
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example bestThreshold([0.1, 0.4, 0.6, 0.9], [0, 0, 1, 1]) // { threshold: 0.5, accuracy: 1 }
 */
declare function bestThreshold(scores: ArrayLike<number>, same: ArrayLike<number>): ThresholdChoice;

/** What Adam and AdamW take. */
declare interface BetaOptions extends CommonOptions {
    /** Decay of the mean of gradients, in [0, 1). Default 0.9. */
    readonly beta1?: number;
    /** Decay of the mean of squared gradients, in [0, 1). Default 0.999. */
    readonly beta2?: number;
    /** Added to the root of the squares, > 0. Default 1e-8. */
    readonly epsilon?: number;
}

/** Channels of the four blocks, the first at the images' own resolution. */
declare type BlockWidths = readonly [number, number, number, number];

/**
 * Percentile bootstrap over identities: each resample draws as many identities as there are, with replacement, and every
 * figure is computed again. Images of one person, and pairs that share one, rise and fall together, so that drawing
 * pairs would give intervals that are much too narrow.
 *
 * `[low, high] = quantiles (1 − level)/2 and (1 + level)/2 of statistic(w_b), w_b ~ Multinomial(identities, 1/identities), b = 1 … samples`
 *
 * @param identities - number of identities, at least 1
 * @param statistic - figures of a resample in which identity i occurs `weights[i]` times; the array is overwritten later.
 *   Where a resample does not define a figure (NaN), it is left out of that figure's interval
 * @returns an interval for each figure, by linear interpolation between resamples; undefined where none defined it
 * @throws NPairError `INVALID_OPTION`
 * @example bootstrap(3, (w) => [weightedMean([4, 4, 4], w)], { samples: 20 }) // [{ low: 4, high: 4, level: 0.95, method: 'bootstrap' }]
 */
declare function bootstrap(identities: number, statistic: (weights: Int32Array) => readonly number[], options?: BootstrapOptions): (Interval | undefined)[];

/** Options of {@link bootstrap}. */
declare interface BootstrapOptions {
    /** Resamples; at least 1. Default 1000. */
    samples?: number;
    /** Confidence in (0, 1). Default 0.95. */
    level?: number;
    /** Default 0. */
    seed?: number;
}

/** model.json of a bundle: what turns an image file, or a row of features, into an embedding. */
export declare interface BundleDescription {
    readonly format: 1;
    /** The npair that wrote it. */
    readonly npair: string;
    readonly net: ResolvedNet<AnyNet>;
    readonly embeddingSize: number;
    /** How files become pixels, or what the features are. */
    readonly ingest: IngestOptions | FeatureIngest;
    /** How pixels become numbers. */
    readonly preprocess: Preprocess;
    /** Whether the embedding of the mirrored image is added. */
    readonly mirror: boolean;
    /** Pixels by which the image is moved for more embeddings to add. */
    readonly shifts: readonly number[];
    /** What the network was trained in and embeds in. */
    readonly precision: 'float32' | 'bfloat16' | 'float64';
    /** Where the weights come from. */
    readonly trained: {
        readonly steps: number;
        readonly loss: TrainPlan['loss'];
        readonly data: TrainPlan['data'];
        readonly seed: number;
    };
    /** SHA-256 of weights.safetensors. */
    readonly weights: string;
    /** Missing until `calibrate` has measured it. */
    readonly calibration?: Calibration;
}

/**
 * Measures the threshold at which a model keeps a false accept rate, and puts it into the bundle with the rates that it
 * really has there: `model.verify` and `model.identify` decide by it. An earlier one is replaced, whole or not at all.
 *
 * @param path - a bundle or a run folder
 * @param dataset - images of classes that the model was not trained on: on those it was, rates come out too good
 * @returns what was put into the bundle
 * @throws NPairError `FAR_UNRESOLVED` where 1 impostor pair is a larger rate than `far`; `DATA_CLASSES`; `INVALID_OPTION`;
 *   `NON_FINITE`; `NOT_WRITABLE`; as `Model.load`
 */
export declare function calibrate(path: string, dataset: Dataset, options: CalibrateOptions): Promise<Calibration>;

/** Options of {@link calibrate}. */
export declare interface CalibrateOptions extends IntervalOptions, ModelOptions {
    /** False accept rate that the threshold is to keep, in (0, 1]. */
    readonly far: number;
    /** Above this many impostor pairs a seeded sample of about so many is taken. Default 1000000. */
    readonly maxImpostorPairs?: number;
    /** Above this many genuine pairs a seeded sample of so many is taken. Default 200000. */
    readonly maxGenuinePairs?: number;
}

/** From which score on a model calls two images the same, and how often that is wrong: measured, and kept in the bundle. */
export declare interface Calibration {
    /** A cosine, or with `fusion: 'scores'` a mean of cosines: "same" if and only if the score is at or above it. */
    readonly threshold: number;
    /** The false accept rate that was asked for, in (0, 1]. */
    readonly target: number;
    /** False accept rate at the threshold. */
    readonly far: MeasuredRate;
    /** True accept rate at the threshold. */
    readonly tar: MeasuredRate;
    readonly genuinePairs: number;
    readonly impostorPairs: number;
    /** Classes that the pairs are of. */
    readonly classes: number;
    /** What the images were seen in: scores of other views have another scale. */
    readonly views: Views;
    /** What it was measured on: SHA-256 of the pack. */
    readonly data: {
        readonly type: string;
        readonly path?: string;
        readonly pack: string;
    };
}

/** The network that {@link casiaNet} gives. */
declare interface CasiaNet {
    readonly type: 'casiaNet';
    readonly batchNorm: boolean;
    readonly dropout: number;
    readonly embeddingSize?: number;
    readonly init: Init;
    readonly input?: NetInput;
    readonly layers: readonly ResolvedLayer[];
}

/**
 * CasiaNet (Yi et al. 2014, arXiv 1411.7923), the network of Sohn's face experiments: ten 3×3 convolutions in five
 * stages, max pools that round up between them, no ReLU after the last, a global mean pool; 1 751 328 weights and
 * 1 440 biases for grey images. Parameters: `conv11.weight` … `conv52.bias`.
 *
 * @throws NPairError `INVALID_OPTION`; `LAYER_SHAPE` if `input` is given and does not fit
 */
declare function casiaNet(options?: CasiaNetOptions): CasiaNet;

/** Options of {@link casiaNet}. */
declare interface CasiaNetOptions {
    /** Batch normalisation after each convolution; the paper's network has none. Default false. */
    readonly batchNorm?: boolean;
    /** Dropout before the embedding, in [0, 1). Default 0. */
    readonly dropout?: number;
    /** Adds a linear layer `embedding` to this size; left out, the 320 pooled channels are the embedding, as in the paper. */
    readonly embeddingSize?: number;
    /** How first weights are drawn. Default `kaiming`: without batch normalisation, `torch` lets ten layers' signal die out. */
    readonly init?: Init;
    /** What comes in, 100 × 100 grey in the paper. Left out, it is taken from the data. */
    readonly input?: NetInput;
}

/** What a comparison tells while it runs, and what stops it. */
declare interface CellHooks {
    /** Before a run begins, or goes on; `done` of `total` runs are finished. */
    readonly onRun?: (run: CompareRun, done: number, total: number) => void;
    /** As of `train`, of the present run. */
    readonly onProgress?: (progress: Progress) => void;
    /** As of `train`, of the present run. */
    readonly onNotice?: (notice: Notice) => void;
    /** Aborted: the present run is saved, and the promise rejected with code `ABORTED`; the same comparison goes on from there. */
    readonly signal?: AbortSignal;
}

/**
 * Generated handwritten-like characters in alphabets of like strokes: dark ink on white paper, needing nothing but a seed.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function characters(options?: CharactersInput): Promise<Dataset>;

/** Generated handwritten-like characters. */
declare interface CharactersData extends Omit<SourceOptions, 'channels' | 'interpolation' | 'fit' | 'background' | 'centre' | 'broken'> {
    readonly type: 'characters';
}

/** Options of {@link characters}. */
export declare interface CharactersInput extends Hooks, CharactersOptions {
    /** Default 28. */
    readonly size?: IngestInput['size'];
}

/** What is generated; the defaults give 240 classes of 20 drawings. */
export declare interface CharactersOptions {
    /** Super-classes, >= 2. Default 10. */
    readonly alphabets?: number;
    /** Classes in each, >= 2. Default 24. */
    readonly characters?: number;
    /** Drawings of each class, >= 2. Default 20. */
    readonly drawings?: number;
    /** Of everything. Default 0. */
    readonly seed?: number;
}

/**
 * Deformations that all images of a class have in common for a step: what is seen is a class that no data set holds, with the
 * differences between its images that real ones have. `rotatedClasses` without end, for few classes.
 */
declare interface ClassAugmentOptions {
    /** Of the classes of a step, in [0, 1]; the others stay as they are. Default 1. */
    readonly share?: number;
    /** ± degrees, at most 180. Default 0. */
    readonly rotation?: number;
    /** ± fraction, in [0, 1), of height and of width, each for itself. Default 0. */
    readonly stretch?: number;
    /** ± shear. Default 0. */
    readonly shear?: number;
}

/**
 * Batches of M different images of each of P different classes.
 *
 * Coverage: in every epoch a class is dealt into ⌈n/M⌉ groups of M images in a random order; the last one is filled up from the
 * first. Of a class with at most T groups every image is in the epoch; of a larger one a random part, another every time.
 *
 * @throws NPairError `DATA_CLASSES` if fewer than P classes have M images, or others have fewer and are refused
 */
export declare function classBalanced(dataset: Dataset, options: ClassBalancedOptions): ClassBalancedSampler;

/** The same number of images of each of some classes. */
export declare interface ClassBalancedBatch extends AnyBatch {
    readonly type: 'classBalanced';
    /** P ≥ 2. */
    readonly classes: number;
    /** M ≥ 2: P · M images. */
    readonly imagesPerClass: number;
    /** Which P classes, as of pairs. */
    readonly mining?: MiningOptions;
}

/** Options of {@link classBalanced}. */
export declare interface ClassBalancedOptions {
    /** P >= 2: different classes in a batch. */
    readonly classes: number;
    /** M >= 2: different images of each. */
    readonly imagesPerClass: number;
    /** Default 0. */
    readonly seed?: number;
    /** What becomes of classes with fewer than M images. Default `drop`. */
    readonly smallClasses?: SmallClasses;
}

/** A class-balanced sampler, and what it found in the data. */
export declare interface ClassBalancedSampler extends Sampler {
    /** Batches in an epoch, T: the groups of M images that the classes make, divided by P and rounded up. */
    readonly epochLength: number;
    /** Classes left out because they have fewer than M images. */
    readonly tooSmall: number;
    /** See {@link Sampler.batch}; `[P · M]`: the first image of each class, then the second of each, and so on. */
    batch(step: number): Int32Array;
}

/** How classes (or super-classes) are dealt to two halves. */
export declare interface ClassSplit {
    /** Fraction in (0, 1), rounded to the nearest whole number of classes, at least one on each side; or the names of the test half. */
    readonly test: number | readonly string[];
    /** Of the draw; a list needs none. Default 0. */
    readonly seed?: number;
}

/** A clustering. */
export declare interface Clustering {
    /** `[n]` cluster of each row: the nearest centre, of equally near ones the lower. */
    readonly labels: Int32Array;
    /** `[clusters, d]` */
    readonly centers: Embeddings;
    /** Sum of squared distances of the rows to their centres. */
    readonly inertia: number;
    /** Iterations of the beginning that was kept. */
    readonly iterations: number;
}

/**
 * How well the images fall into their classes where nobody tells any: k-means on the embeddings with as many clusters as there are
 * classes (Song et al. 2016), then NMI, AMI, pairwise F1, V-measure and purity of the clusters against the classes.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, or where every class has one image
 */
declare function clustering(dataset: Dataset, options?: ClusteringOptions): Protocol<ClusteringPlan>;

/** Options of {@link clustering}. */
declare interface ClusteringOptions extends IntervalOptions {
    /** Number of clusters, from 2 to the number of images. Default: the number of classes. */
    clusters?: number;
    /** How often k-means is begun anew; the clustering with the least sum of squared distances is judged. Default 3. */
    restarts?: number;
    /** Embeddings are brought to length 1 first, so that they are clustered by cosine; else by Euclidean distance as they are. Default true. */
    normalize?: boolean;
}

/** Resolved plan of {@link clustering}. */
declare interface ClusteringPlan extends Required<ClusteringOptions> {
    readonly type: 'clustering';
}

/**
 * Cumulative match characteristic: entry k − 1 is the fraction of searches whose mate comes at rank k or better.
 * Searches without a mate (rank 0) are left out; NaN where no search has one.
 *
 * `CMC(k) = Σ_p 1[1 ≤ rank_p ≤ k] / Σ_p 1[rank_p ≥ 1]`
 *
 * @param ranks - `[p]` rank of the mate, 1 = best; 0 where the gallery holds none
 * @param depth - how many entries, at least 1
 * @returns `[depth]` rising, in [0, 1]
 * @throws NPairError `INVALID_OPTION` where a rank or the depth is no such number
 * @example cmc([1, 3, 0, 1, 9], 3) // [0.5, 0.5, 0.75]
 */
declare function cmc(ranks: ArrayLike<number>, depth: number): Float64Array;

/** How the scores of rows with a cohort are spread. */
declare interface CohortStatistics {
    /** `[n]` mean of the scores that count. */
    mean: Float64Array;
    /** `[n]` their deviation, divisor K (as WeSpeaker's), above 0. */
    deviation: Float64Array;
}

/**
 * Mean and deviation of each row's scores with a cohort of strangers: what {@link normalizeScores} normalises by.
 *
 * `μ_n = 1/K Σ_c s_nc, σ_n = √(1/K Σ_c (s_nc − μ_n)²), over the K rows c of the cohort with the highest s_nc = cos(n, c)`
 *
 * @param rows - `[n, d]`
 * @param cohort - `[c, d]`, at least two rows, of people or things that none of `rows` shows
 * @param top - the K highest scores of each row count: its own nearest strangers (Matějka et al. 2017); default all
 * @throws NPairError `INVALID_OPTION` for rows of another size or metric, or a `top` that is not in [2, c]; `NON_FINITE` where all
 *   scores of a row that count are equal
 * @example cohortStatistics(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(1, 0, 0, 1, -1, 0), 2), 2) // { mean: [0.5], deviation: [0.5] }
 */
declare function cohortStatistics(rows: Embeddings, cohort: Embeddings, top?: number): CohortStatistics;

/** What every optimiser takes. */
declare interface CommonOptions {
    /** Step size before the schedule, > 0. Default 1e-3. */
    readonly learningRate?: number;
    /** Gradients longer than this, all parameters together, are scaled down to it; 0: never. Default 0. */
    readonly clipNorm?: number;
    /** How the learning rate changes over the run. Default constant. */
    readonly schedule?: ScheduleOptions;
}

/**
 * Trains methods on the same data, several seeds each, and sets their figures side by side: what `npair compare` does.
 *
 * The folder `output` holds an ordinary run a method and seed. Those that are finished are not run again and one that was
 * stopped goes on, so the same call continues a comparison, and may ask for more methods or seeds than before. It gets
 * `comparison.json`, which is what is returned, and `comparison.html`, a page of the table and the curves.
 *
 * @throws NPairError `INVALID_OPTION`, `LAYER_SHAPE`; `DATA_…` as the source; `DATA_CLASSES` where no protocol fits the test half;
 *   `OUTPUT_EXISTS` where the folder holds a run of the same name and another config; `ABORTED`; as `train`, naming the run
 */
export declare function compare(config: CompareConfig, hooks?: CompareHooks): Promise<ComparisonSummary>;

/**
 * Which of two models is better by a protocol's headline, and whether the data can tell: paired bootstrap over classes,
 * both models on the very same items.
 *
 * @param protocol - `verification`, `pairs`, `retrieval`, `identification`, `lists`, `recognition`, `reId` or `oneShot`, or one's own with `outcomes`
 * @throws NPairError `INVALID_OPTION`; `NON_FINITE` as {@link evaluate}
 */
declare function compare_2(first: Embedder, second: Embedder, protocol: Protocol, options?: BootstrapOptions): Promise<Comparison>;

/**
 * What a config file of `npair compare` holds: one of `npair train` with N pairs and a `data.split`, and `compare`.
 *
 * Every run has its network, its data, and as many images seen as its own `steps` of `batch` have; loss, batch and a factor of
 * the learning rate are the method's, the seed is one of `compare.seeds`, and a run keeps one checkpoint. Where the config says
 * of these what no run is, the notes of the result say that it was left out.
 */
export declare interface CompareConfig extends Omit<TrainConfig, 'batch'> {
    readonly batch: PlainPairs;
    readonly compare?: CompareOptions;
}

/** What comes with a comparison but is no part of it. */
export declare interface CompareHooks extends CellHooks {
    /** While the images are read, the first time. */
    readonly onImages?: (done: number, total: number) => void;
}

/** One way to train, of those that a comparison sets side by side. */
export declare interface CompareMethod {
    /** Names its row and its folder: letters, digits, dots, underscores and dashes. */
    readonly name: string;
    readonly loss: LossOptions;
    /** Default: the config's own. */
    readonly batch?: BatchOptions;
    /** What the config's learning rate is multiplied by, > 0. Default 1. */
    readonly rateFactor?: number;
}

/** What a config holds that compares methods, beside what every run of it is: its `compare`. */
export declare interface CompareOptions {
    /** One run of each method a seed. Default [1, 2, 3]. */
    readonly seeds?: readonly number[];
    /** Names of standard methods, or methods of one's own. Default: all standard ones. */
    readonly methods?: readonly (string | CompareMethod)[];
    /** Name of the method that the others are set beside. Default: N-pair-mc at the config's N, else the first. */
    readonly reference?: string;
}

/** A run of a comparison. */
export declare interface CompareRun {
    readonly method: string;
    readonly seed: number;
    /** Folder of the run within that of the comparison. */
    readonly folder: string;
}

/** Two models on the same items of a protocol. */
declare interface Comparison extends PairedDifference {
    /** What was counted on each item. */
    label: string;
    /** Mean of the first model. */
    first: number;
    /** Mean of the second model. */
    second: number;
    /** Items. */
    items: number;
}

/** What a comparison found: plain JSON. */
export declare interface ComparisonSummary {
    readonly seeds: readonly number[];
    readonly reference: string;
    readonly protocol: string;
    /** Name in `figures` of what methods are compared by: `validation.figure`, else the protocol's headline. */
    readonly headline: string;
    /** Each figure without its value. */
    readonly figures: Readonly<Record<string, Pick<Figure, 'label' | 'unit' | 'better' | 'definition'>>>;
    /** What was judged. */
    readonly counts: Readonly<Record<string, number>>;
    readonly methods: readonly MethodSummary[];
    readonly notes: readonly string[];
}

declare type Complete<O> = Required<Omit<O, 'schedule'>> & {
    readonly schedule: Schedule;
};

/** The same learning rate all along, after warm-up. */
declare interface ConstantSchedule {
    readonly type: 'constant';
    /** Steps over which the learning rate rises linearly to its full value, >= 0. Default 0. */
    readonly warmup?: number;
}

/** How two labelings of the same items meet: the sizes of their classes, of their clusters, and of what both share. */
declare interface Contingency {
    /** Number of items. */
    count: number;
    /** `[classes]` items of each class. */
    classes: number[];
    /** `[clusters]` items of each cluster. */
    clusters: number[];
    /** Cells that are not empty: items of one class in one cluster. */
    cells: {
        class: number;
        cluster: number;
        count: number;
    }[];
}

/**
 * Contingency table of a labeling and a clustering; only cells that are not empty are held.
 *
 * `n_cj = Σ_i 1[classes_i = c] 1[clusters_i = j], n_c = Σ_j n_cj, n_j = Σ_c n_cj`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example contingency([5, 5, 9], [0, 1, 1]).cells // [{ class: 0, cluster: 0, count: 1 }, { class: 0, cluster: 1, count: 1 }, { class: 1, cluster: 1, count: 1 }]
 */
declare function contingency(classes: ArrayLike<number>, clusters: ArrayLike<number>): Contingency;

/** The contrastive loss: its plan, and `compute`. */
declare interface Contrastive extends ContrastivePlan, Loss {
    readonly type: 'contrastive';
}

/**
 * The contrastive loss (Hadsell et al., CVPR 2006; Sohn 2016, Eq. 1), the mean over all pairs i < j of the batch of
 *
 *   ‖fᵢ − fⱼ‖²  for two rows of one class,   max(0, m − ‖fᵢ − fⱼ‖)²  for two of different classes
 *
 * Terms: `positive` and `negative`, which add up to `loss`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function contrastive(options?: ContrastiveOptions): Contrastive;

/** Options of {@link contrastive}. */
declare interface ContrastiveOptions {
    /** m > 0: how far apart two rows of different classes should be. Default 1. */
    readonly margin?: number;
    /** Compare embeddings of length 1. Default false. */
    readonly normalize?: boolean;
}

/** The plan of {@link contrastive}: all options resolved. */
declare interface ContrastivePlan extends Required<ContrastiveOptions> {
    readonly type: 'contrastive';
}

/**
 * The four-block network of the few-shot literature (Vinyals et al. 2016): 4 × (3×3 convolution, batch normalisation,
 * ReLU, 2×2 max pool), then a linear layer to the embedding. Parameters: `block1.conv.weight` … `embedding.bias`.
 *
 * @throws NPairError `INVALID_OPTION`; `LAYER_SHAPE` if `input` is given and too small
 */
declare function conv4(options?: Conv4Options): Conv4Net;

/** The network that {@link conv4} gives. */
declare interface Conv4Net {
    readonly type: 'conv4';
    readonly width: number | BlockWidths;
    readonly embeddingSize: number;
    readonly embeddingNorm: boolean;
    readonly inputNorm: boolean;
    readonly init: Init;
    readonly input?: NetInput;
    readonly layers: readonly ResolvedLayer[];
}

/** Options of {@link conv4}. */
declare interface Conv4Options {
    /** Channels of each of the four blocks, one number for all or a list of four. Default 64. */
    readonly width?: number | BlockWidths;
    /** d of the embeddings `[n, d]`. Default 128. */
    readonly embeddingSize?: number;
    /** Batch normalisation of the embeddings, last of all (BNNeck, Luo et al. 2019). Default false. */
    readonly embeddingNorm?: boolean;
    /** Instance normalisation of the images, first of all: each by its own mean and deviation. Default false. */
    readonly inputNorm?: boolean;
    /** How first weights are drawn. Default `torch`. */
    readonly init?: Init;
    /** What comes in; each side at least 16. Left out, it is taken from the data. */
    readonly input?: NetInput;
}

/** 2-d convolution (cross-correlation, as everywhere): `[n, c, h, w]` → `[n, out, h', w']`. */
declare interface ConvLayer {
    readonly type: 'conv';
    /** Name of its parameters `weight` `[out, c/groups, kh, kw]` and `bias` `[out]`; letters, digits and `_`. */
    readonly name: string;
    /** Channels that come out; a multiple of `groups`. */
    readonly out: number;
    readonly kernel: Size;
    /** Default 1. */
    readonly stride?: Size;
    /** Zeros around the input. Default 0. */
    readonly padding?: Size;
    /** Groups of channels that do not see each other. Default 1. */
    readonly groups?: number;
    /** Default true. */
    readonly bias?: boolean;
    /** Default `torch`. */
    readonly init?: Init;
}

/** CosFace: its plan, and `compute`. */
declare interface CosFace extends CosFacePlan, ParametricLoss {
    readonly type: 'cosFace';
}

/**
 * CosFace (Wang et al., CVPR 2018, Eq. 4): softmax over s · cos θ, with a margin taken from the own class's cosine:
 *
 *   L = mean over i of −log( exp(s(cos θᵢ − m)) / (exp(s(cos θᵢ − m)) + Σ_{c≠yᵢ} exp(s·cos θ_c)) )
 *
 * Parameter: `weight` `[classes, size]`, first drawn normal with deviation 0.01. Term: `cosFace`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function cosFace(options?: CosFaceOptions): CosFace;

/** Options of {@link cosFace}. */
declare interface CosFaceOptions {
    /** C ≥ 2: rows of the classifier. Default in a run: the classes of its data. */
    readonly classes?: number;
    /** s > 0. Default 64. */
    readonly scale?: number;
    /** m in (0, 1]. Default 0.35. */
    readonly margin?: number;
}

/** The plan of {@link cosFace}: all options resolved, but for the classes, which the data may tell. */
declare interface CosFacePlan extends Required<Omit<CosFaceOptions, 'classes'>> {
    readonly type: 'cosFace';
    readonly classes?: number;
}

/** Half a cosine from the full rate after warm-up down to the final one at the end of the run. */
declare interface CosineSchedule {
    readonly type: 'cosine';
    /** As for `constant`; fewer than the run's steps. Default 0. */
    readonly warmup?: number;
    /** Where it ends, as a fraction of the learning rate, in [0, 1]. Default 0. */
    readonly final?: number;
}

/**
 * The loss that options or a recorded plan describe.
 *
 * @throws NPairError as the loss's own factory
 */
declare function create<O extends LossOptions>(options: O): Extract<AnyLoss, {
    type: O['type'];
}>;

/**
 * The network that options describe: how config files and plans name one. What a factory gave is taken as it is, too.
 *
 * @param path - option name of the network in messages
 * @throws NPairError as the network's own factory; `INVALID_OPTION` if the layers beside a preset's options are not the preset's
 */
declare function create_2(options: NetOptions | AnyNet, path?: string): AnyNet;

/**
 * The protocol that a plan describes, on a dataset: how config files, `resume` and the command line name one.
 *
 * @example protocols.create({ type: 'oneShot', ways: 5 }, split.test)
 * @throws NPairError as the protocol's own factory
 */
declare function create_3(plan: ProtocolOptions, dataset: Dataset): Protocol;

declare const crops: readonly ["centre", "five"];

/** A loss of one's own: its plan, `compute`, and the function. */
declare interface Custom extends CustomPlan {
    compute(embeddings: Embeddings, labels: Labels): Promise<LossValue<Embeddings>>;
    compute(embeddings: DoubleEmbeddings, labels: Labels): Promise<LossValue<Float64Array>>;
}

/**
 * A loss of one's own, in TypeScript. It trains: each step goes forward in the engine, comes here with its embeddings, and
 * goes back with the gradient. What it throws ends the run. A run with one is resumed by giving it again.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function custom(options: CustomOptions): Custom;

/**
 * A miner of one's own: an iterator of batches, most simply an async generator. Each batch is asked for when all steps before it
 * are done, so that `embed` shows the network that will be trained on it. A run that is resumed calls `batches` again, with the
 * number to go on from: to end with the same bits, batches must depend on their number, the context's seed and what `embed`
 * gives, and on nothing that an earlier batch left behind.
 *
 * @param batches - image ids in the form that the run's `batch` says, see {@link Sampler.batch}
 * @throws NPairError `INVALID_OPTION` if it is no function
 */
declare function custom_2(batches: CustomMining['batches']): CustomMining;

/** Batches of a miner of one's own, for `train({ …, sampler })`. */
declare interface CustomMining {
    readonly type: 'custom';
    /** Called when the run begins, and anew when it is resumed or goes back to a checkpoint. */
    batches(context: MiningContext): AsyncIterable<Int32Array> | Iterable<Int32Array>;
}

/** Options of {@link custom}. */
declare interface CustomOptions {
    /**
     * Value and gradient.
     *
     * @param embeddings - float64, whatever the run's precision
     * @param labels - one a row; in a run the class numbers of the data
     */
    compute(embeddings: DoubleEmbeddings, labels: ArrayLike<number>): CustomValue | Promise<CustomValue>;
}

/** The plan of {@link custom}: that there is a function. */
declare interface CustomPlan {
    readonly type: 'custom';
}

/** What a loss of one's own returns. */
declare interface CustomValue {
    readonly loss: number;
    /** ∂loss/∂embeddings, row for row: as many numbers as the embeddings have. */
    readonly gradient: Float64Array | Float32Array;
    /** Parts of the loss to be told; `l2` goes into the metrics as the penalty. */
    readonly terms?: Readonly<Record<string, number>>;
}

/** Where images come from, in a config file. */
export declare type DataOptions = FolderData | OmniglotData | BenchmarkData | CharactersData | FeaturesData;

/** Labelled images (or rows of features) in a pack, or a part of them. Immutable. */
export declare class Dataset {
    #private;
    readonly plan: DatasetPlan;
    readonly pack: PackInfo;
    /** Image ids, sorted by (label, position): rotation · pack.count + row; rotations of 0, 90, 180, 270 degrees counter-clockwise. */
    readonly images: Int32Array;
    /** `labels[i]`: class of `images[i]`, an index into `classes`, dense */
    readonly labels: Int32Array;
    readonly classes: readonly string[];
    /** Empty where the source has none. */
    readonly superClasses: readonly string[];
    /** Per class, index into `superClasses`; empty where the source has none. */
    readonly superClassOf: Int32Array;
    private constructor();
    /** A whole source. */
    static whole(index: PackIndex, plan: Omit<DatasetPlan, 'pack' | 'parts' | 'ingest'>): Dataset;
    get length(): number;
    get summary(): DatasetSummary;
    /** Path of `images[i]` within the source. */
    imageName(i: number): string;
    /** Positions (indices into `images`) of each class. */
    byClass(): Int32Array[];
    /**
     * Two halves without a common class.
     *
     * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` where a half would be empty
     */
    splitByClass(options: ClassSplit): {
        train: Dataset;
        test: Dataset;
    };
    /** Two halves without a common super-class (alphabet). */
    splitBySuperClass(options: ClassSplit): {
        train: Dataset;
        test: Dataset;
    };
    /** Two halves with the same classes and different images, at least one of each class on each side. */
    splitWithinClass(options: WithinSplit): {
        train: Dataset;
        test: Dataset;
    };
    /**
     * Four times the classes: each turned by 90, 180 and 270 degrees is a class of its own, the usual practice on Omniglot.
     *
     * @throws NPairError `INVALID_OPTION` where images are not square, or turned already
     */
    rotatedClasses(): Dataset;
    /** Applies recorded parts again. */
    withParts(parts: readonly Part[]): Dataset;
}

/** What a run records of its data: enough to build it again, and to know that it is the same. */
export declare interface DatasetPlan {
    /** The source: `folder`, `omniglot`, `benchmark`, `characters`, `features`. */
    readonly type: string;
    readonly path?: string;
    readonly ingest: IngestOptions | FeatureIngest;
    /** SHA-256 of the pack. */
    readonly pack: string;
    readonly parts: readonly Part[];
    /** Options that the source has besides. */
    readonly source?: Readonly<Record<string, unknown>>;
}

/** Where labelled images come from. */
export declare const datasets: {
    folder: typeof folder;
    omniglot: typeof omniglot;
    benchmark: typeof benchmark;
    characters: typeof characters;
    features: typeof features;
    fromPlan: typeof fromPlan;
};

/** How much a source held. */
export declare interface DatasetSummary {
    readonly images: number;
    readonly classes: number;
    /** Broken images that were left out. */
    readonly skipped: readonly SkippedImage[];
}

/** What a metric is, in words that a result can carry. */
declare interface Definition {
    /** Rises when the same scores could give another value. */
    readonly version: number;
    /** Name for people. */
    readonly label: string;
    readonly unit: 'fraction' | 'score';
    readonly better: 'higher' | 'lower' | 'none';
    /** One sentence, ties included. */
    readonly text: string;
}

/** The definition of every metric, by the name of the function that computes it. */
declare const definitions: Readonly<{
    foldAccuracy: Definition;
    areaUnderRoc: Definition;
    equalErrorRate: Definition;
    tarAtFar: Definition;
    dPrime: Definition;
    bestThreshold: Definition;
    recallAtK: Definition;
    precisionAtK: Definition;
    rPrecision: Definition;
    averagePrecisionAtR: Definition;
    averagePrecision: Definition;
    trapezoidAveragePrecision: Definition;
    reciprocalRank: Definition;
    ndcgAtK: Definition;
    inverseNegativePenalty: Definition;
    knnClasses: Definition;
    verificationSuccesses: Definition;
    cmc: Definition;
    openSet: Definition;
    normalizedMutualInformation: Definition;
    adjustedMutualInformation: Definition;
    vMeasure: Definition;
    pairwiseF1: Definition;
    purity: Definition;
    episodeError: Definition;
}>;

/** Detection error trade-off: both error rates, and where they stand on normal-deviate axes. */
declare interface Det {
    /** `[m]` false accept rate, rising. */
    far: Float64Array;
    /** `[m]` false reject rate 1 − TAR, falling. */
    frr: Float64Array;
    /** `[m]` Φ⁻¹(FAR). */
    farDeviate: Float64Array;
    /** `[m]` Φ⁻¹(FRR). */
    frrDeviate: Float64Array;
}

/**
 * DET curve (Martin et al. 1997): false reject over false accept rate on normal-deviate axes, where normal scores make a
 * straight line. Deviates of 0 and 1 would be infinite: they are those of half a pair and of all but half a pair.
 *
 * `FRR = 1 − TAR, deviate = Φ⁻¹(min(max(rate, ½/n), 1 − ½/n)), n = pairs of the kind`
 *
 * @example det(roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])).frr // [1, 0.5, 0, 0]
 */
declare function det({ far, tar, genuine, impostor }: Roc): Det;

/** Which sign of divergence a guard saw. */
export declare type Divergence = 'notFinite' | 'collapse' | 'norm' | 'gradientSpike';

/** Embeddings in double precision, for proofs: `data` is row-major `[count, size]`. */
declare interface DoubleEmbeddings {
    readonly data: Float64Array;
    readonly size: number;
}

/**
 * Sensitivity index d′: how far genuine scores lie above impostor scores, in their mean spread; sample deviations (divisor n − 1).
 * NaN with fewer than two pairs of a kind, ∓Infinity where nothing spreads.
 *
 * `d′ = (μ_g − μ_i) / √((σ_g² + σ_i²) / 2)`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param weights - `[p]` how often each pair counts, >= 0; default once
 * @throws NPairError `INVALID_OPTION` where a score is not finite, a weight is negative or none, or the lists differ in length
 * @example dPrime([1, 3, 0, 2], [1, 1, 0, 0]) // 1 / Math.SQRT2
 */
declare function dPrime(scores: ArrayLike<number>, same: ArrayLike<number>, weights?: ArrayLike<number>): number;

/** While training each number becomes 0 with probability p, the others are divided by 1 − p. */
declare interface DropoutLayer {
    readonly type: 'dropout';
    /** In [0, 1). */
    readonly p: number;
}

/** An average with nothing left to defaults. */
export declare type Ema = Required<EmaOptions>;

/**
 * An exponential moving average of the weights: after step t (from 0), average ← d · average + (1 − d) · weights, with the
 * running statistics of norms copied. Validation and the finished model use the average; training goes on with the weights.
 */
export declare interface EmaOptions {
    /** The share that the average keeps at each step, in [0, 1): 0.999 looks back some thousand steps. Default 0.999. */
    readonly decay?: number;
    /** d = min(decay, (1 + t)/(10 + t)), so that the weights of the start are soon forgotten. Default true. */
    readonly warmup?: boolean;
}

/** What can turn a dataset into embeddings: a model, a trainer, or a baseline. */
export declare interface Embedder {
    /** @returns `[dataset.length, d]`, row i the embedding of `dataset.images[i]` */
    embedDataset(dataset: Dataset): Promise<Embeddings>;
    /** What it sees an image in, for results to say; a model has it. */
    readonly views?: Views;
}

/** Embedding vectors, one a row: `data` is row-major `[count, size]` float32. */
export declare class Embeddings {
    readonly data: Float32Array;
    readonly count: number;
    readonly size: number;
    /**
     * How alike two rows are: by cosine; or by inner product, where each row is a mean of vectors of length 1, so that the score is the
     * mean of the cosines of all combinations of them.
     */
    readonly metric: 'cosine' | 'dot';
    /**
     * @param data - `[count × size]` float32, row-major; not copied
     * @param size - numbers in a row
     * @param metric - how alike two rows are; default `cosine`
     */
    constructor(data: Float32Array, size: number, metric?: 'cosine' | 'dot');
    /** Row `i`, a view of `data`. */
    row(i: number): Float32Array;
    /** Cosine similarity of rows `i` and `j`, in [−1, 1]; 0 where one of them is all zeros. */
    cosine(i: number, j: number): number;
    /** The rows in order, each a view of `data`. */
    [Symbol.iterator](): IterableIterator<Float32Array>;
    /** A copy whose rows have Euclidean length 1; a row of zeros stays as it is. */
    normalized(): Embeddings;
    /** Rows whose inner products are the scores: of length 1 where rows are compared by cosine, else these. */
    comparable(): Embeddings;
}

/** d of the embeddings `[n, d]` that a network gives. */
declare function embeddingSize(net: Net): number;

/** One N-way k-shot trial: which rows stand for which way, and one query a way. */
declare interface Episode {
    /** `[ways][shots]` rows of the supports. */
    supports: readonly (readonly number[])[];
    /** `[ways]` row of each way's query. */
    queries: readonly number[];
}

/**
 * Error of an episode, in [0, 1]: the fraction of queries given to another way than their own.
 *
 * `error = 1/N Σ_w 1[ways_w ≠ w]`
 *
 * @param ways - `[ways]` from {@link nearestWays}; query w belongs to way w
 * @example episodeError([0, 2, 2, 3]) // 0.25
 */
declare function episodeError(ways: readonly number[]): number;

/**
 * Equal error rate, in [0, 1]: the mean of both error rates where they differ least, of equally near thresholds the highest.
 *
 * `EER = (FAR(t) + FRR(t)) / 2, t = argmin_t |FAR(t) − FRR(t)|, FRR = 1 − TAR`
 *
 * @example equalErrorRate(roc([0.9, 0.4, 0.6, 0.1], [1, 1, 0, 0])).rate // 0.5
 */
declare function equalErrorRate({ far, tar, thresholds, genuine, impostor }: Roc): {
    rate: number;
    threshold: number;
};

/**
 * Embeds the protocol's images and judges the embeddings. Images that the source left out as broken or missing are counted
 * (`skippedImages`) and noted.
 *
 * @param embedder - a model, or anything else with `embedDataset`
 * @param protocol - from `protocols.verification(…)`, `.retrieval(…)`, `.oneShot(…)`, or one's own
 * @returns plain JSON; print it with `formatTable(result)`
 * @throws NPairError `NON_FINITE` if an embedding holds NaN or an infinity; the message names the image
 */
export declare function evaluate(embedder: Embedder, protocol: Protocol): Promise<EvaluationResult>;

/** What a protocol found: plain JSON, complete enough to be read without the program that wrote it. */
export declare interface EvaluationResult {
    /** The protocol's `type`. */
    protocol: string;
    /** Version of the protocol's definition: it rises when the same embeddings could give other figures. */
    version: 1 | 2;
    /** What was done, in words. */
    definition: string;
    /** The protocol's options, resolved. */
    options: Record<string, unknown>;
    /** The data judged on: the dataset's plan. */
    data: unknown;
    /** How much was judged: images, classes, pairs, … */
    counts: Record<string, number>;
    /** Name of the figure that stands for the result where only one can. */
    headline: string;
    figures: Record<string, Figure>;
    tables: Record<string, ResultTable>;
    /** Named curves, each a few columns of equal use, for example `roc: { far, tar }`. */
    curves: Record<string, Record<string, number[]>>;
    /** What a reader must know beyond the figures: what was left out, and why. */
    notes: string[];
}

/**
 * Expected mutual information in nats over all labelings of these sizes (Vinh et al. 2010), a over the sizes of classes, b over
 * those of clusters, P hypergeometric. It depends on sizes only, so equal sizes are computed once.
 *
 * `E[I] = Σ_a Σ_b Σ_n (n/N) · log(N·n / (a·b)) · P(n | a, b, N)`
 *
 * @example expectedInformation(contingency([0, 0, 1, 1], [0, 1, 0, 1])) // Math.LN2 / 3
 */
declare function expectedInformation({ classes, clusters, count }: Contingency): number;

/**
 * Which threshold stands for a false accept rate: `atMost` is the lowest score whose rate does not exceed the target;
 * `nthImpostor` is BLUFR's, the n-th highest impostor score, n = target · impostors rounded to the nearest, whose rate may
 * exceed the target by half a pair and by ties.
 *
 * Where n is 0, `nthImpostor` takes the middle between the highest impostor score and the lowest genuine one above it, without
 * such a one √ε = 1.5e-8 above the highest impostor score: a rate of 0 is reached, not the target. Where n is all of them, everything is
 * accepted: at the lowest score of all, where BLUFR prints √ε less. (EvalROC.m and OpenSetROC.m of Liao et al. 2014.)
 */
declare type FarRule = 'atMost' | 'nthImpostor';

/** What rows of features are, in place of how files become pixels: part of the pack, the plan and the bundle. */
export declare interface FeatureIngest {
    /** D: numbers of a row. */
    readonly features: number;
    /** Whether rows are brought to Euclidean length 1, before anything else. */
    readonly normalize: boolean;
}

/**
 * Features of another model instead of images: a NumPy file of `[n, D]` float32, float64, float16 or integers, and the class of
 * each row; brought into a pack of float32 once.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `FEATURES_CORRUPT`, `INVALID_OPTION`
 */
declare function features(path: string, options: FeaturesInput): Promise<Dataset>;

/** Features of another model instead of images. */
declare interface FeaturesData {
    readonly type: 'features';
    /** A NumPy file `[n, D]`; `--data` on the command line goes before it. */
    readonly path?: string;
    /** The class of each row: a `.npy` of integers `[n]`, a `.json` array of names or integers, or a text file, a name a line. */
    readonly labels: string;
    /** The name of each row, all different: a text file, a name a line, or a `.json` array. Default: their numbers. */
    readonly names?: string;
    /** Bring each row to Euclidean length 1. Default false. */
    readonly normalize?: boolean;
    /** Without it all rows train. */
    readonly split?: SplitOptions;
}

/** Options of {@link features}. */
export declare interface FeaturesInput extends Hooks {
    /** The class of each row: a `.npy` of integers `[n]`, a `.json` array of names or integers, or a text file, a name a line. */
    readonly labels: string;
    /** The name of each row, all different: a text file, a name a line, or a `.json` array. Default: their numbers, from 0. */
    readonly names?: string;
    /** Bring each row to Euclidean length 1; a row of zeros stays. A model trained on it does so, too. Default false. */
    readonly normalize?: boolean;
}

/** One figure of merit of a result. */
export declare interface Figure {
    /** In `unit`; fractions lie in [0, 1]. */
    value: number;
    /** Standard error of `value`, in the same unit; `definition` says over what. */
    standardError?: number;
    /** Where the true value lies; the result's definition says what was resampled. */
    interval?: Interval;
    unit: 'fraction' | 'score';
    /** Which direction is better; `none` for figures that only describe, such as a threshold. */
    better: 'higher' | 'lower' | 'none';
    /** Name for people, for example `Recall@1`. */
    label: string;
    /** One sentence: how the figure is computed. */
    definition: string;
    /** Name and version of the metric's definition in `metrics.definitions`. */
    metric?: string;
    metricVersion?: number;
}

/** `[n, c, h, w]` → `[n, c·h·w]`, channel by channel. */
declare interface FlattenLayer {
    readonly type: 'flatten';
}

/** Accuracy of each fold at the threshold that the other folds chose. */
declare interface FoldAccuracy {
    /** `[folds]` in [0, 1]. */
    accuracies: number[];
    /** `[folds]` the threshold used on each fold, chosen on all other folds. */
    thresholds: number[];
    /** Mean over folds, in [0, 1]. */
    mean: number;
    /** Sample standard deviation over folds / √folds. */
    standardError: number;
}

/**
 * Cross-validated verification accuracy: for each fold the threshold that is best on all other folds
 * ({@link bestThreshold}), applied to that fold; mean ± standard error over folds (LFW view 2).
 *
 * `mean = 1/F Σ_k a_k, a_k = accuracyAt(fold k, bestThreshold(all others)), S_E = √(Σ_k (a_k − mean)² / (F (F − 1)))`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param fold - `[p]` in [0, folds); every fold holds at least one pair
 * @param folds - at least 2
 * @throws NPairError `INVALID_OPTION` where a score is not finite, a fold is none of them or empty, or the lists differ in length
 * @example foldAccuracy([0.9, 0.1, 0.8, 0.3], [1, 0, 1, 0], [0, 0, 1, 1], 2)
 * // { accuracies: [1, 1], thresholds: [0.55, 0.5], mean: 1, standardError: 0 }
 */
declare function foldAccuracy(scores: ArrayLike<number>, same: ArrayLike<number>, fold: ArrayLike<number>, folds: number): FoldAccuracy;

/**
 * A folder of images, one folder a class, at any depth; decoded once into a pack.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
declare function folder(path: string, options: IngestInput): Promise<Dataset>;

/** A folder of images, one folder a class. */
declare interface FolderData extends SourceOptions {
    readonly type: 'folder';
    /** The folder; `--data` on the command line goes before it. */
    readonly path?: string;
}

/**
 * A result for the terminal: what was judged, each figure with its standard error and interval, each table, notes, the definition.
 * Fractions are shown in percent.
 */
export declare function formatTable(result: EvaluationResult): string;

/**
 * The dataset that a plan recorded.
 *
 * @param moved - where the source is now, if it has moved
 * @throws NPairError as the source; `PACK_CORRUPT` if its images are no longer the same
 */
declare function fromPlan(plan: DatasetPlan, moved?: {
    path?: string;
} & Hooks): Promise<Dataset>;

declare const fusions: readonly ["embeddings", "scores"];

/**
 * {@link relevantRanks} of every query in a gallery, by cosine similarity, streaming: memory is a block of rows.
 *
 * `ranks_q = relevantRanks(s_q, relevance(q, ·)), s_qg = cos(query_q, gallery_g)`
 *
 * @param queries - `[q, d]`
 * @param gallery - `[g, d]`
 * @throws NPairError `INVALID_OPTION` where the two differ in d, or a row is not finite
 * @example galleryRanks(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(0, 1, 1, 0), 2), (q, g) => (g === 0 ? 1 : 0)) // [[2]]
 */
declare function galleryRanks(queries: Embeddings, gallery: Embeddings, relevance: Relevance): Int32Array[];

/** Mean or largest over all positions: `[n, c, h, w]` → `[n, c]`. */
declare interface GlobalPoolLayer {
    readonly type: 'globalPool';
    /** Default `avg`. */
    readonly mode?: 'avg' | 'max';
}

/** A guard with nothing left to defaults. */
export declare type Guard = Required<GuardOptions>;

/**
 * Watches for signs that training diverges, before numbers are no longer finite. It looks at every step before the weights
 * change; a step that shows a sign changes nothing. Without a guard only numbers that are not finite stop a run, with
 * `NON_FINITE`.
 */
export declare interface GuardOptions {
    /**
     * What becomes of a step that shows a sign of divergence (or whose loss or gradient is not finite):
     * `stop`: the run ends with `DIVERGED` (or `NON_FINITE`), its last checkpoint is whole;
     * `skip`: the step is left out and counted as `skipped` in the metrics; after `mostSkipped` such steps in a row the run stops;
     * `rollback`: the run goes back to the last checkpoint at a multiple of `checkpointEvery` (or to step 0) and on from there with a lower learning rate, `retries` times.
     */
    readonly onDivergence: 'stop' | 'skip' | 'rollback';
    /** Collapse: the mean cosine between embeddings of different classes of a batch lies above this, in [-1, 1]; 1: never. Default 0.98. */
    readonly maxCosine?: number;
    /** The mean length of the embeddings lies above this, > 0. Default 1000. */
    readonly maxNorm?: number;
    /**
     * The gradient is longer than this many times its running mean, > 1. A gradient beyond the limit enters the mean as the
     * limit, so that the mean follows gradients that stay large. Default 20.
     */
    readonly gradientSpike?: number;
    /** Decay of that running mean, in [0, 1). Default 0.98. */
    readonly decay?: number;
    /** Steps before the first one that is judged: networks fresh from their initial weights look collapsed. Default 100. */
    readonly warmup?: number;
    /** `skip`: so many skipped steps in a row are borne, >= 1; one more stops the run. Default 20. */
    readonly mostSkipped?: number;
    /** `rollback`: how often the run may go back, >= 1. Default 1. */
    readonly retries?: number;
    /** `rollback`: the learning rate is multiplied by this each time, in (0, 1]. Default 0.5. */
    readonly rateFactor?: number;
}

/** The plan of {@link hardNegativeClasses}: all options resolved; `decay` with `running` only. */
declare interface HardNegativeClasses extends Required<Omit<HardNegativeClassesOptions, 'decay'>>, Pick<HardNegativeClassesOptions, 'decay'> {
    readonly type: 'hardNegativeClasses';
}

/**
 * Hard negative class mining, the paper's three steps (Sohn 2016, §3.2.3): C classes at random, one or two images of each
 * embedded by the current network in evaluation mode; one class of them at random, then one after the other the class that
 * violates the triplet constraint most with respect to those chosen, ties broken by the run's seed; different images of each
 * chosen class make the batch. For `batch.mining` of pairs and of class-balanced batches. Where there are fewer candidates
 * than the batch takes, random classes fill it.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function hardNegativeClasses(options: HardNegativeClassesOptions): HardNegativeClasses;

/** Options of {@link hardNegativeClasses}. */
declare interface HardNegativeClassesOptions {
    /** C >= 2: classes drawn at random, among which is chosen; all where the data has fewer. */
    readonly candidates: number;
    /** Images of each candidate that are embedded; 1 only with score `similarity`. Default 2. */
    readonly imagesPerClass?: 1 | 2;
    /**
     * How much a candidate c violates the triplet constraint with respect to the chosen classes s, f being an image of a class
     * and f⁺ its other one. `hingeSum`: Σ max(0, fₛᵀf_c − fₛᵀfₛ⁺) + max(0, f_cᵀfₛ − f_cᵀf_c⁺). `max`: the largest
     * fₛᵀf_c − fₛᵀfₛ⁺. `count`: how many terms of `hingeSum` are not 0. `similarity`: the largest cos(fₛ, f_c), f being the mean
     * where there are two images. Default `hingeSum`.
     */
    readonly score?: 'hingeSum' | 'max' | 'count' | 'similarity';
    /**
     * What stands for a candidate. `embed`: its images, embedded by the network as it is when the batch is mined. `running`: a
     * running mean of its embeddings in the batches that it was in, for f and f⁺; images are embedded only of candidates
     * without one. Default `embed`.
     */
    readonly refresh?: 'embed' | 'running';
    /** Steps that one draw of candidates is used for, >= 1: their batches are chosen together, each from a class of its own. Default 1. */
    readonly every?: number;
    /** With `running`: the share of a mean that a new batch leaves, in [0, 1). Default 0.5. */
    readonly decay?: number;
}

/**
 * ROC of scores that were only counted into bins: the points at the lower edges of the bins that hold any. Each is a point of the
 * curve of the scores themselves; between two of them a straight line stands for the scores of a bin, as if they tied.
 *
 * `TAR(t) = same(bins from t on) / genuine, FAR(t) = different(bins from t on) / impostor`
 *
 * @param histogram - with at least one pair of each kind, else rates are NaN
 * @example histogramRoc({ edges: [0, 1, 2, 3], same: [0, 1, 1], different: [2, 0, 0] })
 * // { thresholds: [Infinity, 2, 1, 0], far: [0, 0, 0, 1], tar: [0, 0.5, 1, 1], genuine: 2, impostor: 2 }
 */
declare function histogramRoc({ edges, same, different }: PairHistogram): Roc;

/** A row that was found. */
export declare interface Hit extends IndexEntry {
    /** Larger = nearer. */
    readonly score: number;
}

declare type Hooks = Pick<IngestInput, 'cache' | 'onProgress' | 'signal'>;

/** What an image of an index shows, or that nothing in it is near enough. */
export declare type Identification = {
    /** Of the calibration. */
    readonly threshold: number;
    /**
     * Chance that someone whom the index lacks is called known, in [0, 1]: the upper end of the 95 % interval of the false accept rate
     * (at least Wilson's for as many independent pairs), times the index's rows.
     */
    readonly falseAlarm: number;
} & ({
    readonly answer: 'known';
    readonly hit: Hit;
} | {
    readonly answer: 'unknown';
    /** What was nearest, below the threshold; left out of an empty index. */
    readonly nearest?: Hit;
});

/**
 * "Who is it?" against a gallery. Closed set: everyone is enrolled; rank-k. Open set: some are not; the rate of those
 * detected and identified at a false alarm rate that is measured on the others alone (DIR@FAR, Best-Rowden et al. 2014).
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, none of them with two images
 */
declare function identification(dataset: Dataset, options?: IdentificationOptions): Protocol<IdentificationPlan>;

/** Options of {@link identification}. */
declare interface IdentificationOptions extends IntervalOptions, SearchOptions_2 {
    /** Share of the identities with two images or more that the open set's gallery lacks, in [0, 1). Default 0.5. */
    unseen?: number;
    /**
     * Images an identity has in the gallery: `one`, the others probe (Best-Rowden's closed set, DeepID's open set); or
     * `allButOne`, one probes (the open set of Light CNN's reading). Default `one`.
     */
    galleryImages?: 'one' | 'allButOne';
}

/** Resolved plan of {@link identification}. */
declare interface IdentificationPlan extends Required<IdentificationOptions> {
    readonly type: 'identification';
}

/**
 * Searches every probe in a gallery by cosine similarity, streaming: memory is a block of rows. For a
 * large gallery see {@link neighbourSearches}.
 *
 * `search_p = searchOutcome(s_p, galleryLabels, label_p), s_pg = cos(probe_p, gallery_g)`
 *
 * @param probes - `[p, d]`
 * @param gallery - `[g, d]`; several images of an identity count by the best, or give {@link templates}
 * @throws NPairError `INVALID_OPTION`
 * @example identify(new Embeddings(Float32Array.of(1, 0), 2), [4], new Embeddings(Float32Array.of(0, 1, 1, 0), 2), [3, 4]).rank // [1]
 */
declare function identify(probes: Embeddings, probeLabels: ArrayLike<number>, gallery: Embeddings, galleryLabels: ArrayLike<number>, options?: RankOptions): Searches;

/**
 * What {@link Model.embed} takes: a path, an encoded image (JPEG, PNG, PGM, …) in memory, or raw pixels; a model that was trained
 * on features takes their rows.
 */
export declare type ImageInput = string | Uint8Array | RawImage | Float32Array;

/**
 * Embeddings with ids that are searched exactly, on the engine. Of equally near rows the one that was added first comes first.
 * It holds native memory, and the file that it was loaded from, until it is closed; rows that are given are not copied and may not be changed meanwhile.
 */
export declare class Index {
    #private;
    readonly metric: Metric;
    /** Numbers in a row. */
    readonly size: number;
    /** Of the model that made the rows; undefined for an index that is tied to none: built from vectors alone, or before there was this. */
    readonly model: ModelIdentity | undefined;
    private constructor();
    /**
     * @param rows - `[n, d]`, n may be 0
     * @param entries - `[n]` with different ids
     * @throws NPairError `INVALID_OPTION`
     */
    static build(rows: Embeddings, entries: readonly IndexEntry[], options?: IndexOptions): Promise<Index>;
    /**
     * Loads what `save` wrote; the rows stay in the file and are mapped into memory, whoever else has them mapped.
     *
     * @throws NPairError `NOT_FOUND`, `INDEX_CORRUPT`; with `approximate` `INVALID_OPTION` where no graph was saved, `DEPENDENCY_MISSING`
     */
    static load(folder: string, options?: IndexLoadOptions): Promise<Index>;
    /** Rows that can be found. */
    get count(): number;
    /**
     * @param rows - `[n, d]` of this index's size
     * @param entries - `[n]` with ids that the index does not hold
     * @throws NPairError `INVALID_OPTION`, `INDEX_MODEL` for rows of another model, or of none where the index has one, and then
     *   nothing is added; `CLOSED`
     */
    add(rows: Embeddings, entries: readonly IndexEntry[], options?: IndexAddOptions): Promise<void>;
    /**
     * Takes rows out; an id that is not there is passed over.
     *
     * @returns how many were taken out
     */
    remove(ids: Iterable<string>): Promise<number>;
    /** Whether a row has this id. */
    has(id: string): boolean;
    /**
     * Links all rows in a graph (HNSW), through the package usearch, which has to be installed. Rows that are added later are searched
     * exactly, until it is called again. Its recall is measured as `recall` does by default, which takes little beside the linking.
     *
     * @returns undefined for less than 2 rows
     * @throws NPairError `INVALID_OPTION`, `DEPENDENCY_MISSING`, `CLOSED`
     */
    approximate(options?: ApproximateOptions): Promise<ApproximateRecall | undefined>;
    /**
     * What `approximate` measured; it is saved and loaded with the graph. Undefined without a graph, for one of less than 2 rows, or one
     * that was saved before there was this.
     */
    get approximateRecall(): ApproximateRecall | undefined;
    /**
     * The k nearest rows of each query, exactly unless `approximate` is asked for, nearest first; fewer where there are fewer.
     *
     * @param queries - `[q, d]` of this index's size
     * @throws NPairError `INVALID_OPTION`, also for `approximate` without a graph; `CLOSED`
     */
    search(queries: Embeddings, options?: SearchOptions): Promise<Hit[][]>;
    /**
     * How many of the k nearest rows approximate search finds, measured: these queries are searched both ways. Exact search of a few
     * hundred takes seconds for millions of rows.
     *
     * @param queries - `[q, d]`, a sample of those that will be asked, q >= 1; or how many rows of the index to draw, where no such
     *   queries are at hand: rows are easier to find than what is new. Default 400 rows
     * @throws NPairError as {@link Index.search}
     */
    recall(queries?: Embeddings | RowSample, options?: RecallOptions): Promise<ApproximateRecall>;
    /**
     * Writes the index into a folder: a new or empty one, or the one that it was loaded from or saved into last. Whole or not at all;
     * who has loaded the folder before goes on with what was there then. A graph goes with it where it is of these very rows, none
     * added nor removed since.
     *
     * @throws NPairError `OUTPUT_EXISTS` if the folder holds anything else, or was saved by another since; `RUN_LOCKED` while
     *   another writes it; `NOT_WRITABLE`, `CLOSED`
     */
    save(folder: string): Promise<void>;
    /** Frees the native memory; closing twice is harmless. */
    close(): Promise<void>;
}

/** Options of {@link Index.add}. */
export declare interface IndexAddOptions {
    /** The model that made the rows; an index is tied to it. Default: none. */
    readonly model?: {
        readonly identity: ModelIdentity;
    };
}

/** What is known of a row of an {@link Index}. */
export declare interface IndexEntry {
    /** Different in each row. */
    readonly id: string;
    /** Its class. */
    readonly label?: string | number;
    /** Whatever JSON can hold; anything else is refused. */
    readonly metadata?: unknown;
}

/** Options of {@link Index.load}. */
export declare interface IndexLoadOptions {
    /** As of {@link IndexOptions}. Default `auto`. */
    readonly shortlist?: Shortlist;
    /** Whether the rows' SHA-256 is compared, which reads them all. Default true. */
    readonly verify?: boolean;
    /** Whether the graph that was saved with it is loaded, for approximate search. Default false. */
    readonly approximate?: boolean;
}

/** Options of {@link Index.build}. */
export declare interface IndexOptions extends IndexAddOptions {
    /** How near two rows are. Default: the rows' own `metric`, `cosine` but for `fusion: 'scores'`. */
    readonly metric?: Metric;
    /** In what most rows are ruled out: it changes time and memory, never the result. Default `auto`. */
    readonly shortlist?: Shortlist;
}

/**
 * Options as users give them: the size, and what differs from the defaults: one channel, `lanczos3`, `fill`, background 255, not centred,
 * `error`.
 */
export declare interface IngestInput extends Partial<Omit<IngestOptions, 'size'>> {
    /** Pixels: one side of a square, or `[height, width]`. */
    readonly size: number | readonly [height: number, width: number];
    /** Folder of the packs. Default: NPAIR_CACHE, else the user's cache folder. */
    readonly cache?: string;
    readonly onProgress?: (done: number, total: number) => void;
    readonly signal?: AbortSignal;
}

/** How files become pixels; part of the pack, the plan and the bundle. */
export declare interface IngestOptions {
    readonly size: readonly [height: number, width: number];
    /** 1: grey (sharp's luminance of the colours), 3: RGB */
    readonly channels: 1 | 3;
    /** Resampling kernel where the picture is made smaller; made larger, all but `nearest` and `linear` are cubic. */
    readonly interpolation: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3';
    /** How another aspect ratio is met: stretched, cut, or bordered. */
    readonly fit: 'fill' | 'cover' | 'contain';
    /** Grey level 0..255 of borders and of what is transparent. */
    readonly background: number;
    /**
     * Whether the centre of mass of what differs from the background is moved into the middle of the picture, as in MNIST: for
     * drawings on an even ground, whose place says nothing. Missing where it is not.
     */
    readonly centre?: boolean;
    /** A broken image stops the ingestion, or is left out and counted. */
    readonly broken: 'error' | 'skip';
}

/**
 * How first weights are drawn. `torch`: as `torch.nn` does, uniform in ±1/√inputs, biases too. `kaiming`: normal with
 * variance 2/inputs, biases 0. `xavier`: uniform in ±√(6/(inputs + outputs)), biases 0.
 */
declare type Init = 'torch' | 'kaiming' | 'xavier';

/**
 * Instance normalisation (Ulyanov et al. 2016) without weights: each image and channel by its own mean and deviation over
 * `[h, w]`, in training and after. As the first layer it standardises every image, so that its light does not matter.
 */
declare interface InstanceNormLayer {
    readonly type: 'instanceNorm';
    /** Added to the variance. Default 1e-5. */
    readonly eps?: number;
}

/** An interval that holds the true value with a stated confidence. */
declare interface Interval {
    low: number;
    high: number;
    /** Confidence, in (0, 1), for example 0.95. */
    level: number;
    /** `wilson`: independent trials; `bootstrap`: percentiles over resampled identities. */
    method: 'wilson' | 'bootstrap';
}

/** How a protocol's intervals are made. */
declare interface IntervalOptions {
    /** Bootstrap resamples of classes for the 95 % interval of each figure; 0 for none. Default 200. */
    bootstrap?: number;
    /** Seed of all that is drawn. Default 0. */
    seed?: number;
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
declare function inverseNegativePenalty(ranks: ArrayLike<number>): number;

/**
 * k-means: seeded k-means++ beginnings (Arthur and Vassilvitskii 2007), then Lloyd's iterations until no row changes its cluster. A cluster
 * that has lost its rows takes the row that is farthest from its centre. Distances are Euclidean: give
 * `embeddings.normalized()` to cluster by cosine.
 *
 * @param embeddings - `[n, d]`, not to be changed meanwhile
 * @throws NPairError `INVALID_OPTION`
 */
export declare function kMeans(embeddings: Embeddings, options: KMeansOptions): Promise<Clustering>;

/** Options of {@link kMeans}. */
export declare interface KMeansOptions {
    /** Number of clusters, from 1 to the number of rows. */
    clusters: number;
    /** How often it is begun anew; the best is kept. Default 3. */
    restarts?: number;
    /** Most iterations of a beginning. Default 300. */
    iterations?: number;
    /** Integer >= 0. Default 0. */
    seed?: number;
    /** `[clusters, d]` centres to begin with instead of drawing them; then it is begun once. */
    centers?: Embeddings;
}

/**
 * kNN recognition: for each query the class that most of its k nearest have; of classes with equally many the one whose
 * nearest image is nearer. The fraction of queries given their own class is the recognition accuracy of Sohn 2016's
 * first table.
 *
 * `class_q = argmax_c Σ_{i=1}^k 1[label of the i-th nearest = c]`
 *
 * @param neighbours - from {@link nearest} or any search
 * @param labels - `[g]` class of each gallery image, in [0, 2³¹)
 * @param k - how many vote, 1 ≤ k ≤ `neighbours.k`; default all of them
 * @returns `[q]` class; −1 where a query has no neighbour
 * @throws NPairError `INVALID_OPTION`, also where an image that was found has no class
 * @example knnClasses({ k: 3, ids: Int32Array.of(0, 1, 2), scores: Float64Array.of(0.9, 0.8, 0.7) }, [5, 6, 6]) // [6]
 */
declare function knnClasses(neighbours: Neighbours, labels: ArrayLike<number>, k?: number): Int32Array;

/**
 * k-reciprocal re-ranking (Zhong et al. 2017): images are compared by the sets of images that count them among their
 * nearest and are counted by them (Jaccard distance of weighted sets), mixed with the distance itself,
 * d = squared Euclidean distance of length-1 rows / the query's largest:
 *
 * `d_final = (1 − λ) · d_Jaccard + λ · d`
 *
 * Needs the top max(k1 + 1, k2) of all images among all, then one pass of the queries over the gallery: memory is
 * (q + g) · k1 · few and q · k, never (q + g)². For images beyond moderate numbers give neighbourhoods from a faster search.
 *
 * @param queries - `[q, d]`
 * @param gallery - `[g, d]`
 * @param known - where they are known already
 * @returns gallery images of each query by the new distance; scores are its negative, equal ones by lower row
 * @throws NPairError `INVALID_OPTION`, also for a row that is not finite
 * @example kReciprocal(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(0, 1, 1, 0.1), 2), { k1: 1, k2: 1 }).ids // [1, 0]
 */
declare function kReciprocal(queries: Embeddings, gallery: Embeddings, options?: KReciprocalOptions, known?: Neighbourhoods): Neighbours;

/** Options of {@link kReciprocal}. */
declare interface KReciprocalOptions {
    /** Neighbours among which reciprocity is asked for; at least 1. Default 20. */
    k1?: number;
    /** Neighbours whose codes are averaged, the image itself among them; at least 1. Default 6. */
    k2?: number;
    /** Share of the original distance in the final one, in [0, 1]. Default 0.3. */
    lambda?: number;
    /** Places of the answer; default the whole gallery, less the query itself where `own` is given. */
    k?: number;
    /**
     * `[q]` for queries that are images of the gallery: the row that each of them is. It then stands once among all images, not
     * twice, and is not found. Default: the queries are images of their own.
     */
    own?: ArrayLike<number>;
}

/** Labels of rows: equal ones are of one class. Where a loss says so, a row may have several: a list of lists. */
declare type Labels = ArrayLike<number> | readonly string[] | readonly (readonly (number | string)[])[];

/** A layer as users write it: what has a default may be left out. */
declare type Layer = ConvLayer | BatchNormLayer | InstanceNormLayer | ReluLayer | LeakyReluLayer | PoolLayer<'maxPool'> | PoolLayer<'avgPool'> | GlobalPoolLayer | FlattenLayer | LinearLayer | DropoutLayer | SequenceLayer;

/**
 * A network of one's own, written in the layer language.
 *
 * @example
 * nets.layers({
 *   layers: [
 *     { type: 'conv', name: 'conv1', out: 32, kernel: 3, padding: 1 },
 *     { type: 'relu' },
 *     { type: 'globalPool' },
 *     { type: 'linear', name: 'embedding', out: 64 },
 *   ],
 * })
 * @throws NPairError `INVALID_OPTION` naming the layer's option; `LAYER_SHAPE` if `input` is given and a layer does not fit
 */
declare function layers(options: LayersOptions): LayersNet;

/** What one layer sees and gives, batch dimension left out. */
declare interface LayerShape {
    /** Path of names; layers without a name are numbered within their sequence, from 0: `block1.2`. */
    readonly path: string;
    readonly type: Exclude<ResolvedLayer['type'], 'sequence'>;
    readonly input: Shape;
    readonly output: Shape;
    readonly tensors: readonly LayerTensor[];
}

/**
 * Walks a network and gives the shape that each layer sees, sequences opened up.
 *
 * @throws NPairError `LAYER_SHAPE` naming the layer, what came and what it needs; `INVALID_OPTION` if the net has no input size yet
 */
declare function layerShapes(net: Net): LayerShape[];

/** A network of one's own, resolved. */
declare interface LayersNet {
    readonly type: 'layers';
    readonly input?: NetInput;
    readonly layers: readonly ResolvedLayer[];
}

/** Options of {@link layers}. */
declare interface LayersOptions {
    /** What comes in; left out, it is taken from the data. */
    readonly input?: NetInput;
    /** At least one layer; the last one must give `[n, d]`, the embeddings. */
    readonly layers: readonly Layer[];
}

/** A tensor that a layer owns. */
declare interface LayerTensor {
    /** Full name, for example `block1.conv.weight`. */
    readonly name: string;
    readonly shape: readonly number[];
    /** False for running statistics. */
    readonly trainable: boolean;
}

/** x where positive, slope · x elsewhere. */
declare interface LeakyReluLayer {
    readonly type: 'leakyRelu';
    /** Default 0.01. */
    readonly slope?: number;
}

/**
 * One matrix: a head for features of another model (`datasets.features`), or the least that learns from pixels. Parameters:
 * `embedding.weight` `[d, D]`, `embedding.bias`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function linear(options?: LinearOptions): LinearNet;

/** `[n, d]` → `[n, out]`. */
declare interface LinearLayer {
    readonly type: 'linear';
    /** Name of its `weight` `[out, d]` and `bias` `[out]`. */
    readonly name: string;
    readonly out: number;
    /** Default true. */
    readonly bias?: boolean;
    /** Default `torch`. */
    readonly init?: Init;
}

/** The network that {@link linear} gives. */
declare interface LinearNet {
    readonly type: 'linear';
    readonly embeddingSize: number;
    readonly bias: boolean;
    readonly init: Init;
    readonly input?: NetInput;
    readonly layers: readonly ResolvedLayer[];
}

/** Options of {@link linear}. */
declare interface LinearOptions {
    /** d of the embeddings `[n, d]`. Default 128. */
    readonly embeddingSize?: number;
    /** Whether a constant is added to each number. Default true. */
    readonly bias?: boolean;
    /** How first weights are drawn. Default `torch`. */
    readonly init?: Init;
    /** What comes in. Left out, it is taken from the data. */
    readonly input?: NetInput;
}

/**
 * Identification by two lists of images: rank-k of the probes that have a mate in the gallery (closed set), and where some have none,
 * DIR at false alarm rates that are measured on those (open set). Who an image shows is its class in the dataset.
 *
 * @throws NPairError `INVALID_OPTION`, `NOT_FOUND`; `PROTOCOL_CORRUPT` for an image that is listed twice, or a template of two
 *   classes; `DATA_CLASSES` where no probe has a mate
 */
declare function lists(dataset: Dataset, options: ListsOptions): Protocol<ListsPlan>;

/** Options of {@link lists}. */
declare interface ListsOptions extends IntervalOptions, SearchOptions_2 {
    /**
     * A file with the images of the gallery, one path within the source a line; the extension does not count. After a tab there may be
     * the name of a template: its images are averaged and enrolled as one.
     */
    readonly gallery: string;
    /** The same of the probes. */
    readonly probes: string;
}

/** Resolved plan of {@link lists}. */
declare interface ListsPlan extends Required<ListsOptions> {
    readonly type: 'lists';
}

/** A loss: plain data, and beside it (not enumerable, so that plans hold the data alone) how to compute it. */
declare interface Loss {
    readonly type: string;
    compute(embeddings: Embeddings, labels: Labels): Promise<LossValue<Embeddings>>;
    compute(embeddings: DoubleEmbeddings, labels: Labels): Promise<LossValue<Float64Array>>;
}

export declare namespace losses {
    export {
        ArcFace,
        ArcFaceOptions,
        ArcFacePlan,
        arcFace,
        Contrastive,
        ContrastiveOptions,
        ContrastivePlan,
        contrastive,
        CosFace,
        CosFaceOptions,
        CosFacePlan,
        cosFace,
        AnyLoss,
        create,
        LossOptions,
        LossPlan,
        types,
        Custom,
        CustomOptions,
        CustomPlan,
        CustomValue,
        custom,
        DoubleEmbeddings,
        Labels,
        Loss,
        LossParameters,
        LossValue,
        ParametricLoss,
        ParametricLossValue,
        NPairMc,
        NPairMcOptions,
        NPairMcPlan,
        nPairMc,
        NPairOvo,
        NPairOvoOptions,
        NPairOvoPlan,
        nPairOvo,
        PairOptions,
        ResolvedPairOptions,
        ProxyAnchor,
        ProxyAnchorOptions,
        ProxyAnchorPlan,
        proxyAnchor,
        Softmax,
        SoftmaxOptions,
        SoftmaxPlan,
        softmax,
        SupCon,
        SupConOptions,
        SupConPlan,
        supCon,
        Triplet,
        TripletOptions,
        TripletPlan,
        triplet,
        TripletMargin,
        TripletMarginOptions,
        TripletMarginPlan,
        tripletMargin,
        Tuplet,
        TupletOptions,
        TupletPlan,
        tuplet
    }
}

/** A loss as config files name it: its type, and those options that differ from the defaults. */
declare type LossOptions = ({
    readonly type: 'nPairMc';
} & NPairMcOptions) | ({
    readonly type: 'nPairOvo';
} & NPairOvoOptions) | ({
    readonly type: 'supCon';
} & SupConOptions) | ({
    readonly type: 'contrastive';
} & ContrastiveOptions) | ({
    readonly type: 'triplet';
} & TripletOptions) | ({
    readonly type: 'tripletMargin';
} & TripletMarginOptions) | ({
    readonly type: 'tuplet';
} & TupletOptions) | ({
    readonly type: 'softmax';
} & SoftmaxOptions) | ({
    readonly type: 'arcFace';
} & ArcFaceOptions) | ({
    readonly type: 'cosFace';
} & CosFaceOptions) | ({
    readonly type: 'proxyAnchor';
} & ProxyAnchorOptions);

/** Parameters of a loss by name, row-major: `weight` `[classes, size]`, `bias` `[classes]`, `proxies` `[classes, size]`. */
declare type LossParameters<A extends Float32Array | Float64Array> = Readonly<Record<string, A>>;

/** A loss as the plan of a run holds it. */
declare type LossPlan = NPairMcPlan | NPairOvoPlan | SupConPlan | ContrastivePlan | TripletPlan | TripletMarginPlan | TupletPlan | SoftmaxPlan | ArcFacePlan | CosFacePlan | ProxyAnchorPlan | CustomPlan;

/** What a loss gives: its value, the parts that it is the sum of, and where the embeddings should move away from. */
declare interface LossValue<G> {
    /** Sum of the terms. */
    readonly loss: number;
    /** Each with its weight. */
    readonly terms: Readonly<Record<string, number>>;
    /** ∂loss/∂embeddings, row for row as the embeddings came. */
    readonly gradient: G;
}

/** Two models on the same yes-or-no trials. */
declare interface McNemar {
    /** Trials that only the first model gets right. */
    onlyFirst: number;
    /** Trials that only the second gets right. */
    onlySecond: number;
    /** Two-sided exact probability of so uneven a split, or a more uneven one, if both were equally good. */
    pValue: number;
    /** What it means, in words. */
    sentence: string;
}

/**
 * McNemar's exact test of two models on the same independent trials: of the trials on which they differ each would win
 * half, if they were equally good (binomial, two-sided). For trials that share images use {@link pairedBootstrap}.
 *
 * `p = min(1, 2 Σ_{i=0}^{min(b, c)} C(b + c, i) / 2^(b + c)), b = onlyFirst, c = onlySecond`
 *
 * @param first - `[t]` 1 where the first model is right, else 0
 * @param second - `[t]` the same of the second
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example mcNemar([1, 1, 1, 1, 0], [0, 0, 0, 1, 0]).pValue // 0.25
 */
declare function mcNemar(first: ArrayLike<number>, second: ArrayLike<number>): McNemar;

/**
 * Arithmetic mean; NaN of nothing.
 *
 * `mean = 1/n Σ_i x_i`
 *
 * @example mean([1, 2, 6]) // 3
 */
declare function mean(values: ArrayLike<number>): number;

/** A rate that was measured, in [0, 1], and where the true one lies, were other classes drawn. */
export declare interface MeasuredRate {
    readonly value: number;
    /** Left out where no resample was asked for. */
    readonly interval?: Interval;
}

/** What the runs of one method found; `mean` and `standardError` are those of the headline. */
export declare interface MethodSummary extends Spread {
    readonly name: string;
    /** N of N pairs: classes that ask in a batch (`classes` of class-balanced batches, `tuplets` of tuplets). */
    readonly batchClasses: number;
    /** Of one run. */
    readonly steps: number;
    /** In all batches of one run. */
    readonly images: number;
    readonly learningRate: number;
    readonly loss: string;
    readonly batch: string;
    /** The figures that were judged at the last step, by name, in the figure's own unit. */
    readonly figures: Readonly<Record<string, Spread>>;
    /** The headline, one value a seed, in the order of the seeds. */
    readonly values: readonly number[];
    /** Headline of this method − that of the reference, paired by seed; missing for the reference. */
    readonly difference?: Spread & {
        /** Seeds of which this method is the better one. */
        readonly better: number;
    };
    /** The headline over the images seen so far: mean over seeds, lowest and highest. */
    readonly curve: readonly {
        readonly images: number;
        readonly mean: number;
        readonly low: number;
        readonly high: number;
    }[];
    /** Mean share of a batch that comes from one super-class, the largest; missing where the data has none. */
    readonly largestSuperClass?: Spread;
}

/** How near two rows are, larger = nearer: cosine (0 with a row of zeros), product, or minus the Euclidean distance. */
export declare type Metric = 'cosine' | 'dot' | 'euclidean';

/** Name of a defined metric. */
declare type MetricName = keyof typeof definitions;

export declare namespace metrics {
    export {
        BootstrapOptions,
        bootstrap,
        pairWeights,
        weightedMean,
        adjustedMutualInformation,
        expectedInformation,
        normalizedMutualInformation,
        PairwiseF1,
        pairwiseF1,
        purity,
        VMeasure,
        vMeasure,
        cmc,
        McNemar,
        mcNemar,
        PairedDifference,
        pairedBootstrap,
        Contingency,
        contingency,
        pairCosines,
        Definition,
        definitions,
        MetricName,
        Det,
        det,
        dPrime,
        PairHistogram,
        pairHistogram,
        histogramRoc,
        identify,
        neighbourSearches,
        RankOptions,
        Search,
        Searches,
        searchOutcome,
        Interval,
        wilson,
        wilsonOfMean,
        knnClasses,
        KReciprocalOptions,
        kReciprocal,
        Neighbours,
        nearest,
        neighbourRanks,
        normalQuantile,
        Episode,
        episodeError,
        nearestWays,
        openSet,
        reIdRelevance,
        Sightings,
        galleryRanks,
        Relevance,
        relevantRanks,
        Neighbourhoods,
        averagePrecision,
        averagePrecisionAtR,
        inverseNegativePenalty,
        ndcgAtK,
        precisionAtK,
        recallAtK,
        reciprocalRank,
        rPrecision,
        trapezoidAveragePrecision,
        areaUnderRoc,
        equalErrorRate,
        FarRule,
        Roc,
        roc,
        SortedPairs,
        sortPairs,
        TarAtFar,
        tarAtFar,
        weightedRoc,
        rocCurve,
        sameClassRanks,
        CohortStatistics,
        cohortStatistics,
        normalizeScores,
        scoreRows,
        mean,
        standardError,
        templates,
        accuracyAt,
        bestThreshold,
        FoldAccuracy,
        foldAccuracy,
        ThresholdChoice,
        verificationSuccesses
    }
}

export declare namespace mining {
    export {
        CustomMining,
        custom_2 as custom,
        MiningContext,
        HardNegativeClasses,
        HardNegativeClassesOptions,
        hardNegativeClasses
    }
}

/** What a miner of one's own is given. */
declare interface MiningContext {
    /** What is trained on. */
    readonly data: Dataset;
    /** The form that batches must have. */
    readonly batch: Batch;
    /** The run's. */
    readonly seed: number;
    /** Number of the first batch that is asked for: 0, or more where the run is resumed or went back to a checkpoint. */
    readonly first: number;
    /**
     * Embeddings of images by the network as it is now: in evaluation mode, without augmentation, batch statistics untouched.
     *
     * @param images - ids, as in `data.images`
     * @returns one row an image, in their order
     */
    embed(images: ArrayLike<number>): Promise<Embeddings>;
    /**
     * Inner products of all rows with all others; of `normalized()` embeddings they are cosines.
     *
     * @param others - default: the rows themselves
     * @returns `[rows.count, others.count]`, row-major
     */
    similarities(rows: Embeddings, others?: Embeddings): Promise<Float32Array>;
}

/** How classes are mined, as config files say it. */
export declare type MiningOptions = {
    readonly type: 'hardNegativeClasses';
} & HardNegativeClassesOptions;

/**
 * Hidden layers with ReLU, then a linear layer to the embedding: a head for features of another model (`datasets.features`). It
 * has no batch norm, so that batches of any size go through in chunks (`batch.chunk`). Parameters: `hidden1.weight` …
 * `embedding.bias`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function mlp(options?: MlpOptions): MlpNet;

/** The network that {@link mlp} gives. */
declare interface MlpNet {
    readonly type: 'mlp';
    readonly hidden: readonly number[];
    readonly embeddingSize: number;
    readonly dropout: number;
    readonly init: Init;
    readonly input?: NetInput;
    readonly layers: readonly ResolvedLayer[];
}

/** Options of {@link mlp}. */
declare interface MlpOptions {
    /** Sizes of the hidden layers, one or more. Default `[512]`. */
    readonly hidden?: readonly number[];
    /** d of the embeddings `[n, d]`. Default 128. */
    readonly embeddingSize?: number;
    /** Share of each hidden layer's numbers that a training step leaves out, in [0, 1). Default 0. */
    readonly dropout?: number;
    /** How first weights are drawn. Default `torch`. */
    readonly init?: Init;
    /** What comes in. Left out, it is taken from the data. */
    readonly input?: NetInput;
}

/** A trained embedder, loaded from its bundle; it holds native memory until it is closed. */
export declare class Model implements Embedder {
    #private;
    /** model.json: network, preprocessing, what it was trained with. */
    readonly description: BundleDescription;
    /** What an image is seen in: mirrored and moved, as loaded. */
    readonly views: Required<Views>;
    /** What an index remembers of this model: its embeddings are compared with those of no other. */
    readonly identity: ModelIdentity;
    private constructor();
    /**
     * @param path - a bundle or a run folder
     * @throws NPairError `NOT_FOUND`, `BUNDLE_CORRUPT`, `WEIGHTS_MISMATCH`
     */
    static load(path: string, options?: ModelOptions): Promise<Model>;
    /**
     * Embeds images in order: row i is that of `images[i]`.
     *
     * @returns `[images.length, embeddingSize]`, not normalised: compare by cosine; with `fusion: 'scores'` by inner product
     * @throws NPairError `IMAGE_UNREADABLE` naming the image; `CLOSED`
     */
    embed(images: readonly ImageInput[]): Promise<Embeddings>;
    /**
     * Embeds the images of a dataset: row i is that of `dataset.images[i]`.
     *
     * @throws NPairError `INVALID_OPTION` where they were decoded otherwise than those that the model was trained on; `CLOSED`
     */
    embedDataset(dataset: Dataset): Promise<Embeddings>;
    /**
     * Whether two images show the same, by the threshold that `calibrate` put into the bundle.
     *
     * @throws NPairError `NOT_CALIBRATED` where there is none, or one of other views; `NON_FINITE`; as {@link Model.embed}
     */
    verify(a: ImageInput, b: ImageInput): Promise<Verdict>;
    /**
     * What of an index an image shows: its nearest row, where that is at or above the calibrated threshold, else `unknown`.
     *
     * @param index - by cosine (with `fusion: 'scores'` by `dot`), of embeddings of this model in the same views; of an index that is
     *   tied to no model nobody checks that
     * @throws NPairError `NOT_CALIBRATED`; `INDEX_MODEL` for an index of another model; `INVALID_OPTION` for one of another metric or
     *   size; as {@link Model.verify}
     */
    identify(image: ImageInput, index: Index): Promise<Identification>;
    /** Frees the native memory; closing twice is harmless. */
    close(): Promise<void>;
}

/** Which model made embeddings, and how: only embeddings of which all of this is equal can be compared. */
export declare interface ModelIdentity {
    /** SHA-256 of the weights. */
    readonly weights: string;
    /** SHA-256 of what else makes numbers of an image: network, decoding, normalisation, precision. */
    readonly definition: string;
    /** What an image is seen in. */
    readonly views: Views;
}

/** Options of {@link Model.load}. */
export declare interface ModelOptions {
    /** `auto`: CUDA where there is a device, else the CPU. Default `auto`. */
    readonly device?: 'auto' | 'cpu' | 'cuda';
    /** Whether the embedding of the mirrored image is added (flip fusion). Default: as trained. */
    readonly mirror?: boolean;
    /** Pixels by which an image is moved for more embeddings to add: `[]` is fast and less exact. Default: as trained. */
    readonly shifts?: readonly number[];
    /** `five`: the corners of the image beside its centre, and with `mirror` ten crops. Default `centre`. */
    readonly crops?: Views['crops'];
    /**
     * How views become one score: their `embeddings` are added, or (Sohn 2016) `scores`, the cosines of all combinations of the views
     * of two images, are averaged. Default `embeddings`.
     */
    readonly fusion?: Views['fusion'];
}

/** Where the data of a run is now. */
declare interface MovedPaths {
    /** Where the data is now, if it was moved, and what lay at the same path: the data of validation, the test half. */
    readonly dataPath?: string;
    /** Where the data of `validation` is now, if it was moved and lay elsewhere. */
    readonly validationPath?: string;
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
declare function ndcgAtK(ranks: ArrayLike<number>, k: number, relevant?: number): number;

/**
 * Exact top-k by cosine similarity, streaming: memory is q × k and a block of rows. For galleries of moderate size.
 *
 * `ids_q = the first k of argsort_g (−cos(query_q, gallery_g), g)`
 *
 * @param queries - `[q, d]`
 * @param gallery - `[g, d]`
 * @param k - at least 1
 * @param leaveOut - gallery images that a query must not find, for example itself; default none
 * @example nearest(new Embeddings(Float32Array.of(1, 0), 2), new Embeddings(Float32Array.of(0, 1, 2, 0, 3, 0), 2), 2).ids // [1, 2]
 */
declare function nearest(queries: Embeddings, gallery: Embeddings, k: number, leaveOut?: (query: number, image: number) => boolean): Neighbours;

/**
 * For each query of an episode the way it is given to: the nearest mean of supports by cosine (where rows are compared by inner
 * product: the highest mean score with the supports), equal ones to the lower way. (A network that maps everything to one point is thus right once in `ways` queries: chance.)
 *
 * `way_q = argmax_w cos(row_q, m_w), m_w = 1/k Σ_s row_ws`
 *
 * @param unit - `[n, d]` rows of length 1 (`embeddings.comparable()`), so that no support outweighs another
 * @returns `[ways]` way in [0, ways)
 * @example nearestWays(new Embeddings(Float32Array.of(1, 0, 0, 1, 0.8, 0.6), 2), { supports: [[0], [1]], queries: [2, 2] }) // [0, 0]
 */
declare function nearestWays(unit: Embeddings, { supports, queries }: Episode): number[];

/**
 * What re-ranking must know of all images, each among all of them, itself too: queries first, then the gallery; with `own` those
 * of the gallery alone.
 */
declare interface Neighbourhoods {
    /** Top max(k1 + 1, k2) of each image by cosine. */
    near: Neighbours;
    /** `[all images]` lowest cosine of each image with any. */
    lowest: Float64Array;
}

/**
 * Of each query the ranks of its relevant images within its top k, as {@link relevantRanks} gives them up to rank k.
 * What is left out (−1) gives its place to the next, so that the list is as much shorter.
 *
 * `rank = #{places up to it whose relevance is 0 or 1}`
 *
 * @example neighbourRanks({ k: 3, ids: Int32Array.of(4, 0, 2), scores: Float64Array.of(3, 2, 1) }, (q, g) => [1, 0, 1, 0, -1][g]) // [[1, 2]]
 */
declare function neighbourRanks({ k, ids }: Neighbours, relevance: Relevance): Int32Array[];

/** The k best gallery images of each query, best first; equal scores by lower row first. Any search can make them, `topK` does. */
export declare interface Neighbours {
    /** Places a query has: of `topK` no more than the gallery has rows. */
    k: number;
    /** `[q × k]` gallery rows, row-major; −1 where a query has fewer than k. */
    ids: Int32Array;
    /** `[q × k]` their scores, larger = more alike; −Infinity where there is none. */
    scores: Float64Array | Float32Array;
}

/**
 * {@link Searches} from top-k lists. Of a mate beyond its list it is only known that it is worse than the list: its score
 * is −Infinity and its rank 2³¹ − 1, so that rates are right for ranks up to k (`count: 'images'`) or up to the number
 * of different identities in the shortest list (`identities`), and thresholds no lower than the worst listed score.
 * Ties are broken by the list, as the search did it.
 *
 * `rank_p = 1 + #{identities, or images, listed before the first image of label_p}`
 *
 * @param labels - `[p]` identity of each probe
 * @param galleryLabels - `[g]` identity of each gallery image
 * @throws NPairError `INVALID_OPTION`
 * @example neighbourSearches({ k: 2, ids: Int32Array.of(1, 0), scores: Float64Array.of(0.9, 0.8) }, [7], [7, 8], 'images').rank // [2]
 */
declare function neighbourSearches(neighbours: Neighbours, labels: ArrayLike<number>, galleryLabels: ArrayLike<number>, count?: 'identities' | 'images'): Searches;

/**
 * A network as data: frozen and plain. Where `input` is missing it is taken from the data when training starts.
 * Presets carry their own options beside the layers that follow from them.
 */
declare interface Net {
    readonly type: string;
    readonly input?: NetInput;
    readonly layers: readonly ResolvedLayer[];
}

/** Size of the images that a network sees, after cropping. */
declare interface NetInput {
    /** 1 (grey) or 3 (RGB) */
    readonly channels: number;
    readonly height: number;
    readonly width: number;
}

/** A network as config files name it: its type, and those options that differ from the defaults. */
declare type NetOptions = ({
    readonly type: 'conv4';
} & Conv4Options) | ({
    readonly type: 'casiaNet';
} & CasiaNetOptions) | ({
    readonly type: 'linear';
} & LinearOptions) | ({
    readonly type: 'mlp';
} & MlpOptions) | ({
    readonly type: 'layers';
} & LayersOptions);

export declare namespace nets {
    export {
        CasiaNet,
        CasiaNetOptions,
        casiaNet,
        BlockWidths,
        Conv4Net,
        Conv4Options,
        conv4,
        AnyNet,
        create_2 as create,
        NetOptions,
        resolveNet,
        types_2 as types,
        Init,
        Layer,
        ResolvedLayer,
        Size,
        LayersNet,
        LayersOptions,
        layers,
        LinearNet,
        LinearOptions,
        linear,
        MlpNet,
        MlpOptions,
        mlp,
        Net,
        NetInput,
        ResolvedNet,
        embeddingSize,
        LayerShape,
        LayerTensor,
        layerShapes,
        parameterCount,
        Shape
    }
}

/**
 * Normalised mutual information, in [0, 1], by the arithmetic mean of the entropies (Song et al. 2016;
 * scikit-learn since 0.22, which divided by the geometric mean before). 1 where neither labeling splits anything,
 * 0 where just one does not.
 *
 * `NMI = 2 I / (H(classes) + H(clusters)), I = Σ_cj n_cj/n ln(n n_cj / (n_c n_j)), H(classes) = −Σ_c n_c/n ln(n_c/n)`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example normalizedMutualInformation([0, 0, 1, 1], [1, 1, 0, 0]) // 1
 */
declare function normalizedMutualInformation(classes: ArrayLike<number>, clusters: ArrayLike<number>): number;

/**
 * Scores normalised by what each side scores with a cohort, so that one threshold fits people who are like many and people who are
 * like few:
 *
 * - `z`: by the cohort scores of the first of a pair, the one that is enrolled (Reynolds 1997);
 * - `t`: by those of the second, the one that is tested (Auckenthaler et al. 2000);
 * - `s`: the mean of both (Kenny 2010); with statistics of the K nearest strangers the adaptive s-norm (s-norm1 of Matějka et al. 2017).
 *
 * `z = (s − μ_e) / σ_e, t = (s − μ_t) / σ_t, s-norm = (z + t) / 2; μ_e, σ_e of row first_p, μ_t, σ_t of row second_p`
 *
 * @param scores - `[p]` finite, as of `pairCosines`
 * @param first - `[p]` rows of `statistics`
 * @param second - `[p]` rows of `statistics`
 * @returns `[p]` in deviations, larger = more alike
 * @throws NPairError `INVALID_OPTION` where a score or mean is not finite, a deviation not above 0, a row none of `statistics`, or
 *   the lists differ in length
 * @example normalizeScores([0.5], [0], [1], { mean: [0.1, 0.3], deviation: [0.2, 0.1] }, 's') // [2]
 */
declare function normalizeScores(scores: ArrayLike<number>, first: ArrayLike<number>, second: ArrayLike<number>, statistics: {
    [K in keyof CohortStatistics]: ArrayLike<number>;
}, type: 'z' | 't' | 's'): Float64Array;

/**
 * Quantile of the standard normal distribution (probit), Φ⁻¹(p), to about 1e-15 (Wichura 1988, AS 241).
 *
 * `x = Φ⁻¹(p), Φ(x) = ½ (1 + erf(x / √2))`
 *
 * @param p - in [0, 1]; 0 and 1 give ∓Infinity
 * @example normalQuantile(0.975) // 1.959963984540054
 */
declare function normalQuantile(p: number): number;

/** Something that a run goes on in spite of, and that its owner should know. */
export declare interface Notice {
    /**
     * `ENVIRONMENT_CHANGED`: another number of threads, libtorch, processor or GPU than before, so that the run may end with
     * other bits. `NOT_LOCKED`: the file system of the run knows no locks, and nothing keeps a second process from it.
     * `CLASSES_DROPPED`: classes with too few images are left out of the batches. `CHECKPOINT_DAMAGED`: the checkpoint to go
     * on from, or to go back to, cannot be read, and the run goes on from the one before it; the damaged one is kept beside it, its name
     * ending in `.damaged`.
     */
    readonly code: 'ENVIRONMENT_CHANGED' | 'NOT_LOCKED' | 'CLASSES_DROPPED' | 'CHECKPOINT_DAMAGED';
    /** For people. */
    readonly message: string;
}

/** The one error class of npair: a stable `code`, and where it applies the option and further detail. */
export declare class NPairError extends Error {
    readonly name: string;
    readonly code: NPairErrorCode;
    /** Path of the option at fault, for example `batch.pairs`. */
    readonly option?: string;
    /** Text too long for the message, for example libtorch's own backtrace. */
    readonly detail?: string;
    constructor(code: NPairErrorCode, message: string, extra?: {
        option?: string;
        detail?: string;
        cause?: unknown;
    });
}

/**
 * Every way in which npair refuses or fails, as the `code` of the {@link NPairError} that says so.
 *
 * Codes are stable: programs may branch on them. Messages are for people and may be reworded.
 */
export declare type NPairErrorCode = 
/** An option has a wrong type, a wrong value or an unknown name; `option` holds its path. */
'INVALID_OPTION'
/** A layer does not fit the shape it is given; `option` names the layer. */
| 'LAYER_SHAPE'
/** No usable libtorch was found on this machine. */
| 'LIBTORCH_NOT_FOUND'
/** The libtorch named by NPAIR_LIBTORCH, or a file of one, is of another version. */
| 'LIBTORCH_VERSION'
/** A library file of libtorch is missing, damaged or refuses to load; the message names it. */
| 'LIBTORCH_CORRUPT'
/** The native addon is missing or does not load. */
| 'ADDON_LOAD'
/** `npair setup` could not fetch, verify or unpack something. */
| 'SETUP_FAILED'
/** A file or folder that was named does not exist or cannot be read. */
| 'NOT_FOUND'
/** A source holds no image that could be used. */
| 'DATA_EMPTY'
/** There are too few classes, or too few images in them, for what was asked. */
| 'DATA_CLASSES'
/** An image is broken or of an unknown format; the message names path and reason. */
| 'IMAGE_UNREADABLE'
/** A pack is truncated, altered or of a newer version; the message names the place. */
| 'PACK_CORRUPT'
/** A file of features (.npy), or of their labels, is truncated, altered, or of a kind that is not read; the message says what. */
| 'FEATURES_CORRUPT'
/** The output folder already holds a run, or anything else. */
| 'OUTPUT_EXISTS'
/** Another process is at work on the run; the message names it. */
| 'RUN_LOCKED'
/** A file or folder cannot be written. */
| 'NOT_WRITABLE'
/** A checkpoint is truncated, altered, of a newer version, or belongs to another plan. */
| 'CHECKPOINT_CORRUPT'
/** A bundle is truncated, altered or of a newer version. */
| 'BUNDLE_CORRUPT'
/** A model is asked to decide, and has no threshold, or one that was measured in other views. */
| 'NOT_CALIBRATED'
/** There are too few impostor pairs to measure the false accept rate that was asked for. */
| 'FAR_UNRESOLVED'
/** A file that a protocol is read from (pairs, or a list of images) has a line that is not of its layout; the message names it. */
| 'PROTOCOL_CORRUPT'
/** A saved index is truncated, altered or of a newer version; the message says what. */
| 'INDEX_CORRUPT'
/** An index holds embeddings of another model, or of other views; the message has both hashes. */
| 'INDEX_MODEL'
/** A package that is only needed for what was asked is not installed, or does not load; the message names it. */
| 'DEPENDENCY_MISSING'
/** Weights do not belong to the network they are loaded into. */
| 'WEIGHTS_MISMATCH'
/** A loss or a gradient is not finite; the message names step and parameter. */
| 'NON_FINITE'
/** Training diverges: embeddings collapse, their norms or the gradient explode; the message names step and reason. */
| 'DIVERGED'
/** The caller's AbortSignal, or Ctrl-C, stopped the work. */
| 'ABORTED'
/** A model, pack or run is used after it was closed. */
| 'CLOSED'
/** libtorch reported an error; `detail` holds its whole text. */
| 'ENGINE'
/** The engine panicked: a bug of npair; the message holds where. */
| 'ENGINE_PANIC';

/** The multi-class N-pair loss: its plan, and `compute`. */
declare interface NPairMc extends NPairMcPlan, Loss {
    readonly type: 'nPairMc';
}

/**
 * The multi-class N-pair loss (Sohn, NIPS 2016): with N anchors fᵢ and their positives fᵢ⁺, all of different classes,
 *
 *   L = 1/N Σᵢ log(1 + Σ_{j≠i} exp((fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)/τ)) + λ · (1/N Σᵢ ‖fᵢ‖² + 1/N Σᵢ ‖fᵢ⁺‖²)
 *
 * Not symmetric: anchors ask, positives answer. One pair alone has no negatives and costs nothing but the penalty.
 *
 * Its relatives are options of it: InfoNCE and multiple negatives ranking are `{ normalize: true, temperature: 0.05, l2: 0 }`,
 * CLIP's loss that with `queries: 'symmetric'`, NT-Xent (SimCLR) that with `queries: 'all'`; over batches with more than two
 * images of a class, `{ queries: 'all', sameClass: 'sum' }` is the paper's Eq. 8, as in neighbourhood component analysis.
 *
 * `compute(embeddings, labels)` takes 2N rows in any order and each label exactly twice; the label's first row is the
 * anchor, its second the positive. Where labels may repeat, the first half of a label's rows are anchors and the second half,
 * in the same order, their positives; rows that have lists of labels come as N anchors, then N positives; with
 * `queries: 'all'` any rows will do in which a label comes twice. Terms: `nPairMc` and `l2`, which add up to `loss`. float32
 * in, float32 gradient out; `{ data: Float64Array, size }` is computed in float64.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function nPairMc(options?: NPairMcOptions): NPairMc;

/** Options of {@link nPairMc}. */
declare interface NPairMcOptions extends PairOptions {
    /**
     * What to do with further images of a query's class. `error`: there are none, each label comes twice. `mask`: they are not
     * among its negatives (with `queries: 'all'` each of them is a positive, and their losses are averaged). `soft`: the target
     * is shared among them, as TensorFlow's `npairs_loss` does; also for rows with several labels, shared in proportion to the
     * labels in common. `sum`: their exponentials are added up, as in the paper's Eq. 8. Default `error`.
     */
    readonly sameClass?: 'error' | 'mask' | 'soft' | 'sum';
}

/** The plan of {@link nPairMc}: all options resolved. */
declare interface NPairMcPlan extends Required<NPairMcOptions> {
    readonly type: 'nPairMc';
}

/** The one-vs-one N-pair loss: its plan, and `compute`. */
declare interface NPairOvo extends NPairOvoPlan, Loss {
    readonly type: 'nPairOvo';
}

/**
 * The one-vs-one N-pair loss (Sohn, NIPS 2016): each negative against the positive by itself,
 *
 *   L = 1/N Σᵢ Σ_{j≠i} log(1 + exp((fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)/τ)) + λ · (1/N Σᵢ ‖fᵢ‖² + 1/N Σᵢ ‖fᵢ⁺‖²)
 *
 * Never less than the multi-class loss, and the same for two pairs. Rows, labels, queries and penalty as there; with
 * `queries: 'all'` the positive of a row is the other row of its pair. Terms: `nPairOvo` and `l2`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function nPairOvo(options?: NPairOvoOptions): NPairOvo;

/** Options of {@link nPairOvo}. */
declare interface NPairOvoOptions extends PairOptions {
    /**
     * `error`: all pairs are of different classes, each label comes twice. `mask`: a label may have several pairs, and a query's
     * own class is not among its negatives. Default `error`.
     */
    readonly sameClass?: 'error' | 'mask';
}

/** The plan of {@link nPairOvo}: all options resolved. */
declare interface NPairOvoPlan extends Required<NPairOvoOptions> {
    readonly type: 'nPairOvo';
}

declare type OfSampled = (typeof ofSampled)[number];

/** What only sampled pairs have. */
declare const ofSampled: readonly ["folds", "impostorsPerGenuine", "maxGenuinePairs", "scoreNorm"];

/**
 * Omniglot's layout, alphabet/character/drawing.png, as a folder or as the zip that it comes in; alphabets are super-classes.
 *
 * @throws NPairError `NOT_FOUND`, `DATA_EMPTY`, `IMAGE_UNREADABLE`, `INVALID_OPTION`
 */
declare function omniglot(path: string, options: IngestInput): Promise<Dataset>;

/** The Omniglot layout, alphabet/character, as a folder or zip. */
declare interface OmniglotData extends SourceOptions {
    readonly type: 'omniglot';
    /** The folder or zip; `--data` on the command line goes before it. */
    readonly path?: string;
}

/**
 * N-way k-shot recognition within each super-class (alphabet): given k examples of each of N classes never trained on,
 * which class is a new image of? One query a class and episode.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` where a super-class has too few classes with shots + 1 images
 */
declare function oneShot(dataset: Dataset, options?: OneShotOptions): Protocol<OneShotPlan>;

/** Options of {@link oneShot}. */
declare interface OneShotOptions extends IntervalOptions {
    /** N: classes to choose between; at least 2. Default 20. */
    ways?: number;
    /** k: example images a class; at least 1. Default 1. */
    shots?: number;
    /** Episodes in each super-class; at least 1. Default 500. */
    episodes?: number;
    /** A super-class with fewer usable classes than `ways`: refuse, leave it out, or play it with all it has. Default `error`. */
    fewerWays?: 'error' | 'skip' | 'all';
}

/** Resolved plan of {@link oneShot}. */
declare interface OneShotPlan extends Required<OneShotOptions> {
    readonly type: 'oneShot';
}

/**
 * Open-set identification as a curve, one point a threshold t: `tar` is the DIR or TPIR, `far` the FAR or FPIR.
 * The rate at a false accept rate is {@link tarAtFar} of it. Mated searches never count for `far`: a wrong identity for
 * a known person is missed, not a false alarm (insightface's IJB-C script, where every probe is mated, does otherwise).
 * Unlike a ROC it ends below 1 where a mate is beyond `maxRank`.
 *
 * `DIR(t) = Σ_p 1[1 ≤ rank_p ≤ maxRank] 1[mate_p ≥ t] / Σ_p 1[rank_p ≥ 1]; FAR(t) = Σ_p 1[rank_p = 0] 1[stranger_p ≥ t] / Σ_p 1[rank_p = 0]`
 *
 * @param searches - from {@link identify}; rates are NaN without a mated or without a non-mated search
 * @param maxRank - at least 1; default 1
 * @param weights - `[p]` how often each search counts; default once
 * @throws NPairError `INVALID_OPTION`
 * @example openSet({ mate: [0.9, 0.5, NaN], stranger: [0.1, 0.6, 0.7], rank: [1, 2, 0] })
 * // { thresholds: [Infinity, 0.9, 0.7], far: [0, 0, 1], tar: [0, 0.5, 0.5], genuine: 2, impostor: 1 }
 */
declare function openSet({ mate, stranger, rank }: {
    [K in keyof Searches]: ArrayLike<number>;
}, maxRank?: number, weights?: ArrayLike<number>): Roc;

/** An optimiser with nothing left to defaults. */
export declare type Optimizer = Complete<AdamOptions> | Complete<AdamWOptions> | Complete<SgdOptions>;

/** How weights follow their gradients. */
export declare type OptimizerOptions = AdamOptions | AdamWOptions | SgdOptions;

/** What a model did on each item of a protocol: what two models are compared by. */
export declare interface Outcomes {
    /** What `values` are, for example `queries with Recall@1`. */
    readonly label: string;
    /** `[n]` value of each item, larger = better; 1 right, 0 wrong where it can only be that. */
    readonly values: ArrayLike<number>;
    /** `[n]` class of each item. */
    readonly identities: ArrayLike<number>;
    /** `[n]` class of the other image, where items are pairs. */
    readonly others?: ArrayLike<number>;
}

/** What a pack says of its images beside the pixels. */
declare interface PackIndex {
    readonly info: PackInfo;
    /** `[count]`: index into `classes` */
    readonly labels: Int32Array;
    /** `[count]`: path of each image within its source */
    readonly names: readonly string[];
    readonly classes: readonly string[];
    readonly superClasses: readonly string[];
    /** Per class, index into `superClasses`; empty where the source has none. */
    readonly superClassOf: Int32Array;
    readonly skipped: readonly SkippedImage[];
}

/** A pack: decoded uint8 images, or float32 features, in one file that is never changed once it has its name. */
export declare interface PackInfo {
    readonly path: string;
    /** The content's name: SHA-256 of the header, which holds the hash of everything else, without the list of skipped images. */
    readonly sha256: string;
    /** Images. */
    readonly count: number;
    readonly height: number;
    readonly width: number;
    /** 1 (grey) or 3 (RGB); of features, the numbers of a row. */
    readonly channels: number;
    /** How files became these pixels, or what the features are. */
    readonly ingest: IngestOptions | FeatureIngest;
}

/** N pairs: an anchor and a positive of each of N classes, 2N images. */
export declare interface PairBatch extends AnyBatch {
    readonly type?: 'pairs';
    /** N ≥ 2. */
    readonly pairs: number;
    /** Which N classes: by default all in turn, else those that are hard to tell apart (`mining.hardNegativeClasses`). */
    readonly mining?: MiningOptions;
}

/**
 * Cosine similarity of listed pairs of rows, in [−1, 1]; the inner product of
 * embeddings whose `metric` is `dot`, which is a mean of cosines. A row of zeros has cosine 0 with everything.
 *
 * `score_p = a · b / (|a| |b|), a = row(first_p), b = row(second_p)`
 *
 * @param embeddings - `[n, d]`, of any length
 * @param first - `[p]` rows in [0, n)
 * @param second - `[p]` rows in [0, n)
 * @returns `[p]` float64
 * @example pairCosines(new Embeddings(Float32Array.of(3, 0, 0, 2, -1, 0), 2), [0, 0], [1, 2]) // Float64Array [0, -1]
 */
declare function pairCosines(embeddings: Embeddings, first: ArrayLike<number>, second: ArrayLike<number>): Float64Array;

/**
 * Paired bootstrap of two models on the same items: both means are taken over the same resampled identities, so that what
 * is hard for both cancels.
 *
 * `difference = 1/n Σ_i (first_i − second_i)`
 *
 * @param first - `[n]` value of each item under the first model, larger = better
 * @param second - `[n]` the same under the second
 * @param identities - `[n]` identity of each item: items of one identity are drawn together
 * @param others - `[n]` for pairs, identity of the second image, see {@link pairWeights}; default the same
 * @throws NPairError `INVALID_OPTION`
 * @example pairedBootstrap([1, 1, 1], [0, 0, 0], [0, 1, 1]).difference // 1
 */
declare function pairedBootstrap(first: ArrayLike<number>, second: ArrayLike<number>, identities: ArrayLike<number>, options?: BootstrapOptions, others?: ArrayLike<number>): PairedDifference;

/** Two models' means over the same items. */
declare interface PairedDifference {
    /** Mean of the first minus mean of the second. */
    difference: number;
    /** Of the difference. */
    interval: Interval;
    /** What it means, in words. */
    sentence: string;
}

/** Two histograms over the same bins: genuine and impostor scores. */
export declare interface PairHistogram {
    /** `[bins + 1]` ascending; bin b holds scores in [edges[b], edges[b + 1]), the last one its upper edge too. */
    edges: number[];
    /** `[bins]` number of genuine pairs. */
    same: number[];
    /** `[bins]` number of impostor pairs. */
    different: number[];
}

/**
 * Histogram of pair scores, genuine and impostor apart, in equal bins over [low, high].
 * Scores beyond the range (a cosine of 1 + rounding) count in the outermost bins.
 *
 * `bin of s = min(max(⌊bins (s − low) / (high − low)⌋, 0), bins − 1)`
 *
 * @param scores - `[p]` finite
 * @param same - `[p]` 1 genuine, 0 impostor
 * @param bins - at least 1
 * @param low - lower edge of the first bin
 * @param high - upper edge of the last, above `low`
 * @throws NPairError `INVALID_OPTION` where a score or edge is not finite, there is no bin or range, or the lists differ in length
 * @example pairHistogram([-1, 0.2, 0.9, 1], [0, 0, 1, 1], { bins: 2, low: -1, high: 1 })
 * // { edges: [-1, 0, 1], same: [0, 2], different: [1, 1] }
 */
declare function pairHistogram(scores: ArrayLike<number>, same: ArrayLike<number>, { bins, low, high }: {
    bins: number;
    low: number;
    high: number;
}): PairHistogram;

/** What both N-pair losses can be told. */
declare interface PairOptions {
    /** λ ≥ 0 of the penalty on the embeddings' norms, see `l2Convention` and `l2Of`. Default 5e-3. */
    readonly l2?: number;
    /**
     * What λ multiplies; published implementations differ by these factors:
     * `sum`: mean‖f‖² + mean‖f⁺‖²; `mean`: the mean of ‖·‖² over all 2N embeddings, half of `sum`; `quarter`: a quarter of
     * `sum`, as TensorFlow's and Paddle's `npairs_loss`. Default `sum`.
     */
    readonly l2Convention?: 'sum' | 'mean' | 'quarter';
    /** Whether the penalty is on ‖f‖² or, as in some implementations, on ‖f‖. Default `squaredNorm`. */
    readonly l2Of?: 'squaredNorm' | 'norm';
    /** τ > 0: inner products are divided by it. Default 1, as in the paper. */
    readonly temperature?: number;
    /** Compare embeddings of length 1 (the penalty stays on the raw ones). Default false, as in the paper. */
    readonly normalize?: boolean;
    /**
     * Who asks: the `anchors` the positives, as in the paper; `symmetric`: the mean of that and of positives asking anchors;
     * `all`: each of the 2N rows all others. Default `anchors`.
     */
    readonly queries?: 'anchors' | 'symmetric' | 'all';
}

/**
 * Batches as in the paper (Sohn 2016, §3.2): N different classes, two different images of each.
 *
 * Coverage, of the images of classes with at least two: an epoch has T = ⌈images/N⌉ batches, and every image of a class
 * with at most T images is an anchor in it, exactly once where N divides the number of images and no class has more than T.
 * A class is at most once in a batch, so one with more than T images shows T of them, the next T in the following epoch,
 * and so on round. Where that leaves rows of a batch empty, classes that are not in it give one more anchor, the next
 * in their own round. The positive is any other image of the class.
 *
 * @throws NPairError `DATA_CLASSES` if fewer than N classes have two images, or one has a single one and is refused
 */
export declare function pairs(dataset: Dataset, options: PairsOptions): PairSampler;

/**
 * Verification on the pairs of a file, in its own folds: with LFW's pairs.txt its view 2. Folds keep their numbers, whatever is
 * missing; pairs of missing images are left out, counted and said.
 *
 * @throws NPairError `INVALID_OPTION`, `NOT_FOUND`; `PROTOCOL_CORRUPT` naming the line; `DATA_EMPTY` where a fold, or a kind of
 *   pair, has none left
 */
declare function pairs_2(dataset: Dataset, options: PairsOptions_2): Protocol<PairsPlan>;

/** A pair sampler, and what it found in the data. */
export declare interface PairSampler extends Sampler {
    /** Batches in an epoch: the images of classes with at least two, divided by N and rounded up. */
    readonly epochLength: number;
    /** Classes left out because they have a single image. */
    readonly singletons: number;
    /** See {@link Sampler.batch}. */
    batch(step: number): Int32Array;
}

/** Options of {@link pairs}. */
export declare interface PairsOptions {
    /** N >= 2: classes in a batch, two images of each. */
    readonly pairs: number;
    /** Default 0. */
    readonly seed?: number;
    /** What becomes of classes with a single image. Default `drop`. */
    readonly smallClasses?: SmallClasses;
}

/** Options of {@link pairs}. */
declare interface PairsOptions_2 extends IntervalOptions {
    /** The file of pairs. */
    readonly path: string;
    /**
     * `lfw`: LFW's pairs.txt, images `Name/Name_000i` below any folder; `table`: a line `first second same [fold]`, images by their path
     * within the source. The extension does not count. Default `table`.
     */
    readonly layout?: 'lfw' | 'table';
    /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 0.1, 0.01, 1e-3. */
    readonly far?: readonly number[];
    /** Normalises the scores by those with a cohort. Default: left out, scores as they are. */
    readonly scoreNorm?: ScoreNormOptions;
}

/** Resolved plan of {@link pairs}. */
declare interface PairsPlan extends Required<Omit<PairsOptions_2, 'scoreNorm'>> {
    readonly type: 'pairs';
    readonly scoreNorm?: ScoreNormPlan;
}

/**
 * Weights of pairs in a resample of identities (the subset bootstrap of Bolle et al. 2004). Two copies of one identity make no
 * impostor pair.
 *
 * `W_p = w_a where a = b, else w_a w_b; a = first_p, b = second_p`
 *
 * @param first - `[p]` identity of each pair's first image
 * @param second - `[p]` identity of its second
 * @param weights - `[identities]`
 * @example pairWeights([0, 0], [0, 1], [2, 3]) // Float64Array [2, 6]
 */
declare function pairWeights(first: ArrayLike<number>, second: ArrayLike<number>, weights: ArrayLike<number>): Float64Array;

/** How a clustering decides whether two items belong together. */
declare interface PairwiseF1 {
    /** Pairs in one cluster that are of one class, of all pairs in one cluster; 0 where there are none. */
    precision: number;
    /** Pairs of one class that are in one cluster, of all pairs of one class; 0 where there are none. */
    recall: number;
    /** 2 P R / (P + R); 0 where both are 0. */
    f1: number;
}

/**
 * F1 of a clustering over pairs of items (Song et al. 2016): positive = in one cluster, true = of one class.
 * An item alone in its cluster or class makes no pair.
 *
 * `F1 = 2 P R / (P + R), P = TP / (TP + FP), R = TP / (TP + FN), TP = Σ_cj n_cj (n_cj − 1) / 2`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example pairwiseF1([0, 0, 1, 1], [0, 0, 0, 1]) // { precision: 1 / 3, recall: 1 / 2, f1: 0.4 }
 */
declare function pairwiseF1(classes: ArrayLike<number>, clusters: ArrayLike<number>): PairwiseF1;

/** Number of trainable parameters. */
declare function parameterCount(net: Net): number;

/**
 * A loss with parameters of its own. In a run they are drawn from the seed, trained by the run's optimiser and kept in its
 * checkpoints, but they are no part of the model; alone, they are given.
 */
declare interface ParametricLoss {
    readonly type: string;
    /** @param labels - integers in [0, classes): rows of the parameters */
    compute(embeddings: Embeddings, labels: ArrayLike<number>, parameters: LossParameters<Float32Array>): Promise<ParametricLossValue<Embeddings, Float32Array>>;
    compute(embeddings: DoubleEmbeddings, labels: ArrayLike<number>, parameters: LossParameters<Float64Array>): Promise<ParametricLossValue<Float64Array, Float64Array>>;
}

/** What a loss with parameters of its own gives. */
declare interface ParametricLossValue<G, A extends Float32Array | Float64Array> extends LossValue<G> {
    /** ∂loss/∂parameters, by the same names. */
    readonly parameterGradients: LossParameters<A>;
}

/** One step from a whole source to a dataset. */
export declare type Part = ({
    readonly type: 'splitByClass' | 'splitBySuperClass';
    readonly half: 'train' | 'test';
} & Required<ClassSplit>) | ({
    readonly type: 'splitWithinClass';
    readonly half: 'train' | 'test';
} & Required<WithinSplit>) | {
    readonly type: 'rotatedClasses';
};

/** N pairs of all classes in turn. */
export declare type PlainPairs = Omit<PairBatch, 'mining'>;

/** A batch whose mining is resolved. */
declare type Planned<B extends {
    readonly mining?: MiningOptions;
}> = Omit<B, 'mining'> & {
    readonly mining?: HardNegativeClasses;
};

/** Largest (maxPool) or mean (avgPool, zeros of the padding counted) of each window: `[n, c, h, w]` → `[n, c, h', w']`. */
declare interface PoolLayer<Type extends 'maxPool' | 'avgPool' = 'maxPool' | 'avgPool'> {
    readonly type: Type;
    readonly kernel: Size;
    /** Default: the kernel. */
    readonly stride?: Size;
    /** At most half the kernel. Default 0. */
    readonly padding?: Size;
    /** Keeps a last window that hangs over the edge (Caffe's rule) instead of dropping it. Default false. */
    readonly ceil?: boolean;
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
declare function precisionAtK(ranks: ArrayLike<number>, k: number): number;

/** The same with nothing left to defaults; mean and std hold one number a channel, or of features one for all or one a column. */
export declare interface Preprocess {
    readonly invert: boolean;
    readonly mean: readonly number[];
    readonly std: readonly number[];
}

/**
 * From the uint8 pixels of a pack to what the network sees: x/255, inverted where asked, then (x − mean)/std; of features only the
 * latter, in their own units.
 */
export declare interface PreprocessOptions {
    /** x becomes 1 − x, so that ink on paper is 1 on 0. Default false. */
    readonly invert?: boolean;
    /** Subtracted, one number for all channels or one each; in [0, 1] units, after inversion. Default 0. */
    readonly mean?: number | readonly number[];
    /** Divided by, > 0, one number for all channels or one each. Default 1. */
    readonly std?: number | readonly number[];
}

/** What `onProgress` is told after every block of steps. */
export declare interface Progress extends StepMetrics {
    readonly steps: number;
    /** Seconds to the end at the present pace, validations aside. */
    readonly remaining: number;
    /** The judgement made at this step, if there was one. */
    readonly validation?: EvaluationResult;
    /** That the guard went back before this block of steps, if it did. */
    readonly rollback?: RollbackMetrics['rollback'];
}

/**
 * A named judgement: data, and what is computed from the embeddings of it. Whoever writes their own gives these three;
 * everything random in it must follow from the plan, so that the same embeddings give the same figures.
 */
export declare interface Protocol<Plan extends ProtocolPlan = ProtocolPlan> {
    /** Frozen, plain JSON. */
    readonly plan: Plan;
    readonly dataset: Dataset;
    /** Images besides those that are judged: whoever judges embeds them, too, and gives their embeddings. */
    readonly cohort?: Dataset;
    /** @param embeddings - `[dataset.length, d]`, row i the embedding of `dataset.images[i]` */
    judge(embeddings: Embeddings, cohort?: Embeddings): EvaluationResult | Promise<EvaluationResult>;
    /** The headline item by item, so that models can be compared on the same items. Left out where there is no such thing. */
    outcomes?(embeddings: Embeddings, cohort?: Embeddings): Outcomes | Promise<Outcomes>;
}

/** A protocol as plain data: its type, and those options that differ from the defaults. */
declare type ProtocolOptions = (Partial<Omit<VerificationPlan, 'scoreNorm'>> & Pick<VerificationPlan, 'type'> & {
    readonly scoreNorm?: ScoreNormShare;
}) | (Partial<RetrievalPlan> & Pick<RetrievalPlan, 'type'>) | (Partial<ClusteringPlan> & Pick<ClusteringPlan, 'type'>) | (Partial<IdentificationPlan> & Pick<IdentificationPlan, 'type'>) | (Partial<ReIdPlan> & Pick<ReIdPlan, 'type'>) | (Partial<RecognitionPlan> & Pick<RecognitionPlan, 'type'>) | (Partial<OneShotPlan> & Pick<OneShotPlan, 'type'>) | (Partial<Omit<PairsPlan, 'scoreNorm'>> & Pick<PairsPlan, 'type' | 'path'> & {
    readonly scoreNorm?: ScoreNormShare;
}) | (Partial<ListsPlan> & Pick<ListsPlan, 'type' | 'gallery' | 'probes'>);

/** The part of a protocol that is plain data: `type` and its resolved options. */
export declare interface ProtocolPlan {
    readonly type: string;
}

export declare namespace protocols {
    export {
        acrossSeeds,
        ClusteringOptions,
        clustering,
        Comparison,
        compare_2 as compare,
        create_3 as create,
        types_3 as types,
        identification,
        ListsOptions,
        lists,
        oneShot,
        PairsOptions_2 as PairsOptions,
        pairs_2 as pairs,
        recognition,
        reId,
        retrieval,
        ScoreNormOptions,
        ScoreNormPlan,
        ScoreNormShare,
        verification
    }
}

/** Proxy-Anchor: its plan, and `compute`. */
declare interface ProxyAnchor extends ProxyAnchorPlan, ParametricLoss {
    readonly type: 'proxyAnchor';
}

/**
 * Proxy-Anchor (Kim et al., CVPR 2020, Eq. 4): every class has a proxy p, which asks the batch; with s the cosine,
 *
 *   L = 1/|P⁺| Σ_{p∈P⁺} log(1 + Σ_{x∈X⁺ₚ} exp(−α(s(x, p) − δ))) + 1/|P| Σ_p log(1 + Σ_{x∈X⁻ₚ} exp(α(s(x, p) + δ)))
 *
 * over all proxies P, those P⁺ of classes in the batch, and the rows X⁺ₚ of p's class and X⁻ₚ of others. Parameter: `proxies`
 * `[classes, size]`, first drawn normal with variance 2/classes. Terms: `positive` and `negative`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function proxyAnchor(options?: ProxyAnchorOptions): ProxyAnchor;

/** Options of {@link proxyAnchor}. */
declare interface ProxyAnchorOptions {
    /** C ≥ 2: how many proxies. Default in a run: the classes of its data. */
    readonly classes?: number;
    /** α > 0. Default 32. */
    readonly alpha?: number;
    /** δ in [0, 1]. Default 0.1. */
    readonly margin?: number;
}

/** The plan of {@link proxyAnchor}: all options resolved, but for the classes, which the data may tell. */
declare interface ProxyAnchorPlan extends Required<Omit<ProxyAnchorOptions, 'classes'>> {
    readonly type: 'proxyAnchor';
    readonly classes?: number;
}

/**
 * Purity of a clustering, in (0, 1]: the fraction of items that are of the commonest class of their cluster.
 *
 * `purity = 1/n Σ_j max_c n_cj, n_cj items of class c in cluster j`
 *
 * @param classes - `[n]` true label of each item; NaN for none
 * @param clusters - `[n]` cluster of each item
 * @throws NPairError `INVALID_OPTION` where the lists differ in length
 * @example purity([0, 0, 1, 1], [0, 0, 0, 1]) // 0.75
 */
declare function purity(classes: ArrayLike<number>, clusters: ArrayLike<number>): number;

/** How the rank of a search is counted. */
declare interface RankOptions {
    /**
     * Where a stranger scores exactly as much as the mate: `pessimistic` puts the stranger first, so that no model is
     * praised for calling everything equal; `optimistic` puts the mate first. Default `pessimistic`.
     */
    ties?: 'pessimistic' | 'optimistic';
    /** What stands before the mate: identities, each by its best image, or images of other identities (BLUFR). Default `identities`. */
    count?: 'identities' | 'images';
}

/** Pixels that are decoded already, of the very size that the model's images have before cropping. */
export declare interface RawImage {
    /** `[height, width, channels]` uint8 */
    readonly data: Uint8Array;
    readonly height: number;
    readonly width: number;
    readonly channels: number;
}

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
declare function recallAtK(ranks: ArrayLike<number>, k: number): number;

/** Options of {@link Index.recall}: those of an approximate search. */
export declare interface RecallOptions {
    /** As of {@link SearchOptions}. Default 10. */
    readonly k?: number;
    /** As of {@link SearchOptions}. Default the larger of 128 and 2 · k. */
    readonly candidates?: number;
}

/**
 * Reciprocal rank of one query, in [0, 1], by the first relevant image; 0 where there is none.
 *
 * `RR = 1 / ranks[0]; MRR = 1/Q Σ_q RR(q)`
 *
 * @param ranks - ascending ranks of the images of the query's class, 1 = nearest
 * @example reciprocalRank([4, 5]) // 0.25
 */
declare function reciprocalRank(ranks: ArrayLike<number>): number;

/**
 * The figures of Sohn 2016's first table: recognition by the k nearest other images, and the rate at which a positive is
 * closer than all of K negatives of different classes.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` if no class has two images, or there is only one class
 */
declare function recognition(dataset: Dataset, options?: RecognitionOptions): Protocol<RecognitionPlan>;

/** Options of {@link recognition}. */
declare interface RecognitionOptions extends IntervalOptions {
    /** k of the kNN classifier; at least 1. Default 1. */
    neighbours?: number;
    /** The K of the verification rate with K negatives, each an integer >= 1. Default 1, 71. */
    negatives?: readonly number[];
}

/** Resolved plan of {@link recognition}. */
declare interface RecognitionPlan extends Required<RecognitionOptions> {
    readonly type: 'recognition';
}

/**
 * Re-identification by Market-1501's rules: is the nearest image of another camera the same one? Rank-k, mAP, mINP.
 *
 * @throws NPairError `INVALID_OPTION`, also where a name holds no camera; `DATA_CLASSES` where no query was seen by two cameras
 */
declare function reId(dataset: Dataset, options?: ReIdOptions): Protocol<ReIdPlan>;

/** Options of {@link reId}. */
declare interface ReIdOptions extends IntervalOptions {
    /** Finds an image's camera in its name: a regular expression whose first group is the camera. Default `c(\d+)`, as in `0002_c1s1_000451_03.jpg`. */
    camera?: string;
    /** Names that match are queries, all others the gallery. Default none: every image is a query, all others its gallery. */
    query?: string;
    /** Classes whose images are left out for all. Default `-1`, Market-1501's junk. */
    junk?: readonly string[];
    /** Classes that are in the gallery, but never asked for. Default `0` and `0000`. */
    distractors?: readonly string[];
    /** The k of rank-k, each an integer >= 1. Default 1, 5, 10. */
    ranks?: readonly number[];
    /** Re-rank by k-reciprocal neighbours (k1 = 20, k2 = 6, λ = 0.3). Default false. */
    reRank?: boolean;
}

/** Resolved plan of {@link reId}. */
declare interface ReIdPlan extends Required<Omit<ReIdOptions, 'query'>> {
    readonly type: 'reId';
    readonly query?: string;
}

/**
 * Market-1501's rule of what counts in re-identification (Zheng et al. 2015): relevant is the same identity seen by another
 * camera; left out are images of the same identity by the same camera, and junk; all else, distractors too, is wrong.
 * Give it to {@link galleryRanks} or {@link neighbourRanks}; a query that no other camera saw has no ranks and is left
 * out of every mean.
 *
 * `relevance(q, g) = −1 where g is junk or of q's identity and camera, 1 where of q's identity and another camera, else 0`
 *
 * @param junk - identities whose gallery images are left out for all queries; default −1, as in Market-1501
 * @throws NPairError `INVALID_OPTION` where there is not one camera a label
 * @example [0, 1, 2, 3].map((g) => reIdRelevance({ labels: [5], cameras: [1] }, { labels: [5, 5, 6, -1], cameras: [1, 2, 1, 2] })(0, g)) // [-1, 1, 0, -1]
 */
declare function reIdRelevance(queries: Sightings, gallery: Sightings, junk?: readonly number[]): Relevance;

/**
 * What gallery image g is to query q: 1 relevant, 0 not, −1 left out of the ranking as if it were not in the gallery
 * (the query itself, junk).
 */
declare type Relevance = (query: number, image: number) => number;

/**
 * The ranks at which the relevant images of one ranking come: what every retrieval metric is computed from.
 * The gallery is ordered by score, best first, equal ones by lower row first; rank 1 is the best.
 * No sort of the gallery: what comes before the relevant ones is counted.
 *
 * `rank_g = 1 + #{h not left out : s_h > s_g, or s_h = s_g and h < g}`
 *
 * @param scores - `[g]` finite, larger = more alike
 * @param relevance - `[g]` 1 relevant, 0 not, −1 left out
 * @returns ranks, ascending; empty where nothing is relevant
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example relevantRanks([0.9, 0.5, 0.5, 0.1], [-1, 0, 1, 1]) // [2, 3]
 */
declare function relevantRanks(scores: ArrayLike<number>, relevance: ArrayLike<number>): Int32Array;

/** max(x, 0) */
declare interface ReluLayer {
    readonly type: 'relu';
}

/** A model of a report. */
export declare interface ReportedModel {
    /** What the page calls it, for example its path. */
    readonly name: string;
    /** A model, or anything else with `embedDataset`. */
    readonly embedder: Embedder;
}

/**
 * Judges one model or two by protocols and writes what is found as one page that needs nothing else: figures with intervals and
 * definitions, curves, nearest neighbours, confused classes, maps; of two models side by side, with the paired bootstrap of their
 * difference. What `npair eval … --report` does.
 *
 * @returns what each protocol found: the result, of two models both and their comparison
 * @throws NPairError `INVALID_OPTION`; `NOT_WRITABLE`, before anything is judged where the folder says so already; `NOT_FOUND` for a row
 *   without a picture in `pictures`; `IMAGE_UNREADABLE`; as `evaluate`
 */
export declare function reportModels(options: ReportOptions): Promise<(EvaluationResult | SideBySide)[]>;

/** Options of {@link reportModels}. */
export declare interface ReportOptions {
    /** Where the page goes: a path that ends with `.html`, in a folder that is there. */
    readonly page: string;
    /** One, or two that are compared on the same items. */
    readonly models: readonly ReportedModel[];
    /** One or more; pictures are of the data of the first. */
    readonly protocols: readonly Protocol[];
    /** Of features whose names are files: the folder that these lie in, for pictures of them. */
    readonly pictures?: string;
    /** Called with what each protocol found, as soon as it has: it can be kept should the page fail afterwards. */
    readonly onResult?: (result: EvaluationResult | SideBySide) => void;
}

/** A layer with nothing left to defaults: what plans hold and the engine reads. */
declare type ResolvedLayer = Required<ConvLayer> | Required<BatchNormLayer> | Required<InstanceNormLayer> | ReluLayer | Required<LeakyReluLayer> | Required<PoolLayer<'maxPool'>> | Required<PoolLayer<'avgPool'>> | Required<GlobalPoolLayer> | FlattenLayer | Required<LinearLayer> | DropoutLayer | ResolvedSequence;

/** A network whose input size is known: what plans and bundles hold. */
declare type ResolvedNet<N extends Net = Net> = N & {
    readonly input: NetInput;
};

/** All of {@link PairOptions}, checked. */
declare interface ResolvedPairOptions extends Required<PairOptions> {
}

/** A sequence with nothing left to defaults. */
declare interface ResolvedSequence {
    readonly type: 'sequence';
    readonly name: string;
    readonly layers: readonly ResolvedLayer[];
}

/**
 * The same network with its input size filled in from the data, every layer checked against it.
 *
 * @param data - size of the images; the network's own input may be smaller (images are cropped), never larger
 * @throws NPairError `INVALID_OPTION` if the network's own input does not fit the data; `LAYER_SHAPE`
 */
declare function resolveNet(net: NetOptions | AnyNet, data: NetInput): ResolvedNet<AnyNet>;

/** A table of a result, for example one line a fold. */
export declare interface ResultTable {
    label: string;
    columns: {
        label: string;
        unit: 'text' | 'count' | Figure['unit'];
    }[];
    rows: (string | number | null)[][];
}

/**
 * Goes on with a run from its newest whole checkpoint, to the very same weights as a run that was never stopped (CPU, same
 * machine and number of threads).
 *
 * @param folder - the run folder
 * @throws NPairError `NOT_FOUND`; `RUN_LOCKED` if a process is at work on it; `CHECKPOINT_CORRUPT` naming the file;
 *   `PACK_CORRUPT`, `DATA_…` if the data is not as it was; on the way as {@link train}
 */
export declare function resume(folder: string, hooks?: ResumeHooks): Promise<Run>;

/** What {@link resume} may be given. */
export declare interface ResumeHooks extends RunHooks, MovedPaths {
    /** The loss from `losses.custom`, where the run was started with one. */
    readonly loss?: Custom;
}

/**
 * Every image asks for the others of its class among all other images: Recall@K, R-precision, MAP@R, mAP, mean reciprocal
 * rank, precision@K, NDCG@K.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` if no class has two images, or there is only one class
 */
declare function retrieval(dataset: Dataset, options?: RetrievalOptions): Protocol<RetrievalPlan>;

/** Options of {@link retrieval}. */
declare interface RetrievalOptions extends IntervalOptions {
    /** The K of Recall@K, precision@K and NDCG@K, each an integer >= 1. Default 1, 2, 4, 8. */
    at?: readonly number[];
}

/** Resolved plan of {@link retrieval}. */
declare interface RetrievalPlan extends Required<RetrievalOptions> {
    readonly type: 'retrieval';
}

/**
 * Receiver operating characteristic of the rule "same ⇔ score >= threshold", one point a distinct score.
 * Point 0 is the threshold +∞, where nothing is accepted; thresholds fall from there.
 */
declare interface Roc {
    /** `[m]` descending; `thresholds[0]` is +Infinity. */
    thresholds: Float64Array;
    /** `[m]` false accept rate: fraction of impostor pairs with score >= threshold; rises from 0 to 1. */
    far: Float64Array;
    /** `[m]` true accept rate: fraction of genuine pairs with score >= threshold; rises from 0 to 1. */
    tar: Float64Array;
    /** Number of genuine pairs. */
    genuine: number;
    /** Number of impostor pairs. */
    impostor: number;
}

/**
 * ROC over all pairs; equal scores make one point, so that no order of ties can flatter or harm.
 *
 * `FAR(t) = 1/n_i Σ_{impostor p} 1[s_p ≥ t], TAR(t) = 1/n_g Σ_{genuine p} 1[s_p ≥ t]`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor; at least one of each, else the rates are NaN
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example roc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0])
 * // { thresholds: [Infinity, 0.9, 0.4, 0.1], far: [0, 0, 0.5, 1], tar: [0, 0.5, 1, 1], genuine: 2, impostor: 2 }
 */
declare function roc(scores: ArrayLike<number>, same: ArrayLike<number>): Roc;

/**
 * The ROC curve small enough to store and draw: inner points of straight horizontal and vertical runs are dropped
 * (exact), then at most about `points` are kept, evenly spread over linear and over logarithmic false accept rates,
 * each with its predecessor, so that no step of the staircase is cut.
 *
 * `kept = {i : not TAR_{i−1} = TAR_i = TAR_{i+1}, and not FAR_{i−1} = FAR_i = FAR_{i+1}}`
 *
 * @param points - at least 8
 * @returns rates in [0, 1], rising from (0, 0) to (1, 1)
 * @example rocCurve(roc([4, 3, 2, 1], [1, 1, 0, 0]), 100) // { far: [0, 0, 1], tar: [0, 1, 1] }
 */
declare function rocCurve({ far, tar, impostor }: Roc, points: number): {
    far: number[];
    tar: number[];
};

/** That the guard went back, a line of metrics.jsonl; the lines of the steps that it took back are gone. */
export declare interface RollbackMetrics {
    /** Where the run goes on: the step of the checkpoint. */
    readonly step: number;
    readonly rollback: {
        /** The step that diverged. */
        readonly from: number;
        readonly reason: Divergence;
        /** What the learning rate is multiplied by from here on. */
        readonly rateFactor: number;
    };
}

/** Rows of an {@link Index} that are drawn at random to ask for their neighbours, each without itself. */
export declare interface RowSample {
    /** How many, an integer >= 1; all where there are no more. Default 400. */
    readonly sample?: number;
    /** Which, an integer >= 0. Default 0. */
    readonly seed?: number;
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
declare function rPrecision(ranks: ArrayLike<number>, relevant?: number): number;

/** A finished run. */
export declare interface Run {
    /** Its folder. */
    readonly folder: string;
    readonly plan: TrainPlan;
    /** The best model where there was validation (and `validation.keep` is not `last`), else the last. Close it when done. */
    readonly model: Model;
    /** The last step's numbers; undefined where a finished run was resumed. */
    readonly last?: Progress;
    readonly best?: Best;
}

/** What comes with a run but is no part of its plan. */
export declare interface RunHooks {
    /** Called after every block of steps (a few times a second). */
    readonly onProgress?: (progress: Progress) => void;
    /** Called where the run goes on but something is not as it was, or as it should be. */
    readonly onNotice?: (notice: Notice) => void;
    /**
     * Aborted: the present block of steps, or of images that are embedded for a judgement, is finished, a checkpoint saved, and the
     * promise rejected with code `ABORTED`. A judgement that was due or under way is made when the run goes on.
     */
    readonly signal?: AbortSignal;
    /**
     * Replaces the sampler that `batch` describes, and gives batches of the same form; a run with one is resumed by giving it
     * again. One from `mining.custom` sees the network.
     */
    readonly sampler?: Sampler | CustomMining;
}

/**
 * For every image as a query against all other images: the ranks at which the images of its own class come.
 *
 * The gallery is ordered by cosine similarity, best first, equal ones by lower row first; the query itself is taken out
 * by its row, not by its score, so that a duplicate counts. Rank 1 is the best. Every ranking metric of
 * {@link recallAtK}, {@link rPrecision} and {@link averagePrecisionAtR} follows from these numbers.
 * Memory is a block of rows and the ranks, 4 bytes for each ordered pair of a class; time is n² dot products.
 *
 * `ranks_q = {rank of g : labels_g = labels_q, g ≠ q}`
 *
 * @param embeddings - `[n, d]`, of any length
 * @param labels - `[n]` class of each row
 * @returns for each query its ranks, ascending; empty where its class has no other image
 * @throws NPairError `INVALID_OPTION` where there is not one label a row, or a row is not finite
 * @example sameClassRanks(new Embeddings(Float32Array.of(1, 0, 0.8, 0.6, 1, 0.1), 2), [0, 0, 1]) // [[2], [2], []]
 */
declare function sameClassRanks(embeddings: Embeddings, labels: ArrayLike<number>): Int32Array[];

/**
 * Which images make a batch. Implement it to bring a sampler of one's own: `train({ …, sampler })`.
 *
 * A sampler is a pure function of the number of the batch (and of its own seed): a run that is resumed asks for batch k
 * again and must get the same images.
 */
export declare interface Sampler {
    /**
     * @param step - number of the batch, from 0: that of the step, or where a step takes k batches (`batch.accumulate`) k·step,
     *   k·step + 1, …
     * @returns image ids (as in `dataset.images`) in the form that the run's `batch` says. Pairs: `[2N]`, N anchors of N different
     *   classes, then row for row another image of the same class, their positives. Class-balanced: `[P · M]`, the first image
     *   of each class, then the second of each, and so on. Tuplets: `[B · (2 + K)]`, pairs, then the first negative of each
     *   query, the second, and so on.
     */
    batch(step: number): Int32Array | Promise<Int32Array>;
}

/** A schedule with nothing left to defaults. */
export declare type Schedule = Required<ConstantSchedule> | Required<StepSchedule> | Required<CosineSchedule>;

/** How the learning rate changes over a run. */
export declare type ScheduleOptions = ConstantSchedule | StepSchedule | CosineSchedule;

/** How a protocol normalises its scores, see `metrics.normalizeScores`. */
declare interface ScoreNormOptions {
    /** By the first of a pair (`z`), by the second (`t`), or the mean of both (`s`). */
    readonly type: 'z' | 't' | 's';
    /**
     * Images of people or things that the judged data does not show, embedded by the model that is judged; or embeddings, where
     * embeddings are judged. Or a share of the data's own classes, drawn with `seed` and then not judged, which a config file can say
     * too: of `verification` in (0, 1) of all classes, of `pairs` in (0, 1] of those that no pair shows.
     */
    readonly cohort: Dataset | Embeddings | number;
    /** Of each image the K highest cohort scores count, an integer >= 2: with `s` the adaptive s-norm. Default: all. */
    readonly top?: number;
}

/** What a plan says of it. */
declare interface ScoreNormPlan {
    readonly type: ScoreNormOptions['type'];
    readonly top: number;
    /** Images of the cohort, SHA-256 of their pack where they are a dataset, and which share of the classes it is. */
    readonly cohort: {
        readonly images: number;
        readonly pack?: string;
        readonly share?: number;
    };
}

/** A normalisation that is plain data. */
declare interface ScoreNormShare extends Omit<ScoreNormOptions, 'cohort'> {
    readonly cohort: number;
}

/**
 * Cosine similarities of each query with the whole gallery, one query after another, in order; inner products of embeddings whose
 * `metric` is `dot`.
 * A row of zeros has cosine 0 with everything; equal rows tie exactly. Memory is a block of rows, never q × g;
 * time is q · g dot products.
 *
 * `s_qg = query_q · gallery_g / (|query_q| |gallery_g|)`
 *
 * @param queries - `[q, d]`, of any length
 * @param gallery - `[g, d]`, of any length
 * @returns q times `[g]` float64 in [−1, 1]; a row is overwritten later: copy what is to be kept
 *   (typed arrays' `from` collects before it maps)
 * @throws NPairError `INVALID_OPTION` where the two differ in d or metric, or a row is not finite: its scores would come in no order
 * @example Array.from(scoreRows(new Embeddings(Float32Array.of(3, 0), 2), new Embeddings(Float32Array.of(2, 0, 0, 1), 2))) // [[1, 0]]
 */
declare function scoreRows(queries: Embeddings, gallery: Embeddings): Generator<Float64Array>;

/** What one search in a gallery found. */
declare interface Search {
    /** Highest score over the images of the probe's own identity; NaN where the gallery holds none (a non-mated search). */
    mate: number;
    /** Highest score over the images of all other identities; −Infinity where there are none. */
    stranger: number;
    /** 1 + what stands before the mate; 0 for a non-mated search. */
    rank: number;
}

/** {@link Search} of many probes, in columns. */
declare interface Searches {
    /** `[p]` */
    mate: Float64Array;
    /** `[p]` */
    stranger: Float64Array;
    /** `[p]` */
    rank: Int32Array;
}

/** Options of {@link Index.search}. */
export declare interface SearchOptions {
    /** Hits of each query, an integer >= 1. Default 10. */
    readonly k?: number;
    /** Whether a row may be found. Not with `approximate`. */
    readonly filter?: (entry: IndexEntry) => boolean;
    /**
     * Whether only likely neighbours are scored, which {@link Index.approximate} has linked: some of the nearest may be missing, and
     * {@link Index.recall} measures how many. `candidates`: how many, an integer >= k. Default false; of `true` the larger of 128 and 2 · k.
     */
    readonly approximate?: boolean | {
        readonly candidates?: number;
    };
}

/** What all protocols of identification take. */
declare interface SearchOptions_2 extends RankOptions {
    /** The k of rank-k, each an integer >= 1. Default 1, 5, 10. */
    readonly ranks?: readonly number[];
    /** False alarm rates of the open set, each in (0, 1]. Default 0.1, 0.01. */
    readonly far?: readonly number[];
    /** Which threshold stands for a rate, see `metrics.tarAtFar`; BLUFR's is `nthImpostor`. Default `atMost`. */
    readonly farRule?: FarRule;
    /** Several images of an identity in the gallery: the `best` score counts, or their `mean` is the template. Default `best`. */
    readonly fusion?: 'best' | 'mean';
}

/**
 * One search: the best score of the probe's own identity, of any other, and the rank of its own.
 *
 * `rank = 1 + #{c ≠ label : max_{g of c} s_g ≥ mate}, mate = max_{g of label} s_g, stranger = max_{g not of label} s_g`
 *
 * @param scores - `[g]` finite, larger = more alike
 * @param labels - `[g]` identity of each gallery image
 * @param label - identity of the probe, in the gallery or not
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example searchOutcome([0.9, 0.8, 0.7, 0.2], [5, 5, 6, 7], 6) // { mate: 0.7, stranger: 0.9, rank: 2 }
 */
declare function searchOutcome(scores: ArrayLike<number>, labels: ArrayLike<number>, label: number, options?: RankOptions): Search;

/** Layers after one another, under a name of their own. */
declare interface SequenceLayer {
    readonly type: 'sequence';
    readonly name: string;
    readonly layers: readonly Layer[];
}

/** Gradient descent with momentum, as `torch.optim.SGD`, but with momentum by default. */
export declare interface SgdOptions extends CommonOptions {
    readonly type: 'sgd';
    /** Share of the last step that goes on, in [0, 1); 0: none. Default 0.9. */
    readonly momentum?: number;
    /** The gradient enters the momentum times 1 - this, in [0, 1), but whole at the first step. Default 0. */
    readonly dampening?: number;
    /** Nesterov's momentum; needs momentum > 0 and no dampening. Default false. */
    readonly nesterov?: boolean;
    /** This share of each weight is added to its gradient, >= 0; biases and norms are left alone. Default 0. */
    readonly weightDecay?: number;
}

/** Sizes after the batch dimension: `[c, h, w]` or `[d]`. */
declare type Shape = readonly number[];

/** In what most of a gallery is ruled out; results are those of float64 in every case. */
export declare type Shortlist = 'auto' | 'float32' | 'int8';

/** Two models judged by one protocol. */
export declare interface SideBySide {
    readonly first: EvaluationResult;
    readonly second: EvaluationResult;
    /** Missing where the protocol has no items to compare on. */
    readonly comparison?: Comparison;
}

/** Identity and camera of each image of one side. */
declare interface Sightings {
    /** `[n]` identity. */
    labels: ArrayLike<number>;
    /** `[n]` camera. */
    cameras: ArrayLike<number>;
}

/**
 * The layer language: a network is a list of these plain objects. The engine builds it, `shape.ts` checks it, exporters
 * walk it. Parameters are named by their path: `block1.conv.weight` is the weight of layer `conv` in sequence `block1`.
 */
/** One number for both directions, or `[height, width]`. */
declare type Size = number | readonly [height: number, width: number];

/** An image that was left out because it is broken. */
export declare interface SkippedImage {
    /** Within the source. */
    readonly path: string;
    readonly reason: string;
}

/** What becomes of classes with too few images: left out, or an error. */
export declare type SmallClasses = 'drop' | 'refuse';

/** Softmax with a classifier: its plan, and `compute`. */
declare interface Softmax extends SoftmaxPlan, ParametricLoss {
    readonly type: 'softmax';
}

/**
 * Softmax with a classifier, the paper's baseline: the mean cross-entropy of the logits W f + b,
 *
 *   L = mean over i of −log( exp(zᵢ[yᵢ]) / Σ_c exp(zᵢ[c]) ),  zᵢ = W fᵢ + b
 *
 * Parameters: `weight` `[classes, size]` and `bias` `[classes]`, first drawn as torch.nn.Linear draws them. Term: `softmax`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function softmax(options?: SoftmaxOptions): Softmax;

/** Options of {@link softmax}. */
declare interface SoftmaxOptions {
    /** C ≥ 2: rows of the classifier. Default in a run: the classes of its data. */
    readonly classes?: number;
}

/** The plan of {@link softmax}: all options resolved. */
declare interface SoftmaxPlan extends SoftmaxOptions {
    readonly type: 'softmax';
}

/** Pairs in the order of their scores, so that many curves over the same scores need one sort. */
declare interface SortedPairs {
    scores: ArrayLike<number>;
    same: ArrayLike<number>;
    /** `[p]` pairs, highest score first. */
    order: Int32Array;
}

/**
 * Sorts pairs for {@link weightedRoc}.
 *
 * `order = argsort_p (−s_p)`
 *
 * @param scores - `[p]` finite, larger = more alike
 * @param same - `[p]` 1 genuine, 0 impostor
 * @throws NPairError `INVALID_OPTION` where a score is not finite or the lists differ in length
 * @example sortPairs([0.4, 0.9], [0, 1]).order // [1, 0]
 */
declare function sortPairs(scores: ArrayLike<number>, same: ArrayLike<number>): SortedPairs;

/** How files become pixels, and how the data is used; the same for every source. */
declare interface SourceOptions {
    /** Pixels: one side of a square, or `[height, width]`. */
    readonly size: number | readonly [height: number, width: number];
    /** 1: grey, 3: RGB. Default 1. */
    readonly channels?: 1 | 3;
    /** Resampling kernel. Default `lanczos3`. */
    readonly interpolation?: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3';
    /** How another aspect ratio is met: stretched, cut, or bordered. Default `fill`. */
    readonly fit?: 'fill' | 'cover' | 'contain';
    /** Grey level 0..255 of borders and transparent parts. Default 255. */
    readonly background?: number;
    /** Moves the centre of mass of what differs from the background into the middle of the picture, as in MNIST. Default false. */
    readonly centre?: boolean;
    /** A broken image stops the ingestion, or is left out and counted. Default `error`. */
    readonly broken?: 'error' | 'skip';
    /** Without it all images train. */
    readonly split?: SplitOptions;
    /** Every class turned by 90, 180 and 270 degrees becomes three more; training half only, square images only. Default false. */
    readonly rotatedClasses?: boolean;
}

/** How a dataset is cut into a training and a test half. */
declare interface SplitOptions {
    /** What lies wholly on one side: a class, a super-class (alphabet), or only an image. */
    readonly by: 'class' | 'superClass' | 'withinClass';
    /** Fraction in (0, 1) for the test half, or (not `withinClass`) the names that go there. */
    readonly test: number | readonly string[];
    /**
     * What of the training half is kept from training, for `validation` to judge on: a fraction in (0, 1) of its classes (super-classes,
     * images), or names. `test`: nothing; the test half judges on the way too, chooses the model, and every result says so. Default 0.2
     * with `validation`, else nothing.
     */
    readonly validation?: number | readonly string[] | 'test';
    /** Of the draw. Default 0. */
    readonly seed?: number;
}

/** A mean over seeds and its standard error (sample deviation / √seeds); NaN for one seed. */
declare interface Spread {
    readonly mean: number;
    readonly standardError: number;
}

/**
 * Standard error of the mean: sample standard deviation / √n, in the unit of the values.
 * The S_E that LFW asks for; many programs print the population deviation instead, which for 10 folds is 3 times as much.
 * NaN for fewer than two values.
 *
 * `S_E = √(Σ_i (x_i − mean)² / (n (n − 1)))`
 *
 * @example standardError([1, 2, 6]) // 1.5275252316519468
 */
declare function standardError(values: ArrayLike<number>): number;

/** What one step reports, a line of metrics.jsonl. */
export declare interface StepMetrics {
    /** From 1: the number of steps done with this one. */
    readonly step: number;
    /** All terms together. */
    readonly loss: number;
    /** The share of the L2 penalty in it. */
    readonly l2: number;
    /** mean ‖f‖ over the batch */
    readonly norm: number;
    /** Before clipping. */
    readonly gradientNorm: number;
    readonly learningRate: number;
    /** With a guard: mean cosine between embeddings of different classes. */
    readonly cosine?: number;
    /** With a guard that skips: steps skipped so far, with this one. */
    readonly skipped?: number;
    /** Why this step changed no weight, where a guard skipped it; its numbers may be null then: not finite. */
    readonly divergence?: Divergence;
    /** With mining: the share of the block's time that went into it, in [0, 1]. */
    readonly miningShare?: number;
    /** With mining, where the data has super-classes: the share of the step's images that is of one and the same, the largest. */
    readonly largestSuperClass?: number;
    /** Over the block of steps that this one was part of. */
    readonly imagesPerSecond: number;
    /** When the block ended: milliseconds since 1970. */
    readonly time: number;
}

/** Multiplied by `factor` at each milestone. */
declare interface StepSchedule {
    readonly type: 'step';
    /** As for `constant`. Default 0. */
    readonly warmup?: number;
    /** Steps from which on the rate is lower, rising; counted from the start of the run. */
    readonly milestones: readonly number[];
    /** In (0, 1]. Default 0.1. */
    readonly factor?: number;
}

/** The supervised contrastive loss: its plan, and `compute`. */
declare interface SupCon extends SupConPlan, Loss {
    readonly type: 'supCon';
}

/**
 * The supervised contrastive loss (Khosla et al., NeurIPS 2020, Eq. 2, L_out): every row i asks all others; with P(i) the other
 * rows of its class,
 *
 *   L = mean over i of 1/|P(i)| Σ_{p∈P(i)} −log( exp(fᵢᵀfₚ/τ) / Σ_{k≠i} exp(fᵢᵀfₖ/τ) )
 *
 * A row that is alone in its class does not ask, but is a negative. Their τ/τ_base in front is 1, as it is by default there.
 * Term: `supCon`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function supCon(options?: SupConOptions): SupCon;

/** Options of {@link supCon}. */
declare interface SupConOptions {
    /** τ > 0: inner products are divided by it. Default 0.1. */
    readonly temperature?: number;
    /** Compare embeddings of length 1. Default true. */
    readonly normalize?: boolean;
}

/** The plan of {@link supCon}: all options resolved. */
declare interface SupConPlan extends Required<SupConOptions> {
    readonly type: 'supCon';
}

/** True accept rate at a false accept rate that was asked for. */
export declare interface TarAtFar {
    /** Fraction of genuine pairs accepted, in [0, 1]. */
    tar: number;
    /** False accept rate really reached. */
    far: number;
    /** Score from which on pairs are accepted. */
    threshold: number;
}

/**
 * True accept rate at a false accept rate.
 *
 * `TAR@FAR = TAR(t), t = min {t : FAR(t) ≤ target}`
 *
 * @param curve - of {@link roc}; or of {@link openSet}, where genuine scores are those of mates at rank `maxRank` or better alone: BLUFR,
 *   which looks at all mates, may put the threshold of n = 0 elsewhere in the gap above the impostors, with the same rates
 * @param target - in (0, 1]; `nthImpostor` takes 0, too
 * @param rule - how the threshold is found. Default `atMost`
 * @returns undefined where there is no impostor pair, and with `atMost` where they cannot resolve the target: it is less than one
 *   of them
 * @throws NPairError `INVALID_OPTION`
 * @example tarAtFar(roc([0.9, 0.8, 0.3, 0.6, 0.2], [1, 1, 1, 0, 0]), 0.5) // { tar: 1, far: 0.5, threshold: 0.3 }
 */
declare function tarAtFar(curve: Roc, target: number, rule?: FarRule): TarAtFar | undefined;

/**
 * One row an identity: the mean of its images' embeddings, each first made to length 1 so that none outweighs another. Embeddings whose
 * `metric` is `dot` are averaged as they are, so that the score stays the mean of all cosines.
 *
 * `template_c = 1/n_c Σ_{i : labels_i = c} x_i / |x_i|`
 *
 * @param embeddings - `[n, d]`
 * @param labels - `[n]` identity of each row
 * @returns `embeddings` `[identities, d]`, and `labels`, ascending
 * @throws NPairError `INVALID_OPTION` where there is not one label a row
 * @example templates(new Embeddings(Float32Array.of(2, 0, 0, 3, 1, 0), 2), [8, 8, 1]).labels // [1, 8]
 */
declare function templates(embeddings: Embeddings, labels: ArrayLike<number>): {
    embeddings: Embeddings;
    labels: number[];
};

/** A decision rule "same if and only if score >= threshold" and how well it does on the pairs it was chosen on. */
declare interface ThresholdChoice {
    /** In the unit of the scores; ∓Infinity where accepting or rejecting everything is best. */
    threshold: number;
    /** Fraction of the pairs that the threshold decides rightly, in [0, 1]. */
    accuracy: number;
}

/**
 * The k nearest rows of a gallery for each query, exactly: scores are summed in float64, equally near rows come in the order
 * of the gallery. Nothing of the size queries × gallery is held. Metrics of neighbours take what it gives.
 *
 * @param queries - `[q, d]`
 * @param gallery - `[n, d]`; neither is copied, and neither may be changed meanwhile
 * @throws NPairError `INVALID_OPTION`, also for a row that is not finite or whose length is not 0 or 1e-12 to 1e12
 */
export declare function topK(queries: Embeddings, gallery: Embeddings, options?: TopKOptions): Promise<Neighbours>;

/** Options of {@link topK}. */
export declare interface TopKOptions {
    /** Neighbours of each query, an integer >= 1; no more than the gallery has rows. Default 10. */
    k?: number;
    /** How near two rows are. Default: the gallery's own `metric`, `cosine` but for `fusion: 'scores'`. */
    metric?: Metric;
    /** In what most of the gallery is ruled out: it changes the time, never the result. Default `auto`. */
    shortlist?: Shortlist;
    /** Whether query i is row i of the gallery, and is not to find itself. Default false. */
    exceptSelf?: boolean;
}

/**
 * Trains an embedder and leaves a run folder behind: plan, metrics, checkpoints, bundle.
 *
 * @throws NPairError `INVALID_OPTION`, `LAYER_SHAPE`, `DATA_CLASSES`, `OUTPUT_EXISTS`, `RUN_LOCKED`, `NOT_WRITABLE` before
 *   anything is written; `NON_FINITE`, `DIVERGED`, `ABORTED`, `NOT_WRITABLE`, `ENGINE` on the way
 */
export declare function train(input: TrainInput): Promise<Run>;

/** What a config file of `npair train` holds: plain data, and in a `.mjs` or `.ts` also what factories (`nets`, `losses`, `mining`) give. */
export declare interface TrainConfig extends Omit<TrainOptions, 'output'> {
    /** Where the JSON Schema is, for editors. */
    readonly $schema?: string;
    readonly data: DataOptions;
    /** Folder of the run; `--output` goes before it. */
    readonly output?: string;
}

/** Options of {@link train}. */
export declare interface TrainInput extends TrainOptions, RunHooks {
    /** What is trained on. */
    readonly data: Dataset;
    /** What `validation` judges on, decoded as `data`; no class of it should be in `data`. */
    readonly validationData?: Dataset;
    /** What the finished model will be judged on: only recorded in the plan, for reports. */
    readonly test?: Dataset;
}

/** How to train: everything but the data. */
export declare interface TrainOptions {
    /** From `nets`, or its type and options as plain data. */
    readonly net: NetOptions | AnyNet;
    /** From `losses`, or its type and options as plain data. Default `losses.nPairMc()`. */
    readonly loss?: LossOptions | Custom;
    readonly batch: BatchOptions;
    /** Default Adam with a constant learning rate of 1e-3. */
    readonly optimizer?: OptimizerOptions;
    /** Default: x/255. */
    readonly preprocess?: PreprocessOptions;
    /** Default: none. */
    readonly augment?: AugmentOptions;
    /** Keeps an average of the weights, which becomes the model. Default: none. */
    readonly ema?: EmaOptions;
    /** Watches for divergence. Default: none, only numbers that are not finite stop the run. */
    readonly guard?: GuardOptions;
    /** Number of steps (updates of the weights), >= 1. */
    readonly steps: number;
    /** Of all that is random, an integer >= 0. Default 0. */
    readonly seed?: number;
    /** `auto`: CUDA where there is a device, else the CPU. Default `auto`. */
    readonly device?: 'auto' | 'cpu' | 'cuda';
    /**
     * What the network computes in; weights, loss and updates are float32 with `bfloat16` too. `auto`: bfloat16 on CUDA and on
     * processors with AMX, else float32, decided by the machine and never by timing; the plan records what was chosen.
     * `float64` is for proofs and slow. Default `auto`.
     */
    readonly precision?: 'auto' | 'float32' | 'bfloat16' | 'float64';
    /** Threads of the engine on the CPU; results may differ in the last bits between thread counts. Default: libtorch's own choice. */
    readonly threads?: number;
    /**
     * Steps between two checkpoints; 0: only at the end or when stopped. There is one more before a judgement that is known to take
     * ten seconds or more, and ten times as long as a checkpoint, so that a process killed in it loses no step. Default 1000.
     */
    readonly checkpointEvery?: number;
    /** How many checkpoints stay, the newest ones, >= 1. Default 2. */
    readonly keepCheckpoints?: number;
    readonly validation?: ValidationOptions;
    /** The model adds the embedding of the mirrored image to that of the image (flip fusion). Default false. */
    readonly mirror?: boolean;
    /**
     * The model adds the embeddings of the image moved up, down, left and right by each of these numbers of pixels (the edge is
     * repeated), and with `mirror` those of their mirror images: [2] embeds every image 5 or 10 times. Default [].
     */
    readonly shifts?: readonly number[];
    /** Whitens the embeddings of the finished model. Default: none. */
    readonly whiten?: WhitenOptions;
    /** Folder of the run: made if it is missing, refused if it holds a run. */
    readonly output: string;
}

/** Everything that decides what a run computes: the content of `config.json`, and enough to run it again. */
export declare interface TrainPlan {
    readonly format: 1;
    /** The npair that resolved it. */
    readonly npair: string;
    readonly data: DatasetPlan;
    readonly net: ResolvedNet<AnyNet>;
    readonly loss: LossPlan;
    readonly batch: Batch & {
        readonly sampler?: 'custom';
    };
    readonly optimizer: Optimizer;
    readonly preprocess: Preprocess;
    readonly augment: Augment;
    readonly ema?: Ema;
    readonly guard?: Guard;
    readonly steps: number;
    readonly seed: number;
    readonly device: 'cpu' | 'cuda';
    readonly precision: 'float32' | 'bfloat16' | 'float64';
    readonly threads: number;
    readonly checkpointEvery: number;
    readonly keepCheckpoints: number;
    readonly validation?: Validation & {
        readonly data: DatasetPlan;
    };
    readonly mirror: boolean;
    readonly shifts: readonly number[];
    readonly whiten?: Whiten;
    /** The half that the finished model is judged on. */
    readonly test?: DatasetPlan;
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
declare function trapezoidAveragePrecision(ranks: ArrayLike<number>, relevant?: number): number;

/** The triplet loss: its plan, and `compute`. */
declare interface Triplet extends TripletPlan, Loss {
    readonly type: 'triplet';
}

/**
 * The triplet loss over anchors a, positives p and negatives n:
 *
 *   hinge (Sohn 2016, Eq. 2):   max(0, ‖a − p‖² − ‖a − n‖² + m)
 *   smooth (the (2+1)-tuplet):  log(1 + exp(aᵀn − aᵀp))
 *
 * The smooth one has no margin, is what the paper compares with, and equals the N-pair loss at N = 2.
 * Terms: `triplet` and `l2`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function triplet(options?: TripletOptions): Triplet;

/** The margin triplet: its plan, and `compute`. */
declare interface TripletMargin extends TripletMarginPlan, Loss {
    readonly type: 'tripletMargin';
}

/**
 * The margin triplet on distances, as torch.nn.TripletMarginLoss:
 *
 *   L = mean of max(0, d(a, p) − d(a, n) + m),  d(u, v) = ‖u − v + eps‖_p
 *
 * Distances are not squared. This is what goes round as an implementation of the N-pair loss; it is none: no row sees the
 * other rows' positives, and a satisfied triplet costs nothing. Term: `tripletMargin`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function tripletMargin(options?: TripletMarginOptions): TripletMargin;

/** Options of {@link tripletMargin}. */
declare interface TripletMarginOptions {
    /** m > 0. Default 1. */
    readonly margin?: number;
    /** p ≥ 1 of the norm. Default 2. */
    readonly p?: number;
    /** Added to every component of a difference. Default 1e-6. */
    readonly eps?: number;
    /** Take the smaller one of ‖a − n‖ and ‖p − n‖ (Balntas et al. 2016). Default false. */
    readonly swap?: boolean;
    /** Which triplets a batch gives, see {@link TripletOptions}; `given`: rows are B anchors, B positives, B negatives. Default `given`. */
    readonly triplets?: 'given' | 'paper' | 'hard' | 'semiHard' | 'distanceWeighted';
}

/** The plan of {@link tripletMargin}: all options resolved. */
declare interface TripletMarginPlan extends Required<TripletMarginOptions> {
    readonly type: 'tripletMargin';
}

/** Options of {@link triplet}. */
declare interface TripletOptions {
    /** `hinge`: a margin on squared distances; `smooth`: the (2+1)-tuplet, softplus of inner products. Default `hinge`. */
    readonly form?: 'hinge' | 'smooth';
    /** m > 0 of the hinge; the smooth form has none, and is refused one. Default 0.2. */
    readonly margin?: number;
    /**
     * Which triplets a batch gives. `paper`: from each two pairs two, as the paper's baselines; rows in pairs. `all`: every one.
     * `hard`: an anchor with its farthest positive and its nearest negative. `semiHard`: each anchor and positive with the
     * nearest negative farther than the positive, or where there is none with the farthest (FaceNet, as in TensorFlow).
     * `distanceWeighted`: each anchor and positive with a negative drawn with weight d^(2 − D) · (1 − d²/4)^(−(D − 3)/2), d the
     * distance of the D numbers at length 1, at least 0.5, and none from 1.4 on (Wu et al. 2017; any negative where all are so
     * far); drawn by the run's seed, step and row, and by `compute` as by step 0 of seed 0. `given`:
     * rows are B anchors, B positives, B negatives. Far means by squared distance for the hinge, else by inner product.
     * Default `paper`.
     */
    readonly triplets?: 'paper' | 'all' | 'hard' | 'semiHard' | 'distanceWeighted' | 'given';
    /** Mean over `all` triplets, or with the hinge over the `active` ones, whose loss is not 0. Default `all`. */
    readonly average?: 'all' | 'active';
    /** Compare embeddings of length 1. Default false. */
    readonly normalize?: boolean;
    /** λ ≥ 0 of the mean of ‖f‖² over all rows. Default 0. */
    readonly l2?: number;
}

/** The plan of {@link triplet}: all options resolved. */
declare interface TripletPlan extends Required<Omit<TripletOptions, 'margin'>> {
    readonly type: 'triplet';
    /** Of the hinge. */
    readonly margin?: number;
}

/** The (N+1)-tuplet loss: its plan, and `compute`. */
declare interface Tuplet extends TupletPlan, Loss {
    readonly type: 'tuplet';
}

/**
 * The (N+1)-tuplet loss (Sohn 2016, Eq. 3) over queries with negatives of their own:
 *
 *   L = mean of log(1 + Σᵢ exp((fᵀfᵢ − fᵀf⁺)/τ))
 *
 * With `ideal` it is the (L+1)-tuplet (Eq. 5): multi-class logistic loss in which f⁺ and the fᵢ stand for the weight vectors of
 * a classifier. Rows: B queries, their B positives, then the first negative of each, the second, and so on: N(N+1) embeddings
 * for N queries, which N-pair batches make 2N of. Terms: `tuplet` and `l2`.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function tuplet(options: TupletOptions): Tuplet;

/** Queries with negatives of their own; one negative makes triplets. */
export declare interface TupletBatch extends AnyBatch {
    readonly type: 'tuplets';
    /** B ≥ 2: queries. */
    readonly tuplets: number;
    /** K ≥ 1: B · (2 + K) images. */
    readonly negatives: number;
}

/** Options of {@link tuplet}. */
declare interface TupletOptions {
    /** N − 1 ≥ 1: how many negatives each query has. */
    readonly negatives: number;
    /** The (L+1)-tuplet: the negatives are one example of every other class, L − 1 of them. Default false. */
    readonly ideal?: boolean;
    /** τ > 0: inner products are divided by it. Default 1. */
    readonly temperature?: number;
    /** Compare embeddings of length 1. Default false. */
    readonly normalize?: boolean;
    /** λ ≥ 0 of the mean of ‖f‖² over all rows. Default 0. */
    readonly l2?: number;
}

/** The plan of {@link tuplet}: all options resolved. */
declare interface TupletPlan extends Required<TupletOptions> {
    readonly type: 'tuplet';
}

/**
 * Batches in which each query has negatives of its own, as the (N+1)-tuplet loss takes them: queries and positives as of
 * `pairs`, and for each query a random image of each of K other random classes.
 *
 * @throws NPairError `DATA_CLASSES` if there are too few classes
 */
export declare function tuplets(dataset: Dataset, options: TupletsOptions): TupletSampler;

/** A tuplet sampler. */
export declare interface TupletSampler extends Sampler {
    /** Batches in an epoch, as of pairs. */
    readonly epochLength: number;
    /** See {@link Sampler.batch}; `[B · (2 + K)]`: queries, their positives, then the first negative of each, the second, … */
    batch(step: number): Int32Array;
}

/** Options of {@link tuplets}. */
export declare interface TupletsOptions {
    /** B >= 2: queries in a batch, of different classes. */
    readonly tuplets: number;
    /** K >= 1: negatives of each query, of different classes; 1 makes triplets. */
    readonly negatives: number;
    /** Default 0. */
    readonly seed?: number;
    /** What becomes of classes with a single image, which can only be negatives. Default `drop`: they are. */
    readonly smallClasses?: SmallClasses;
}

/** The types that {@link create} knows. */
declare const types: LossOptions["type"][];

/** The types that {@link create} knows. */
declare const types_2: readonly ["conv4", "casiaNet", "linear", "mlp", "layers"];

/** The types that {@link create} knows. */
declare const types_3: readonly ["verification", "retrieval", "clustering", "identification", "reId", "recognition", "oneShot", "pairs", "lists"];

/** Validation with its defaults filled in; without `figure` the protocol's headline decides. Without `keep` in plans of old: the best. */
declare interface Validation extends ValidationOptions {
    readonly every: number;
}

/** Judging during training. */
export declare interface ValidationOptions {
    /** Steps between two judgements, >= 1; the last step is always judged. Default 500. */
    readonly every?: number;
    /** How: a protocol's type, and those options that differ from its defaults. */
    readonly protocol: ProtocolOptions;
    /** The figure that decides which model is best, for example `recall@1`. Default: the protocol's headline. */
    readonly figure?: string;
    /**
     * Which model the finished run leaves in `model/`: the `best` by the figure, or the `last`, where validation only looks on, for
     * example because it has the images that the run will be judged on; the best one is in `best/` either way. Default `best`.
     */
    readonly keep?: 'best' | 'last';
}

/** Whether two images show the same, by the model's calibrated threshold. */
export declare interface Verdict {
    /** Whether `score` is at or above `threshold`. */
    readonly same: boolean;
    /** Cosine of both embeddings, or with `fusion: 'scores'` the mean of those of all combinations of views; in [−1, 1]. */
    readonly score: number;
    /** Of the calibration. */
    readonly threshold: number;
    /** The false accept rate that was measured at the threshold: how often two different ones are called the same. */
    readonly far: number;
}

/**
 * "Same class or not?" on pairs of images: cross-validated accuracy with the threshold from the other folds, ROC, AUC,
 * equal error rate, true accept rate at fixed false accept rates.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, or one genuine pair, a fold (of all pairs: in
 *   all). Judging all pairs throws as `allPairs`
 */
declare function verification(dataset: Dataset, options?: VerificationOptions): Protocol<VerificationPlan>;

/** Options of {@link verification}. */
declare interface VerificationOptions extends IntervalOptions {
    /**
     * `sampled`: genuine pairs and drawn impostors within folds. `all`: every pair of images, however many; true accept rates are exact
     * at false accept rates down to one pair (1e-6 needs a million impostor pairs, which 1,500 images have), without folds and
     * accuracy. Default `sampled`.
     */
    pairs?: 'sampled' | 'all';
    /** Number of folds, no class in two of them; at least 2. Default 10. */
    folds?: number;
    /** Impostor pairs drawn for each genuine pair, within the fold; at least 1. Default 1. */
    impostorsPerGenuine?: number;
    /** Above this many genuine pairs a seeded sample of about so many is taken, the same share of each fold. Default 200000. */
    maxGenuinePairs?: number;
    /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 0.1, 0.01, … 1e-6. */
    far?: readonly number[];
    /** How alike two embeddings are: by cosine, or as a model's `fusion` says. Default `cosine`. */
    score?: 'cosine';
    /** Normalises the scores by those with a cohort. Default: left out, scores as they are. */
    scoreNorm?: ScoreNormOptions;
}

/** Resolved plan of {@link verification}; `folds`, `impostorsPerGenuine` and `maxGenuinePairs` are missing where `pairs` is `all`. */
declare interface VerificationPlan extends Required<Omit<VerificationOptions, OfSampled>>, Pick<VerificationOptions, 'folds' | 'impostorsPerGenuine' | 'maxGenuinePairs'> {
    readonly type: 'verification';
    readonly scoreNorm?: ScoreNormPlan;
}

/**
 * Verification rate with K negatives (VRF of Sohn 2016's first table): success only if the positive is closer to the
 * query than all K negatives, each of another class. A tie is no success.
 *
 * `VRF = 1/T Σ_t 1[positive_t > max_n negative_tn]`
 *
 * @param positive - `[t]` score of each trial's query with its positive
 * @param negatives - `[t × K]` scores with its negatives, row-major; K at least 1
 * @returns `[t]` 1 success, 0 not; their mean is the rate
 * @throws NPairError `INVALID_OPTION` where trials differ in their number of negatives, or a score is not finite
 * @example verificationSuccesses([0.9, 0.5], [0.1, 0.8, 0.4, 0.5]) // [1, 0]
 */
declare function verificationSuccesses(positive: ArrayLike<number>, negatives: ArrayLike<number>): Uint8Array;

/** The views of an image (test-time augmentation), and how they are put together. */
export declare interface Views {
    /** The mirror image of every view, too. */
    readonly mirror: boolean;
    /** Pixels that the image is moved by, up, down, left and right, the edge repeated. */
    readonly shifts: readonly number[];
    /**
     * `centre`: the middle of the image, as large as the network's input; `five`: beside it the four corners, and with `mirror` those
     * are the ten crops of Krizhevsky et al. 2012. Default `centre`.
     */
    readonly crops?: (typeof crops)[number];
    /**
     * `embeddings`: those of the views are added, and images compared by cosine (insightface's flip fusion). `scores`: the score of two
     * images is the mean of the cosines of all combinations of their views (Sohn 2016, section 4.3). Default `embeddings`.
     */
    readonly fusion?: (typeof fusions)[number];
}

/** How well clusters hold one class, how well classes stay in one cluster, and both in one number; all in [0, 1]. */
declare interface VMeasure {
    /** I / H(classes); 1 where H(classes) is 0. */
    homogeneity: number;
    /** I / H(clusters); 1 where H(clusters) is 0. */
    completeness: number;
    /** (1 + β) · h · c / (β · h + c); 0 where the divisor is 0. */
    vMeasure: number;
}

/**
 * V-measure of a clustering (Rosenberg and Hirschberg 2007). With β = 1 it is {@link normalizedMutualInformation},
 * but for labelings without any entropy.
 *
 * `V = (1 + β) h c / (β h + c), h = I / H(classes), c = I / H(clusters)`
 *
 * @param classes - `[n]` true label of each item
 * @param clusters - `[n]` cluster of each item
 * @param beta - weight of completeness, >= 0; default 1
 * @throws NPairError `INVALID_OPTION`
 * @example vMeasure([0, 0, 1, 1], [0, 0, 0, 0]) // { homogeneity: 0, completeness: 1, vMeasure: 0 }
 */
declare function vMeasure(classes: ArrayLike<number>, clusters: ArrayLike<number>, beta?: number): VMeasure;

/**
 * Weighted mean; NaN where all weights are 0.
 *
 * `mean = Σ_i w_i v_i / Σ_i w_i`
 *
 * @example weightedMean([1, 5], [3, 1]) // 2
 */
declare function weightedMean(values: ArrayLike<number>, weights: ArrayLike<number>): number;

/**
 * ROC in which pair p counts `weights[p]` times, as in a bootstrap sample; `genuine` and `impostor` are sums of weights.
 * A score whose pairs all have weight 0 still makes a point.
 *
 * `FAR(t) = Σ_{impostor p} w_p 1[s_p ≥ t] / Σ_{impostor p} w_p, TAR(t) = Σ_{genuine p} w_p 1[s_p ≥ t] / Σ_{genuine p} w_p`
 *
 * @param weights - `[p]` whole numbers >= 0; default all 1
 * @throws NPairError `INVALID_OPTION` where a weight is no whole number, or there is not one a pair
 * @example weightedRoc(sortPairs([0.9, 0.4, 0.1], [1, 0, 0]), [1, 3, 1]).far // [0, 0, 0.75, 1]
 */
declare function weightedRoc({ scores, same, order }: SortedPairs, weights?: ArrayLike<number>): Roc;

/** Whitening with nothing left to defaults. */
export declare type Whiten = Required<WhitenOptions>;

/**
 * Within-class covariance normalisation (WCCN, Hatch et al. 2006), fitted once training is over: a linear layer `whitening` at the
 * end of the model, f ↦ L⁻¹(f − μ), after which examples of one class differ by the same amount in every direction.
 * LLᵀ = Sw + shrinkage · tr(Sw)/d · I, with μ the mean and Sw the covariance about the mean of their class of the embeddings of
 * all training images, every view of an image (mirrored, shifted) counting as one.
 */
export declare interface WhitenOptions {
    /** Weight of the identity, > 0, relative to the mean variance: large leaves the embeddings as they are. Default 0.2. */
    readonly shrinkage?: number;
}

/**
 * Wilson's score interval of a fraction (Wilson 1927): right also near 0 and 1 and for few trials, as long as the trials
 * are independent. Pairs that share images are not: see {@link bootstrap}.
 *
 * `low, high = (p + z²/2n ∓ z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n), p = successes/n, n = trials, z = Φ⁻¹((1 + level)/2)`
 *
 * @param successes - whole number in [0, trials]
 * @param trials - at least 1
 * @param level - confidence in (0, 1). Default 0.95
 * @throws NPairError `INVALID_OPTION`
 * @example wilson(8, 10).low // 0.490162471536642
 */
declare function wilson(successes: number, trials: number, level?: number): Interval;

/**
 * Wilson's interval of a mean of numbers in [0, 1]: those that are not all 0 or 1 vary less than {@link wilson}'s trials, so that it
 * is rather too wide.
 *
 * `low, high = (p + z²/2n ∓ z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n), p = rate, n = trials, z = Φ⁻¹((1 + level)/2)`
 *
 * @param rate - the mean, in [0, 1]
 * @param trials - how many numbers, at least 1
 * @param level - confidence in (0, 1). Default 0.95
 * @throws NPairError `INVALID_OPTION`
 * @example wilsonOfMean(0.8, 10).low // 0.490162471536642
 */
declare function wilsonOfMean(rate: number, trials: number, level?: number): Interval;

/** How the images of each class are dealt to two halves. */
export declare interface WithinSplit {
    /** Fraction in (0, 1) of each class's images, rounded, at least one on each side. */
    readonly test: number;
    /** Of the draw. Default 0. */
    readonly seed?: number;
}

export { }
