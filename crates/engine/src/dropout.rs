//! Dropout masks from a counter: tch's own take no generator, and could not draw a row alone.

use crate::error::Result;
use crate::random::{Purpose, Random};
use npair_torch_ext::upload;
use tch::Tensor;

/// 0 or 1/(1 − p) for every element of `xs` `[n, …]`; row `i` draws as row `first_row + i`, whatever batch it comes in.
/// `lane` tells the dropout layers of a network apart.
pub fn mask(xs: &Tensor, p: f64, lane: u32, seed: u64, step: u32, first_row: u32) -> Result<Tensor> {
    let size = xs.size();
    let per_row = size[1..].iter().product::<i64>() as usize;
    let threshold = (p * 2f64.powi(32)) as u64;
    let mut kept: Vec<u8> = Vec::with_capacity(per_row * size[0] as usize);
    for row in 0..size[0] as u32 {
        let mut random = Random::new(seed, Purpose::Dropout, step, first_row + row).lane(lane);
        kept.extend((0..per_row).map(|_| u8::from(u64::from(random.word()) >= threshold)));
    }
    let kept = upload(&Tensor::f_from_slice(&kept)?.f_reshape(&size)?, xs.device())?;
    Ok(kept.f_to_kind(xs.kind())?.f_mul_scalar_(1.0 / (1.0 - p))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    fn draw(rows: i64, p: f64, lane: u32, step: u32, first_row: u32) -> Tensor {
        mask(&Tensor::zeros([rows, 3, 40, 5], (Kind::Double, Device::Cpu)), p, lane, 11, step, first_row).unwrap()
    }

    /// The share of zeros is p and the mean is 1, within four standard deviations.
    #[test]
    fn drops_a_share_of_p_and_keeps_the_mean() {
        for p in [0.1, 0.5, 0.9] {
            let mask = draw(50, p, 1, 3, 0);
            let count = mask.numel() as f64;
            let dropped = f64::try_from(mask.eq(0.0).sum(Kind::Double)).unwrap() / count;
            assert!((dropped - p).abs() < 4.0 * (p * (1.0 - p) / count).sqrt(), "{p}: {dropped}");
            assert_eq!(f64::try_from(mask.max()).unwrap(), 1.0 / (1.0 - p));
        }
    }

    #[test]
    fn a_row_draws_alike_in_any_batch() {
        let whole = draw(6, 0.4, 1, 3, 0);
        assert!(whole.narrow(0, 0, 4).equal(&draw(4, 0.4, 1, 3, 0)));
        assert!(whole.narrow(0, 4, 2).equal(&draw(2, 0.4, 1, 3, 4)));
        assert!(!whole.get(0).equal(&whole.get(1)));
        assert!(!whole.equal(&draw(6, 0.4, 2, 3, 0)) && !whole.equal(&draw(6, 0.4, 1, 4, 0)));
    }
}
