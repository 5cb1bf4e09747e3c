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

/// What one step reports, on the device.
struct Record {
    /// [loss, l2, mean norm, gradient norm, skipped]
    numbers: Tensor,
    /// As the optimiser orders them
    gradient_norms: Tensor,
    /// 0-d float32
    skipped: Tensor,
}

impl Trainer {
    pub fn new(plan: TrainPlan, pack: Rc<Pack>) -> Result<Self> {
        let (kind, device) = (plan.precision.kind(), plan.device.device());
        if plan.pairs == 0 {
            return Err(Error::new(Code::InvalidOption, "a batch needs at least one pair"));
        }
        let network = Network::build(&plan.net, plan.seed, kind, device)?;
        if network.parameters().is_empty() {
            return Err(Error::new(Code::InvalidOption, "the network has no parameters to train"));
        }
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
        self.check(first_step, images, learning_rates)?;
        let (k, rows, device) = (learning_rates.len(), 2 * self.plan.pairs, self.network.device);
        let mut stopped = Tensor::f_zeros([], (Kind::Float, device))?;
        let mut records = Vec::with_capacity(k);
        for (i, (ids, &learning_rate)) in images.chunks(rows).zip(learning_rates).enumerate() {
            let record = self.step(first_step + i as u32, ids, learning_rate, &stopped)?;
            stopped = record.skipped.shallow_clone();
            records.push(record);
            // On the CPU reading costs nothing, and no further batch need be wasted.
            if !device.is_cuda() && f64::try_from(&stopped)? > 0.0 {
                break;
            }
        }
        let mut block = read(&records, k)?;
        if let Some(bad) = block.first_bad {
            block.culprit = self.culprit(block.losses[bad].is_finite(), &records[bad].gradient_norms)?;
        }
        Ok(block)
    }

    /// A mistake in any step is found before the first one changes a weight.
    fn check(&self, first_step: u32, images: &[i32], learning_rates: &[f64]) -> Result<()> {
        let (k, rows) = (learning_rates.len(), 2 * self.plan.pairs);
        let refuse = |text: String| Err(Error::new(Code::InvalidOption, text));
        if k == 0 || images.len() != k * rows {
            return refuse(format!("{k} steps of {rows} images need {} indices, not {}", k * rows, images.len()));
        }
        if let Some(rate) = learning_rates.iter().find(|rate| !rate.is_finite() || **rate < 0.0) {
            return refuse(format!("{rate} is no learning rate"));
        }
        if u32::try_from(k).ok().and_then(|k| first_step.checked_add(k)).is_none() {
            return refuse(format!("{k} steps from step {first_step} on are more than can be counted"));
        }
        self.pack.check(images)
    }

    /// One step; what it reports stays on the device.
    fn step(&mut self, step: u32, ids: &[i32], learning_rate: f64, stopped: &Tensor) -> Result<Record> {
        let seed = self.plan.seed;
        let recipe = Recipe {
            preprocess: &self.plan.preprocess,
            augment: Some((&self.plan.augment, Rows { seed, step, first_row: 0 })),
            input: self.network.input,
            kind: self.network.kind,
            device: self.network.device,
        };
        let batch = recipe.batch(&self.pack.gather(ids)?, self.pack.image_shape())?;
        let statistics = self.network.statistics().copy()?;
        let embeddings = self.network.forward(&batch, Mode::Train { seed, step, first_row: 0 })?;
        let detached = embeddings.f_detach()?;
        let evaluated = self.plan.loss.evaluate(&detached)?;
        clear_gradients(&self.parameters)?;
        backward(&embeddings, &evaluated.gradient)?;
        let finite = evaluated.loss.f_isfinite()?.f_to_kind(Kind::Float)?;
        let stopped = stopped.f_maximum(&finite.f_neg()?.f_add_scalar(1.0)?)?;
        let stepped = self.optimizer.step(learning_rate, &stopped)?;
        self.network.statistics().restore(&statistics, &stepped.skipped)?;
        let l2 = evaluated.terms.iter().find(|(name, _)| *name == "l2").map(|(_, value)| value.shallow_clone());
        let l2 = l2.map_or_else(|| evaluated.loss.f_zeros_like(), Ok)?;
        let norm = detached.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), false)?.f_mean(None)?;
        let numbers = [&evaluated.loss, &l2, &norm, &stepped.gradient_norm, &stepped.skipped];
        let numbers: Vec<Tensor> =
            numbers.into_iter().map(|t| Ok(t.f_to_kind(Kind::Double)?)).collect::<Result<_>>()?;
        let numbers = Tensor::f_stack(&numbers, 0)?;
        Ok(Record { numbers, gradient_norms: stepped.norms, skipped: stepped.skipped })
    }

    /// Names what is not finite after a bad step: a weight, else the loss, else the gradient where it began: backward comes
    /// to the last layer first.
    fn culprit(&self, loss_is_finite: bool, gradient_norms: &Tensor) -> Result<String> {
        for (name, tensor) in self.network.state() {
            if !bool::try_from(tensor.f_isfinite()?.f_all()?)? {
                return Ok(name.into());
            }
        }
        if !loss_is_finite {
            return Ok("the loss".into());
        }
        let norms = Vec::<f64>::try_from(gradient_norms.f_to_kind(Kind::Double)?)?;
        let bad: Vec<&str> =
            self.optimizer.names().zip(norms).filter(|(_, norm)| !norm.is_finite()).map(|(name, _)| name).collect();
        let last = self.network.parameters().iter().rev().find(|(name, _)| bad.contains(&name.as_str()));
        // Finite one by one, their squares overflow together.
        Ok(last.map_or_else(|| "the norm of all gradients".into(), |(name, _)| format!("the gradient of {name}")))
    }

    /// Writes weights and optimiser state into an existing folder.
    pub fn save(&self, folder: &Path) -> Result<()> {
        weights::save(&folder.join("weights.safetensors"), self.network.state())?;
        let state = self.optimizer.state();
        let state = state.iter().map(|(name, tensor)| (name.as_str(), tensor));
        weights::save(&folder.join("optimizer.safetensors"), state)
    }

    /// Reads what `save` wrote; where a part does not fit, nothing changes.
    pub fn load(&mut self, folder: &Path) -> Result<()> {
        let state: Vec<_> = self.network.state().map(|(name, tensor)| (name.into(), tensor.shallow_clone())).collect();
        let moments = self.optimizer.state();
        let state = weights::read(&folder.join("weights.safetensors"), &state)?;
        let moments = weights::read(&folder.join("optimizer.safetensors"), &moments)?;
        state.apply()?;
        moments.apply()
    }
}

/// One wait for the device, at the end of the block.
fn read(records: &[Record], k: usize) -> Result<Block> {
    let numbers: Vec<&Tensor> = records.iter().map(|record| &record.numbers).collect();
    let table = Vec::<Vec<f64>>::try_from(Tensor::f_stack(&numbers, 0)?)?;
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
