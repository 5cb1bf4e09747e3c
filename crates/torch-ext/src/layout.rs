use crate::error::{Result, check};
use std::ffi::c_char;
use std::ptr::null_mut;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn npair_channels_last(tensor: *mut C_tensor, result: *mut *mut C_tensor) -> *mut c_char;
}

/// `[n, c, h, w]` laid out as NHWC, also for one channel, where `contiguous()` would do nothing; a copy, unless it is
/// laid out so already.
pub fn channels_last(tensor: &Tensor) -> Result<Tensor> {
    if tensor.dim() != 4 {
        return Err(crate::TorchError::new(&format!("channels_last needs 4 dimensions, not {}", tensor.dim())));
    }
    let mut result = null_mut();
    // SAFETY: a live tensor in; on success `result` is a new tensor that is ours.
    unsafe {
        check(npair_channels_last(tensor.as_ptr().cast_mut(), &mut result))?;
        Ok(Tensor::from_ptr(result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn strides_say_nhwc_even_for_one_channel() {
        for channels in [1, 3] {
            let tensor = Tensor::arange(2 * channels * 20, (Kind::Float, Device::Cpu)).reshape([2, channels, 4, 5]);
            let copy = channels_last(&tensor).unwrap();
            assert_eq!(copy.stride(), [20 * channels, 1, 5 * channels, channels]);
            assert!(copy.equal(&tensor));
            assert_eq!(channels_last(&copy).unwrap().data_ptr(), copy.data_ptr(), "what is right is left");
        }
    }
}
