// Written by scripts/api.mjs from src/index.ts: do not edit.

/**
 * npair: deep metric learning for Node.js, with the multi-class N-pair loss (Sohn, NIPS 2016) on libtorch.
 *
 * @packageDocumentation
 */

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
 * Histogram of all pairs and true accept rates at false accept rates, without ever holding the scores: a histogram finds the bins in which
 * the thresholds lie, a second pass computes the pairs in them in float64. Memory is that of these bins.
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
}

/** Any loss that options describe. */
declare type AnyLoss = NPairMc | NPairOvo | SupCon | Contrastive | Triplet | TripletMargin | Tuplet | Softmax | ArcFace | CosFace | ProxyAnchor;

/** Every network that a factory of `nets` gives. */
declare type AnyNet = Conv4Net | CasiaNet | LayersNet;

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

/** Augmentation with nothing left to defaults. */
export declare type Augment = Required<AugmentOptions>;

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
}

/** A batch as plans hold it; without `accumulate` in plans of npair 0.1: one batch a step. */
export declare type Batch = Omit<PairBatch, 'type'> | ClassBalancedBatch | TupletBatch;

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

/** The best judgement of a run so far. */
export declare interface Best {
    /** Steps done when it was judged. */
    readonly step: number;
    readonly value: number;
}

/** What Adam and AdamW take. */
declare interface BetaOptions extends CommonOptions {
    /** Decay of the mean of gradients, in [0, 1). Default 0.9. */
    readonly beta1?: number;
    /** Decay of the mean of squared gradients, in [0, 1). Default 0.999. */
    readonly beta2?: number;
    /** Added to the root of the squares, > 0. Default 1e-8. */
    readonly epsilon?: number;
}

