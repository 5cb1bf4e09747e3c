//! Stochastic gradient descent with momentum, as `torch.optim.SGD` computes it.

use super::{Rule, count, counters, zeros};
use crate::error::Result;
use crate::plan::Sgd as Options;
use npair_torch_ext::{SgdStep, fused_sgd};
use tch::Tensor;

pub struct Sgd {
    options: Options,
    weight_decay: f64,
    /// Empty without momentum.
    buffers: Vec<Tensor>,
    steps: Vec<Tensor>,
}

impl Sgd {
    pub fn new(options: &Options, weight_decay: f64, parameters: &[Tensor]) -> Result<Self> {
        let buffers = if options.momentum > 0.0 { zeros(parameters)? } else { vec![] };
        Ok(Self { options: *options, weight_decay, buffers, steps: counters(parameters)? })
    }

    /// torch's first step takes the gradient into the buffer whole, also with dampening d. The kernel is about to make
    /// μ·buffer + (1 − d)·gradient of it, so a buffer of d/μ·gradient gives the same; whether it is the first step that is
    /// not skipped, the device alone knows.
    fn undampen_first(&mut self, parameters: &[Tensor], gradients: &[Tensor], skip: &Tensor) -> Result<()> {
        let factor = self.options.dampening / self.options.momentum;
        for (i, buffer) in self.buffers.iter_mut().enumerate() {
            let gradient = gradients[i].f_add(&parameters[i].f_mul_scalar(self.weight_decay)?)?;
            let first = self.steps[i].f_eq(0.0)?.f_logical_and(&skip.f_eq(0.0)?)?;
            buffer.f_copy_(&gradient.f_mul_scalar(factor)?.f_where_self(&first, buffer)?)?;
        }
        Ok(())
    }
}

impl Rule for Sgd {
    fn step(&mut self, parameters: &[Tensor], gradients: &[Tensor], learning_rate: f64, skip: &Tensor) -> Result<()> {
        let Options { momentum, dampening, nesterov } = self.options;
        if dampening > 0.0 && momentum > 0.0 {
            self.undampen_first(parameters, gradients, skip)?;
        }
        count(&self.steps, skip)?;
        let buffers = if momentum > 0.0 { &self.buffers } else { parameters };
        Ok(fused_sgd(&SgdStep {
            parameters,
            gradients,
            buffers,
            learning_rate,
            momentum,
            dampening,
            nesterov,
            weight_decay: self.weight_decay,
            found_inf: skip,
        })?)
    }

    fn state(&self, parameter: usize) -> Vec<(&'static str, Tensor)> {
        let buffer = self.buffers.get(parameter).map(|buffer| ("momentum_buffer", buffer.shallow_clone()));
        buffer.into_iter().chain([("step", self.steps[parameter].shallow_clone())]).collect()
    }
}
