//! Losses as plans describe them: plain data, checked in TypeScript, which also holds the equations.

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Loss {
    NPairMc(NPair),
    NPairOvo(NPair),
    SupCon(SupCon),
    Contrastive(Contrastive),
    Triplet(Triplet),
    TripletMargin(TripletMargin),
    Tuplet(Tuplet),
    Softmax(Classes),
    ArcFace(MarginSoftmax),
    CosFace(MarginSoftmax),
    ProxyAnchor(ProxyAnchor),
    /// Computed by whoever runs the training: see `Trainer::forward` and `Trainer::backward`.
    Custom,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NPair {
    pub l2: f64,
    pub l2_convention: L2Convention,
    #[serde(default)]
    pub l2_of: L2Of,
    pub temperature: f64,
    pub normalize: bool,
    #[serde(default)]
    pub queries: Queries,
    #[serde(default)]
    pub same_class: SameClass,
}

/// How the penalty on norms is averaged; public implementations differ by factors of 2 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum L2Convention {
    /// l2 · (mean‖f‖² + mean‖f⁺‖²)
    Sum,
    /// l2 · (Σ‖f‖² + Σ‖f⁺‖²) / 2N
    Mean,
    /// l2 · (mean‖f‖² + mean‖f⁺‖²) / 4, as TensorFlow's and Paddle's `npairs_loss`
    Quarter,
}

/// What the penalty is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum L2Of {
    #[default]
    SquaredNorm,
    Norm,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum Queries {
    /// The anchors ask the positives.
    #[default]
    Anchors,
    /// The mean of anchors asking positives and positives asking anchors.
    Symmetric,
    /// Every row asks all others.
    All,
}

/// What other images of a query's class are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum SameClass {
    /// There are none.
    #[default]
    Error,
    /// Not among the negatives of it.
    Mask,
    /// Each has an equal share of the target of a cross-entropy.
    Soft,
    /// Positives whose exponentials are added up (Eq. 8).
    Sum,
}

#[derive(Debug, Clone, Deserialize)]
pub struct SupCon {
    pub temperature: f64,
    pub normalize: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Contrastive {
    pub margin: f64,
    pub normalize: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Triplet {
    pub form: TripletForm,
    pub margin: f64,
    pub triplets: Triplets,
    pub average: Average,
    pub normalize: bool,
    pub l2: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TripletForm {
    /// max(0, ‖a−p‖² − ‖a−n‖² + margin)
    Hinge,
    /// log(1 + exp(aᵀn − aᵀp))
    Smooth,
}

/// Which triplets a batch gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Triplets {
    /// From two pairs two triplets, as the paper's baselines: N of N pairs.
    Paper,
    /// Rows are B anchors, B positives, B negatives.
    Given,
    /// Every one.
    All,
    /// An anchor with its farthest positive and its nearest negative.
    Hard,
    /// Every pair with the nearest negative farther than the positive, or where there is none the farthest.
    SemiHard,
    /// Every pair with a negative drawn by its distance (Wu et al. 2017).
    DistanceWeighted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Average {
    All,
    /// Over the triplets that violate the margin.
    Active,
}

#[derive(Debug, Clone, Deserialize)]
pub struct TripletMargin {
    pub margin: f64,
    pub p: f64,
    pub eps: f64,
    pub swap: bool,
    pub triplets: Triplets,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Tuplet {
    /// Of one tuplet
    pub negatives: i64,
    pub temperature: f64,
    pub normalize: bool,
    pub l2: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Classes {
    pub classes: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct MarginSoftmax {
    pub classes: i64,
    pub scale: f64,
    pub margin: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ProxyAnchor {
    pub classes: i64,
    pub alpha: f64,
    pub margin: f64,
}
