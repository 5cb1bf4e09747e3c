//! Within-class covariance normalisation (WCCN, Hatch et al. 2006): the last, linear layer of a trained model, fitted to the
//! embeddings of labelled images so that examples of one class differ by the same amount in every direction.

use crate::embed::Model;
use crate::error::{Code, Error, Result};
use crate::feed::Images;
use crate::mode::Mode;
use crate::network::Network;
use crate::views::Views;
use tch::{Device, Kind, Tensor, no_grad_guard};

/// The name of the layer.
const LAYER: &str = "whitening";

/// What the layer is fitted to.
pub struct Sample<'a> {
    pub images: Images<'a>,
    pub ids: &'a [i32],
    /// Class of each id, from 0.
    pub labels: &'a [i64],
    /// Every view of an image counts as an example of its class.
    pub views: &'a Views,
    pub batch: usize,
}

/// Copies the weights of `model` to `target`, whose layers are the same and a linear one `whitening` `[d, d]` after them, and fits
/// that one: f ↦ L⁻¹(f − μ), where μ is the mean of all embeddings and LLᵀ = Sw + shrinkage · tr(Sw)/d · I, with Sw the covariance
/// of the embeddings about the mean of their class. Sums in float64, one batch at a time.
pub fn fit(target: &Network, model: &Model, sample: &Sample, shrinkage: f64) -> Result<()> {
    let (mean, within) = moments(model, sample)?;
    let size = model.network.embedding_size;
    let spread = f64::try_from(within.f_trace()?)? / size as f64;
    if spread.is_nan() || spread.is_infinite() {
        return Err(Error::new(Code::Engine, "whiten: the embeddings of the training images are not finite"));
    }
    if spread <= 0.0 {
        return Err(Error::new(Code::InvalidOption, "whiten: the embeddings of a class do not differ at all"));
    }
    let ridge = Tensor::f_eye(size, (Kind::Double, Device::Cpu))?.f_mul_scalar(shrinkage * spread)?;
    let identity = Tensor::f_eye(size, (Kind::Double, Device::Cpu))?;
    let factor = within.f_add(&ridge)?.f_linalg_cholesky(false)?;
    let weight = factor.f_linalg_solve_triangular(&identity, false, true, false)?;
    let bias = weight.f_mv(&mean)?.f_neg()?;

    let _guard = no_grad_guard();
    for (name, tensor) in target.state() {
        let source =
            match name.strip_prefix(LAYER) {
                Some(".weight") => &weight,
                Some(".bias") => &bias,
                _ => model.network.state().find(|(other, _)| *other == name).map(|(_, tensor)| tensor).ok_or_else(
                    || Error::new(Code::InvalidOption, format!("whiten: the model has no weights {name}")),
                )?,
            };
        tensor.shallow_clone().f_copy_(source)?;
    }
    Ok(())
}

/// μ `[d]` and Sw `[d, d]`, float64 on the CPU.
fn moments(model: &Model, sample: &Sample) -> Result<(Tensor, Tensor)> {
    let Sample { images, ids, labels, views, batch } = *sample;
    if ids.is_empty() || labels.len() != ids.len() || labels.iter().any(|&label| label < 0) {
        let text = format!("whiten: {} labels for {} images", labels.len(), ids.len());
        return Err(Error::new(Code::InvalidOption, text));
    }
    let classes = labels.iter().max().map_or(0, |&most| most + 1);
    let size = model.network.embedding_size;
    let double = (Kind::Double, Device::Cpu);
    let mut products = Tensor::f_zeros([size, size], double)?;
    let mut sums = Tensor::f_zeros([classes, size], double)?;
    let mut counts = Tensor::f_zeros([classes], double)?;
    model.batches(images, ids, views, batch, |first, images| {
        let rows = images.size()[0] as usize;
        let labels = Tensor::f_from_slice(&labels[first..first + rows])?;
        let ones = Tensor::f_ones([rows as i64], double)?;
        views.each(images, model.network.input, |view| {
            let embeddings =
                model.network.forward(view, Mode::Evaluate)?.f_to_device(Device::Cpu)?.f_to_kind(Kind::Double)?;
            products = products.f_addmm(&embeddings.f_tr()?, &embeddings)?;
            let _ = sums.f_index_add_(0, &labels, &embeddings)?;
            let _ = counts.f_index_add_(0, &labels, &ones)?;
            Ok(())
        })
    })?;
    let total = (ids.len() * views.count()) as f64;
    let means = sums.f_div(&counts.f_clamp_min(1.0)?.f_unsqueeze(1)?)?;
    let between = means.f_tr()?.f_mm(&sums)?;
    let within = products.f_sub(&between)?.f_div_scalar(total)?;
    let mean = sums.f_sum_dim_intlist([0i64].as_slice(), false, None)?.f_div_scalar(total)?;
    // Symmetric to the last bit.
    Ok((mean, within.f_add(&within.f_tr()?)?.f_div_scalar(2.0)?))
}
