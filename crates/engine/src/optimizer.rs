//! Adam over named parameters, with state that can be saved, clipping by norm, and a guard that skips a step whose
//! gradient is not finite; nothing here waits for the device.

use crate::error::Result;
use crate::plan::Optimizer as Options;
use npair_torch_ext::{AdamStep, fused_adam, norms, scale};
use tch::{Kind, Tensor, no_grad_guard};

pub struct Adam {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    clip_norm: f64,
    groups: [Group; 2],
}

/// Parameters that share a weight decay, with their averages.
struct Group {
    weight_decay: f64,
    names: Vec<String>,
    parameters: Vec<Tensor>,
    averages: Vec<Tensor>,
    squares: Vec<Tensor>,
    /// 0-d float32 each, as the fused kernel wants them.
    steps: Vec<Tensor>,
}

/// What a step saw; tensors on the device, so that reading them can wait.
pub struct Stepped {
    /// Euclidean norm of each gradient before clipping, `[count]` in the order of `names`
    pub norms: Tensor,
    /// 0-d: Euclidean norm of all of them
    pub gradient_norm: Tensor,
    /// 0-d float32: 1 where the step was skipped
    pub skipped: Tensor,
}

impl Adam {
    /// Biases and the parameters of norms (everything of one dimension) are not decayed.
    pub fn new(options: &Options, parameters: &[(String, Tensor)]) -> Result<Self> {
        let Options::Adam { beta1, beta2, epsilon, weight_decay, clip_norm } = *options;
        let group = |decayed: bool, weight_decay: f64| -> Result<Group> {
            let chosen = || parameters.iter().filter(move |(_, tensor)| (tensor.dim() > 1) == decayed);
            let zeros =
                || chosen().map(|(_, tensor)| Ok(tensor.f_detach()?.f_zeros_like()?)).collect::<Result<Vec<_>>>();
            Ok(Group {
                weight_decay,
                names: chosen().map(|(name, _)| name.clone()).collect(),
                parameters: chosen().map(|(_, tensor)| tensor.shallow_clone()).collect(),
                averages: zeros()?,
                squares: zeros()?,
                steps: chosen()
                    .map(|(_, tensor)| Ok(Tensor::f_zeros([], (Kind::Float, tensor.device()))?))
                    .collect::<Result<_>>()?,
            })
        };
        Ok(Self { beta1, beta2, epsilon, clip_norm, groups: [group(true, weight_decay)?, group(false, 0.0)?] })
    }

    /// One step with the gradients that backward left; skipped where `stopped` (0-d float32) is 1 or a gradient is not finite.
    pub fn step(&mut self, learning_rate: f64, stopped: &Tensor) -> Result<Stepped> {
        let _guard = no_grad_guard();
        let gradients = self.groups.each_ref().map(Group::gradients);
        let [weights, biases] = gradients;
        let gradients = [weights?, biases?];
        let all: Vec<Tensor> = gradients.iter().flatten().map(Tensor::shallow_clone).collect();
        let norms = norms(&all)?;
        let gradient_norm = norms.f_norm()?;
        let finite = gradient_norm.f_isfinite()?.f_to_kind(Kind::Float)?;
        let skipped = stopped.f_maximum(&finite.f_neg()?.f_add_scalar(1.0)?)?;
        if self.clip_norm > 0.0 {
            // torch.nn.utils.clip_grad_norm_
            let factor = gradient_norm.f_add_scalar(1e-6)?.f_reciprocal()?.f_mul_scalar(self.clip_norm)?;
            scale(&all, &factor.f_clamp_max(1.0)?)?;
        }
        let counted = skipped.f_neg()?.f_add_scalar(1.0)?;
        for (group, gradients) in self.groups.iter_mut().zip(&gradients) {
            if group.parameters.is_empty() {
                continue;
            }
            for step in &mut group.steps {
                let _ = step.f_add_(&counted)?;
            }
            fused_adam(&AdamStep {
                parameters: &group.parameters,
                gradients,
                averages: &group.averages,
                squares: &group.squares,
                steps: &group.steps,
                learning_rate,
                beta1: self.beta1,
                beta2: self.beta2,
                weight_decay: group.weight_decay,
                epsilon: self.epsilon,
                found_inf: &skipped,
            })?;
        }
        Ok(Stepped { norms, gradient_norm, skipped })
    }

    /// The parameters in the order in which a step takes them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| &group.names).map(String::as_str)
    }

    /// Everything that resuming needs, by name: `block1.conv.weight.exp_avg`, `….exp_avg_sq`, `….step`.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let mut state = vec![];
        for group in &self.groups {
            for (i, name) in group.names.iter().enumerate() {
                state.push((format!("{name}.exp_avg"), group.averages[i].shallow_clone()));
                state.push((format!("{name}.exp_avg_sq"), group.squares[i].shallow_clone()));
                state.push((format!("{name}.step"), group.steps[i].shallow_clone()));
            }
        }
        state
    }
}

impl Group {
    fn gradients(&self) -> Result<Vec<Tensor>> {
        self.parameters.iter().map(|parameter| Ok(parameter.f_grad()?)).collect()
    }
}
