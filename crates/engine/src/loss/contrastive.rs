//! Contrastive loss (Hadsell 2006; Sohn 2016, Eq. 1): ‖fᵢ − fⱼ‖² for two of one class, max(0, m − ‖fᵢ − fⱼ‖)² for others.

use super::labels::Overlap;
use super::plan::Contrastive;
use super::rows::{Normalized, blocks, refuse, shape, zero};
use super::scores::{Measure, Scores};
use super::{Batch, Evaluated};
use crate::error::Result;

/// The mean over all pairs i < j of the batch.
pub fn evaluate(options: &Contrastive, batch: &Batch) -> Result<Evaluated> {
    let (rows, _) = shape(batch.embeddings)?;
    batch.labels.one(rows)?;
    if rows < 2 {
        return refuse("a contrastive loss needs two rows");
    }
    let compared = Normalized::when(options.normalize, &batch.embeddings.f_contiguous()?)?;
    let kind = compared.rows.kind();
    let overlap = Overlap::new(batch.labels, kind, compared.rows.device())?;
    let mut scores = Scores::new(&compared.rows, Measure::ExactSquares)?;
    let (mut pulled, mut pushed) = (zero(&compared.rows)?, zero(&compared.rows)?);
    let pairs = (rows * (rows - 1)) as f64 / 2.0;
    for (start, count) in blocks(rows) {
        let squares = scores.block(start, count)?;
        let same = overlap.block(start, count)?;
        // Each pair once: j > i.
        let positive = same.f_triu(start + 1)?;
        let negative = same.f_neg()?.f_add_scalar_(1.0)?.f_triu(start + 1)?;
        let distances = squares.f_sqrt()?;
        let short = distances.f_neg()?.f_add_scalar_(options.margin)?.f_clamp_min_(0.0)?.f_mul_(&negative)?;
        pulled = pulled.f_add(&squares.f_mul(&positive)?.f_sum(kind)?)?;
        pushed = pushed.f_add(&short.f_square()?.f_sum(kind)?)?;
        // ∂(m − d)²/∂d² = −(m − d)/d; two rows in one place have no direction to part in.
        let apart = distances.f_gt(0.0)?.f_to_kind(kind)?;
        let push = short.f_div(&distances.f_clamp_min(1e-30)?)?.f_mul_(&apart)?;
        scores.add(start, &positive.f_sub(&push)?.f_div_scalar_(pairs)?)?;
    }
    let terms = [("positive", pulled.f_div_scalar(pairs)?), ("negative", pushed.f_div_scalar(pairs)?)];
    Evaluated::new(&terms, compared.backward(scores.gradient())?)
}