/** model.json of a bundle: what turns an image file into an embedding. */
export declare interface BundleDescription {
    readonly format: 1;
    /** The npair that wrote it. */
    readonly npair: string;
    readonly net: ResolvedNet<AnyNet>;
    readonly embeddingSize: number;
    /** How files become pixels. */
    readonly ingest: IngestOptions;
    /** How pixels become numbers. */
    readonly preprocess: Preprocess;
    /** Whether the embedding of the mirrored image is added. */
    readonly mirror: boolean;
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

/**
 * Generated handwritten-like characters in alphabets of like strokes: dark ink on white paper, needing nothing but a seed.
 *
 * @throws NPairError `INVALID_OPTION`
 */
declare function characters(options?: CharactersInput): Promise<Dataset>;

/** Generated handwritten-like characters. */
declare interface CharactersData extends Omit<SourceOptions, 'broken'> {
    readonly type: 'characters';
}

/** Options of {@link characters}. */
export declare interface CharactersInput extends Omit<IngestInput, 'size'>, CharactersOptions {
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
 * Batches of M different images of each of P different classes.
 *
 * Coverage: in every epoch a class is dealt into ⌈n/M⌉ groups of M images in a random order; the last one is filled up from the
 * first. Of a class with at most T groups every image is in the epoch; of a larger one a random part, another every time.
 *
 * @throws NPairError `DATA_CLASSES` if fewer than P classes have M images
 */
export declare function classBalanced(dataset: Dataset, options: ClassBalancedOptions): ClassBalancedSampler;

/** The same number of images of each of some classes. */
export declare interface ClassBalancedBatch extends AnyBatch {
    readonly type: 'classBalanced';
    /** P ≥ 2. */
    readonly classes: number;
    /** M ≥ 2: P · M images. */
    readonly imagesPerClass: number;
}

/** Options of {@link classBalanced}. */
export declare interface ClassBalancedOptions {
    /** P >= 2: different classes in a batch. */
    readonly classes: number;
    /** M >= 2: different images of each. */
    readonly imagesPerClass: number;
    /** Default 0. */
    readonly seed?: number;
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

/** What every optimiser takes. */
declare interface CommonOptions {
    /** Step size before the schedule, > 0. Default 1e-3. */
    readonly learningRate?: number;
    /** Gradients longer than this, all parameters together, are scaled down to it; 0: never. Default 0. */
    readonly clipNorm?: number;
    /** How the learning rate changes over the run. Default constant. */
    readonly schedule?: ScheduleOptions;
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
    readonly width: number;
    readonly embeddingSize: number;
    readonly embeddingNorm: boolean;
    readonly init: Init;
    readonly input?: NetInput;
    readonly layers: readonly ResolvedLayer[];
}

/** Options of {@link conv4}. */
declare interface Conv4Options {
    /** Channels of each of the four blocks. Default 64. */
    readonly width?: number;
    /** d of the embeddings `[n, d]`. Default 128. */
    readonly embeddingSize?: number;
    /** Batch normalisation of the embeddings, last of all (BNNeck, Luo et al. 2019). Default false. */
    readonly embeddingNorm?: boolean;
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
export declare type DataOptions = FolderData | OmniglotData | CharactersData;

/** Labelled images in a pack, or a part of them. Immutable. */
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
    /** The source: `folder`, `omniglot`, `characters`. */
    readonly type: string;
    readonly path?: string;
    readonly ingest: IngestOptions;
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
    characters: typeof characters;
    fromPlan: typeof fromPlan;
};

/** How much a source held. */
export declare interface DatasetSummary {
    readonly images: number;
    readonly classes: number;
    /** Broken images that were left out. */
    readonly skipped: readonly SkippedImage[];
}

/** Which sign of divergence a guard saw. */
export declare type Divergence = 'notFinite' | 'collapse' | 'norm' | 'gradientSpike';

/** Embeddings in double precision, for proofs: `data` is row-major `[count, size]`. */
declare interface DoubleEmbeddings {
    readonly data: Float64Array;
    readonly size: number;
}

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
}

/** Embedding vectors, one a row: `data` is row-major `[count, size]` float32. */
export declare class Embeddings {
    readonly data: Float32Array;
    readonly count: number;
    readonly size: number;
    /**
     * @param data - `[count × size]` float32, row-major; not copied
     * @param size - numbers in a row
     */
    constructor(data: Float32Array, size: number);
    /** Row `i`, a view of `data`. */
    row(i: number): Float32Array;
    /** Cosine similarity of rows `i` and `j`, in [−1, 1]; 0 where one of them is all zeros. */
    cosine(i: number, j: number): number;
    /** The rows in order, each a view of `data`. */
    [Symbol.iterator](): IterableIterator<Float32Array>;
    /** A copy whose rows have Euclidean length 1; a row of zeros stays as it is. */
    normalized(): Embeddings;
}

/** d of the embeddings `[n, d]` that a network gives. */
declare function embeddingSize(net: Net): number;

/**
 * Embeds the protocol's images and judges the embeddings.
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
    version: 1;
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

/** One figure of merit of a result. */
export declare interface Figure {
    /** In `unit`; fractions lie in [0, 1]. */
    value: number;
    /** Standard error of `value`, in the same unit; `definition` says over what. */
    standardError?: number;
    unit: 'fraction' | 'score';
    /** Which direction is better; `none` for figures that only describe, such as a threshold. */
    better: 'higher' | 'lower' | 'none';
    /** Name for people, for example `Recall@1`. */
    label: string;
    /** One sentence: how the figure is computed. */
    definition: string;
}

/** `[n, c, h, w]` → `[n, c·h·w]`, channel by channel. */
declare interface FlattenLayer {
    readonly type: 'flatten';
}

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
 * A result for the terminal: what was judged, each figure with its standard error, each table, notes, the definition.
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
     * `rollback`: the run goes back to its last checkpoint and on from there with a lower learning rate, `retries` times.
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

/** A row that was found. */
export declare interface Hit extends IndexEntry {
    /** Larger = nearer. */
    readonly score: number;
}

declare type Hooks = Pick<IngestInput, 'cache' | 'onProgress' | 'signal'>;

/** What {@link Model.embed} takes: a path, an encoded image (JPEG, PNG, PGM, …) in memory, or raw pixels. */
export declare type ImageInput = string | Uint8Array | RawImage;

/**
 * Embeddings with ids that are searched exactly, on the engine. Of equally near rows the one that was added first comes first.
 * It holds native memory until it is closed; rows that are given are not copied and may not be changed meanwhile.
 */
export declare class Index {
    #private;
    readonly metric: Metric;
    /** Numbers in a row. */
    readonly size: number;
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
     * @throws NPairError `NOT_FOUND`, `INDEX_CORRUPT`
     */
    static load(folder: string, options?: IndexLoadOptions): Promise<Index>;
    /** Rows that can be found. */
    get count(): number;
    /**
     * @param rows - `[n, d]` of this index's size
     * @param entries - `[n]` with ids that the index does not hold
     * @throws NPairError `INVALID_OPTION`, and then nothing is added; `CLOSED`
     */
    add(rows: Embeddings, entries: readonly IndexEntry[]): Promise<void>;
    /**
     * Takes rows out; an id that is not there is passed over.
     *
     * @returns how many were taken out
     */
    remove(ids: Iterable<string>): Promise<number>;
    /** Whether a row has this id. */
    has(id: string): boolean;
    /**
     * The k nearest rows of each query, exactly, nearest first; fewer where there are fewer.
     *
     * @param queries - `[q, d]` of this index's size
     * @throws NPairError `INVALID_OPTION`, `CLOSED`
     */
    search(queries: Embeddings, options?: SearchOptions): Promise<Hit[][]>;
    /**
     * Writes the index into a folder: a new or empty one, or the one that it was loaded from or saved into last. Whole or not at all;
     * who has loaded the folder before goes on with what was there then.
     *
     * @throws NPairError `OUTPUT_EXISTS` if the folder holds anything else, or was saved by another since; `RUN_LOCKED` while
     *   another writes it; `NOT_WRITABLE`, `CLOSED`
     */
    save(folder: string): Promise<void>;
    /** Frees the native memory; closing twice is harmless. */
    close(): Promise<void>;
}

/** What is known of a row of an {@link Index}. */
export declare interface IndexEntry {
    /** Different in each row. */
    readonly id: string;
    /** Its class. */
    readonly label?: string | number;
    /** Whatever JSON can hold. */
    readonly metadata?: unknown;
}

/** Options of {@link Index.load}. */
export declare interface IndexLoadOptions {
    /** As of {@link IndexOptions}. Default `auto`. */
    readonly shortlist?: Shortlist;
    /** Whether the rows' SHA-256 is compared, which reads them all. Default true. */
    readonly verify?: boolean;
}

/** Options of {@link Index.build}. */
export declare interface IndexOptions {
    /** How near two rows are. Default `cosine`. */
    readonly metric?: Metric;
    /** In what most rows are ruled out: it changes time and memory, never the result. Default `auto`. */
    readonly shortlist?: Shortlist;
}

/** Options as users give them: the size, and what differs from the defaults. */
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
    /** A broken image stops the ingestion, or is left out and counted. */
    readonly broken: 'error' | 'skip';
}

/**
 * How first weights are drawn. `torch`: as `torch.nn` does, uniform in ±1/√inputs, biases too. `kaiming`: normal with
 * variance 2/inputs, biases 0. `xavier`: uniform in ±√(6/(inputs + outputs)), biases 0.
 */
declare type Init = 'torch' | 'kaiming' | 'xavier';

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

/** Labels of rows: equal ones are of one class. Where a loss says so, a row may have several: a list of lists. */
declare type Labels = ArrayLike<number> | readonly string[] | readonly (readonly (number | string)[])[];

/** A layer as users write it: what has a default may be left out. */
declare type Layer = ConvLayer | BatchNormLayer | ReluLayer | LeakyReluLayer | PoolLayer<'maxPool'> | PoolLayer<'avgPool'> | GlobalPoolLayer | FlattenLayer | LinearLayer | DropoutLayer | SequenceLayer;

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

/** How near two rows are, larger = nearer: cosine (0 with a row of zeros), product, or minus the Euclidean distance. */
export declare type Metric = 'cosine' | 'dot' | 'euclidean';

/** A trained embedder, loaded from its bundle; it holds native memory until it is closed. */
export declare class Model implements Embedder {
    #private;
    /** model.json: network, preprocessing, what it was trained with. */
    readonly description: BundleDescription;
    private constructor();
    /**
     * @param path - a bundle or a run folder
     * @throws NPairError `NOT_FOUND`, `BUNDLE_CORRUPT`, `WEIGHTS_MISMATCH`
     */
    static load(path: string, options?: ModelOptions): Promise<Model>;
    /**
     * Embeds images in order: row i is that of `images[i]`.
     *
     * @returns `[images.length, embeddingSize]`, not normalised: compare by cosine
     * @throws NPairError `IMAGE_UNREADABLE` naming the image; `CLOSED`
     */
    embed(images: readonly ImageInput[]): Promise<Embeddings>;
    /** Embeds the images of a dataset: row i is that of `dataset.images[i]`. */
    embedDataset(dataset: Dataset): Promise<Embeddings>;
    /** Frees the native memory; closing twice is harmless. */
    close(): Promise<void>;
}

/** Options of {@link Model.load}. */
export declare interface ModelOptions {
    /** `auto`: CUDA where there is a device, else the CPU. Default `auto`. */
    readonly device?: 'auto' | 'cpu' | 'cuda';
    /** Whether the embedding of the mirrored image is added (flip fusion). Default: as trained. */
    readonly mirror?: boolean;
}

/** The k nearest rows of each query. */
export declare interface Neighbours {
    /** Columns of `rows` and `scores`. */
    readonly k: number;
    /** `[queries, k]` rows of the gallery, nearest first, of equally near ones the lower first; −1 where there are fewer. */
    readonly rows: Int32Array;
    /** `[queries, k]` float64, larger = nearer; NaN where there are fewer. */
    readonly scores: Float64Array;
}

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
    readonly type: 'layers';
} & LayersOptions);

