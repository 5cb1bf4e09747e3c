//! Losses: value and gradient in one pass, without an autograd graph through a matrix of all rows with all.

mod classifier;
mod contrast;
mod contrastive;
mod distance_weighted;
mod labels;
mod n_pair_mc;
mod n_pair_ovo;
mod pairs;
pub mod plan;
mod proxy_anchor;
mod rows;
mod scores;
mod triplet;
mod triplet_list;
mod tuplet;

use crate::augment::Rows;
use crate::error::Result;
use crate::init::{self, Fan};
use crate::plan::Init;
use crate::random::{Purpose, Random};
pub use labels::Labels;
use pairs::Against;
pub use plan::Loss;
use tch::{Device, Kind, Tensor, no_grad_guard};

/// What a loss looks at.
pub struct Batch<'a> {
    /// `[rows, d]`
    pub embeddings: &'a Tensor,
    /// One a row; for the losses over pairs of different classes there need be none.
    pub labels: &'a Labels,
    /// The loss's own, in the order of [`Loss::parameters`].
    pub parameters: &'a [Tensor],
    /// What losses that draw draw from.
    pub rows: Rows,
}

/// A loss over a batch of embeddings and what backward starts from.
pub struct Evaluated {
    /// 0-d: the sum of the terms.
    pub loss: Tensor,
    /// 0-d each, by name, weights included.
    pub terms: Vec<(&'static str, Tensor)>,
    /// ∂loss/∂embeddings, `[rows, d]`
    pub gradient: Tensor,
    /// ∂loss/∂(the loss's own parameters)
    pub parameters: Vec<Tensor>,
}

impl Evaluated {
    fn new(terms: &[(&'static str, Tensor)], gradient: Tensor) -> Result<Self> {
        let mut loss = rows::zero(&gradient)?;
        for (_, term) in terms {
            loss = loss.f_add(term)?;
        }
        let terms = terms.iter().map(|(name, term)| (*name, term.shallow_clone())).collect();
        Ok(Self { loss, terms, gradient, parameters: vec![] })
    }
}

impl Loss {
    pub fn evaluate(&self, batch: &Batch) -> Result<Evaluated> {
        let _guard = no_grad_guard();
        match self {
            Self::NPairMc(options) => pairs::evaluate(options, Against::AllAtOnce, batch),
            Self::NPairOvo(options) => pairs::evaluate(options, Against::OneByOne, batch),
            Self::SupCon(options) => pairs::sup_con(options, batch),
            Self::Contrastive(options) => contrastive::evaluate(options, batch),
            Self::Triplet(options) => triplet::evaluate(options, batch),
            Self::TripletMargin(options) => triplet::evaluate_margin(options, batch),
            Self::Tuplet(options) => tuplet::evaluate(options, batch),
            Self::Softmax(options) => classifier::softmax(options, batch),
            Self::ArcFace(options) => classifier::margin_softmax(options, classifier::Margin::Angle, batch),
            Self::CosFace(options) => classifier::margin_softmax(options, classifier::Margin::Cosine, batch),
            Self::ProxyAnchor(options) => proxy_anchor::evaluate(options, batch),
            Self::Custom => rows::refuse("a loss of one's own is not computed by the engine"),
        }
    }

    /// Name and shape of each parameter that the loss has of its own, for embeddings of `d` numbers.
    pub fn parameter_shapes(&self, d: i64) -> Vec<(&'static str, Vec<i64>)> {
        match self {
            Self::Softmax(options) => vec![("weight", vec![options.classes, d]), ("bias", vec![options.classes])],
            Self::ArcFace(options) | Self::CosFace(options) => vec![("weight", vec![options.classes, d])],
            Self::ProxyAnchor(options) => vec![("proxies", vec![options.classes, d])],
            _ => vec![],
        }
    }

    /// The loss's own parameters with their first values, drawn from the seed: `loss.weight`, …
    pub fn parameters(&self, d: i64, seed: u64, kind: Kind, device: Device) -> Result<Vec<(String, Tensor)>> {
        let _guard = no_grad_guard();
        let make = |(index, (name, shape)): (usize, (&str, Vec<i64>))| {
            let values = self.first_values(&shape, d, seed, index as u32);
            let tensor = Tensor::f_from_slice(&values)?.f_reshape(&shape)?.f_to_kind(kind)?.f_to_device(device)?;
            Ok((format!("loss.{name}"), tensor.f_set_requires_grad(true)?))
        };
        self.parameter_shapes(d).into_iter().enumerate().map(make).collect()
    }

    fn first_values(&self, shape: &[i64], d: i64, seed: u64, index: u32) -> Vec<f64> {
        // A range of streams that no parameter of a network uses.
        let index = (1 << 30) + index;
        let count = shape.iter().product::<i64>() as usize;
        let deviation = match self {
            // torch.nn.Linear
            Self::Softmax(_) => return init::weight(Init::Torch, &Fan { inputs: d, outputs: 0 }, count, seed, index),
            // Only directions count, and steps are as long as the weights let them be: insightface's 0.01.
            Self::ArcFace(_) | Self::CosFace(_) => 0.01,
            // Kaiming normal over the outputs, as the authors of Proxy-Anchor.
            _ => (2.0 / shape[0] as f64).sqrt(),
        };
        let mut random = Random::new(seed, Purpose::Init, index, 0);
        (0..count).map(|_| random.normal() * deviation).collect()
    }
}
