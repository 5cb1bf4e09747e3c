//! A training run's tensors: network, optimiser, and blocks of steps that never wait for the device.

use crate::average::Average;
use crate::batch::Recipe;
use crate::embed::Model;
use crate::error::{Code, Error, Result};
use crate::feed::{Feed, Images, Job, Resident};
use crate::guard::{self, Guard, REASONS, Signs};
use crate::loss::{Batch, Evaluated, Labels, Loss};
use crate::mining::{Candidates, ClassMeans, Selection};
use crate::network::Network;
use crate::optimizer::Optimizer;
use crate::pack::Pack;
use crate::passes::{NextImages, Passes};
use crate::plan::TrainPlan;
use crate::views::Views;
use crate::weights;
use npair_torch_ext::{backward, clear_gradients};
use std::path::Path;
use std::rc::Rc;
use tch::{Kind, Tensor};

/// Images that are embedded at a time.
const EMBED_BATCH: usize = 128;

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

/// What the first half of a step leaves for the second.
struct Pending {
    step: u32,
    images: Vec<i32>,
    embeddings: Tensor,
    labels: Labels,
    /// Running statistics as they were before
    statistics: Tensor,
}

/// What a block of k steps reports; every list has k numbers, NaN after a step that ended it.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    pub losses: Vec<f64>,
    pub l2: Vec<f64>,
    /// mean ‖f‖ over the embeddings
    pub norms: Vec<f64>,
    pub gradient_norms: Vec<f64>,
    /// Mean cosine between embeddings of different classes; empty without a guard.
    pub cosines: Vec<f64>,
    /// Why each step changed no weight, as `guard::REASONS` names it; empty where it was good.
    pub reasons: Vec<&'static str>,
    /// Index of the step that ended the block; it and all after it changed no weight.
    pub first_bad: Option<usize>,
    /// What was not finite there, if that is the reason.
    pub culprit: String,
}

/// What one step reports, on the device.
struct Record {
    /// [loss, l2, mean norm, gradient norm, mean cosine, reason, stop]
    numbers: Tensor,
    /// As the optimiser orders them
    gradient_norms: Tensor,
    /// 0-d float32: 1 where the block has ended
    stop: Tensor,
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
        let resident = Resident::where_it_fits(&pack, device)?.map(Rc::new);
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
        let batch_of = |(i, ids)| plan.passes(first_step + (i / batches) as u32, i % batches * rows, ids);
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

