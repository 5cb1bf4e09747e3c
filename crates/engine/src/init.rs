//! First weights, drawn from (seed, index of the parameter): independent of device, layout and thread count.

use crate::plan::Init;
use crate::random::{Purpose, Random};

/// What the two numbers of a weight `[out, in, …]` say: inputs and outputs per element of the kernel's output.
pub struct Fan {
    pub inputs: i64,
    pub outputs: i64,
}

impl Fan {
    pub fn of(shape: &[i64]) -> Self {
        let kernel: i64 = shape[2..].iter().product();
        Self { inputs: shape[1] * kernel, outputs: shape[0] * kernel }
    }
}

/// `count` numbers for parameter number `index` of a network with this seed.
pub fn weight(init: Init, fan: &Fan, count: usize, seed: u64, index: u32) -> Vec<f64> {
    let mut random = Random::new(seed, Purpose::Init, index, 0);
    match init {
        Init::Torch => {
            let bound = 1.0 / (fan.inputs as f64).sqrt();
            (0..count).map(|_| random.symmetric(bound)).collect()
        }
        Init::Kaiming => {
            let deviation = (2.0 / fan.inputs as f64).sqrt();
            (0..count).map(|_| random.normal() * deviation).collect()
        }
        Init::Xavier => {
            let bound = (6.0 / (fan.inputs + fan.outputs) as f64).sqrt();
            (0..count).map(|_| random.symmetric(bound)).collect()
        }
    }
}

/// The bias that goes with a weight of this fan.
pub fn bias(init: Init, fan: &Fan, count: usize, seed: u64, index: u32) -> Vec<f64> {
    match init {
        Init::Torch => weight(Init::Torch, fan, count, seed, index),
        Init::Kaiming | Init::Xavier => vec![0.0; count],
    }
}
