use crate::error::{Result, check};
use crate::pointers;
use std::ffi::c_char;
use std::ptr::null_mut;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn npair_norms(tensors: *const *mut C_tensor, count: i64, norms: *mut *mut C_tensor) -> *mut c_char;
    fn npair_scale(tensors: *const *mut C_tensor, count: i64, factor: *mut C_tensor) -> *mut c_char;
    fn npair_add(tensors: *const *mut C_tensor, count: i64, summand: *mut C_tensor) -> *mut c_char;
    fn npair_lerp(
        tensors: *const *mut C_tensor,
        targets: *const *mut C_tensor,
        count: i64,
        share: *mut C_tensor,
    ) -> *mut c_char;
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

/// Adds the 0-d `summand` to every tensor, in place.
pub fn add(tensors: &[Tensor], summand: &Tensor) -> Result<()> {
    let pointers = pointers(tensors);
    // SAFETY: pointers of live tensors.
    check(unsafe { npair_add(pointers.as_ptr(), pointers.len() as i64, summand.as_ptr().cast_mut()) })
}

/// Moves every tensor the 0-d `share` (of the tensors' kind) of the way to its target, in place.
pub fn lerp(tensors: &[Tensor], targets: &[Tensor], share: &Tensor) -> Result<()> {
    if tensors.len() != targets.len() {
        return Err(crate::TorchError::new("every tensor needs a target"));
    }
    let (tensors, targets) = (pointers(tensors), pointers(targets));
    // SAFETY: pointers of live tensors, as many of the one as of the other.
    check(unsafe { npair_lerp(tensors.as_ptr(), targets.as_ptr(), tensors.len() as i64, share.as_ptr().cast_mut()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> [Tensor; 2] {
        [Tensor::from_slice(&[3.0f32, 4.0]), Tensor::from_slice(&[0.0f32])]
    }

    #[test]
    fn norms_scale_and_add() {
        let tensors = two();
        assert_eq!(Vec::<f32>::try_from(norms(&tensors).unwrap()).unwrap(), [5.0, 0.0]);
        scale(&tensors, &Tensor::from(0.5f32)).unwrap();
        assert_eq!(Vec::<f32>::try_from(&tensors[0]).unwrap(), [1.5, 2.0]);
        add(&tensors, &Tensor::from(0.25f32)).unwrap();
        assert_eq!(Vec::<f32>::try_from(&tensors[0]).unwrap(), [1.75, 2.25]);
    }

    #[test]
    fn a_share_of_the_way() {
        for (share, expected) in [(0.0f32, [3.0, 4.0]), (0.25, [4.0, 4.0]), (1.0, [7.0, 4.0])] {
            let tensors = two();
            lerp(&tensors, &[Tensor::from_slice(&[7.0f32, 4.0]), Tensor::from_slice(&[1.0f32])], &Tensor::from(share))
                .unwrap();
            assert_eq!(Vec::<f32>::try_from(&tensors[0]).unwrap(), expected);
            assert_eq!(f32::try_from(tensors[1].squeeze()).unwrap(), share);
        }
        assert!(lerp(&two(), &[], &Tensor::from(0.5f32)).is_err());
    }
}
