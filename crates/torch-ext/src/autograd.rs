use crate::error::{Result, check};
use crate::pointers;
use std::ffi::c_char;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn npair_backward(outputs: *const *mut C_tensor, gradients: *const *mut C_tensor, count: i64) -> *mut c_char;
    fn npair_clear_gradients(parameters: *const *mut C_tensor, count: i64) -> *mut c_char;
}

/// Backward from `output` with the gradient given (tch's own seeds ones): adds to `.grad` of every leaf.
pub fn backward(output: &Tensor, gradient: &Tensor) -> Result<()> {
    let outputs = [output.as_ptr().cast_mut()];
    let gradients = [gradient.as_ptr().cast_mut()];
    // SAFETY: both pointers are of live tensors, and the shim only reads the handles.
    check(unsafe { npair_backward(outputs.as_ptr(), gradients.as_ptr(), 1) })
}

/// Sets `.grad` of every parameter to none.
pub fn clear_gradients(parameters: &[Tensor]) -> Result<()> {
    let pointers = pointers(parameters);
    // SAFETY: pointers of live tensors.
    check(unsafe { npair_clear_gradients(pointers.as_ptr(), pointers.len() as i64) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    #[test]
    fn backward_uses_the_given_gradient() {
        let x = Tensor::from_slice(&[1.0f64, 2.0, 3.0]).set_requires_grad(true);
        let y = &x * &x;
        backward(&y, &Tensor::from_slice(&[1.0f64, 10.0, 100.0])).unwrap();
        assert_eq!(Vec::<f64>::try_from(x.grad()).unwrap(), [2.0, 40.0, 600.0]);
    }

    #[test]
    fn cleared_gradients_do_not_add_up() {
        let x = Tensor::ones([2], (Kind::Double, tch::Device::Cpu)).set_requires_grad(true);
        for _ in 0..2 {
            clear_gradients(&[x.shallow_clone()]).unwrap();
            backward(&(&x * 3.0), &Tensor::from_slice(&[1.0f64, 1.0])).unwrap();
        }
        assert_eq!(Vec::<f64>::try_from(x.grad()).unwrap(), [3.0, 3.0]);
    }

    #[test]
    fn errors_are_cut_at_the_first_line() {
        let x = Tensor::ones([2], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true);
        let error = backward(&(&x * 2.0), &Tensor::from_slice(&[1.0f32; 3])).unwrap_err();
        assert!(error.message.contains("hape") && !error.message.contains('\n'), "{}", error.message);
    }
}
