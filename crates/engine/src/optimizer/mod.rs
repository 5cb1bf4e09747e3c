//! Optimisers over named parameters, with state that can be saved and clipping by norm; nothing here waits for the device.

mod adam;
mod sgd;

use crate::error::Result;
use crate::plan::{Optimizer as Options, Rule as RuleOptions};
use adam::Adam;
use npair_torch_ext::{add, norms, scale};
use sgd::Sgd;
use tch::{Kind, Tensor, no_grad_guard};

/// How parameters that share a weight decay move by their gradients.
trait Rule {
    /// One step in place; where `skip` (0-d float32) is 1, neither parameters nor the rule's own state change.
    fn step(&mut self, parameters: &[Tensor], gradients: &[Tensor], learning_rate: f64, skip: &Tensor) -> Result<()>;

    /// What resuming needs of one parameter, by the name that `torch.optim` has for it.
    fn state(&self, parameter: usize) -> Vec<(&'static str, Tensor)>;
}

pub struct Optimizer {
    clip_norm: f64,
    groups: [Group; 2],
}

struct Group {
    names: Vec<String>,
    parameters: Vec<Tensor>,
    rule: Box<dyn Rule>,
}

/// The gradients of a step, and their lengths before clipping; on the device, so that reading them can wait.
pub struct Gradients {
    groups: [Vec<Tensor>; 2],
    /// Euclidean norm of each, `[count]` in the order of `names`
    pub norms: Tensor,
    /// 0-d: Euclidean norm of all of them
    pub norm: Tensor,
}

impl Optimizer {
    /// Biases and the parameters of norms (everything of one dimension) are not decayed.
    pub fn new(options: &Options, parameters: &[(String, Tensor)]) -> Result<Self> {
        let group = |decayed: bool| -> Result<Group> {
            let chosen = || parameters.iter().filter(move |(_, tensor)| (tensor.dim() > 1) == decayed);
            let tensors: Vec<Tensor> = chosen().map(|(_, tensor)| tensor.shallow_clone()).collect();
            let weight_decay = if decayed { options.weight_decay } else { 0.0 };
            Ok(Group {
                names: chosen().map(|(name, _)| name.clone()).collect(),
                rule: match options.rule {
                    RuleOptions::Adam(ref betas) => Box::new(Adam::new(betas, false, weight_decay, &tensors)?),
                    RuleOptions::AdamW(ref betas) => Box::new(Adam::new(betas, true, weight_decay, &tensors)?),
                    RuleOptions::Sgd(ref options) => Box::new(Sgd::new(options, weight_decay, &tensors)?),
                },
                parameters: tensors,
            })
        };
        Ok(Self { clip_norm: options.clip_norm, groups: [group(true)?, group(false)?] })
    }

    /// What backward left.
    pub fn gradients(&self) -> Result<Gradients> {
        let [weights, biases] = self.groups.each_ref().map(Group::gradients);
        let groups = [weights?, biases?];
        let norms = norms(&all(&groups))?;
        Ok(Gradients { norm: norms.f_norm()?, groups, norms })
    }

    /// One step with gradients that it may clip in place; skipped where `skip` (0-d float32) is 1.
    pub fn step(&mut self, gradients: &Gradients, learning_rate: f64, skip: &Tensor) -> Result<()> {
        let _guard = no_grad_guard();
        if self.clip_norm > 0.0 {
            // torch.nn.utils.clip_grad_norm_
            let factor = gradients.norm.f_add_scalar(1e-6)?.f_reciprocal()?.f_mul_scalar(self.clip_norm)?;
            scale(&all(&gradients.groups), &factor.f_clamp_max(1.0)?)?;
        }
        for (group, gradients) in self.groups.iter_mut().zip(&gradients.groups) {
            if !group.parameters.is_empty() {
                group.rule.step(&group.parameters, gradients, learning_rate, skip)?;
            }
        }
        Ok(())
    }

    /// The parameters in the order in which a step takes them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| &group.names).map(String::as_str)
    }

    /// Everything that resuming needs, by name: `block1.conv.weight.exp_avg`, `….step`.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let parts = self.groups.iter().flat_map(|group| {
            group.names.iter().enumerate().flat_map(|(i, name)| {
                group.rule.state(i).into_iter().map(move |(part, tensor)| (format!("{name}.{part}"), tensor))
            })
        });
        parts.collect()
    }
}

impl Group {
    fn gradients(&self) -> Result<Vec<Tensor>> {
        self.parameters.iter().map(|parameter| Ok(parameter.f_grad()?)).collect()
    }
}

fn all(groups: &[Vec<Tensor>; 2]) -> Vec<Tensor> {
    groups.iter().flatten().map(Tensor::shallow_clone).collect()
}

/// A tensor of zeros for each parameter.
fn zeros(parameters: &[Tensor]) -> Result<Vec<Tensor>> {
    parameters.iter().map(|tensor| Ok(tensor.f_detach()?.f_zeros_like()?)).collect()
}

/// Counts the steps that were not skipped, one counter a parameter: 0-d float32, as fused kernels want them.
fn counters(parameters: &[Tensor]) -> Result<Vec<Tensor>> {
    parameters.iter().map(|tensor| Ok(Tensor::f_zeros([], (Kind::Float, tensor.device()))?)).collect()
}

/// Counts one up where a step is not skipped.
fn count(counters: &[Tensor], skip: &Tensor) -> Result<()> {
    Ok(add(counters, &skip.f_neg()?.f_add_scalar(1.0)?)?)
}
