//! Negatives drawn by their distance (Wu, Manmatha, Smola, Krähenbühl 2017, "Sampling Matters in Deep Embedding Learning").

use super::rows::Normalized;
use crate::augment::Rows;
use crate::error::Result;
use crate::random::{Purpose, Random};
use npair_torch_ext::upload;
use tch::{Kind, Tensor};

/// Nearer ones are drawn as if they were so far away: a weight must not be noise that the density is tiny for.
const CUTOFF: f64 = 0.5;
/// Farther ones cost nothing and are not drawn.
const NONZERO_LOSS_CUTOFF: f64 = 1.4;
/// A stream beside the one that batches are mined from in TypeScript, by the same seed, step and row.
const LANE: u32 = 1;

pub struct DistanceWeighted {
    /// `[n, d]` float64 of length 1, whatever the loss compares
    units: Tensor,
    rows: Rows,
}

impl DistanceWeighted {
    pub fn new(embeddings: &Tensor, rows: Rows) -> Result<Self> {
        Ok(Self { units: Normalized::when(true, &embeddings.f_to_kind(Kind::Double)?)?.rows, rows })
    }

    /// `[count, n]` weights for rows `start …`: w(d) = d^(2 − D) · (1 − d²/4)^(−(D − 3)/2), one over the density of distances
    /// between random points of a sphere, up to a factor for each row; 0 where `same` says that it is no negative. Where all
    /// negatives are too far they weigh the same.
    fn weights(&self, start: i64, same: &Tensor) -> Result<Tensor> {
        let dimension = self.units.size()[1] as f64;
        let products = self.units.f_narrow(0, start, same.size()[0])?.f_matmul(&self.units.f_tr()?)?;
        let distances = products.f_mul_scalar(-2.0)?.f_add_scalar(2.0)?.f_clamp_min(0.0)?.f_sqrt()?;
        let negatives = same.f_logical_not()?;
        let drawable = negatives.f_logical_and(&distances.f_lt(NONZERO_LOSS_CUTOFF)?)?;
        let distances = distances.f_clamp(CUTOFF, NONZERO_LOSS_CUTOFF)?;
        let off_axis = distances.f_square()?.f_mul_scalar(-0.25)?.f_log1p()?;
        let logs = distances
            .f_log()?
            .f_mul_scalar(2.0 - dimension)?
            .f_sub(&off_axis.f_mul_scalar((dimension - 3.0) / 2.0)?)?;
        let logs = logs.f_masked_fill(&drawable.f_logical_not()?, f64::NEG_INFINITY)?;
        // Of a row of −∞ a number so low that e^(−∞ − it) is 0 and not NaN.
        let most = logs.f_amax([1i64].as_slice(), true)?.f_clamp_min(-1e300)?;
        let any = drawable.f_any_dim(1, true)?;
        Ok(logs.f_sub(&most)?.f_exp()?.f_where_self(&any, &negatives.f_to_kind(Kind::Double)?)?)
    }

    /// `[count, draws]` row numbers of negatives for the anchors `start …`: a function of seed, step and row, and of the weights.
    pub fn block(&self, start: i64, same: &Tensor, draws: usize) -> Result<Tensor> {
        let count = same.size()[0];
        let cumulative = self.weights(start, same)?.f_cumsum(1, None)?;
        let Rows { seed, step, first_row } = self.rows;
        let uniform: Vec<f64> = (start..start + count)
            .flat_map(|row| {
                let mut random = Random::new(seed, Purpose::Mining, step, first_row + row as u32).lane(LANE);
                // 32 bits: so far below 1 that no product rounds up to the total.
                (0..draws).map(move |_| f64::from(random.word()) / 4_294_967_296.0).collect::<Vec<f64>>()
            })
            .collect();
        let uniform = upload(&Tensor::f_from_slice(&uniform)?.f_reshape([count, draws as i64])?, same.device())?;
        let goals = uniform.f_mul(&cumulative.f_narrow(1, cumulative.size()[1] - 1, 1)?)?;
        let columns = (0..draws as i64).map(|k| {
            let passed = cumulative.f_le_tensor(&goals.f_narrow(1, k, 1)?)?;
            Ok(passed.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Int64)?)
        });
        Ok(Tensor::f_stack(&columns.collect::<Result<Vec<_>>>()?, 1)?)
    }
}
