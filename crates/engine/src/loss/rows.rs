//! What losses over rows of embeddings share: blocks, lengths, the penalty on norms.

use crate::error::{Code, Error, Result};
use crate::loss::plan::L2Of;
use tch::Tensor;

/// Rows of a matrix of all with all that are held at a time: memory is linear in the number of rows.
pub const BLOCK: i64 = 1024;

/// `(start, count)` of the blocks of `rows` rows.
pub fn blocks(rows: i64) -> impl Iterator<Item = (i64, i64)> {
    (0..rows).step_by(BLOCK as usize).map(move |start| (start, BLOCK.min(rows - start)))
}

/// `[rows, d]`, or an error.
pub fn shape(embeddings: &Tensor) -> Result<(i64, i64)> {
    match embeddings.size()[..] {
        [rows, d] if rows > 0 && d > 0 => Ok((rows, d)),
        ref size => Err(Error::new(Code::InvalidOption, format!("embeddings have shape {size:?}, not [rows, d]"))),
    }
}

pub fn refuse<T>(text: impl Into<String>) -> Result<T> {
    Err(Error::new(Code::InvalidOption, text))
}

/// 0-d zero of the kind and on the device of `like`.
pub fn zero(like: &Tensor) -> Result<Tensor> {
    Ok(Tensor::f_zeros([], (like.kind(), like.device()))?)
}

/// log(1 + eˣ) without loss of digits on either side.
pub fn softplus(x: &Tensor) -> Result<Tensor> {
    Ok(x.f_clamp_min(0.0)?.f_add_(&x.f_abs()?.f_neg_()?.f_exp_()?.f_log1p_()?)?)
}

/// logsumexp of each row `[c, 1]`; of a row of −∞ a number so low that e^(−∞ − it) is 0 and not NaN.
pub fn log_sum(logits: &Tensor) -> Result<Tensor> {
    Ok(logits.f_logsumexp([1i64].as_slice(), true)?.f_clamp_min(-1e30)?)
}

pub fn row_sums(matrix: &Tensor) -> Result<Tensor> {
    Ok(matrix.f_sum_dim_intlist([1i64].as_slice(), true, None)?)
}

/// Rows divided by their length, with what backward needs.
pub struct Normalized {
    pub rows: Tensor,
    /// `[rows, 1]`
    lengths: Option<Tensor>,
}

impl Normalized {
    pub fn when(normalize: bool, embeddings: &Tensor) -> Result<Self> {
        if !normalize {
            return Ok(Self { rows: embeddings.shallow_clone(), lengths: None });
        }
        // The floor is that of torch.nn.functional.normalize.
        let lengths = embeddings.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?.f_clamp_min(1e-12)?;
        Ok(Self { rows: embeddings.f_div(&lengths)?, lengths: Some(lengths) })
    }

    /// From ∂/∂rows to ∂/∂embeddings: (g − (g·e)e)/‖f‖.
    pub fn backward(&self, gradient: Tensor) -> Result<Tensor> {
        let Some(lengths) = &self.lengths else { return Ok(gradient) };
        let along = row_sums(&gradient.f_mul(&self.rows)?)?;
        Ok(gradient.f_sub(&self.rows.f_mul(&along)?)?.f_div(lengths)?)
    }
}

/// factor · Σ‖f‖² or factor · Σ‖f‖ over all rows: adds its gradient and returns its value.
pub fn penalty(of: L2Of, factor: f64, embeddings: &Tensor, gradient: &mut Tensor) -> Result<Tensor> {
    if factor == 0.0 {
        return zero(embeddings);
    }
    match of {
        L2Of::SquaredNorm => {
            *gradient = gradient.f_add_(&embeddings.f_mul_scalar(2.0 * factor)?)?;
            Ok(embeddings.f_square()?.f_sum(embeddings.kind())?.f_mul_scalar(factor)?)
        }
        L2Of::Norm => {
            let lengths = embeddings.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?;
            // A row of zeros has no direction to shrink in.
            let directions = embeddings.f_div(&lengths.f_clamp_min(1e-30)?)?;
            *gradient = gradient.f_add_(&directions.f_mul_scalar(factor)?)?;
            Ok(lengths.f_sum(embeddings.kind())?.f_mul_scalar(factor)?)
        }
    }
}