export declare namespace nets {
    export {
        CasiaNet,
        CasiaNetOptions,
        casiaNet,
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

/** Something that a run goes on in spite of, and that its owner should know. */
export declare interface Notice {
    /**
     * `ENVIRONMENT_CHANGED`: another number of threads, libtorch or instruction set than before, so that the run may end with
     * other bits. `NOT_LOCKED`: the file system of the run knows no locks, and nothing keeps a second process from it.
     */
    readonly code: 'ENVIRONMENT_CHANGED' | 'NOT_LOCKED';
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
/** A file of features (.npy) is truncated, altered, or of a kind that is not read; the message says what. */
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
/** A saved index is truncated, altered or of a newer version; the message says what. */
| 'INDEX_CORRUPT'
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
declare interface OneShotOptions {
    /** N: classes to choose between; at least 2. Default 20. */
    ways?: number;
    /** k: example images a class; at least 1. Default 1. */
    shots?: number;
    /** Episodes in each super-class; at least 1. Default 500. */
    episodes?: number;
    /** A super-class with fewer usable classes than `ways`: refuse, leave it out, or play it with all it has. Default `error`. */
    fewerWays?: 'error' | 'skip' | 'all';
    /** Seed of the episodes. Default 0. */
    seed?: number;
}

/** Resolved plan of {@link oneShot}. */
declare interface OneShotPlan extends Required<OneShotOptions> {
    readonly type: 'oneShot';
}

/** An optimiser with nothing left to defaults. */
export declare type Optimizer = Complete<AdamOptions> | Complete<AdamWOptions> | Complete<SgdOptions>;

/** How weights follow their gradients. */
export declare type OptimizerOptions = AdamOptions | AdamWOptions | SgdOptions;

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

/** A pack: decoded uint8 images in one file that is never changed once it has its name. */
export declare interface PackInfo {
    readonly path: string;
    /** The content's name: SHA-256 of the header, which holds the hash of everything else, without the list of skipped images. */
    readonly sha256: string;
    /** Images. */
    readonly count: number;
    readonly height: number;
    readonly width: number;
    readonly channels: 1 | 3;
    /** How files became these pixels. */
    readonly ingest: IngestOptions;
}

/** N pairs: an anchor and a positive of each of N classes, 2N images. */
export declare interface PairBatch extends AnyBatch {
    readonly type?: 'pairs';
    /** N ≥ 2. */
    readonly pairs: number;
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
 * @throws NPairError `DATA_CLASSES` if fewer than N classes have two images
 */
export declare function pairs(dataset: Dataset, options: PairsOptions): PairSampler;

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
}

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

/** The same with nothing left to defaults; mean and std hold one number a channel. */
export declare interface Preprocess {
    readonly invert: boolean;
    readonly mean: readonly number[];
    readonly std: readonly number[];
}

/** From the uint8 pixels of a pack to what the network sees: x/255, inverted where asked, then (x − mean)/std. */
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
    /** @param embeddings - `[dataset.length, d]`, row i the embedding of `dataset.images[i]` */
    judge(embeddings: Embeddings): EvaluationResult | Promise<EvaluationResult>;
}

/** A protocol as plain data: its type, and those options that differ from the defaults. */
declare type ProtocolOptions = (Partial<VerificationPlan> & Pick<VerificationPlan, 'type'>) | (Partial<RetrievalPlan> & Pick<RetrievalPlan, 'type'>) | (Partial<OneShotPlan> & Pick<OneShotPlan, 'type'>);

/** The part of a protocol that is plain data: `type` and its resolved options. */
export declare interface ProtocolPlan {
    readonly type: string;
}

export declare namespace protocols {
    export {
        create_3 as create,
        types_3 as types,
        oneShot,
        retrieval,
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

/** Pixels that are decoded already, of the very size that the model's images have before cropping. */
export declare interface RawImage {
    /** `[height, width, channels]` uint8 */
    readonly data: Uint8Array;
    readonly height: number;
    readonly width: number;
    readonly channels: number;
}

/** max(x, 0) */
declare interface ReluLayer {
    readonly type: 'relu';
}

/** A layer with nothing left to defaults: what plans hold and the engine reads. */
declare type ResolvedLayer = Required<ConvLayer> | Required<BatchNormLayer> | ReluLayer | Required<LeakyReluLayer> | Required<PoolLayer<'maxPool'>> | Required<PoolLayer<'avgPool'>> | Required<GlobalPoolLayer> | FlattenLayer | Required<LinearLayer> | DropoutLayer | ResolvedSequence;

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
 * Goes on with a run from its newest checkpoint, to the very same weights as a run that was never stopped (CPU, same
 * machine and number of threads).
 *
 * @param folder - the run folder
 * @throws NPairError `NOT_FOUND`; `RUN_LOCKED` if a process is at work on it; `CHECKPOINT_CORRUPT` naming the file;
 *   `PACK_CORRUPT`, `DATA_…` if the data is not as it was; on the way as {@link train}
 */
export declare function resume(folder: string, hooks?: ResumeHooks): Promise<Run>;

/** What {@link resume} may be given. */
export declare interface ResumeHooks extends RunHooks {
    /** Where the data is now, if it was moved. */
    readonly dataPath?: string;
    /** The loss from `losses.custom`, where the run was started with one. */
    readonly loss?: Custom;
}

/**
 * Every image asks for the others of its class among all other images: Recall@K, R-precision, MAP@R.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` if no class has two images, or there is only one class
 */
declare function retrieval(dataset: Dataset, options?: RetrievalOptions): Protocol<RetrievalPlan>;

/** Options of {@link retrieval}. */
declare interface RetrievalOptions {
    /** The K of Recall@K, each an integer >= 1. Default 1, 2, 4, 8. */
    at?: readonly number[];
}

/** Resolved plan of {@link retrieval}. */
declare interface RetrievalPlan extends Required<RetrievalOptions> {
    readonly type: 'retrieval';
}

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

/** A finished run. */
export declare interface Run {
    /** Its folder. */
    readonly folder: string;
    readonly plan: TrainPlan;
    /** The best model where there was validation, else the last. Close it when done. */
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
    /** Aborted: the present block is finished, a checkpoint saved, and the promise rejected with code `ABORTED`. */
    readonly signal?: AbortSignal;
    /** Replaces the sampler that `batch` describes, and gives batches of the same form; a run with one is resumed by giving it again. */
    readonly sampler?: Sampler;
}

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

/** Options of {@link Index.search}. */
export declare interface SearchOptions {
    /** Hits of each query, an integer >= 1. Default 10. */
    readonly k?: number;
    /** Whether a row may be found. */
    readonly filter?: (entry: IndexEntry) => boolean;
}

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

/** How files become pixels, and how the data is used; the same for every source. */
declare interface SourceOptions {
    /** Pixels: one side of a square, or `[height, width]`. */
    readonly size: number | readonly [height: number, width: number];
    /** 1: grey, 3: RGB. */
    readonly channels?: 1 | 3;
    /** Resampling kernel. */
    readonly interpolation?: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3';
    /** How another aspect ratio is met: stretched, cut, or bordered. */
    readonly fit?: 'fill' | 'cover' | 'contain';
    /** Grey level 0..255 of borders and transparent parts. */
    readonly background?: number;
    /** A broken image stops the ingestion, or is left out and counted. */
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
    /** Of the draw. Default 0. */
    readonly seed?: number;
}

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
    /** False accept rate really reached: the largest possible one that does not exceed the target. */
    far: number;
    /** Score from which on pairs are accepted. */
    threshold: number;
}

/**
 * The k nearest rows of a gallery for each query, exactly: scores are summed in float64, equally near rows come in the order
 * of the gallery. Nothing of the size queries × gallery is held.
 *
 * @param queries - `[q, d]`
 * @param gallery - `[n, d]`; neither is copied, and neither may be changed meanwhile
 * @throws NPairError `INVALID_OPTION`, also for a row that is not finite or whose length is not 0 or 1e-12 to 1e12
 */
export declare function topK(queries: Embeddings, gallery: Embeddings, options?: TopKOptions): Promise<Neighbours>;

/** Options of {@link topK}. */
export declare interface TopKOptions {
    /** Neighbours of each query, an integer >= 1. Default 10. */
    k?: number;
    /** How near two rows are. Default `cosine`. */
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

/** What a config file of `npair train` holds. */
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
    /** What `validation` judges on; no class of it should be in `data`. */
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
    /** Steps between two checkpoints; 0: only at the end or when stopped. Default 1000. */
    readonly checkpointEvery?: number;
    /** How many checkpoints stay, the newest ones, >= 1. Default 2. */
    readonly keepCheckpoints?: number;
    readonly validation?: ValidationOptions;
    /** The model adds the embedding of the mirrored image to that of the image (flip fusion). Default false. */
    readonly mirror?: boolean;
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
    /** The half that the finished model is judged on. */
    readonly test?: DatasetPlan;
}

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
    readonly triplets?: 'given' | 'paper' | 'hard' | 'semiHard';
}

/** The plan of {@link tripletMargin}: all options resolved. */
declare interface TripletMarginPlan extends Required<TripletMarginOptions> {
    readonly type: 'tripletMargin';
}

/** Options of {@link triplet}. */
declare interface TripletOptions {
    /** `hinge`: a margin on squared distances; `smooth`: the (2+1)-tuplet, softplus of inner products. Default `hinge`. */
    readonly form?: 'hinge' | 'smooth';
    /** m > 0 of the hinge. Default 0.2. */
    readonly margin?: number;
    /**
     * Which triplets a batch gives. `paper`: from each two pairs two, as the paper's baselines; rows in pairs. `all`: every one.
     * `hard`: an anchor with its farthest positive and its nearest negative. `semiHard`: each anchor and positive with the
     * nearest negative farther than the positive, or where there is none with the farthest (FaceNet, as in TensorFlow). `given`:
     * rows are B anchors, B positives, B negatives. Far means by squared distance for the hinge, else by inner product.
     * Default `paper`.
     */
    readonly triplets?: 'paper' | 'all' | 'hard' | 'semiHard' | 'given';
    /** Mean over `all` triplets, or over the `active` ones, whose loss is not 0. Default `all`. */
    readonly average?: 'all' | 'active';
    /** Compare embeddings of length 1. Default false. */
    readonly normalize?: boolean;
    /** λ ≥ 0 of the mean of ‖f‖² over all rows. Default 0. */
    readonly l2?: number;
}

/** The plan of {@link triplet}: all options resolved. */
declare interface TripletPlan extends Required<TripletOptions> {
    readonly type: 'triplet';
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
}

/** The types that {@link create} knows. */
declare const types: LossOptions["type"][];

/** The types that {@link create} knows. */
declare const types_2: readonly ["conv4", "casiaNet", "layers"];

/** The types that {@link create} knows. */
declare const types_3: readonly ["verification", "retrieval", "oneShot"];

/** Validation with its defaults filled in; without `figure` the protocol's headline decides. */
declare interface Validation extends ValidationOptions {
    readonly every: number;
}

/** Judging during training; the best model so far is kept. */
export declare interface ValidationOptions {
    /** Steps between two judgements, >= 1; the last step is always judged. Default 500. */
    readonly every?: number;
    /** How: a protocol's type, and those options that differ from its defaults. */
    readonly protocol: ProtocolOptions;
    /** The figure that decides which model is best, for example `recall@1`. Default: the protocol's headline. */
    readonly figure?: string;
}

/**
 * "Same class or not?" on pairs of images: cross-validated accuracy with the threshold from the other folds, ROC, AUC,
 * equal error rate, true accept rate at fixed false accept rates.
 *
 * @throws NPairError `INVALID_OPTION`; `DATA_CLASSES` with fewer than two classes, or one genuine pair, a fold
 */
declare function verification(dataset: Dataset, options?: VerificationOptions): Protocol<VerificationPlan>;

/** Options of {@link verification}. */
declare interface VerificationOptions {
    /** Number of folds, no class in two of them; at least 2. Default 10. */
    folds?: number;
    /** Impostor pairs drawn for each genuine pair, within the fold; at least 1. Default 1. */
    impostorsPerGenuine?: number;
    /** Above this many genuine pairs a seeded sample of about so many is taken, the same share of each fold. Default 200000. */
    maxGenuinePairs?: number;
    /** False accept rates at which the true accept rate is given, each in (0, 1]. Default 0.1, 0.01, … 1e-6. */
    far?: readonly number[];
    /** How alike two embeddings are. Default `cosine`. */
    score?: 'cosine';
    /** Seed of folds and pairs. Default 0. */
    seed?: number;
}

/** Resolved plan of {@link verification}. */
declare interface VerificationPlan extends Required<VerificationOptions> {
    readonly type: 'verification';
}

/** How the images of each class are dealt to two halves. */
export declare interface WithinSplit {
    /** Fraction in (0, 1) of each class's images, rounded, at least one on each side. */
    readonly test: number;
    /** Of the draw. Default 0. */
    readonly seed?: number;
}

export { }
