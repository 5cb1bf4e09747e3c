//! A training run's tensors: network, optimiser, and blocks of steps that never wait for the device.

mod block;
mod checkpoint;
mod halves;
mod mining;
mod step;

pub use block::Block;

use crate::average::Average;
use crate::batch::Recipe;
use crate::error::{Code, Error, Result};
use crate::feed::{Feed, Images, Job, Resident};
use crate::guard::Guard;
use crate::loss::{Labels, Loss};
use crate::mining::ClassMeans;
use crate::network::Network;
use crate::optimizer::Optimizer;
use crate::pack::Pack;
use crate::passes::Passes;
use crate::plan::TrainPlan;
use halves::Pending;
use std::rc::Rc;
use tch::{Kind, Tensor};

pub struct Trainer {
    plan: Rc<TrainPlan>,
    network: Rc<Network>,
    average: Option<Average>,
    optimizer: Optimizer,
    guard: Guard,
    class_means: Option<ClassMeans>,
    /// The network's and the loss's
    parameters: Vec<Tensor>,
    /// The loss's own: trained and checkpointed, but no part of the model
    loss_parameters: Vec<(String, Tensor)>,
    pack: Rc<Pack>,
    /// The pack on the device, where there is room for it.
    resident: Option<Rc<Resident>>,
    /// A step between [`Trainer::forward`] and [`Trainer::backward`]
    pending: Option<Pending>,
}

impl Trainer {
    pub fn new(plan: TrainPlan, pack: Rc<Pack>) -> Result<Self> {
        let TrainPlan { ref net, seed, precision, .. } = plan;
        let device = plan.device.device();
        if plan.batch_rows() == 0 || plan.accumulate == 0 || plan.chunk == Some(0) {
            let text = "a batch needs at least one pair, a step one batch, and a chunk one image";
            return Err(Error::new(Code::InvalidOption, text));
        }
        if matches!(plan.loss, Loss::Custom) && plan.accumulate != 1 {
            return Err(Error::new(Code::InvalidOption, "a loss of one's own is given one batch a step"));
        }
        let network = Network::with_precision(net, seed, precision, device)?;
        if network.parameters().is_empty() {
            return Err(Error::new(Code::InvalidOption, "the network has no parameters to train"));
        }
        let loss_parameters = plan.loss.parameters(network.embedding_size, seed, network.kind, device)?;
        let named = network.parameters().iter().chain(&loss_parameters);
        let all: Vec<_> = named.map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect();
        let optimizer = Optimizer::new(&plan.optimizer, &all)?;
        let follow = |ema| Average::new(ema, net, seed, precision, device, &network);
        let average = plan.ema.map(follow).transpose()?;
        let guard = Guard::new(plan.guard, device)?;
        let keep_means = |options| ClassMeans::new(options, network.embedding_size, device);
        let class_means = plan.class_means.as_ref().map(keep_means).transpose()?;
        let parameters = all.into_iter().map(|(_, tensor)| tensor).collect();
        let resident = if plan.resident { Resident::where_it_fits(&pack, device)?.map(Rc::new) } else { None };
        Ok(Self {
            plan: Rc::new(plan),
            network: Rc::new(network),
            average,
            optimizer,
            guard,
            class_means,
            parameters,
            loss_parameters,
            pack,
            resident,
            pending: None,
        })
    }

    pub fn network(&self) -> Rc<Network> {
        self.network.clone()
    }

    /// The network to judge and to keep: the average of the weights where there is one.
    pub fn model(&self) -> Rc<Network> {
        self.average.as_ref().map_or_else(|| self.network(), Average::network)
    }

    pub fn plan(&self) -> &TrainPlan {
        &self.plan
    }

    /// k steps from `first_step` on: `images` holds for each batch of a step N anchors, then their N positives.
    pub fn steps(&mut self, first_step: u32, images: &[i32], learning_rates: &[f64]) -> Result<Block> {
        self.labelled_steps(first_step, images, &[], learning_rates)
    }

