//! The multi-class N-pair loss (Sohn 2016, Eq. 7): mean over i of log(1 + Σ_{j≠i} exp(fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)), with the penalty
//! on squared norms of §3.2.3 and, as options, temperature and normalised embeddings.

use super::Evaluated;
use crate::error::{Code, Error, Result};
use crate::plan::{L2Convention, NPairMc};
use tch::{Tensor, no_grad_guard};

/// Rows of logits held at a time: memory is linear in N.
const BLOCK: i64 = 1024;

pub fn evaluate(options: &NPairMc, embeddings: &Tensor) -> Result<Evaluated> {
    let _guard = no_grad_guard();
    let size = embeddings.size();
    let [rows, _] = size[..] else {
        return Err(Error::new(Code::InvalidOption, format!("embeddings have shape {size:?}, not [2N, d]")));
    };
    if rows == 0 || rows % 2 != 0 {
        return Err(Error::new(
            Code::InvalidOption,
            format!("N-pair-mc needs N anchors and N positives, not {rows} rows"),
        ));
    }
    let embeddings = embeddings.f_contiguous()?;
    let compared = if options.normalize { Normalized::of(&embeddings)? } else { Normalized::none(&embeddings) };
    let (n_pair, mut gradient) = n_pair_mc(&compared.rows, rows / 2, options.temperature)?;
    compared.backward(&mut gradient)?;
    let l2 = l2_penalty(options, &embeddings, rows / 2, &mut gradient)?;
    Ok(Evaluated { loss: n_pair.f_add(&l2)?, terms: vec![("nPairMc", n_pair), ("l2", l2)], gradient })
}

/// Value and gradient for `[2N, d]`, row block by row block.
///
/// Per row, with x = logsumexp_{j≠i}(sᵢⱼ) − sᵢᵢ: loss = max(x, 0) + log1p(e^{−|x|}); Gᵢⱼ = σ(x)/N · softmax_{j≠i}(sᵢⱼ) off
/// the diagonal and Gᵢᵢ = −σ(x)/N. The usual logsumexp − sᵢᵢ loses all digits where the loss is small, and log1p(Σ e^…)
/// overflows where it is large; this form does neither.
fn n_pair_mc(rows: &Tensor, n: i64, temperature: f64) -> Result<(Tensor, Tensor)> {
    let anchors = rows.f_narrow(0, 0, n)?;
    let positives = rows.f_narrow(0, n, n)?;
    let gradient = rows.f_zeros_like()?;
    let mut total = Tensor::f_zeros([], (rows.kind(), rows.device()))?;
    if n == 1 {
        // No negatives: log(1 + 0).
        return Ok((total, gradient));
    }
    let mut positives_gradient = gradient.f_narrow(0, n, n)?;
    for start in (0..n).step_by(BLOCK as usize) {
        let count = BLOCK.min(n - start);
        let block = anchors.f_narrow(0, start, count)?;
        // sᵢⱼ, [count, n]; row i of the block has its own positive at column start + i.
        let mut logits = block.f_matmul(&positives.f_tr()?)?;
        if temperature != 1.0 {
            logits = logits.f_div_scalar_(temperature)?;
        }
        let mut diagonal = logits.f_diagonal(start, 0, 1)?;
        let own = diagonal.f_detach_copy()?;
        let _ = diagonal.f_fill_(f64::NEG_INFINITY)?;
        // e^{−∞} leaves 0 on the diagonal. The largest share is e^{largest − logsumexp}.
        let shares = logits.f_softmax(1, None)?;
        let largest = |rows: &Tensor| rows.f_amax([1i64].as_slice(), false);
        let x = largest(&logits)?.f_sub(&largest(&shares)?.f_log()?)?.f_sub(&own)?;
        let loss = x.f_clamp_min(0.0)?.f_add(&x.f_abs()?.f_neg()?.f_exp()?.f_log1p()?)?;
        total = total.f_add(&loss.f_sum(rows.kind())?)?;
        // G without its factor σ(x)/(N · temperature), which is a row's: rows of d numbers are scaled in place of rows of n.
        let _ = shares.f_diagonal(start, 0, 1)?.f_fill_(-1.0)?;
        let factor = x.f_sigmoid()?.f_mul_scalar_(1.0 / (n as f64 * temperature))?.f_unsqueeze_(1)?;
        gradient.f_narrow(0, start, count)?.f_copy_(&shares.f_matmul(&positives)?.f_mul_(&factor)?)?;
        positives_gradient = positives_gradient.f_addmm_(&shares.f_tr()?, &block.f_mul(&factor)?)?;
    }
    Ok((total.f_div_scalar(n as f64)?, gradient))
}

/// Adds the penalty's gradient and returns its value.
fn l2_penalty(options: &NPairMc, embeddings: &Tensor, n: i64, gradient: &mut Tensor) -> Result<Tensor> {
    // All three conventions are a factor times (Σ‖f‖² + Σ‖f⁺‖²)/N.
    let factor = match options.l2_convention {
        L2Convention::Sum => options.l2,
        L2Convention::Mean => options.l2 / 2.0,
        L2Convention::Quarter => options.l2 / 4.0,
    } / n as f64;
    if factor == 0.0 {
        return Ok(Tensor::f_zeros([], (embeddings.kind(), embeddings.device()))?);
    }
    *gradient = gradient.f_add_(&embeddings.f_mul_scalar(2.0 * factor)?)?;
    Ok(embeddings.f_square()?.f_sum(embeddings.kind())?.f_mul_scalar(factor)?)
}

