use crate::error::{Result, check};
use crate::pointers;
use std::ffi::c_char;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn npair_fused_adam(
        decoupled: bool,
        parameters: *const *mut C_tensor,
        gradients: *const *mut C_tensor,
        averages: *const *mut C_tensor,
        squares: *const *mut C_tensor,
        steps: *const *mut C_tensor,
        count: i64,
        learning_rate: f64,
        beta1: f64,
        beta2: f64,
        weight_decay: f64,
        epsilon: f64,
        found_inf: *mut C_tensor,
    ) -> *mut c_char;
}

/// The tensors and numbers of one fused Adam or AdamW step; the five lists are parallel.
pub struct AdamStep<'a> {
    pub parameters: &'a [Tensor],
    pub gradients: &'a [Tensor],
    pub averages: &'a [Tensor],
    pub squares: &'a [Tensor],
    /// 0-d float32 tensors, already counted up for this step.
    pub steps: &'a [Tensor],
    pub learning_rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub weight_decay: f64,
    /// Weights shrink by learning rate × decay, as `AdamW` does; else the decay is added to the gradient, as `Adam` does.
    pub decoupled: bool,
    pub epsilon: f64,
    /// 0-d float32: 1 leaves parameters and averages untouched.
    pub found_inf: &'a Tensor,
}

/// `torch.optim.Adam(fused=True)` or `AdamW(fused=True)` for one step, in place.
pub fn fused_adam(step: &AdamStep) -> Result<()> {
    let lists = [step.parameters, step.gradients, step.averages, step.squares, step.steps].map(pointers);
    let count = lists[0].len();
    if lists.iter().any(|list| list.len() != count) {
        return Err(crate::TorchError::new("fused Adam needs five lists of the same length"));
    }
    // SAFETY: all pointers are of live tensors; the kernel's unchecked layout assumption is checked in the shim.
    check(unsafe {
        npair_fused_adam(
            step.decoupled,
            lists[0].as_ptr(),
            lists[1].as_ptr(),
            lists[2].as_ptr(),
            lists[3].as_ptr(),
            lists[4].as_ptr(),
            count as i64,
            step.learning_rate,
            step.beta1,
            step.beta2,
            step.weight_decay,
            step.epsilon,
            step.found_inf.as_ptr().cast_mut(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    const F32: (Kind, Device) = (Kind::Float, Device::Cpu);

    fn step(parameter: &Tensor, gradient: Tensor, weight_decay: f64, decoupled: bool, found: f64) -> Result<()> {
        let zeros = || [parameter.zeros_like()];
        fused_adam(&AdamStep {
            parameters: &[parameter.shallow_clone()],
            gradients: &[gradient],
            averages: &zeros(),
            squares: &zeros(),
            steps: &[Tensor::ones([], F32)],
            learning_rate: 0.1,
            beta1: 0.9,
            beta2: 0.999,
            weight_decay,
            decoupled,
            epsilon: 1e-8,
            found_inf: &Tensor::from(found).to_kind(Kind::Float),
        })
    }

    /// One step from zero state moves every element by the learning rate against the sign of its gradient; AdamW shrinks
    /// it by learning rate × decay as well.
    #[test]
    fn first_step_and_found_inf() {
        for (decoupled, found, expected) in
            [(false, 0.0, [0.9, 1.1]), (false, 1.0, [1.0, 1.0]), (true, 0.0, [0.85, 1.05]), (true, 1.0, [1.0, 1.0])]
        {
            let parameter = Tensor::ones([2], F32);
            step(&parameter, Tensor::from_slice(&[2.0f32, -3.0]), 0.5, decoupled, found).unwrap();
            let moved = Vec::<f64>::try_from(parameter.to_kind(Kind::Double)).unwrap();
            assert!(moved.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{decoupled} {moved:?}");
        }
    }

    #[test]
    fn a_gradient_in_another_layout_is_refused() {
        let parameter = Tensor::ones([2, 3, 2, 2], F32);
        let gradient = crate::channels_last(&parameter).unwrap();
        let error = step(&parameter, gradient, 0.0, false, 0.0).unwrap_err();
        assert!(error.message.contains("laid out differently"), "{}", error.message);
    }
}
