//! What a network's description becomes: layers with their tensors, and how each runs forward.

use crate::dropout;
use crate::error::Result;
use crate::mode::Mode;
use crate::plan::GlobalPool;
use npair_torch_ext::{channels_last, leaky_relu, leaky_relu_in_place};
use tch::Tensor;

pub(crate) enum Module {
    Conv {
        weight: Tensor,
        bias: Option<Tensor>,
        stride: [i64; 2],
        padding: [i64; 2],
        groups: i64,
    },
    BatchNorm {
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        variance: Tensor,
        momentum: f64,
        eps: f64,
    },
    InstanceNorm {
        eps: f64,
    },
    /// Overwrites its input where nothing else needs it any more.
    Relu {
        in_place: bool,
    },
    LeakyRelu {
        slope: f64,
        in_place: bool,
    },
    MaxPool {
        window: Window,
    },
    AvgPool {
        window: Window,
    },
    GlobalPool {
        mode: GlobalPool,
    },
    Flatten,
    Linear {
        weight: Tensor,
        bias: Option<Tensor>,
    },
    Dropout {
        p: f64,
        lane: u32,
    },
    Sequence(Vec<Module>),
}

pub(crate) struct Window {
    pub kernel: [i64; 2],
    pub stride: [i64; 2],
    pub padding: [i64; 2],
    pub ceil: bool,
}

pub(crate) fn run(modules: &[Module], mut xs: Tensor, mode: Mode) -> Result<Tensor> {
    for module in modules {
        xs = module.forward(xs, mode)?;
    }
    Ok(xs)
}

impl Module {
    /// Whether backward does without this layer's output, so that what follows may overwrite it.
    pub(crate) fn frees_output(&self) -> bool {
        matches!(
            self,
            Self::Conv { .. }
                | Self::BatchNorm { .. }
                | Self::Linear { .. }
                | Self::MaxPool { .. }
                | Self::AvgPool { .. }
        )
    }

    pub(crate) fn forward(&self, mut xs: Tensor, mode: Mode) -> Result<Tensor> {
        let training = matches!(mode, Mode::Train { .. });
        Ok(match self {
            Self::Conv { weight, bias, stride, padding, groups } => {
                xs.f_conv2d(weight, bias.as_ref(), stride, padding, [1, 1], *groups)?
            }
            Self::BatchNorm { weight, bias, mean, variance, momentum, eps } => {
                xs.f_batch_norm(Some(weight), Some(bias), Some(mean), Some(variance), training, *momentum, *eps, true)?
            }
            // It gives the default layout back, and the convolution after it wants the other.
            Self::InstanceNorm { eps } => channels_last(&instance_norm(&xs, *eps)?)?,
            Self::Relu { in_place: true } => xs.f_relu_()?,
            Self::Relu { in_place: false } => xs.f_relu()?,
            Self::LeakyRelu { slope, in_place: true } => leaky_relu_in_place(xs, *slope)?,
            Self::LeakyRelu { slope, in_place: false } => leaky_relu(&xs, *slope)?,
            Self::MaxPool { window: Window { kernel, stride, padding, ceil } } => {
                xs.f_max_pool2d(kernel, stride, padding, [1, 1], *ceil)?
            }
            Self::AvgPool { window: Window { kernel, stride, padding, ceil } } => {
                xs.f_avg_pool2d(kernel, stride, padding, *ceil, true, None)?
            }
            Self::GlobalPool { mode: GlobalPool::Avg } => xs.f_mean_dim([2i64, 3].as_slice(), false, None)?,
            Self::GlobalPool { mode: GlobalPool::Max } => xs.f_adaptive_max_pool2d([1, 1])?.0.f_flatten(1, -1)?,
            Self::Flatten => xs.f_flatten(1, -1)?,
            Self::Linear { weight, bias } => xs.f_linear(weight, bias.as_ref())?,
            Self::Dropout { p, lane } => match mode {
                Mode::Train { seed, step, first_row } if *p > 0.0 => {
                    xs.f_mul(&dropout::mask(&xs, *p, *lane, seed, step, first_row)?)?
                }
                _ => xs,
            },
            Self::Sequence(modules) => run(modules, xs, mode)?,
        })
    }
}

/// (x − mean)/√(variance + eps) over the positions of each image and channel.
fn instance_norm(xs: &Tensor, eps: f64) -> Result<Tensor> {
    let none: Option<&Tensor> = None;
    Ok(xs.f_instance_norm(none, none, none, none, true, 0.0, eps, true)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn instance_norm_is_its_formula_in_value_and_gradient() {
        let given = Tensor::randn([3, 2, 5, 4], (Kind::Double, Device::Cpu));
        let pull = Tensor::randn([3, 2, 5, 4], (Kind::Double, Device::Cpu));
        let own = given.copy().set_requires_grad(true);
        let got = Module::InstanceNorm { eps: 1e-3 }.forward(own.shallow_clone(), Mode::Evaluate).unwrap();
        (&got * &pull).sum(Kind::Double).backward();
        let plain = given.copy().set_requires_grad(true);
        let places = [2i64, 3];
        let centred = &plain - plain.mean_dim(places.as_slice(), true, None);
        let variance = centred.square().mean_dim(places.as_slice(), true, None);
        let expected = centred / (variance + 1e-3).sqrt();
        (&expected * &pull).sum(Kind::Double).backward();
        let off = |a: &Tensor, b: &Tensor| f64::try_from((a - b).abs().max()).unwrap();
        assert!(off(&got, &expected) < 1e-12);
        assert!(off(&own.grad(), &plain.grad()) < 1e-12);
    }
}
