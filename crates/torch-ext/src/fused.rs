use crate::error::{Result, check};
use crate::pointers;
use std::ffi::c_char;
use std::ptr::null_mut;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn npair_fused_adam(
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
    fn npair_norms(tensors: *const *mut C_tensor, count: i64, norms: *mut *mut C_tensor) -> *mut c_char;
    fn npair_scale(tensors: *const *mut C_tensor, count: i64, factor: *mut C_tensor) -> *mut c_char;
}

/// The tensors and numbers of one fused Adam step; the five lists are parallel.
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
    /// L2, added to the gradient as `torch.optim.Adam` does.
    pub weight_decay: f64,
    pub epsilon: f64,
    /// 0-d float32: 1 leaves parameters and averages untouched.
    pub found_inf: &'a Tensor,
}

/// `torch.optim.Adam(fused=True)` for one step, in place.
pub fn fused_adam(step: &AdamStep) -> Result<()> {
    let lists = [step.parameters, step.gradients, step.averages, step.squares, step.steps].map(pointers);
    let count = lists[0].len();
    if lists.iter().any(|list| list.len() != count) {
        return Err(crate::TorchError::new("fused Adam needs five lists of the same length"));
    }
    // SAFETY: all pointers are of live tensors; the kernel's unchecked layout assumption is checked in the shim.
    check(unsafe {
        npair_fused_adam(
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

/// Euclidean norm of each tensor, `[count]`.
pub fn norms(tensors: &[Tensor]) -> Result<Tensor> {
    let pointers = pointers(tensors);
    let mut result = null_mut();
    // SAFETY: pointers of live tensors; on success `result` is a new tensor that is ours.
    unsafe {
        check(npair_norms(pointers.as_ptr(), pointers.len() as i64, &mut result))?;
        Ok(Tensor::from_ptr(result))
    }
}

/// Multiplies every tensor by the 0-d `factor`, in place.
pub fn scale(tensors: &[Tensor], factor: &Tensor) -> Result<()> {
    let pointers = pointers(tensors);
    // SAFETY: pointers of live tensors.
    check(unsafe { npair_scale(pointers.as_ptr(), pointers.len() as i64, factor.as_ptr().cast_mut()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    const F32: (Kind, Device) = (Kind::Float, Device::Cpu);

    /// One step from zero state moves every element by the learning rate against the sign of its gradient.
    #[test]
    fn first_adam_step_and_found_inf() {
        for (found, expected) in [(0.0, [0.9, 1.1]), (1.0, [1.0, 1.0])] {
            let parameter = Tensor::ones([2], F32);
            fused_adam(&AdamStep {
                parameters: &[parameter.shallow_clone()],
                gradients: &[Tensor::from_slice(&[2.0f32, -3.0])],
                averages: &[Tensor::zeros([2], F32)],
                squares: &[Tensor::zeros([2], F32)],
                steps: &[Tensor::ones([], F32)],
                learning_rate: 0.1,
                beta1: 0.9,
                beta2: 0.999,
                weight_decay: 0.0,
                epsilon: 1e-8,
                found_inf: &Tensor::from(found).to_kind(Kind::Float),
            })
            .unwrap();
            let moved = Vec::<f64>::try_from(parameter.to_kind(Kind::Double)).unwrap();
            assert!(moved.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{moved:?}");
        }
    }

    #[test]
    fn adam_refuses_a_gradient_in_another_layout() {
        let parameter = Tensor::ones([2, 3, 2, 2], F32);
        let gradient = crate::channels_last(&parameter).unwrap();
        let zeros = || [Tensor::zeros([2, 3, 2, 2], F32)];
        let error = fused_adam(&AdamStep {
            parameters: &[parameter.shallow_clone()],
            gradients: &[gradient],
            averages: &zeros(),
            squares: &zeros(),
            steps: &[Tensor::ones([], F32)],
            learning_rate: 0.1,
            beta1: 0.9,
            beta2: 0.999,
            weight_decay: 0.0,
            epsilon: 1e-8,
            found_inf: &Tensor::zeros([], F32),
        })
        .unwrap_err();
        assert!(error.message.contains("laid out differently"), "{}", error.message);
    }

    #[test]
    fn norms_and_scale() {
        let tensors = [Tensor::from_slice(&[3.0f32, 4.0]), Tensor::from_slice(&[0.0f32])];
        assert_eq!(Vec::<f32>::try_from(norms(&tensors).unwrap()).unwrap(), [5.0, 0.0]);
        scale(&tensors, &Tensor::from(0.5f32)).unwrap();
        assert_eq!(Vec::<f32>::try_from(&tensors[0]).unwrap(), [1.5, 2.0]);
    }
}
