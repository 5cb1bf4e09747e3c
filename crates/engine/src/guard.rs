//! Whether a step went wrong: numbers that are not finite, and where it is asked for signs of divergence before that. All on
//! the device: nobody waits for the answer.

use crate::error::Result;
use crate::loss::Labels;
use crate::plan::{Guard as Options, OnDivergence};
use npair_torch_ext::upload;
use std::collections::HashMap;
use tch::{Device, Kind, Tensor, no_grad_guard};

pub struct Guard {
    options: Option<Options>,
    /// [Σ of gradient norms, Σ of weights], both decaying: their quotient is the running mean from the first step on.
    mean: Tensor,
}

/// What a step showed, each 0-d float64.
pub struct Signs<'a> {
    pub loss: &'a Tensor,
    /// Mean length of the embeddings
    pub norm: &'a Tensor,
    /// Mean cosine between embeddings of different classes
    pub cosine: &'a Tensor,
    /// Of all parameters together
    pub gradient_norm: &'a Tensor,
}

pub struct Verdict {
    /// 0-d float32: 1 where the step must change nothing
    pub skip: Tensor,
    /// 0-d float32: 1 where no step after it must change anything either
    pub stop: Tensor,
    /// 0-d float64: 0 where all is well, else the place of the reason in `REASONS`
    pub reason: Tensor,
}

/// What TypeScript calls the reasons; of several the later one is told, but nothing goes before numbers that are not finite.
pub const REASONS: [&str; 5] = ["", "gradientSpike", "norm", "collapse", "notFinite"];

impl Guard {
    pub fn new(options: Option<Options>, device: Device) -> Result<Self> {
        Ok(Self { options, mean: Tensor::f_zeros([2], (Kind::Double, device))? })
    }

    /// Judges step `step`; `stopped` (0-d float32): 1 where a step before it ended the block.
    pub fn judge(&mut self, step: u32, signs: &Signs, stopped: &Tensor) -> Result<Verdict> {
        let _guard = no_grad_guard();
        let finite = signs.loss.f_isfinite()?.f_logical_and(&signs.gradient_norm.f_isfinite()?)?;
        let wrong = finite.f_logical_not()?.f_to_kind(Kind::Double)?.f_mul_scalar(4.0)?;
        let Some(options) = self.options else {
            let skip = stopped.f_maximum(&flag(&wrong)?)?;
            return Ok(Verdict { stop: skip.shallow_clone(), skip, reason: wrong });
        };
        let limit = self.mean.f_get(0)?.f_div(&self.mean.f_get(1)?)?.f_mul_scalar(options.gradient_spike)?;
        let mut reason = wrong;
        if step >= options.warmup {
            // Comparisons with NaN are false: no mean yet, or a batch without a second class.
            for (place, above) in [
                (3.0, signs.cosine.f_gt(options.max_cosine)?),
                (2.0, signs.norm.f_gt(options.max_norm)?),
                (1.0, signs.gradient_norm.f_gt_tensor(&limit)?),
            ] {
                reason = reason.f_maximum(&above.f_to_kind(Kind::Double)?.f_mul_scalar(place)?)?;
            }
        }
        let skip = stopped.f_maximum(&flag(&reason)?)?;
        let stop = if options.on_divergence == OnDivergence::Skip { stopped } else { &skip }.shallow_clone();
        self.remember(options, signs.gradient_norm, &limit, &finite, stopped)?;
        Ok(Verdict { skip, stop, reason })
    }

    /// A spike counts as the limit that it broke: the mean follows gradients that stay large, but not one that is. A gradient of
    /// 0 (a batch whose triplets all hold) says nothing of the length of others, and does not count: after a stretch of them
    /// every gradient would be a spike.
    fn remember(
        &mut self,
        options: Options,
        norm: &Tensor,
        limit: &Tensor,
        finite: &Tensor,
        stopped: &Tensor,
    ) -> Result<()> {
        let seen = norm.f_where_self(&norm.f_gt_tensor(limit)?.f_logical_not()?, limit)?;
        let seen = Tensor::f_stack(&[&seen, &seen.f_ones_like()?], 0)?;
        let mean = self.mean.f_mul_scalar(options.decay)?.f_add(&seen.f_mul_scalar(1.0 - options.decay)?)?;
        let counts = finite.f_logical_and(&stopped.f_eq(0.0)?)?.f_logical_and(&norm.f_gt(0.0)?)?;
        self.mean.f_copy_(&mean.f_where_self(&counts, &self.mean)?)?;
        Ok(())
    }

    /// What resuming needs.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let kept = self.options.is_some().then(|| ("guard.gradient_norm".to_string(), self.mean.shallow_clone()));
        kept.into_iter().collect()
    }
}

/// 1 where a reason is given, 0-d float32.
fn flag(reason: &Tensor) -> Result<Tensor> {
    Ok(reason.f_gt(0.0)?.f_to_kind(Kind::Float)?)
}

/// Mean cosine over all pairs of rows of different classes, 0-d float64, for `[rows, d]` embeddings; without labels they are N
/// anchors of N classes, then their positives. With u the rows at length 1 and c the sum of those of a class, the sum over
/// these ordered pairs is ‖Σ c‖² − Σ ‖c‖²: linear in the rows. NaN for one class.
pub fn mean_cosine(embeddings: &Tensor, labels: &Labels) -> Result<Tensor> {
    let _guard = no_grad_guard();
    let rows = embeddings.size()[0];
    let (places, counts) = places(labels, rows)?;
    let places = upload(&Tensor::f_from_slice(&places)?, embeddings.device())?;
    let embeddings = embeddings.f_to_kind(Kind::Double)?;
    let lengths = embeddings.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?;
    let units = embeddings.f_div(&lengths.f_clamp_min(1e-30)?)?;
    let classes = units.f_new_zeros([counts.len() as i64, units.size()[1]], (Kind::Double, units.device()))?;
    let classes = classes.f_index_add(0, &places, &units)?;
    let all = classes.f_sum_dim_intlist([0i64].as_slice(), false, None)?;
    let across = all.f_square()?.f_sum(None)?.f_sub(&classes.f_square()?.f_sum(None)?)?;
    let ordered = rows * rows - counts.iter().map(|count| count * count).sum::<i64>();
    // Rounding must not lift it over a limit of 1, which is to mean never.
    Ok(across.f_div_scalar(ordered as f64)?.f_clamp_max(1.0)?)
}

/// The class of each row, counted from 0 as they come, and the rows of each.
fn places(labels: &Labels, rows: i64) -> Result<(Vec<i64>, Vec<i64>)> {
    let pairs: Vec<i32>;
    let labels = match labels {
        Labels::One(labels) if labels.is_empty() => {
            pairs = (0..rows as i32 / 2).cycle().take(rows as usize).collect();
            &pairs
        }
        labels => labels.one(rows)?,
    };
    let (mut numbers, mut counts) = (HashMap::new(), vec![]);
    let place = |label: &i32| {
        let place = *numbers.entry(*label).or_insert(counts.len());
        counts.resize(counts.len().max(place + 1), 0);
        counts[place] += 1;
        place as i64
    };
    Ok((labels.iter().map(place).collect(), counts))
}
