//! The (N+1)-tuplet loss with explicit negatives (Sohn 2016, Eq. 3 to 5): log(1 + Σᵢ exp(fᵀfᵢ − fᵀf⁺)).

use super::plan::{L2Of, Tuplet};
use super::rows::{Normalized, penalty, refuse, shape, softplus};
use super::{Batch, Evaluated};
use crate::error::Result;
use tch::Tensor;

/// Rows: B queries, their B positives, then the first negative of each, the second, and so on.
pub fn evaluate(options: &Tuplet, batch: &Batch) -> Result<Evaluated> {
    let (rows, d) = shape(batch.embeddings)?;
    let of_one = options.negatives + 2;
    if options.negatives < 1 || rows % of_one != 0 {
        return refuse(format!("{rows} rows are no whole number of tuplets of {of_one}"));
    }
    let tuplets = rows / of_one;
    let embeddings = batch.embeddings.f_contiguous()?;
    let compared = Normalized::when(options.normalize, &embeddings)?;
    let parts = compared.rows.f_view([of_one, tuplets, d])?;
    let queries = parts.f_select(0, 0)?;
    let others = parts.f_narrow(0, 1, of_one - 1)?;
    // [N, B]: inner products of each query with its positive and its negatives.
    let products = others.f_mul(&queries)?.f_sum_dim_intlist([2i64].as_slice(), false, None)?;
    let products = products.f_div_scalar(options.temperature)?;
    let negatives = products.f_narrow(0, 1, options.negatives)?;
    let lse = negatives.f_logsumexp([0i64].as_slice(), true)?;
    let x = lse.f_sub(&products.f_narrow(0, 0, 1)?)?;
    let share = x.f_sigmoid()?.f_div_scalar_(tuplets as f64 * options.temperature)?;
    let pulls = negatives.f_sub(&lse)?.f_exp_()?.f_mul_(&share)?;
    // [N, B, 1]
    let pulls = Tensor::f_cat(&[share.f_neg()?, pulls], 0)?.f_unsqueeze_(2)?;
    let to_queries = others.f_mul(&pulls)?.f_sum_dim_intlist([0i64].as_slice(), true, None)?;
    let gradient = Tensor::f_cat(&[to_queries, pulls.f_mul(&queries)?], 0)?.f_view([rows, d])?;
    let mut gradient = compared.backward(gradient)?;
    let l2 = penalty(L2Of::SquaredNorm, options.l2 / rows as f64, &embeddings, &mut gradient)?;
    Evaluated::new(&[("tuplet", softplus(&x)?.f_mean(None)?), ("l2", l2)], gradient)
}
