use crate::error::{Result, check};
use crate::pointers;
use std::ffi::c_char;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn npair_fused_sgd(
        parameters: *const *mut C_tensor,
        gradients: *const *mut C_tensor,
        buffers: *const *mut C_tensor,
        count: i64,
        learning_rate: f64,
        momentum: f64,
        dampening: f64,
        nesterov: bool,
        weight_decay: f64,
        found_inf: *mut C_tensor,
    ) -> *mut c_char;
}

/// The tensors and numbers of one fused SGD step; the three lists are parallel.
pub struct SgdStep<'a> {
    pub parameters: &'a [Tensor],
    pub gradients: &'a [Tensor],
    /// Zeros before the first step; without momentum they are not looked at.
    pub buffers: &'a [Tensor],
    pub learning_rate: f64,
    pub momentum: f64,
    pub dampening: f64,
    pub nesterov: bool,
    /// Added to the gradient.
    pub weight_decay: f64,
    /// 0-d float32: 1 leaves parameters and buffers untouched.
    pub found_inf: &'a Tensor,
}

/// `torch.optim.SGD(fused=True)` for one step, in place. torch's first step takes no dampening, and this one does, because
/// nobody on this side of the device knows whether steps before were skipped.
pub fn fused_sgd(step: &SgdStep) -> Result<()> {
    let lists = [step.parameters, step.gradients, step.buffers].map(pointers);
    let count = lists[0].len();
    if lists.iter().any(|list| list.len() != count) {
        return Err(crate::TorchError::new("fused SGD needs three lists of the same length"));
    }
    // SAFETY: all pointers are of live tensors; the kernel's unchecked layout assumption is checked in the shim.
    check(unsafe {
        npair_fused_sgd(
            lists[0].as_ptr(),
            lists[1].as_ptr(),
            lists[2].as_ptr(),
            count as i64,
            step.learning_rate,
            step.momentum,
            step.dampening,
            step.nesterov,
            step.weight_decay,
            step.found_inf.as_ptr().cast_mut(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    const F64: (Kind, Device) = (Kind::Double, Device::Cpu);

    /// Two steps with the same gradient 2, from 1: each number moves its own quantity by its own amount, so that no two of
    /// momentum, decay and learning rate could have changed places.
    #[test]
    fn two_steps_by_hand() {
        for found in [0.0, 1.0] {
            let (parameter, buffer) = (Tensor::ones([1], F64), Tensor::zeros([1], F64));
            for _ in 0..2 {
                fused_sgd(&SgdStep {
                    parameters: &[parameter.shallow_clone()],
                    gradients: &[Tensor::from_slice(&[2.0f64])],
                    buffers: &[buffer.shallow_clone()],
                    learning_rate: 0.1,
                    momentum: 0.5,
                    dampening: 0.25,
                    nesterov: false,
                    weight_decay: 0.01,
                    found_inf: &Tensor::from(found).to_kind(Kind::Float),
                })
                .unwrap();
            }
            let first = 0.75 * 2.01;
            let after = 1.0 - 0.1 * first;
            let second = 0.5 * first + 0.75 * (2.0 + 0.01 * after);
            let expected = if found > 0.0 { [1.0, 0.0] } else { [after - 0.1 * second, second] };
            let got = [&parameter, &buffer].map(|tensor| f64::try_from(tensor.squeeze()).unwrap());
            assert!(got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{got:?} {expected:?}");
        }
    }

    #[test]
    fn without_momentum_buffers_stay() {
        let (parameter, buffer) = (Tensor::ones([1], F64), Tensor::zeros([1], F64));
        fused_sgd(&SgdStep {
            parameters: &[parameter.shallow_clone()],
            gradients: &[Tensor::from_slice(&[2.0f64])],
            buffers: &[buffer.shallow_clone()],
            learning_rate: 0.1,
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            found_inf: &Tensor::zeros([], (Kind::Float, Device::Cpu)),
        })
        .unwrap();
        let got = [&parameter, &buffer].map(|tensor| f64::try_from(tensor.squeeze()).unwrap());
        assert_eq!(got, [0.8, 0.0]);
    }
}
