//! Losses: value and gradient in one pass, without an autograd graph through the N × N matrix of logits.

mod n_pair_mc;

use crate::error::Result;
use crate::plan::Loss;
use tch::Tensor;

/// A loss over a batch of embeddings and what backward starts from.
pub struct Evaluated {
    /// 0-d: the sum of the terms.
    pub loss: Tensor,
    /// 0-d each, by name, weights included.
    pub terms: Vec<(&'static str, Tensor)>,
    /// ∂loss/∂embeddings, `[2N, d]`
    pub gradient: Tensor,
}

impl Loss {
    /// `embeddings` `[2N, d]`: N anchors, then their N positives in the same order.
    pub fn evaluate(&self, embeddings: &Tensor) -> Result<Evaluated> {
        match self {
            Self::NPairMc(options) => n_pair_mc::evaluate(options, embeddings),
        }
    }
}
