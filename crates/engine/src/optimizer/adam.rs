//! Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), as `torch.optim` computes them.

use super::{Rule, count, counters, zeros};
use crate::error::Result;
use crate::plan::Betas;
use npair_torch_ext::{AdamStep, fused_adam};
use tch::Tensor;

pub struct Adam {
    betas: Betas,
    /// AdamW: weights shrink by themselves, and the averages know nothing of it.
    decoupled: bool,
    weight_decay: f64,
    averages: Vec<Tensor>,
    squares: Vec<Tensor>,
    steps: Vec<Tensor>,
}

impl Adam {
    pub fn new(betas: &Betas, decoupled: bool, weight_decay: f64, parameters: &[Tensor]) -> Result<Self> {
        let (averages, squares, steps) = (zeros(parameters)?, zeros(parameters)?, counters(parameters)?);
        Ok(Self { betas: *betas, decoupled, weight_decay, averages, squares, steps })
    }
}

impl Rule for Adam {
    fn step(&mut self, parameters: &[Tensor], gradients: &[Tensor], learning_rate: f64, skip: &Tensor) -> Result<()> {
        count(&self.steps, skip)?;
        let Betas { beta1, beta2, epsilon } = self.betas;
        Ok(fused_adam(&AdamStep {
            parameters,
            gradients,
            averages: &self.averages,
            squares: &self.squares,
            steps: &self.steps,
            learning_rate,
            beta1,
            beta2,
            weight_decay: self.weight_decay,
            decoupled: self.decoupled,
            epsilon,
            found_inf: skip,
        })?)
    }

    fn state(&self, parameter: usize) -> Vec<(&'static str, Tensor)> {
        let parts = [("exp_avg", &self.averages), ("exp_avg_sq", &self.squares), ("step", &self.steps)];
        parts.into_iter().map(|(name, tensors)| (name, tensors[parameter].shallow_clone())).collect()
    }
}
