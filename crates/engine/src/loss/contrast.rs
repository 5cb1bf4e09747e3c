//! Cross-entropies over inner products in which a query may have several positives, or none.

use super::labels::Overlap;
use super::rows::{blocks, log_sum, row_sums, softplus, zero};
use crate::error::Result;
use tch::Tensor;

/// What happens with several positives; over negatives n and P positives p of a query:
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// 1/P Σₚ log(1 + Σₙ exp(sₙ − sₚ)): positives do not see each other.
    Each,
    /// −Σₖ tₖ log softmaxₖ over all keys, with targets t in proportion to the labels shared.
    Soft,
    /// −log(Σₚ exp sₚ / Σₖ exp sₖ): Eq. 8.
    Sum,
}

/// Where key i stands to query i.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagonal {
    /// It is its positive; in `Form::Each` the only one.
    Positive,
    /// It is the query itself, and no key of it.
    Query,
}

/// A value, and its gradients to both sides of the inner products.
pub struct Sides {
    pub loss: Tensor,
    pub queries: Tensor,
    pub keys: Tensor,
}

/// The mean over the queries that have a positive; `queries` and `keys` are `[n, d]`.
pub fn contrast(
    queries: &Tensor,
    keys: &Tensor,
    overlap: &Overlap,
    diagonal: Diagonal,
    form: Form,
    temperature: f64,
) -> Result<Sides> {
    let n = queries.size()[0];
    let (mut total, mut asked) = (zero(queries)?, zero(queries)?);
    let (queries_gradient, mut keys_gradient) = (queries.f_zeros_like()?, keys.f_zeros_like()?);
    for (start, count) in blocks(n) {
        let block = queries.f_narrow(0, start, count)?;
        let logits = block.f_matmul(&keys.f_tr()?)?.f_div_scalar_(temperature)?;
        let shared = overlap.block(start, count)?;
        let Terms { losses, gradient, asked: some } = match form {
            Form::Soft => soft(logits, shared, diagonal, start)?,
            Form::Each | Form::Sum => split(form, &logits, &shared, diagonal, start)?,
        };
        total = total.f_add(&losses.f_sum(None)?)?;
        asked = asked.f_add(&some.f_sum(None)?)?;
        queries_gradient.f_narrow(0, start, count)?.f_copy_(&gradient.f_matmul(keys)?)?;
        keys_gradient = keys_gradient.f_addmm_(&gradient.f_tr()?, &block)?;
    }
    let factor = asked.f_clamp_min(1.0)?.f_mul_scalar(temperature)?;
    Ok(Sides {
        loss: total.f_div(&asked.f_clamp_min(1.0)?)?,
        queries: queries_gradient.f_div(&factor)?,
        keys: keys_gradient.f_div(&factor)?,
    })
}

/// Of a block of queries: losses, ∂losses/∂logits, and 1 for each query that has a positive.
struct Terms {
    losses: Tensor,
    gradient: Tensor,
    asked: Tensor,
}

fn soft(mut logits: Tensor, shared: Tensor, diagonal: Diagonal, start: i64) -> Result<Terms> {
    if diagonal == Diagonal::Query {
        let _ = shared.f_diagonal(start, 0, 1)?.f_fill_(0.0)?;
        let _ = logits.f_diagonal(start, 0, 1)?.f_fill_(f64::NEG_INFINITY)?;
    }
    let counts = row_sums(&shared)?;
    let asked = counts.f_gt(0.0)?.f_to_kind(logits.kind())?;
    let targets = shared.f_div(&counts.f_clamp_min(1e-30)?)?;
    let lse = log_sum(&logits)?;
    let gradient = logits.f_sub(&lse)?.f_exp_()?.f_sub_(&targets)?.f_mul_(&asked)?;
    if diagonal == Diagonal::Query {
        // 0 · −∞ is not 0.
        let _ = logits.f_diagonal(start, 0, 1)?.f_fill_(0.0)?;
    }
    logits = logits.f_mul_(&targets)?;
    Ok(Terms { losses: lse.f_sub(&row_sums(&logits)?)?.f_mul_(&asked)?, gradient, asked })
}

fn split(form: Form, logits: &Tensor, shared: &Tensor, diagonal: Diagonal, start: i64) -> Result<Terms> {
    let same = shared.f_gt(0.0)?;
    let positive = match (form, diagonal) {
        (Form::Each, Diagonal::Positive) => same.f_zeros_like()?,
        _ => same.f_detach_copy()?,
    };
    let own = f64::from(diagonal == Diagonal::Positive);
    let _ = positive.f_diagonal(start, 0, 1)?.f_fill_(own)?;
    let negatives = logits.f_masked_fill(&same, f64::NEG_INFINITY)?;
    let lse = log_sum(&negatives)?;
    let shares = negatives.f_sub(&lse)?.f_exp_()?;
    let weights = positive.f_to_kind(logits.kind())?;
    let counts = row_sums(&weights)?;
    let asked = counts.f_gt(0.0)?.f_to_kind(logits.kind())?;
    if form == Form::Each {
        let weights = weights.f_div(&counts.f_clamp_min(1.0)?)?;
        let x = lse.f_sub(logits)?;
        let losses = softplus(&x)?.f_mul_(&weights)?;
        let pulls = x.f_sigmoid()?.f_mul_(&weights)?;
        let gradient = shares.f_mul(&row_sums(&pulls)?)?.f_sub_(&pulls)?;
        return Ok(Terms { losses, gradient, asked });
    }
    let positives = logits.f_masked_fill(&positive.f_logical_not()?, f64::NEG_INFINITY)?;
    let own = log_sum(&positives)?;
    let x = lse.f_sub(&own)?;
    let pulls = x.f_sigmoid()?.f_mul_(&asked)?;
    let gradient = shares.f_sub(&positives.f_sub(&own)?.f_exp_()?)?.f_mul_(&pulls)?;
    Ok(Terms { losses: softplus(&x)?.f_mul_(&asked)?, gradient, asked })
}
