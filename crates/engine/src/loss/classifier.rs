//! Losses with a classifier of their own: softmax, ArcFace (Deng 2019), CosFace (Wang 2018).

use super::plan::{Classes, MarginSoftmax};
use super::rows::{Normalized, blocks, log_sum, refuse, shape, softplus, zero};
use super::{Batch, Evaluated};
use crate::error::Result;
use npair_torch_ext::upload;
use tch::{Kind, Tensor};

/// Mean cross-entropy of f Wᵀ + b. Parameters: weight `[classes, d]`, bias `[classes]`.
pub fn softmax(options: &Classes, batch: &Batch) -> Result<Evaluated> {
    let (rows, _) = shape(batch.embeddings)?;
    let labels = labels(options.classes, rows, batch)?;
    let [weight, bias] = batch.parameters else { return refuse("softmax has two parameters: weight and bias") };
    let embeddings = batch.embeddings.f_contiguous()?;
    let gradient = embeddings.f_zeros_like()?;
    let (mut to_weight, mut to_bias) = (weight.f_zeros_like()?, bias.f_zeros_like()?);
    let mut total = zero(&embeddings)?;
    for (start, count) in blocks(rows) {
        let block = embeddings.f_narrow(0, start, count)?;
        let logits = bias.f_addmm(&block, &weight.f_tr()?)?;
        let (losses, pulls) = cross_entropy(&logits, &labels.f_narrow(0, start, count)?)?;
        let pulls = pulls.f_div_scalar(rows as f64)?;
        total = total.f_add(&losses.f_sum(None)?)?;
        gradient.f_narrow(0, start, count)?.f_copy_(&pulls.f_matmul(weight)?)?;
        to_weight = to_weight.f_addmm_(&pulls.f_tr()?, &block)?;
        to_bias = to_bias.f_add(&pulls.f_sum_dim_intlist([0i64].as_slice(), false, None)?)?;
    }
    let evaluated = Evaluated::new(&[("softmax", total.f_div_scalar(rows as f64)?)], gradient)?;
    Ok(Evaluated { parameters: vec![to_weight, to_bias], ..evaluated })
}

/// What the margin is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Margin {
    /// ArcFace: cos(θ + m), and past π − m, where that would rise again, cos θ − m sin m.
    Angle,
    /// CosFace: cos θ − m.
    Cosine,
}

/// Mean cross-entropy of s · cos θ, the own class's made harder by a margin. Parameter: weight `[classes, d]`.
pub fn margin_softmax(options: &MarginSoftmax, margin: Margin, batch: &Batch) -> Result<Evaluated> {
    let (rows, _) = shape(batch.embeddings)?;
    let labels = labels(options.classes, rows, batch)?;
    let [weight] = batch.parameters else { return refuse("the loss has one parameter: weight") };
    let embeddings = Normalized::when(true, &batch.embeddings.f_contiguous()?)?;
    let weights = Normalized::when(true, weight)?;
    let gradient = embeddings.rows.f_zeros_like()?;
    let mut to_weight = weight.f_zeros_like()?;
    let mut total = zero(&embeddings.rows)?;
    for (start, count) in blocks(rows) {
        let block = embeddings.rows.f_narrow(0, start, count)?;
        let own = labels.f_narrow(0, start, count)?;
        let mut cosines = block.f_matmul(&weights.rows.f_tr()?)?;
        let (harder, slope) = with_margin(&cosines.f_gather(1, &own, false)?, options.margin, margin)?;
        let logits = cosines.f_scatter_(1, &own, &harder)?.f_mul_scalar_(options.scale)?;
        let (losses, mut pulls) = cross_entropy(&logits, &own)?;
        let to_own = pulls.f_gather(1, &own, false)?.f_mul_(&slope)?;
        let pulls = pulls.f_scatter_(1, &own, &to_own)?.f_mul_scalar_(options.scale / rows as f64)?;
        total = total.f_add(&losses.f_sum(None)?)?;
        gradient.f_narrow(0, start, count)?.f_copy_(&pulls.f_matmul(&weights.rows)?)?;
        to_weight = to_weight.f_addmm_(&pulls.f_tr()?, &block)?;
    }
    let name = if margin == Margin::Angle { "arcFace" } else { "cosFace" };
    let value = total.f_div_scalar(rows as f64)?;
    let evaluated = Evaluated::new(&[(name, value)], embeddings.backward(gradient)?)?;
    Ok(Evaluated { parameters: vec![weights.backward(to_weight)?], ..evaluated })
}

/// The own class's cosine with its margin, and the derivative of that.
fn with_margin(cosine: &Tensor, by: f64, margin: Margin) -> Result<(Tensor, Tensor)> {
    if margin == Margin::Cosine {
        return Ok((cosine.f_sub_scalar(by)?, cosine.f_ones_like()?));
    }
    // The floor keeps the slope finite where an embedding lies on its class.
    let sine = cosine.f_square()?.f_neg_()?.f_add_scalar_(1.0)?.f_clamp_min_(1e-12)?.f_sqrt_()?;
    let turned = cosine.f_mul_scalar(by.cos())?.f_sub_(&sine.f_mul_scalar(by.sin())?)?;
    let slope = cosine.f_div(&sine)?.f_mul_scalar_(by.sin())?.f_add_scalar_(by.cos())?;
    let before = cosine.f_gt((std::f64::consts::PI - by).cos())?;
    let linear = cosine.f_sub_scalar(by * by.sin())?;
    Ok((turned.f_where_self(&before, &linear)?, slope.f_where_self(&before, &cosine.f_ones_like()?)?))
}

/// Of each row its loss `[c, 1]` and ∂loss/∂logits; `own` `[c, 1]` is the column of its class.
fn cross_entropy(logits: &Tensor, own: &Tensor) -> Result<(Tensor, Tensor)> {
    let target = logits.f_gather(1, own, false)?;
    let others = logits.f_scatter(1, own, &target.f_full_like(f64::NEG_INFINITY)?)?;
    let lse = log_sum(&others)?;
    let x = lse.f_sub(&target)?;
    let share = x.f_sigmoid()?;
    let mut pulls = others.f_sub(&lse)?.f_exp_()?.f_mul_(&share)?;
    let pulls = pulls.f_scatter_(1, own, &share.f_neg()?)?;
    Ok((softplus(&x)?, pulls))
}

/// `[rows, 1]` int64 on the device, each a row of the classifier.
fn labels(classes: i64, rows: i64, batch: &Batch) -> Result<Tensor> {
    let labels = batch.labels.one(rows)?;
    if let Some(label) = labels.iter().find(|&&label| label < 0 || i64::from(label) >= classes) {
        return refuse(format!("label {label} is none of {classes} classes"));
    }
    let labels = Tensor::f_from_slice(labels)?.f_to_kind(Kind::Int64)?.f_unsqueeze_(1)?;
    Ok(upload(&labels, batch.embeddings.device())?)
}
