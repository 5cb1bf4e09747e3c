//! The plan as TypeScript hands it down: plain data, already checked there. Unknown fields are ignored (presets carry
//! their own options beside the layers), missing ones are an error.

use crate::error::{Code, Error, Result};
pub use crate::loss::Loss;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tch::{Device, Kind};

/// Parses a plan; a mistake here is a mistake of the TypeScript side, and named with its place.
pub fn parse<T: DeserializeOwned>(what: &str, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::new(Code::InvalidOption, format!("{what}: {error}")))
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrainPlan {
    pub net: Net,
    pub loss: Loss,
    pub optimizer: Optimizer,
    pub preprocess: Preprocess,
    pub augment: Augment,
    pub seed: u64,
    pub device: DeviceName,
    pub precision: Precision,
    /// N: a batch holds 2N images, unless `rows` says how many.
    pub pairs: usize,
    #[serde(default)]
    pub rows: Option<usize>,
    /// Batches whose gradients are averaged to one step.
    pub accumulate: usize,
    /// Images that go through the network at once, where a batch is more than may.
    pub chunk: Option<usize>,
    pub ema: Option<Ema>,
    pub guard: Option<Guard>,
    /// Kept where mining looks at them.
    pub class_means: Option<ClassMeans>,
    /// Whether a pack that fits is kept on the GPU; where it is not, batches go there through pinned memory.
    #[serde(default = "kept")]
    pub resident: bool,
}

fn kept() -> bool {
    true
}

impl TrainPlan {
    /// Images of a batch.
    pub fn batch_rows(&self) -> usize {
        self.rows.unwrap_or(2 * self.pairs)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct ModelPlan {
    pub net: Net,
    pub preprocess: Preprocess,
    pub device: DeviceName,
    pub precision: Precision,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceName {
    Cpu,
    Cuda,
}

impl DeviceName {
    pub fn device(self) -> Device {
        match self {
            Self::Cpu => Device::Cpu,
            Self::Cuda => Device::Cuda(0),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    Float32,
    /// Weights, loss and updates in float32; the network's convolutions and products in bfloat16.
    Bfloat16,
    /// For proofs: slow.
    Float64,
}

impl Precision {
    /// What weights and images are kept in.
    pub fn kind(self) -> Kind {
        match self {
            Self::Float32 | Self::Bfloat16 => Kind::Float,
            Self::Float64 => Kind::Double,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct Net {
    pub input: Input,
    pub layers: Vec<Layer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Input {
    pub channels: i64,
    pub height: i64,
    pub width: i64,
}

/// A size that may be given once for both directions.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
pub enum Size {
    Square(i64),
    HeightWidth([i64; 2]),
}

impl Size {
    pub fn pair(self) -> [i64; 2] {
        match self {
            Self::Square(n) => [n, n],
            Self::HeightWidth(pair) => pair,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Init {
    /// What `torch.nn` does: Kaiming uniform with a = √5, biases uniform.
    Torch,
    /// Kaiming normal over the inputs with the gain of ReLU; biases zero.
    Kaiming,
    /// Glorot uniform; biases zero.
    Xavier,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GlobalPool {
    Avg,
    Max,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Layer {
    Conv {
        name: String,
        out: i64,
        kernel: Size,
        stride: Size,
        padding: Size,
        groups: i64,
        bias: bool,
        init: Init,
    },
    BatchNorm {
        name: String,
        momentum: f64,
        eps: f64,
    },
    /// No weights: each image and channel by its own mean and deviation, in training and after.
    InstanceNorm {
        eps: f64,
    },
    Relu,
    LeakyRelu {
        slope: f64,
    },
    MaxPool {
        kernel: Size,
        stride: Size,
        padding: Size,
        ceil: bool,
    },
    AvgPool {
        kernel: Size,
        stride: Size,
        padding: Size,
        ceil: bool,
    },
    GlobalPool {
        mode: GlobalPool,
    },
    Flatten,
    Linear {
        name: String,
        out: i64,
        bias: bool,
        init: Init,
    },
    Dropout {
        p: f64,
    },
    Sequence {
        name: String,
        layers: Vec<Layer>,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Optimizer {
    #[serde(flatten)]
    pub rule: Rule,
    pub weight_decay: f64,
    /// 0: none
    pub clip_norm: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Rule {
    Adam(Betas),
    /// Weight decay decoupled from the gradient.
    AdamW(Betas),
    Sgd(Sgd),
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Betas {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Sgd {
    pub momentum: f64,
    pub dampening: f64,
    pub nesterov: bool,
}

/// An exponential moving average of the weights.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Ema {
    pub decay: f64,
    /// Early steps count more: the decay of step t is at most (1 + t)/(10 + t).
    pub warmup: bool,
}

/// A running mean of each class's embeddings.
#[derive(Debug, Clone, Deserialize)]
pub struct ClassMeans {
    pub classes: i64,
    /// The share of a mean that a new batch leaves
    pub decay: f64,
}

/// When a step counts as diverged, and what becomes of it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Guard {
    pub on_divergence: OnDivergence,
    /// Collapse: the mean cosine between embeddings of different classes lies above it.
    pub max_cosine: f64,
    /// The mean norm of the embeddings lies above it.
    pub max_norm: f64,
    /// The norm of the gradient lies above so many times its running mean.
    pub gradient_spike: f64,
    /// Decay of that running mean.
    pub decay: f64,
    /// The first step that is judged.
    pub warmup: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDivergence {
    /// The block ends with the step.
    Stop,
    /// Only this step is left out.
    Skip,
    /// The block ends; TypeScript goes back to a checkpoint.
    Rollback,
}

/// From uint8 pixels to what the network sees, also at evaluation: x/255, inverted where asked, then (x − mean)/std.
#[derive(Debug, Clone, Deserialize)]
pub struct Preprocess {
    pub invert: bool,
    pub mean: Vec<f64>,
    pub std: Vec<f64>,
}

/// Training only; every number is the limit of a uniform draw, one a row.
#[derive(Debug, Clone, Deserialize)]
pub struct Augment {
    pub crop: Crop,
    pub flip: bool,
    /// ± degrees
    pub rotation: f64,
    /// ± fraction: zoom in [1 − scale, 1 + scale]
    pub scale: f64,
    pub shear: f64,
    /// ± fraction of half the side
    pub shift: f64,
    /// What lies outside of the image, in [0, 1] after inversion.
    pub fill: f64,
    /// ± added, in [0, 1] units
    pub brightness: f64,
    /// ± fraction about the image's mean
    pub contrast: f64,
    #[serde(default)]
    pub classes: Option<ClassAugment>,
}

/// How the classes of a batch are deformed, each as a whole: one draw a class and step, for all of its images.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ClassAugment {
    /// Of the classes, in [0, 1]; the others stay as they are.
    pub share: f64,
    /// ± degrees
    pub rotation: f64,
    /// ± fraction, height and width each for itself
    pub stretch: f64,
    pub shear: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Crop {
    Random,
    Centre,
}
