//! An exponential moving average of a network's weights: a network of its own, which is judged and saved in place of the
//! one that is trained.

use crate::error::Result;
use crate::network::Network;
use crate::plan::{Ema, Net, Precision};
use npair_torch_ext::lerp;
use std::rc::Rc;
use tch::{Device, Tensor, no_grad_guard};

pub struct Average {
    options: Ema,
    network: Rc<Network>,
    /// Of `network` and of the one that it follows.
    averages: Vec<Tensor>,
    weights: Vec<Tensor>,
}

impl Average {
    /// Begins with the very weights of `network`, which `seed` has drawn for both.
    pub fn new(
        options: Ema,
        net: &Net,
        seed: u64,
        precision: Precision,
        device: Device,
        network: &Network,
    ) -> Result<Self> {
        let own = Network::with_precision(net, seed, precision, device)?;
        let tensors =
            |network: &Network| network.parameters().iter().map(|(_, tensor)| tensor.shallow_clone()).collect();
        Ok(Self { options, averages: tensors(&own), weights: tensors(network), network: Rc::new(own) })
    }

    pub fn network(&self) -> Rc<Network> {
        self.network.clone()
    }

    /// average ← d · average + (1 − d) · weight after step `step`; running statistics are copied. Nothing moves where `skip`
    /// (0-d float32) is 1.
    pub fn follow(&mut self, network: &Network, step: u32, skip: &Tensor) -> Result<()> {
        let _guard = no_grad_guard();
        let done = skip.f_neg()?.f_add_scalar(1.0)?;
        let share = done.f_to_kind(network.kind)?.f_mul_scalar(1.0 - self.options.decay(step))?;
        lerp(&self.averages, &self.weights, &share)?;
        // After a skipped step the statistics are what they were before it.
        self.network.statistics().set(&network.statistics().copy()?)
    }
}

impl Ema {
    /// d at step `step`, from 0.
    fn decay(&self, step: u32) -> f64 {
        let t = f64::from(step);
        if self.warmup { self.decay.min((1.0 + t) / (10.0 + t)) } else { self.decay }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_steps_count_more() {
        let warm = Ema { decay: 0.5, warmup: true };
        let got: Vec<f64> = [0, 2, 8, 1000].map(|step| warm.decay(step)).to_vec();
        assert_eq!(got, [0.1, 0.25, 0.5, 0.5]);
        assert_eq!(Ema { decay: 0.5, warmup: false }.decay(0), 0.5);
    }
}