/// Rows divided by their length, with what backward needs.
struct Normalized {
    rows: Tensor,
    /// `[2N, 1]`
    lengths: Option<Tensor>,
}

impl Normalized {
    fn none(embeddings: &Tensor) -> Self {
        Self { rows: embeddings.shallow_clone(), lengths: None }
    }

    fn of(embeddings: &Tensor) -> Result<Self> {
        // The floor is that of torch.nn.functional.normalize.
        let lengths = embeddings.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?.f_clamp_min(1e-12)?;
        Ok(Self { rows: embeddings.f_div(&lengths)?, lengths: Some(lengths) })
    }

    /// From ∂/∂rows to ∂/∂embeddings: (g − (g·e)e)/‖f‖.
    fn backward(&self, gradient: &mut Tensor) -> Result<()> {
        if let Some(lengths) = &self.lengths {
            let along = gradient.f_mul(&self.rows)?.f_sum_dim_intlist([1i64].as_slice(), true, None)?;
            *gradient = gradient.f_sub(&self.rows.f_mul(&along)?)?.f_div(lengths)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    fn options() -> NPairMc {
        NPairMc { l2: 0.0, l2_convention: L2Convention::Sum, temperature: 1.0, normalize: false }
    }

    fn formula(rows: i64, d: i64, kind: Kind) -> Tensor {
        (Tensor::arange(rows * d, (Kind::Double, Device::Cpu)) * 0.7).sin().reshape([rows, d]).to_kind(kind)
    }

    /// Vector V6 of the paper's reference, with its gradients V6g and V6h.
    #[test]
    fn conformance_vector_6() {
        let f = [1.0, 0.0, 2.0, 0.0, 1.0, 1.0, 2.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 2.0, 1.0, 1.0, 0.0, 0.0];
        let embeddings = Tensor::from_slice(&f.map(|x| x / 2.0)).reshape([6, 3]);
        let evaluated = evaluate(&options(), &embeddings).unwrap();
        assert!((f64::try_from(&evaluated.loss).unwrap() - 0.956_618_971_0).abs() < 1e-9);
        let gradient = Vec::<f64>::try_from(evaluated.gradient.flatten(0, -1)).unwrap();
        for (got, expected) in
            [(gradient[0], -0.054_415_972_6), (gradient[8], 0.115_915_942_9), (gradient[9], 0.033_535_263_7)]
        {
            assert!((got - expected).abs() < 1e-9, "{got} {expected}");
        }
    }

    /// Blocks of rows must not show: around the block's edge, against one big matrix and autograd.
    #[test]
    fn equals_autograd_around_the_edges_of_blocks() {
        for n in [2, 3, BLOCK - 1, BLOCK, BLOCK + 1] {
            let embeddings = formula(2 * n, 5, Kind::Double).set_requires_grad(true);
            let (a, p) = (embeddings.narrow(0, 0, n), embeddings.narrow(0, n, n));
            let logits = a.matmul(&p.tr());
            let loss = (logits.logsumexp([1i64].as_slice(), false) - logits.diag(0)).mean(Kind::Double);
            loss.backward();
            let evaluated = evaluate(&options(), &embeddings.detach()).unwrap();
            let difference = f64::try_from((&evaluated.gradient - embeddings.grad()).norm()).unwrap();
            let scale = f64::try_from(embeddings.grad().norm()).unwrap();
            assert!(difference <= 1e-12 * scale, "{n}: {difference}");
            assert!((f64::try_from(&evaluated.loss).unwrap() - f64::try_from(&loss).unwrap()).abs() < 1e-12);
        }
    }

    /// Central differences, with every option on.
    #[test]
    fn equals_central_differences() {
        for l2_convention in [L2Convention::Sum, L2Convention::Mean, L2Convention::Quarter] {
            let options = NPairMc { l2: 0.3, l2_convention, temperature: 0.5, normalize: true };
            let embeddings = formula(8, 3, Kind::Double);
            let gradient = evaluate(&options, &embeddings).unwrap().gradient;
            for index in 0..24 {
                let at = |h: f64| {
                    let moved = embeddings.copy();
                    let _ = moved.view(-1).get(index).f_add_scalar_(h).unwrap();
                    f64::try_from(evaluate(&options, &moved).unwrap().loss).unwrap()
                };
                let numeric = (at(1e-6) - at(-1e-6)) / 2e-6;
                let exact = gradient.view(-1).double_value(&[index]);
                assert!((numeric - exact).abs() < 1e-8, "{index}: {numeric} {exact}");
            }
        }
    }

    #[test]
    fn large_logits_stay_finite_and_one_pair_costs_nothing() {
        let embeddings = Tensor::from_slice(&[100.0f32, 0.0, 0.0, 100.0, -100.0, 0.0, 0.0, -100.0]).reshape([4, 2]);
        let evaluated = evaluate(&options(), &embeddings).unwrap();
        assert_eq!(f64::try_from(&evaluated.loss).unwrap(), 10_000.0);
        assert!(bool::try_from(evaluated.gradient.isfinite().all()).unwrap());
        let single = evaluate(&options(), &formula(2, 3, Kind::Float)).unwrap();
        assert_eq!(f64::try_from(&single.loss).unwrap(), 0.0);
    }

    #[test]
    fn an_odd_number_of_rows_is_refused() {
        assert!(evaluate(&options(), &formula(3, 2, Kind::Float)).is_err());
    }
}
