//! One step: from its batches over the loss back to the gradients, and what they move. Nothing of it waits for the device.

use super::Trainer;
use super::block::Record;
use crate::error::Result;
use crate::guard::{self, Signs};
use crate::loss::{Batch, Evaluated, Labels};
use crate::passes::{NextImages, Passes};
use npair_torch_ext::{backward, clear_gradients};
use tch::{Kind, Tensor};

impl Trainer {
    /// One step; what it reports stays on the device.
    pub(super) fn step(
        &mut self,
        step: u32,
        batches: &[Passes],
        next_images: NextImages,
        next_labels: &mut dyn FnMut() -> Labels,
        learning_rate: f64,
        stopped: &Tensor,
    ) -> Result<Record> {
        let statistics = self.network.statistics().copy()?;
        clear_gradients(&self.parameters)?;
        let mut seen =
            batches.iter().map(|passes| self.batch(passes, next_images, &next_labels())).collect::<Result<Vec<_>>>()?;
        let seen = if seen.len() == 1 { seen.remove(0) } else { mean_of(&seen)? };
        self.update(step, &seen, &statistics, learning_rate, stopped)
    }

    /// Adds to the gradients its share of those of a batch of a step; gives [loss, l2, mean norm, mean cosine].
    fn batch(&mut self, passes: &Passes, next_images: NextImages, labels: &Labels) -> Result<Tensor> {
        let embeddings = passes.embed(&self.network, next_images)?;
        let parameters: Vec<Tensor> = self.loss_parameters.iter().map(|(_, tensor)| tensor.shallow_clone()).collect();
        let detached = embeddings.f_detach()?;
        let rows = passes.rows();
        let evaluated =
            self.plan.loss.evaluate(&Batch { embeddings: &detached, labels, parameters: &parameters, rows })?;
        self.pull(passes, next_images, &embeddings, labels, &evaluated)
    }

    /// From a loss back to the gradients; gives [loss, l2, mean norm, mean cosine].
    pub(super) fn pull(
        &mut self,
        passes: &Passes,
        next_images: NextImages,
        embeddings: &Tensor,
        labels: &Labels,
        evaluated: &Evaluated,
    ) -> Result<Tensor> {
        let share = |gradient: &Tensor| match self.plan.accumulate {
            1 => Ok(gradient.shallow_clone()),
            k => gradient.f_div_scalar(k as f64),
        };
        passes.backward(&self.network, next_images, embeddings, &share(&evaluated.gradient)?)?;
        for ((_, parameter), gradient) in self.loss_parameters.iter().zip(&evaluated.parameters) {
            // A leaf: its gradient is what it is given.
            backward(parameter, &share(gradient)?)?;
        }
        let detached = embeddings.f_detach()?;
        let l2 = evaluated.terms.iter().find(|(name, _)| *name == "l2").map(|(_, value)| value.shallow_clone());
        let l2 = l2.map_or_else(|| evaluated.loss.f_zeros_like(), Ok)?;
        let norm = detached.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), false)?.f_mean(None)?;
        let cosine = match self.plan.guard {
            Some(_) => guard::mean_cosine(&detached, labels)?,
            None => norm.f_full_like(f64::NAN)?,
        };
        if let Some(means) = &mut self.class_means {
            means.note(&detached, labels);
        }
        let numbers = [&evaluated.loss, &l2, &norm, &cosine];
        let numbers = numbers.iter().map(|t| Ok(t.f_to_kind(Kind::Double)?)).collect::<Result<Vec<_>>>()?;
        Ok(Tensor::f_stack(&numbers, 0)?)
    }

    /// The end of a step: with the gradients there, judges it and moves what is to move.
    pub(super) fn update(
        &mut self,
        step: u32,
        seen: &Tensor,
        statistics: &Tensor,
        learning_rate: f64,
        stopped: &Tensor,
    ) -> Result<Record> {
        let [loss, l2, norm, cosine] = [0, 1, 2, 3].map(|i| seen.f_get(i));
        let (loss, l2, norm, cosine) = (loss?, l2?, norm?, cosine?);
        let gradients = self.optimizer.gradients()?;
        let gradient_norm = gradients.norm.f_to_kind(Kind::Double)?;
        let signs = Signs { loss: &loss, norm: &norm, cosine: &cosine, gradient_norm: &gradient_norm };
        let verdict = self.guard.judge(step, &signs, stopped)?;
        self.optimizer.step(&gradients, learning_rate, &verdict.skip)?;
        self.network.statistics().restore(statistics, &verdict.skip)?;
        if let Some(average) = &mut self.average {
            average.follow(&self.network, step, &verdict.skip)?;
        }
        if let Some(means) = &mut self.class_means {
            means.follow(&verdict.skip)?;
        }
        let stop = verdict.stop.f_to_kind(Kind::Double)?;
        let numbers = Tensor::f_stack(&[&loss, &l2, &norm, &gradient_norm, &cosine, &verdict.reason, &stop], 0)?;
        Ok(Record { numbers, gradient_norms: gradients.norms, stop: verdict.stop })
    }
}

/// The mean over the batches of a step.
fn mean_of(seen: &[Tensor]) -> Result<Tensor> {
    Ok(Tensor::f_stack(seen, 0)?.f_mean_dim([0i64].as_slice(), false, None)?)
}
