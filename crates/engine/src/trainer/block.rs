//! What a block of steps reports: read from the device once, at its end.

use super::Trainer;
use crate::error::Result;
use crate::guard::REASONS;
use tch::{Kind, Tensor};

/// What a block of k steps reports; every list has k numbers, NaN after a step that ended it.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub losses: Vec<f64>,
    pub l2: Vec<f64>,
    /// mean ‖f‖ over the embeddings
    pub norms: Vec<f64>,
    pub gradient_norms: Vec<f64>,
    /// Mean cosine between embeddings of different classes; empty without a guard.
    pub cosines: Vec<f64>,
    /// Why each step changed no weight, as `guard::REASONS` names it; empty where it was good.
    pub reasons: Vec<&'static str>,
    /// Index of the step that ended the block; it and all after it changed no weight.
    pub first_bad: Option<usize>,
    /// What was not finite there, if that is the reason.
    pub culprit: String,
}

/// What one step reports, on the device.
pub(super) struct Record {
    /// [loss, l2, mean norm, gradient norm, mean cosine, reason, stop]
    pub numbers: Tensor,
    /// As the optimiser orders them
    pub gradient_norms: Tensor,
    /// 0-d float32: 1 where the block has ended
    pub stop: Tensor,
}

impl Trainer {
    /// One wait for the device, at the end of the block.
    pub(super) fn report(&self, records: &[Record], k: usize) -> Result<Block> {
        let mut block = read(records, k)?;
        if self.plan.guard.is_none() {
            block.cosines.clear();
        }
        if let Some(bad) = block.first_bad.filter(|&bad| block.reasons[bad] == "notFinite") {
            block.culprit = self.culprit(block.losses[bad].is_finite(), &records[bad].gradient_norms)?;
        }
        Ok(block)
    }

    /// Names what is not finite after a bad step: a weight, else the loss, else the gradient where it began: backward comes
    /// to the last layer first.
    fn culprit(&self, loss_is_finite: bool, gradient_norms: &Tensor) -> Result<String> {
        let own = self.loss_parameters.iter().map(|(name, tensor)| (name.as_str(), tensor));
        for (name, tensor) in self.network.state().chain(own) {
            if !bool::try_from(tensor.f_isfinite()?.f_all()?)? {
                return Ok(name.into());
            }
        }
        if !loss_is_finite {
            return Ok("the loss".into());
        }
        let norms = Vec::<f64>::try_from(gradient_norms.f_to_kind(Kind::Double)?)?;
        let bad: Vec<&str> =
            self.optimizer.names().zip(norms).filter(|(_, norm)| !norm.is_finite()).map(|(name, _)| name).collect();
        let named = self.network.parameters().iter().chain(&self.loss_parameters);
        let last = named.rev().find(|(name, _)| bad.contains(&name.as_str()));
        // Finite one by one, their squares overflow together.
        Ok(last.map_or_else(|| "the norm of all gradients".into(), |(name, _)| format!("the gradient of {name}")))
    }
}

fn read(records: &[Record], k: usize) -> Result<Block> {
    let numbers: Vec<&Tensor> = records.iter().map(|record| &record.numbers).collect();
    let table = Vec::<Vec<f64>>::try_from(Tensor::f_stack(&numbers, 0)?)?;
    let first_bad = table.iter().position(|row| row[6] > 0.0);
    // The step that ended the block is reported as it was; what came after it never happened.
    let told = first_bad.map_or(table.len(), |bad| bad + 1);
    let column = |index: usize| (0..k).map(|i| if i < told { table[i][index] } else { f64::NAN }).collect();
    Ok(Block {
        losses: column(0),
        l2: column(1),
        norms: column(2),
        gradient_norms: column(3),
        cosines: column(4),
        reasons: (0..k).map(|i| if i < told { REASONS[table[i][5] as usize] } else { "" }).collect(),
        first_bad,
        culprit: String::new(),
    })
}
