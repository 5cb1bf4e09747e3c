//! A step in two halves, between which somebody else computes the loss.

use super::Trainer;
use super::block::Block;
use crate::error::{Code, Error, Result};
use crate::feed::{Feed, Images};
use crate::loss::{Evaluated, Labels};
use npair_torch_ext::clear_gradients;
use tch::{Kind, Tensor};

/// What the first half of a step leaves for the second.
pub(super) struct Pending {
    step: u32,
    images: Vec<i32>,
    embeddings: Tensor,
    labels: Labels,
    /// Running statistics as they were before
    statistics: Tensor,
}

impl Trainer {
    /// The first half of a step whose loss somebody else computes: `[rows, d]` embeddings. A step begun before and not ended
    /// is given up.
    pub fn forward(&mut self, step: u32, images: &[i32], labels: &[i32]) -> Result<Vec<f64>> {
        self.give_up()?;
        if self.plan.accumulate != 1 {
            return Err(Error::new(Code::InvalidOption, "a step in two halves has one batch"));
        }
        self.check(step, images, labels, &[0.0])?;
        let (plan, pack, resident) = (self.plan.clone(), self.pack.clone(), self.resident.clone());
        let feed = Feed { images: Images::Pack(&pack), resident: resident.as_deref(), recipe: self.recipe(&plan) };
        let passes = plan.passes(step, 0, images, labels);
        let statistics = self.network.statistics().copy()?;
        let embeddings = feed.batches(passes.first(), |next_images| passes.embed(&self.network, next_images))?;
        let labels = Labels::One(labels.to_vec());
        self.pending = Some(Pending { step, images: images.to_vec(), embeddings, labels, statistics });
        let Some(Pending { embeddings, .. }) = &self.pending else { return Ok(vec![]) };
        let embeddings = embeddings.f_detach()?.f_to_kind(Kind::Double)?.f_contiguous()?;
        Ok(Vec::try_from(embeddings.f_view(-1)?)?)
    }

    /// The second half: with the loss, its penalty (a part of it, only reported) and ∂loss/∂embeddings.
    pub fn backward(&mut self, loss: f64, l2: f64, gradient: &[f64], learning_rate: f64) -> Result<Block> {
        let Some(pending) = self.pending.take() else {
            return Err(Error::new(Code::InvalidOption, "backward comes after forward, and once"));
        };
        let (size, device) = (pending.embeddings.size(), self.network.device);
        let right = learning_rate.is_finite() && learning_rate >= 0.0;
        let wrong = match (gradient.len() as i64 == size.iter().product::<i64>(), right) {
            (false, _) => Some(format!("{size:?} embeddings do not have {} gradients", gradient.len())),
            (_, false) => Some(format!("{learning_rate} is no learning rate")),
            _ => None,
        };
        if let Some(text) = wrong {
            self.pending = Some(pending);
            self.give_up()?;
            return Err(Error::new(Code::InvalidOption, text));
        }
        let tensor = |values: &[f64], size: &[i64]| -> Result<Tensor> {
            Ok(Tensor::f_from_slice(values)?.f_reshape(size)?.f_to_kind(self.network.kind)?.f_to_device(device)?)
        };
        let evaluated = Evaluated {
            loss: tensor(&[loss], &[])?,
            terms: vec![("l2", tensor(&[l2], &[])?)],
            gradient: tensor(gradient, &size)?,
            parameters: vec![],
        };
        clear_gradients(&self.parameters)?;
        let (plan, pack, resident) = (self.plan.clone(), self.pack.clone(), self.resident.clone());
        let feed = Feed { images: Images::Pack(&pack), resident: resident.as_deref(), recipe: self.recipe(&plan) };
        let labels = if let Labels::One(labels) = &pending.labels { labels.as_slice() } else { &[] };
        let passes = plan.passes(pending.step, 0, &pending.images, labels);
        let seen = feed.batches(passes.second(), |next_images| {
            self.pull(&passes, next_images, &pending.embeddings, &pending.labels, &evaluated)
        })?;
        let going = Tensor::f_zeros([], (Kind::Float, device))?;
        let record = self.update(pending.step, &seen, &pending.statistics, learning_rate, &going)?;
        self.report(&[record], 1)
    }

    /// Ends a step that was begun and not finished as if it had never been: the running statistics are what they were.
    pub fn give_up(&mut self) -> Result<()> {
        if let Some(means) = &mut self.class_means {
            means.give_up();
        }
        if let Some(pending) = self.pending.take() {
            self.network.statistics().set(&pending.statistics)?;
        }
        Ok(())
    }
}