    /// The same for batches of any form, with a label for each image; with none, they are in the order of pairs.
    pub fn labelled_steps(
        &mut self,
        first_step: u32,
        images: &[i32],
        labels: &[i32],
        learning_rates: &[f64],
    ) -> Result<Block> {
        self.give_up()?;
        self.check(first_step, images, labels, learning_rates)?;
        let (k, device) = (learning_rates.len(), self.network.device);
        let mut stopped = Tensor::f_zeros([], (Kind::Float, device))?;
        let mut records = Vec::with_capacity(k);
        let (plan, pack, resident) = (self.plan.clone(), self.pack.clone(), self.resident.clone());
        let feed = Feed { images: Images::Pack(&pack), resident: resident.as_deref(), recipe: self.recipe(&plan) };
        let (rows, batches) = (plan.batch_rows(), plan.accumulate);
        let batch_of = |(i, ids)| {
            let labels = labels.get(i * rows..(i + 1) * rows).unwrap_or_default();
            plan.passes(first_step + (i / batches) as u32, i % batches * rows, ids, labels)
        };
        let passes: Vec<Passes> = images.chunks(rows).enumerate().map(batch_of).collect();
        let jobs: Vec<Job> = passes.iter().flat_map(Passes::jobs).collect();
        let mut labels = labels.chunks(rows).map(|labels| Labels::One(labels.to_vec()));
        let mut steps = passes.chunks(batches);
        feed.batches(&jobs, |next_images| {
            for (&learning_rate, step) in learning_rates.iter().zip(first_step..) {
                let batches = steps.next().unwrap_or_default();
                let mut next = || labels.next().unwrap_or_else(Labels::none);
                let record = self.step(step, batches, next_images, &mut next, learning_rate, &stopped)?;
                stopped = record.stop.shallow_clone();
                records.push(record);
                // On the CPU reading costs nothing, and no further batch need be wasted.
                if !device.is_cuda() && f64::try_from(&stopped)? > 0.0 {
                    break;
                }
            }
            Ok(())
        })?;
        self.report(&records, k)
    }

    /// Images of a step.
    fn rows(&self) -> usize {
        self.plan.batch_rows() * self.plan.accumulate
    }

    /// A mistake in any step is found before the first one changes a weight.
    fn check(&self, first_step: u32, images: &[i32], labels: &[i32], learning_rates: &[f64]) -> Result<()> {
        let (k, rows) = (learning_rates.len(), self.rows());
        let refuse = |text: String| Err(Error::new(Code::InvalidOption, text));
        if k == 0 || images.len() != k * rows {
            return refuse(format!("{k} steps of {rows} images need {} indices, not {}", k * rows, images.len()));
        }
        if !labels.is_empty() && labels.len() != images.len() {
            return refuse(format!("{} images need as many labels, not {}", images.len(), labels.len()));
        }
        if labels.is_empty() && self.plan.guard.is_some() && self.plan.batch_rows() != 2 * self.plan.pairs {
            return refuse("a guard needs the labels of batches that are not pairs".into());
        }
        if labels.is_empty() && self.class_means.is_some() {
            return refuse("means of classes need labels".into());
        }
        if labels.is_empty() && self.plan.augment.classes.is_some() {
            return refuse("classes that are deformed need labels".into());
        }
        if let Some(rate) = learning_rates.iter().find(|rate| !rate.is_finite() || **rate < 0.0) {
            return refuse(format!("{rate} is no learning rate"));
        }
        if u32::try_from(k).ok().and_then(|k| first_step.checked_add(k)).is_none() {
            return refuse(format!("{k} steps from step {first_step} on are more than can be counted"));
        }
        self.pack.check(images)
    }

    fn recipe<'a>(&self, plan: &'a TrainPlan) -> Recipe<'a> {
        Recipe {
            preprocess: &plan.preprocess,
            augment: Some(&plan.augment),
            input: self.network.input,
            kind: self.network.kind,
            device: self.network.device,
        }
    }
}
