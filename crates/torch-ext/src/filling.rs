use crate::error::Result;
use std::slice;
use tch::kind::Element;
use tch::{Device, Tensor};

/// A tensor on the CPU that is still being written, by whatever thread holds it: no operation of libtorch is needed to
/// fill it, and it lies in libtorch's own memory (which is aligned: the sums of some kernels depend on that).
pub struct Filling<T> {
    tensor: Tensor,
    /// Nobody else holds the tensor, and these are its numbers.
    values: *mut T,
    count: usize,
}

// SAFETY: the only handle of its tensor, and `values` points into that; a tensor may move to another thread.
unsafe impl<T: Send> Send for Filling<T> {}

impl<T: Element> Filling<T> {
    /// Zeros of this shape, row by row.
    pub fn new(shape: &[i64]) -> Result<Self> {
        let tensor = Tensor::f_zeros(shape, (T::KIND, Device::Cpu))?;
        let (values, count) = (tensor.data_ptr().cast::<T>(), tensor.numel());
        Ok(Self { tensor, values, count })
    }

    pub fn values(&mut self) -> &mut [T] {
        if self.count == 0 {
            return &mut [];
        }
        // SAFETY: a fresh contiguous tensor of `count` initialised numbers of this kind, and nobody else refers to it.
        unsafe { slice::from_raw_parts_mut(self.values, self.count) }
    }

    /// The tensor as it was filled.
    pub fn finish(self) -> Tensor {
        self.tensor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_thread_fills_it() {
        let mut filling = Filling::<f32>::new(&[2, 3]).unwrap();
        let filled = std::thread::spawn(move || {
            for (i, value) in filling.values().iter_mut().enumerate() {
                *value = i as f32;
            }
            filling
        });
        let tensor = filled.join().unwrap().finish();
        assert_eq!(tensor.size(), [2, 3]);
        assert_eq!(Vec::<f32>::try_from(tensor.flatten(0, -1)).unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn an_empty_one_holds_nothing() {
        assert!(Filling::<f64>::new(&[0, 3]).unwrap().values().is_empty());
    }
}
