//! Proxy-Anchor loss (Kim 2020, Eq. 4): every class has a proxy, which asks the batch.

use super::plan::ProxyAnchor;
use super::rows::{Normalized, blocks, log_sum, refuse, shape, softplus, zero};
use super::{Batch, Evaluated};
use crate::error::Result;
use npair_torch_ext::upload;
use tch::{Kind, Tensor};

/// 1/|P⁺| Σ_{p∈P⁺} log(1 + Σ_{x∈p} e^{−α(s − δ)}) + 1/|P| Σₚ log(1 + Σ_{x∉p} e^{α(s + δ)}), s = cos(x, p), P⁺ the classes of the
/// batch. Parameter: proxies `[classes, d]`.
pub fn evaluate(options: &ProxyAnchor, batch: &Batch) -> Result<Evaluated> {
    let (rows, _) = shape(batch.embeddings)?;
    let labels = batch.labels.one(rows)?;
    let classes = options.classes;
    if let Some(label) = labels.iter().find(|&&label| label < 0 || i64::from(label) >= classes) {
        return refuse(format!("label {label} is none of {classes} classes"));
    }
    let [proxies] = batch.parameters else { return refuse("the loss has one parameter: proxies") };
    let mut seen = labels.to_vec();
    seen.sort_unstable();
    seen.dedup();
    let present = seen.len() as f64;
    let labels = upload(&Tensor::f_from_slice(labels)?.f_to_kind(Kind::Int64)?, batch.embeddings.device())?;
    let embeddings = Normalized::when(true, &batch.embeddings.f_contiguous()?)?;
    let asking = Normalized::when(true, proxies)?;
    let mut gradient = embeddings.rows.f_zeros_like()?;
    let to_proxies = proxies.f_zeros_like()?;
    let (mut pulled, mut pushed) = (zero(&gradient)?, zero(&gradient)?);
    for (start, count) in blocks(classes) {
        let block = asking.rows.f_narrow(0, start, count)?;
        let cosines = block.f_matmul(&embeddings.rows.f_tr()?)?;
        let class = Tensor::f_arange_start(start, start + count, (Kind::Int64, labels.device()))?.f_unsqueeze_(1)?;
        let own = class.f_eq_tensor(&labels.f_unsqueeze(0)?)?;
        // One side: log(1 + Σ e^z) of each proxy, and its derivative to z.
        let side = |z: Tensor, without: &Tensor| -> Result<(Tensor, Tensor)> {
            let z = z.f_masked_fill(without, f64::NEG_INFINITY)?;
            let losses = softplus(&log_sum(&z)?)?;
            Ok((losses.f_sum(None)?, z.f_sub(&losses)?.f_exp_()?))
        };
        let near = cosines.f_sub_scalar(options.margin)?.f_mul_scalar_(-options.alpha)?;
        let (near, pull) = side(near, &own.f_logical_not()?)?;
        let far = cosines.f_add_scalar(options.margin)?.f_mul_scalar_(options.alpha)?;
        let (far, push) = side(far, &own)?;
        pulled = pulled.f_add(&near.f_div_scalar(present)?)?;
        pushed = pushed.f_add(&far.f_div_scalar(classes as f64)?)?;
        let pulls = push.f_div_scalar(classes as f64)?.f_sub_(&pull.f_div_scalar(present)?)?;
        let pulls = pulls.f_mul_scalar(options.alpha)?;
        to_proxies.f_narrow(0, start, count)?.f_copy_(&pulls.f_matmul(&embeddings.rows)?)?;
        gradient = gradient.f_addmm_(&pulls.f_tr()?, &block)?;
    }
    let evaluated = Evaluated::new(&[("positive", pulled), ("negative", pushed)], embeddings.backward(gradient)?)?;
    Ok(Evaluated { parameters: vec![asking.backward(to_proxies)?], ..evaluated })
}
