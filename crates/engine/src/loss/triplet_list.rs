//! Losses over listed triplets: row numbers of anchors, positives and negatives.

use super::plan::{Average, TripletMargin};
use super::rows::{row_sums, softplus, zero};
use crate::error::Result;
use tch::Tensor;

/// Rows of T triplets, `[T]` int64 each.
pub struct List {
    pub anchors: Tensor,
    pub positives: Tensor,
    pub negatives: Tensor,
}

/// What a triplet costs.
pub enum Cost<'a> {
    /// max(0, ‖a−p‖² − ‖a−n‖² + margin)
    Hinge(f64),
    /// log(1 + exp(aᵀn − aᵀp))
    Smooth,
    /// torch.nn.TripletMarginLoss: max(0, ‖a−p+eps‖_p − ‖a−n+eps‖_p + margin)
    Margin(&'a TripletMargin),
}

/// Triplets whose rows are gathered at a time.
const CHUNK: i64 = 8192;

/// Value and gradient of the mean over the list.
pub fn over_list(rows: &Tensor, list: &List, cost: &Cost, average: Average) -> Result<(Tensor, Tensor)> {
    let count = list.anchors.size()[0];
    let (mut total, mut active) = (zero(rows)?, zero(rows)?);
    let mut gradient = rows.f_zeros_like()?;
    for start in (0..count).step_by(CHUNK as usize) {
        let part = |index: &Tensor| index.f_narrow(0, start, CHUNK.min(count - start));
        let index = [part(&list.anchors)?, part(&list.positives)?, part(&list.negatives)?];
        let [a, p, n] = [0, 1, 2].map(|i| rows.f_index_select(0, &index[i]));
        let Pulls { losses, active: some, gradients } = cost.of(&a?, &p?, &n?)?;
        total = total.f_add(&losses.f_sum(None)?)?;
        active = active.f_add(&some.f_sum(None)?)?;
        for (index, pull) in index.iter().zip(&gradients) {
            gradient = gradient.f_index_add_(0, index, pull)?;
        }
    }
    let over = match average {
        Average::All => Tensor::f_full([], count as f64, (rows.kind(), rows.device()))?,
        Average::Active => active.f_clamp_min(1.0)?,
    };
    Ok((total.f_div(&over)?, gradient.f_div(&over)?))
}

/// Of each triplet: its loss `[t, 1]`, 1 where that is not 0, and its gradients to anchor, positive and negative `[t, d]`.
struct Pulls {
    losses: Tensor,
    active: Tensor,
    gradients: [Tensor; 3],
}

impl Cost<'_> {
    fn of(&self, a: &Tensor, p: &Tensor, n: &Tensor) -> Result<Pulls> {
        match self {
            Self::Smooth => {
                let away = n.f_sub(p)?;
                let x = row_sums(&a.f_mul(&away)?)?;
                let share = x.f_sigmoid()?;
                let to_negative = a.f_mul(&share)?;
                let gradients = [away.f_mul(&share)?, to_negative.f_neg()?, to_negative];
                Ok(Pulls { losses: softplus(&x)?, active: x.f_ones_like()?, gradients })
            }
            Self::Hinge(margin) => {
                let (to_p, to_n) = (a.f_sub(p)?, a.f_sub(n)?);
                let x = row_sums(&to_p.f_square()?.f_sub_(&to_n.f_square()?)?)?.f_add_scalar_(*margin)?;
                let active = x.f_gt(0.0)?.f_to_kind(a.kind())?;
                let twice = active.f_mul_scalar(2.0)?;
                let (to_p, to_n) = (to_p.f_mul(&twice)?, to_n.f_mul(&twice)?);
                let gradients = [to_p.f_sub(&to_n)?, to_p.f_neg()?, to_n];
                Ok(Pulls { losses: x.f_clamp_min(0.0)?, active, gradients })
            }
            Self::Margin(options) => {
                let own = Distance::between(a, p, options)?;
                let other = Distance::between(a, n, options)?;
                let (other_length, swapped) = if options.swap {
                    let swapped = Distance::between(p, n, options)?;
                    (other.length.f_minimum(&swapped.length)?, Some(swapped))
                } else {
                    (other.length.shallow_clone(), None)
                };
                let x = own.length.f_sub(&other_length)?.f_add_scalar_(options.margin)?;
                let active = x.f_gt(0.0)?.f_to_kind(a.kind())?;
                let up = own.direction.f_mul(&active)?;
                let mut from_anchor = active.shallow_clone();
                let (mut to_positive, mut to_negative) = (up.f_neg()?, a.f_zeros_like()?);
                if let Some(swapped) = swapped {
                    let nearer = swapped.length.f_lt_tensor(&other.length)?.f_to_kind(a.kind())?.f_mul_(&active)?;
                    from_anchor = from_anchor.f_sub(&nearer)?;
                    let down = swapped.direction.f_mul(&nearer)?;
                    to_positive = to_positive.f_sub(&down)?;
                    to_negative = to_negative.f_add(&down)?;
                }
                let down = other.direction.f_mul(&from_anchor)?;
                let gradients = [up.f_sub(&down)?, to_positive, to_negative.f_add(&down)?];
                Ok(Pulls { losses: x.f_clamp_min(0.0)?, active, gradients })
            }
        }
    }
}

/// ‖u − v + eps‖_p of each row, and its derivative to u.
struct Distance {
    length: Tensor,
    direction: Tensor,
}

impl Distance {
    fn between(u: &Tensor, v: &Tensor, options: &TripletMargin) -> Result<Self> {
        let difference = u.f_sub(v)?.f_add_scalar_(options.eps)?;
        let length = difference.f_norm_scalaropt_dim(options.p, [1i64].as_slice(), true)?;
        let scaled = difference.f_div(&length.f_clamp_min(1e-30)?)?;
        // sign(z) |z|^{p−1} / ‖z‖^{p−1}
        let direction = if options.p == 2.0 {
            scaled
        } else {
            scaled.f_sign()?.f_mul_(&scaled.f_abs()?.f_pow_tensor_scalar(options.p - 1.0)?)?
        };
        Ok(Self { length, direction })
    }
}
