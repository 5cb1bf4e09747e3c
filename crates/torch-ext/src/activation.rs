use crate::error::{Result, check};
use std::ffi::c_char;
use std::ptr::null_mut;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn npair_leaky_relu(tensor: *mut C_tensor, slope: f64, result: *mut *mut C_tensor) -> *mut c_char;
    fn npair_leaky_relu_(tensor: *mut C_tensor, slope: f64) -> *mut c_char;
}

/// x where positive, slope · x elsewhere.
pub fn leaky_relu(tensor: &Tensor, slope: f64) -> Result<Tensor> {
    let mut result = null_mut();
    // SAFETY: a live tensor in; on success `result` is a new tensor that is ours.
    unsafe {
        check(npair_leaky_relu(tensor.as_ptr().cast_mut(), slope, &mut result))?;
        Ok(Tensor::from_ptr(result))
    }
}

/// The same over its input; backward refuses a negative slope.
pub fn leaky_relu_in_place(tensor: Tensor, slope: f64) -> Result<Tensor> {
    // SAFETY: a live tensor.
    check(unsafe { npair_leaky_relu_(tensor.as_ptr().cast_mut(), slope) })?;
    Ok(tensor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_and_gradient_with_a_slope() {
        for in_place in [false, true] {
            let x = Tensor::from_slice(&[-2.0f64, 0.0, 3.0]).set_requires_grad(true);
            let moved = &x * 1.0;
            let y = if in_place { leaky_relu_in_place(moved, 0.25) } else { leaky_relu(&moved, 0.25) }.unwrap();
            assert_eq!(Vec::<f64>::try_from(&y.detach()).unwrap(), [-0.5, 0.0, 3.0]);
            y.sum(tch::Kind::Double).backward();
            assert_eq!(Vec::<f64>::try_from(x.grad()).unwrap(), [0.25, 0.25, 1.0]);
        }
    }
}
