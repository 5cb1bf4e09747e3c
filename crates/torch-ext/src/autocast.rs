use crate::error::{Result, check};
use std::ffi::c_char;
use std::marker::PhantomData;
use tch::Device;

unsafe extern "C" {
    fn npair_autocast_enter(cuda: bool, enabled: *mut bool, dtype: *mut i32) -> *mut c_char;
    fn npair_autocast_exit(cuda: bool, enabled: bool, dtype: i32);
}

/// While it lives, what this thread computes of a network on `device` runs in bfloat16 where that is safe: convolutions and
/// matrix products; weights stay float32 and are cast as they are used. Dropped, also by a panic, it leaves the thread as it
/// was and forgets the casts, which the next update of the weights makes stale.
#[must_use]
pub struct Autocast {
    cuda: bool,
    enabled: bool,
    dtype: i32,
    /// The state is the thread's own.
    _thread: PhantomData<*const ()>,
}

impl Autocast {
    pub fn bfloat16(device: Device) -> Result<Self> {
        let mut before = Self { cuda: device.is_cuda(), enabled: false, dtype: 0, _thread: PhantomData };
        // SAFETY: sets state of the calling thread and tells what it was through two live places. Where it fails nothing was
        // entered, so nothing must be left.
        let entered = check(unsafe { npair_autocast_enter(before.cuda, &mut before.enabled, &mut before.dtype) });
        match entered {
            Ok(()) => Ok(before),
            Err(error) => {
                std::mem::forget(before);
                Err(error)
            }
        }
    }
}

impl Drop for Autocast {
    fn drop(&mut self) {
        // SAFETY: restores what `bfloat16` found, on the same thread: the type cannot be sent to another.
        unsafe { npair_autocast_exit(self.cuda, self.enabled, self.dtype) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use tch::{Kind, Tensor, no_grad};

    fn product(weight: &Tensor) -> Tensor {
        Tensor::ones([2, 3], (Kind::Float, Device::Cpu)).linear(weight, None::<Tensor>)
    }

    fn weight() -> Tensor {
        Tensor::ones([4, 3], (Kind::Float, Device::Cpu)).set_requires_grad(true)
    }

    #[test]
    fn inside_bfloat16_outside_float32() {
        let weight = weight();
        {
            let _outer = Autocast::bfloat16(Device::Cpu).unwrap();
            {
                let _inner = Autocast::bfloat16(Device::Cpu).unwrap();
                assert_eq!(product(&weight).kind(), Kind::BFloat16);
            }
            assert_eq!(product(&weight).kind(), Kind::BFloat16, "an inner region ends by itself");
            let elsewhere = std::thread::spawn(|| product(&self::weight()).kind()).join().unwrap();
            assert_eq!(elsewhere, Kind::Float);
        }
        assert_eq!(product(&weight).kind(), Kind::Float);
    }

    #[test]
    fn a_panic_inside_leaves_nothing_behind() {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _guard = Autocast::bfloat16(Device::Cpu).unwrap();
            std::panic::resume_unwind(Box::new("inside"));
        }));
        assert!(result.is_err());
        assert_eq!(product(&weight()).kind(), Kind::Float);
    }

    /// A cast that was kept would give the old product once more.
    #[test]
    fn an_updated_weight_is_cast_anew() {
        let weight = weight();
        let run = || {
            let _guard = Autocast::bfloat16(Device::Cpu).unwrap();
            f64::try_from(product(&weight).max()).unwrap()
        };
        assert_eq!(run(), 3.0);
        let _ = no_grad(|| weight.shallow_clone().fill_(2.0));
        assert_eq!(run(), 6.0);
    }

    #[test]
    fn gradients_of_weights_are_float32() {
        let weight = weight();
        let product = {
            let _guard = Autocast::bfloat16(Device::Cpu).unwrap();
            product(&weight)
        };
        product.to_kind(Kind::Float).sum(Kind::Float).backward();
        assert_eq!(weight.grad().kind(), Kind::Float);
        assert_eq!(f64::try_from(weight.grad().max()).unwrap(), 2.0);
    }
}
