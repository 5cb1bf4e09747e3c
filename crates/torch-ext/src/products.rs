use crate::error::{Result, TorchError};
use tch::kind::Element;
use tch::{Device, Kind, Tensor};

/// Every product of a row of `a` with a row of `b`, both `[…, size]`: `[rows of a, rows of b]` into `into`, by libtorch's
/// float32 multiplication of matrices, on memory that stays the caller's.
pub fn products(a: &[f32], b: &[f32], size: usize, into: &mut [f32]) -> Result<()> {
    multiply(a, b, size, into, |a, b, into| Ok(a.f_matmul_out(into, b)?))
}

/// The same of bytes, in whole numbers: exact as long as size · 127² fits an i32. For rows of a single number libtorch 2.11
/// gives wrong products (`torch._int_mm` of `[27, 1]` and `[1, 40]`), so these are refused.
pub fn integer_products(a: &[i8], b: &[i8], size: usize, into: &mut [i32]) -> Result<()> {
    if size < 2 {
        return Err(TorchError::new("integer products need rows of at least 2 numbers"));
    }
    multiply(a, b, size, into, |a, b, into| Ok(a.f_internal_int_mm_out(into, b)?))
}

fn multiply<T: Element, P: Element>(
    a: &[T],
    b: &[T],
    size: usize,
    into: &mut [P],
    operation: impl FnOnce(&Tensor, &Tensor, &Tensor) -> Result<Tensor>,
) -> Result<()> {
    let rows = |of: &[T]| (size > 0 && of.len().is_multiple_of(size)).then(|| of.len() / size);
    let (Some(m), Some(n)) = (rows(a), rows(b)) else {
        return Err(TorchError::new(&format!("{} and {} numbers are no rows of {size}", a.len(), b.len())));
    };
    if into.len() != m * n {
        return Err(TorchError::new(&format!("{m} times {n} products do not fit {} places", into.len())));
    }
    if into.is_empty() {
        return Ok(());
    }
    let (a, b, into) = (a.as_ptr().cast(), b.as_ptr().cast(), into.as_mut_ptr().cast());
    // SAFETY: the tensors live no longer than the slices that they are views of, which hold as many numbers as the shapes say;
    // `into` is written through a pointer that was borrowed mutably.
    unsafe {
        let a = borrowed(a, [m, size], T::KIND)?;
        let b = borrowed(b, [n, size], T::KIND)?;
        let into = borrowed(into, [m, n], P::KIND)?;
        let _ = operation(&a, &b.f_tr()?, &into)?;
    }
    Ok(())
}

/// # Safety
///
/// `data` holds `rows · size` numbers of this kind for as long as the tensor lives.
unsafe fn borrowed(data: *const u8, [rows, size]: [usize; 2], kind: Kind) -> Result<Tensor> {
    let shape = [rows as i64, size as i64];
    // SAFETY: the caller's promise.
    Ok(unsafe { Tensor::f_from_blob(data, &shape, &[shape[1], 1], kind, Device::Cpu) }?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_times_rows() {
        let (a, b) = ([1.0, 2.0, 0.5, -1.0, 0.0, 3.0], [1.0, 1.0, 2.0, -3.0]);
        let mut into = [f32::NAN; 6];
        products(&a, &b, 2, &mut into).unwrap();
        assert_eq!(into, [3.0, -4.0, -0.5, 4.0, 3.0, -9.0]);
    }

    #[test]
    fn bytes_at_their_limits() {
        for (m, n, size) in [(1, 1, 2), (3, 1, 2), (1, 70, 3), (3, 5, 7), (27, 40, 2), (33, 20, 512)] {
            let byte = |i: usize| [127, -127, 5, 0, -64][i % 5];
            let a: Vec<i8> = (0..m * size).map(byte).collect();
            let b: Vec<i8> = (0..n * size).map(|i| byte(3 * i + i / 7)).collect();
            let mut into = vec![0; m * n];
            integer_products(&a, &b, size, &mut into).unwrap();
            for (i, &product) in into.iter().enumerate() {
                let rows = a[i / n * size..][..size].iter().zip(&b[i % n * size..][..size]);
                assert_eq!(product, rows.map(|(&a, &b)| i32::from(a) * i32::from(b)).sum::<i32>());
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(products(&[1.0; 6], &[1.0; 4], 2, &mut [0.0; 5]).is_err());
        assert!(products(&[1.0; 5], &[1.0; 4], 2, &mut [0.0; 4]).is_err());
        assert!(products(&[], &[], 0, &mut []).is_err());
        assert!(integer_products(&[1], &[1], 1, &mut [0]).is_err());
        products(&[], &[1.0; 4], 2, &mut []).unwrap();
    }
}