    /// One wait for the device, at the end of the block.
    fn report(&self, records: &[Record], k: usize) -> Result<Block> {
        let mut block = read(records, k)?;
        if self.plan.guard.is_none() {
            block.cosines.clear();
        }
        if let Some(bad) = block.first_bad.filter(|&bad| block.reasons[bad] == "notFinite") {
            block.culprit = self.culprit(block.losses[bad].is_finite(), &records[bad].gradient_norms)?;
        }
        Ok(block)
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

    /// One step; what it reports stays on the device.
    fn step(
        &mut self,
        step: u32,
        batches: &[Passes],
        next_images: NextImages,
        next_labels: &mut dyn FnMut() -> Labels,
        learning_rate: f64,
        stopped: &Tensor,
    ) -> Result<Record> {
        let statistics = self.network.statistics().copy()?;
        clear_gradients(&self.parameters)?;
        let mut seen =
            batches.iter().map(|passes| self.batch(passes, next_images, &next_labels())).collect::<Result<Vec<_>>>()?;
        let seen = if seen.len() == 1 { seen.remove(0) } else { mean_of(&seen)? };
        self.update(step, &seen, &statistics, learning_rate, stopped)
    }

    /// Adds to the gradients its share of those of a batch of a step; gives [loss, l2, mean norm, mean cosine].
    fn batch(&mut self, passes: &Passes, next_images: NextImages, labels: &Labels) -> Result<Tensor> {
        let embeddings = passes.embed(&self.network, next_images)?;
        let parameters: Vec<Tensor> = self.loss_parameters.iter().map(|(_, tensor)| tensor.shallow_clone()).collect();
        let detached = embeddings.f_detach()?;
        let rows = passes.rows();
        let evaluated =
            self.plan.loss.evaluate(&Batch { embeddings: &detached, labels, parameters: &parameters, rows })?;
        self.pull(passes, next_images, &embeddings, labels, &evaluated)
    }

    /// From a loss back to the gradients; gives [loss, l2, mean norm, mean cosine].
    fn pull(
        &mut self,
        passes: &Passes,
        next_images: NextImages,
        embeddings: &Tensor,
        labels: &Labels,
        evaluated: &Evaluated,
    ) -> Result<Tensor> {
        let share = |gradient: &Tensor| match self.plan.accumulate {
            1 => Ok(gradient.shallow_clone()),
            k => gradient.f_div_scalar(k as f64),
        };
        passes.backward(&self.network, next_images, embeddings, &share(&evaluated.gradient)?)?;
        for ((_, parameter), gradient) in self.loss_parameters.iter().zip(&evaluated.parameters) {
            // A leaf: its gradient is what it is given.
            backward(parameter, &share(gradient)?)?;
        }
        let detached = embeddings.f_detach()?;
        let l2 = evaluated.terms.iter().find(|(name, _)| *name == "l2").map(|(_, value)| value.shallow_clone());
        let l2 = l2.map_or_else(|| evaluated.loss.f_zeros_like(), Ok)?;
        let norm = detached.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), false)?.f_mean(None)?;
        let cosine = match self.plan.guard {
            Some(_) => guard::mean_cosine(&detached, labels)?,
            None => norm.f_full_like(f64::NAN)?,
        };
        if let Some(means) = &mut self.class_means {
            means.note(&detached, labels);
        }
        let numbers = [&evaluated.loss, &l2, &norm, &cosine];
        let numbers = numbers.iter().map(|t| Ok(t.f_to_kind(Kind::Double)?)).collect::<Result<Vec<_>>>()?;
        Ok(Tensor::f_stack(&numbers, 0)?)
    }

    /// The end of a step: with the gradients there, judges it and moves what is to move.
    fn update(
        &mut self,
        step: u32,
        seen: &Tensor,
        statistics: &Tensor,
        learning_rate: f64,
        stopped: &Tensor,
    ) -> Result<Record> {
        let [loss, l2, norm, cosine] = [0, 1, 2, 3].map(|i| seen.f_get(i));
        let (loss, l2, norm, cosine) = (loss?, l2?, norm?, cosine?);
        let gradients = self.optimizer.gradients()?;
        let gradient_norm = gradients.norm.f_to_kind(Kind::Double)?;
        let signs = Signs { loss: &loss, norm: &norm, cosine: &cosine, gradient_norm: &gradient_norm };
        let verdict = self.guard.judge(step, &signs, stopped)?;
        self.optimizer.step(&gradients, learning_rate, &verdict.skip)?;
        self.network.statistics().restore(statistics, &verdict.skip)?;
        if let Some(average) = &mut self.average {
            average.follow(&self.network, step, &verdict.skip)?;
        }
        if let Some(means) = &mut self.class_means {
            means.follow(&verdict.skip)?;
        }
        let stop = verdict.stop.f_to_kind(Kind::Double)?;
        let numbers = Tensor::f_stack(&[&loss, &l2, &norm, &gradient_norm, &cosine, &verdict.reason, &stop], 0)?;
        Ok(Record { numbers, gradient_norms: gradients.norms, stop: verdict.stop })
    }

    /// The first half of a step whose loss somebody else computes: `[rows, d]` embeddings. A step begun before and not ended
    /// is given up.
    pub fn forward(&mut self, step: u32, images: &[i32], labels: &[i32]) -> Result<Vec<f64>> {
        self.give_up()?;
        if self.plan.accumulate != 1 {
            return Err(Error::new(Code::InvalidOption, "a step in two halves has one batch"));
        }
        self.check(step, images, labels, &[0.0])?;
        let (plan, pack, resident) = (self.plan.clone(), self.pack.clone(), self.resident.clone());
        let feed = Feed { images: Images::Pack(&pack), resident: resident.as_deref(), recipe: self.recipe(&plan) };
        let passes = plan.passes(step, 0, images);
        let statistics = self.network.statistics().copy()?;
        let embeddings = feed.batches(passes.first(), |next_images| passes.embed(&self.network, next_images))?;
        let labels = Labels::One(labels.to_vec());
        self.pending = Some(Pending { step, images: images.to_vec(), embeddings, labels, statistics });
        let Some(Pending { embeddings, .. }) = &self.pending else { return Ok(vec![]) };
        let embeddings = embeddings.f_detach()?.f_to_kind(Kind::Double)?.f_contiguous()?;
        Ok(Vec::try_from(embeddings.f_view(-1)?)?)
    }

    /// The second half: with the loss, its penalty (a part of it, only reported) and ∂loss/∂embeddings.
    pub fn backward(&mut self, loss: f64, l2: f64, gradient: &[f64], learning_rate: f64) -> Result<Block> {
        let Some(pending) = self.pending.take() else {
            return Err(Error::new(Code::InvalidOption, "backward comes after forward, and once"));
        };
        let (size, device) = (pending.embeddings.size(), self.network.device);
        let right = learning_rate.is_finite() && learning_rate >= 0.0;
        let wrong = match (gradient.len() as i64 == size.iter().product::<i64>(), right) {
            (false, _) => Some(format!("{size:?} embeddings do not have {} gradients", gradient.len())),
            (_, false) => Some(format!("{learning_rate} is no learning rate")),
            _ => None,
        };
        if let Some(text) = wrong {
            self.pending = Some(pending);
            self.give_up()?;
            return Err(Error::new(Code::InvalidOption, text));
        }
        let tensor = |values: &[f64], size: &[i64]| -> Result<Tensor> {
            Ok(Tensor::f_from_slice(values)?.f_reshape(size)?.f_to_kind(self.network.kind)?.f_to_device(device)?)
        };
        let evaluated = Evaluated {
            loss: tensor(&[loss], &[])?,
            terms: vec![("l2", tensor(&[l2], &[])?)],
            gradient: tensor(gradient, &size)?,
            parameters: vec![],
        };
        clear_gradients(&self.parameters)?;
        let (plan, pack, resident) = (self.plan.clone(), self.pack.clone(), self.resident.clone());
        let feed = Feed { images: Images::Pack(&pack), resident: resident.as_deref(), recipe: self.recipe(&plan) };
        let passes = plan.passes(pending.step, 0, &pending.images);
        let seen = feed.batches(passes.second(), |next_images| {
            self.pull(&passes, next_images, &pending.embeddings, &pending.labels, &evaluated)
        })?;
        let going = Tensor::f_zeros([], (Kind::Float, device))?;
        let record = self.update(pending.step, &seen, &pending.statistics, learning_rate, &going)?;
        self.report(&[record], 1)
    }

    /// Ends a step that was begun and not finished as if it had never been: the running statistics are what they were.
    pub fn give_up(&mut self) -> Result<()> {
        if let Some(means) = &mut self.class_means {
            means.give_up();
        }
        if let Some(pending) = self.pending.take() {
            self.network.statistics().set(&pending.statistics)?;
        }
        Ok(())
    }

    /// `[n, d]` embeddings by the network as it is: in evaluation mode, without augmentation, running statistics untouched.
    pub fn embed_images(&mut self, images: &[i32]) -> Result<Vec<f32>> {
        self.give_up()?;
        let model = Model { network: self.network(), preprocess: self.plan.preprocess.clone() };
        model.embed(Images::Pack(&self.pack), images, &Views::default(), EMBED_BATCH)
    }

    /// The classes of a batch for each of `firsts`, as [`Candidates::batches`] gives them. `images`: one of each candidate
    /// class, then where there are two another of each; `labels`: those of the candidates. Where the plan keeps means, they
    /// stand for the classes, and only images of classes without one are embedded.
    pub fn mine(&mut self, images: &[i32], labels: &[i32], selection: &Selection, firsts: &[i32]) -> Result<Vec<i32>> {
        if labels.is_empty() || images.len() != labels.len() * selection.images_per_class {
            let text = format!("{} candidate classes do not have {} images", labels.len(), images.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let embeddings = match self.class_means.take() {
            None => self.embedded(images)?,
            Some(mut means) => {
                let rows = self.with_all_means(&mut means, images, labels);
                self.class_means = Some(means);
                // Of two images of a class drawn independently the expected inner product is that of its mean with itself.
                rows?.f_repeat([selection.images_per_class as i64, 1])?
            }
        };
        Candidates::new(&embeddings, selection)?.batches(selection, firsts)
    }

    /// The means of `labels`, those begun that there were none of.
    fn with_all_means(&mut self, means: &mut ClassMeans, images: &[i32], labels: &[i32]) -> Result<Tensor> {
        let missing = means.missing(labels)?;
        let places = || images.iter().zip((0..labels.len()).cycle()).filter(|(_, c)| missing.binary_search(c).is_ok());
        let (ids, classes): (Vec<i32>, Vec<i32>) = places().map(|(&id, c)| (id, labels[c])).unzip();
        if !ids.is_empty() {
            means.begin(&self.embedded(&ids)?, &classes)?;
        }
        means.rows(labels)
    }

    /// [`Trainer::embed_images`] on the device.
    fn embedded(&mut self, images: &[i32]) -> Result<Tensor> {
        let embeddings = Tensor::f_from_slice(&self.embed_images(images)?)?;
        let embeddings = embeddings.f_reshape([images.len() as i64, -1])?;
        Ok(embeddings.f_to_device(self.network.device)?)
    }

    /// Names what is not finite after a bad step: a weight, else the loss, else the gradient where it began: backward comes
    /// to the last layer first.
    fn culprit(&self, loss_is_finite: bool, gradient_norms: &Tensor) -> Result<String> {
        let own = self.loss_parameters.iter().map(|(name, tensor)| (name.as_str(), tensor));
        for (name, tensor) in self.network.state().chain(own) {
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
        let named = self.network.parameters().iter().chain(&self.loss_parameters);
        let last = named.rev().find(|(name, _)| bad.contains(&name.as_str()));
        // Finite one by one, their squares overflow together.
        Ok(last.map_or_else(|| "the norm of all gradients".into(), |(name, _)| format!("the gradient of {name}")))
    }

    /// Writes weights and optimiser state into an existing folder, and the parameters of a loss that has some.
    pub fn save(&self, folder: &Path) -> Result<()> {
        weights::save(&folder.join("weights.safetensors"), self.network.state())?;
        if let Some(average) = &self.average {
            weights::save(&folder.join("average.safetensors"), average.network().state())?;
        }
        if !self.loss_parameters.is_empty() {
            let own = self.loss_parameters.iter().map(|(name, tensor)| (name.as_str(), tensor));
            weights::save(&folder.join("loss.safetensors"), own)?;
        }
        if let Some(means) = &self.class_means {
            let means = means.state();
            let means = means.iter().map(|(name, tensor)| (name.as_str(), tensor));
            weights::save(&folder.join("mining.safetensors"), means)?;
        }
        let state = self.moments();
        let state = state.iter().map(|(name, tensor)| (name.as_str(), tensor));
        weights::save(&folder.join("optimizer.safetensors"), state)
    }

    /// Reads what `save` wrote; where a part does not fit, nothing changes.
    pub fn load(&mut self, folder: &Path) -> Result<()> {
        self.give_up()?;
        let (state, moments) = (named(&self.network), self.moments());
        let averaged = self.average.as_ref().map(|average| named(&average.network()));
        let state = weights::read(&folder.join("weights.safetensors"), &state)?;
        let moments = weights::read(&folder.join("optimizer.safetensors"), &moments)?;
        let average = folder.join("average.safetensors");
        let averaged = averaged.as_ref().map(|averaged| weights::read(&average, averaged)).transpose()?;
        let has_own = !self.loss_parameters.is_empty();
        let own =
            has_own.then(|| weights::read(&folder.join("loss.safetensors"), &self.loss_parameters)).transpose()?;
        let means = self.class_means.as_ref().map(ClassMeans::state);
        let mining = folder.join("mining.safetensors");
        let means = means.as_ref().map(|means| weights::read(&mining, means)).transpose()?;
        state.apply()?;
        moments.apply()?;
        means.map_or(Ok(()), weights::Loaded::apply)?;
        own.map_or(Ok(()), weights::Loaded::apply)?;
        averaged.map_or(Ok(()), weights::Loaded::apply)
    }

    /// What optimiser and guard remember.
    fn moments(&self) -> Vec<(String, Tensor)> {
        self.optimizer.state().into_iter().chain(self.guard.state()).collect()
    }
}

fn read(records: &[Record], k: usize) -> Result<Block> {
    let numbers: Vec<&Tensor> = records.iter().map(|record| &record.numbers).collect();
    let table = Vec::<Vec<f64>>::try_from(Tensor::f_stack(&numbers, 0)?)?;
    let first_bad = table.iter().position(|row| row[6] > 0.0);
    // The step that ended the block is reported as it was; what came after it never happened.
    let told = first_bad.map_or(table.len(), |bad| bad + 1);
    let column = |index: usize| (0..k).map(|i| if i < told { table[i][index] } else { f64::NAN }).collect();
    Ok(Block {
        losses: column(0),
        l2: column(1),
        norms: column(2),
        gradient_norms: column(3),
        cosines: column(4),
        reasons: (0..k).map(|i| if i < told { REASONS[table[i][5] as usize] } else { "" }).collect(),
        first_bad,
        culprit: String::new(),
    })
}

/// The mean over the batches of a step.
fn mean_of(seen: &[Tensor]) -> Result<Tensor> {
    Ok(Tensor::f_stack(seen, 0)?.f_mean_dim([0i64].as_slice(), false, None)?)
}

fn named(network: &Network) -> Vec<(String, Tensor)> {
    network.state().map(|(name, tensor)| (name.into(), tensor.shallow_clone())).collect()
}
