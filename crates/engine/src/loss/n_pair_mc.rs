//! The multi-class N-pair loss (Sohn 2016, Eq. 7): mean over i of log(1 + Σ_{j≠i} exp(fᵢᵀfⱼ⁺ − fᵢᵀfᵢ⁺)).

use super::contrast::Sides;
use super::rows::{BLOCK, softplus, zero};
use crate::error::Result;
use tch::Tensor;

/// Value and gradient for `[n, d]` queries whose positives are the keys of the same row and whose negatives are all others,
/// row block by row block.
///
/// Per row, with x = logsumexp_{j≠i}(sᵢⱼ) − sᵢᵢ: loss = max(x, 0) + log1p(e^{−|x|}); Gᵢⱼ = σ(x)/N · softmax_{j≠i}(sᵢⱼ) off
/// the diagonal and Gᵢᵢ = −σ(x)/N. The usual logsumexp − sᵢᵢ loses all digits where the loss is small, and log1p(Σ e^…)
/// overflows where it is large; this form does neither.
pub fn n_pair_mc(queries: &Tensor, keys: &Tensor, temperature: f64) -> Result<Sides> {
    let n = queries.size()[0];
    let (queries_gradient, mut keys_gradient) = (queries.f_zeros_like()?, keys.f_zeros_like()?);
    let mut total = zero(queries)?;
    if n == 1 {
        // No negatives: log(1 + 0).
        return Ok(Sides { loss: total, queries: queries_gradient, keys: keys_gradient });
    }
    for start in (0..n).step_by(BLOCK as usize) {
        let count = BLOCK.min(n - start);
        let block = queries.f_narrow(0, start, count)?;
        // sᵢⱼ, [count, n]; row i of the block has its own positive at column start + i.
        let mut logits = block.f_matmul(&keys.f_tr()?)?;
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
        total = total.f_add(&softplus(&x)?.f_sum(queries.kind())?)?;
        // G without its factor σ(x)/(N · temperature), which is a row's: rows of d numbers are scaled in place of rows of n.
        let _ = shares.f_diagonal(start, 0, 1)?.f_fill_(-1.0)?;
        let factor = x.f_sigmoid()?.f_mul_scalar_(1.0 / (n as f64 * temperature))?.f_unsqueeze_(1)?;
        queries_gradient.f_narrow(0, start, count)?.f_copy_(&shares.f_matmul(keys)?.f_mul_(&factor)?)?;
        keys_gradient = keys_gradient.f_addmm_(&shares.f_tr()?, &block.f_mul(&factor)?)?;
    }
    Ok(Sides { loss: total.f_div_scalar(n as f64)?, queries: queries_gradient, keys: keys_gradient })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Rows;
    use crate::loss::plan::{L2Convention, L2Of, NPair, Queries, SameClass};
    use crate::loss::{Batch, Evaluated, Labels, Loss};
    use tch::{Device, Kind};

    fn options() -> NPair {
        NPair {
            l2: 0.0,
            l2_convention: L2Convention::Sum,
            l2_of: L2Of::SquaredNorm,
            temperature: 1.0,
            normalize: false,
            queries: Queries::Anchors,
            same_class: SameClass::Error,
        }
    }

    fn evaluate(options: &NPair, embeddings: &Tensor) -> Result<Evaluated> {
        Loss::NPairMc(options.clone()).evaluate(&Batch {
            embeddings,
            labels: &Labels::none(),
            parameters: &[],
            rows: Rows::default(),
        })
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
            let options = NPair { l2: 0.3, l2_convention, temperature: 0.5, normalize: true, ..options() };
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
