//! The one-vs-one N-pair loss (Sohn 2016, Eq. 6): mean over i of Σ_{j≠i} log(1 + exp(fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)).

use super::contrast::Sides;
use super::labels::Overlap;
use super::rows::{blocks, row_sums, softplus, zero};
use crate::error::Result;
use tch::{Kind, Tensor};

/// Key `(i + shift) mod n` is the positive of query i, every key that shares no label with it a negative.
pub fn n_pair_ovo(queries: &Tensor, keys: &Tensor, overlap: &Overlap, shift: i64, temperature: f64) -> Result<Sides> {
    let n = queries.size()[0];
    let mut total = zero(queries)?;
    let (queries_gradient, mut keys_gradient) = (queries.f_zeros_like()?, keys.f_zeros_like()?);
    let own =
        Tensor::f_arange(n, (Kind::Int64, queries.device()))?.f_add_scalar_(shift)?.f_remainder_(n)?.f_unsqueeze_(1)?;
    for (start, count) in blocks(n) {
        let block = queries.f_narrow(0, start, count)?;
        let own = own.f_narrow(0, start, count)?;
        let logits = block.f_matmul(&keys.f_tr()?)?.f_div_scalar_(temperature)?;
        let negatives = overlap.block(start, count)?.f_eq(0.0)?.f_to_kind(logits.kind())?;
        let x = logits.f_sub(&logits.f_gather(1, &own, false)?)?;
        total = total.f_add(&softplus(&x)?.f_mul_(&negatives)?.f_sum(None)?)?;
        let mut gradient = x.f_sigmoid()?.f_mul_(&negatives)?;
        let pull = row_sums(&gradient)?.f_neg_()?;
        let gradient = gradient.f_scatter_add_(1, &own, &pull)?;
        queries_gradient.f_narrow(0, start, count)?.f_copy_(&gradient.f_matmul(keys)?)?;
        keys_gradient = keys_gradient.f_addmm_(&gradient.f_tr()?, &block)?;
    }
    let factor = n as f64 * temperature;
    Ok(Sides {
        loss: total.f_div_scalar(n as f64)?,
        queries: queries_gradient.f_div_scalar(factor)?,
        keys: keys_gradient.f_div_scalar(factor)?,
    })
}
