//! A training run's tensors: network, optimiser, and blocks of steps that never wait for the device.

use crate::augment::Rows;
use crate::batch::Recipe;
use crate::error::{Code, Error, Result};
use crate::network::{Mode, Network};
use crate::optimizer::Adam;
use crate::pack::Pack;
use crate::plan::TrainPlan;
use crate::weights;
use npair_torch_ext::{backward, clear_gradients};
use std::path::Path;
use std::rc::Rc;
use tch::{Kind, Tensor};

pub struct Trainer {
    plan: TrainPlan,
    network: Rc<Network>,
    optimizer: Adam,
    parameters: Vec<Tensor>,
    pack: Rc<Pack>,
}

/// What a block of k steps reports; every list has k numbers, NaN after the first bad step.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub losses: Vec<f64>,
    pub l2: Vec<f64>,
    /// mean ‖f‖ over the 2N embeddings
    pub norms: Vec<f64>,
    pub gradient_norms: Vec<f64>,
    /// Index of the first step whose loss or gradient is not finite; it and all after it changed no weight.
    pub first_bad: Option<usize>,
    /// What was not finite there.
    pub culprit: String,
}

impl Trainer {
    pub fn new(plan: TrainPlan, pack: Rc<Pack>) -> Result<Self> {
        let (kind, device) = (plan.precision.kind(), plan.device.device());
        let network = Network::build(&plan.net, plan.seed, kind, device)?;
        let optimizer = Adam::new(&plan.optimizer, network.parameters())?;
        let parameters = network.parameters().iter().map(|(_, tensor)| tensor.shallow_clone()).collect();
        Ok(Self { plan, network: Rc::new(network), optimizer, parameters, pack })
    }

    pub fn network(&self) -> Rc<Network> {
        self.network.clone()
    }

    pub fn plan(&self) -> &TrainPlan {
        &self.plan
    }

    /// k steps from `first_step` on: `images` holds for each step N anchors, then their N positives.
    pub fn steps(&mut self, first_step: u32, images: &[i32], learning_rates: &[f64]) -> Result<Block> {
        let (k, rows) = (learning_rates.len(), 2 * self.plan.pairs);
        if k == 0 || images.len() != k * rows {
            let text = format!("{k} steps of {rows} images need {} indices, not {}", k * rows, images.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let device = self.network.device;
        let mut stopped = Tensor::f_zeros([], (Kind::Float, device))?;
        let mut records = Vec::with_capacity(k);
        for (i, (ids, &learning_rate)) in images.chunks(rows).zip(learning_rates).enumerate() {
            let (record, skipped) = self.step(first_step + i as u32, ids, learning_rate, &stopped)?;
            records.push(record);
            stopped = skipped;
            // On the CPU reading costs nothing, and no further batch need be wasted.
            if !device.is_cuda() && f64::try_from(&stopped)? > 0.0 {
                break;
            }
        }
        let mut block = read(&records, k)?;
        if block.first_bad.is_some() {
            block.culprit = self.culprit()?;
        }
        Ok(block)
    }

    /// One step; returns [loss, l2, mean norm, gradient norm, skipped] on the device, and the last of them alone.
    fn step(&mut self, step: u32, ids: &[i32], learning_rate: f64, stopped: &Tensor) -> Result<(Tensor, Tensor)> {
        let seed = self.plan.seed;
        let recipe = Recipe {
            preprocess: &self.plan.preprocess,
            augment: Some((&self.plan.augment, Rows { seed, step, first_row: 0 })),
            input: self.network.input,
            kind: self.network.kind,
            device: self.network.device,
        };
        let batch = recipe.batch(&self.pack.gather(ids)?, self.pack.image_shape())?;
        let embeddings = self.network.forward(&batch, Mode::Train { seed, step, first_row: 0 })?;
        let detached = embeddings.f_detach()?;
        let evaluated = self.plan.loss.evaluate(&detached)?;
        clear_gradients(&self.parameters)?;
        backward(&embeddings, &evaluated.gradient)?;
        let finite = evaluated.loss.f_isfinite()?.f_to_kind(Kind::Float)?;
        let stopped = stopped.f_maximum(&finite.f_neg()?.f_add_scalar(1.0)?)?;
        let stepped = self.optimizer.step(learning_rate, &stopped)?;
        let l2 = evaluated.terms.iter().find(|(name, _)| *name == "l2").map(|(_, value)| value.shallow_clone());
        let l2 = l2.map_or_else(|| evaluated.loss.f_zeros_like(), Ok)?;
        let norm = detached.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), false)?.f_mean(None)?;
        let numbers = [&evaluated.loss, &l2, &norm, &stepped.gradient_norm, &stepped.skipped];
        let numbers: Vec<Tensor> =
            numbers.into_iter().map(|t| Ok(t.f_to_kind(Kind::Double)?)).collect::<Result<_>>()?;
        Ok((Tensor::f_stack(&numbers, 0)?, stepped.skipped))
    }

    /// Names what is not finite after a bad step: a weight, else the first gradient in the order of the layers.
    fn culprit(&self) -> Result<String> {
        let bad = |tensor: &Tensor| -> Result<bool> { Ok(!bool::try_from(tensor.f_isfinite()?.f_all()?)?) };
        for (name, tensor) in self.network.state() {
            if bad(tensor)? {
                return Ok(name.into());
            }
        }
        for (name, tensor) in self.network.parameters() {
            let gradient = tensor.f_grad()?;
            if gradient.defined() && bad(&gradient)? {
                return Ok(format!("the gradient of {name}"));
            }
        }
        Ok("the loss".into())
    }

    /// Writes weights and optimiser state into an existing folder.
    pub fn save(&self, folder: &Path) -> Result<()> {
        weights::save(&folder.join("weights.safetensors"), self.network.state())?;
        let state = self.optimizer.state();
        let state = state.iter().map(|(name, tensor)| (name.as_str(), tensor));
        weights::save(&folder.join("optimizer.safetensors"), state)
    }

    /// Reads what `save` wrote.
    pub fn load(&mut self, folder: &Path) -> Result<()> {
        let state: Vec<_> = self.network.state().map(|(name, tensor)| (name.into(), tensor.shallow_clone())).collect();
        weights::load(&folder.join("weights.safetensors"), &state)?;
        weights::load(&folder.join("optimizer.safetensors"), &self.optimizer.state())
    }
}

/// One wait for the device, at the end of the block.
fn read(records: &[Tensor], k: usize) -> Result<Block> {
    let table = Vec::<Vec<f64>>::try_from(Tensor::f_stack(records, 0)?)?;
    let first_bad = table.iter().position(|row| row[4] > 0.0);
    // The bad step itself is reported as it was; what came after it never happened.
    let told = first_bad.map_or(table.len(), |bad| bad + 1);
    let column = |index: usize| (0..k).map(|i| if i < told { table[i][index] } else { f64::NAN }).collect();
    Ok(Block {
        losses: column(0),
        l2: column(1),
        norms: column(2),
        gradient_norms: column(3),
        first_bad,
        culprit: String::new(),
    })
}
