//! What the engine's thread owns: packs, trainers, models and galleries, by handle.

use crate::augment::Rows;
use crate::embed::Model;
use crate::error::{Code, Error, Result};
use crate::feed::Images;
use crate::loss::{Batch, Labels};
use crate::mining::{Candidates, Selection};
use crate::network::Network;
use crate::pack::Pack;
use crate::plan::{Loss, ModelPlan, TrainPlan, parse};
use crate::search::{AllPairs, Found, Gallery, Options, Pairs, Rows as GalleryRows, Step, Wanted};
use crate::trainer::{Block, Trainer};
use crate::views::Views;
use crate::weights;
use crate::whitening::{self, Sample};
use npair_torch_ext::{DeviceMemory, MappedFloats, device_memory, reset_peak_memory};
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use tch::{Device, Tensor};

#[derive(Default)]
pub struct Engine {
    objects: HashMap<u32, Object>,
    last: u32,
}

enum Object {
    Pack(Rc<Pack>),
    Trainer(Box<Trainer>),
    Model(Rc<Model>),
    Gallery(Box<Gallery>),
}

/// A loss computed alone, as numbers.
pub struct LossValue<T> {
    pub loss: f64,
    pub terms: Vec<(&'static str, f64)>,
    pub gradient: Vec<T>,
    /// For the loss's own parameters, in their order
    pub parameters: Vec<Vec<T>>,
}

/// What a loss is computed of: `[rows, size]` embeddings, labels (with offsets where a row may have several), and the loss's
/// own parameters.
pub struct LossInput<T> {
    pub embeddings: Vec<T>,
    pub size: usize,
    pub labels: Vec<i32>,
    pub offsets: Vec<i32>,
    pub parameters: Vec<Vec<T>>,
}

/// Labelled images of a pack, by handle, see [`Sample`].
pub struct PackSample {
    pub pack: u32,
    pub ids: Vec<i32>,
    pub labels: Vec<i64>,
    pub views: Views,
    pub batch: usize,
}

impl Engine {
    pub fn pack_open(&mut self, path: &Path) -> Result<u32> {
        let pack = Pack::open(path)?;
        Ok(self.insert(Object::Pack(Rc::new(pack))))
    }

    /// Raw pixels `[n, h, w, c]`.
    pub fn pack_read(&self, pack: u32, images: &[i32]) -> Result<Vec<u8>> {
        self.pack(pack)?.gather(images)
    }

    pub fn trainer_create(&mut self, plan: &str, pack: u32) -> Result<u32> {
        let plan: TrainPlan = parse("the training plan", plan)?;
        check_device(plan.device.device())?;
        let trainer = Trainer::new(plan, self.pack(pack)?)?;
        Ok(self.insert(Object::Trainer(Box::new(trainer))))
    }

    /// `labels`: one an image, or none for batches in the order of pairs whose loss needs none.
    pub fn trainer_steps(
        &mut self,
        trainer: u32,
        first: u32,
        images: &[i32],
        labels: &[i32],
        rates: &[f64],
    ) -> Result<Block> {
        self.trainer(trainer)?.labelled_steps(first, images, labels, rates)
    }

    /// The first half of a step: its embeddings.
    pub fn trainer_forward(&mut self, trainer: u32, step: u32, images: &[i32], labels: &[i32]) -> Result<Vec<f64>> {
        self.trainer(trainer)?.forward(step, images, labels)
    }

    /// The second half: what a loss that was computed elsewhere says.
    pub fn trainer_backward(
        &mut self,
        trainer: u32,
        [loss, l2]: [f64; 2],
        gradient: &[f64],
        rate: f64,
    ) -> Result<Block> {
        self.trainer(trainer)?.backward(loss, l2, gradient, rate)
    }

    pub fn trainer_save(&mut self, trainer: u32, folder: &Path) -> Result<()> {
        self.trainer(trainer)?.save(folder)
    }

    pub fn trainer_load(&mut self, trainer: u32, folder: &Path) -> Result<()> {
        self.trainer(trainer)?.load(folder)
    }

    /// `[n, d]` by the trained network as it is, not its average.
    pub fn trainer_embed(&mut self, trainer: u32, images: &[i32]) -> Result<Vec<f32>> {
        self.trainer(trainer)?.embed_images(images)
    }

    /// The classes of mined batches, see `Trainer::mine`; `selection` as JSON.
    pub fn trainer_mine(
        &mut self,
        trainer: u32,
        [images, labels, firsts]: [&[i32]; 3],
        selection: &str,
    ) -> Result<Vec<i32>> {
        let selection: Selection = parse("the selection", selection)?;
        self.trainer(trainer)?.mine(images, labels, &selection, firsts)
    }

    /// The same for `[rows, size]` embeddings that are there already.
    pub fn select_classes(embeddings: &[f32], size: usize, selection: &str, firsts: &[i32]) -> Result<Vec<i32>> {
        let selection: Selection = parse("the selection", selection)?;
        Candidates::new(&matrix(embeddings, size)?, &selection)?.batches(&selection, firsts)
    }

    /// `[n, m]` inner products of `[n, size]` and `[m, size]`.
    pub fn products(rows: &[f32], others: &[f32], size: usize) -> Result<Vec<f32>> {
        let products = matrix(rows, size)?.f_matmul(&matrix(others, size)?.f_tr()?)?;
        Ok(Vec::try_from(products.f_contiguous()?.f_view(-1)?)?)
    }

    /// A model that shares the trainer's weights (their average, where it keeps one), now and later.
    pub fn trainer_model(&mut self, trainer: u32) -> Result<u32> {
        let trainer = self.trainer(trainer)?;
        let model = Model { network: trainer.model(), preprocess: trainer.plan().preprocess.clone() };
        Ok(self.insert(Object::Model(Rc::new(model))))
    }

    /// `weights`: a safetensors file; an empty path leaves the network as seed 0 draws it.
    pub fn model_create(&mut self, plan: &str, weights: &Path) -> Result<u32> {
        let plan: ModelPlan = parse("the model", plan)?;
        check_device(plan.device.device())?;
        let network = Network::with_precision(&plan.net, 0, plan.precision, plan.device.device())?;
        if !weights.as_os_str().is_empty() {
            weights::load(weights, &state(&network))?;
        }
        let model = Model { network: Rc::new(network), preprocess: plan.preprocess };
        Ok(self.insert(Object::Model(Rc::new(model))))
    }

    pub fn model_save(&self, model: u32, path: &Path) -> Result<()> {
        weights::save(path, self.model(model)?.network.state())
    }

    /// A model with one layer more, see [`whitening::fit`]; `plan` describes it whole.
    pub fn model_whiten(&mut self, plan: &str, model: u32, shrinkage: f64, sample: &PackSample) -> Result<u32> {
        let plan: ModelPlan = parse("the model", plan)?;
        check_device(plan.device.device())?;
        let network = Network::with_precision(&plan.net, 0, plan.precision, plan.device.device())?;
        let pack = self.pack(sample.pack)?;
        let PackSample { ids, labels, views, batch, .. } = sample;
        let sample = Sample { images: Images::Pack(&pack), ids, labels, views, batch: *batch };
        whitening::fit(&network, &*self.model(model)?, &sample, shrinkage)?;
        let model = Model { network: Rc::new(network), preprocess: plan.preprocess };
        Ok(self.insert(Object::Model(Rc::new(model))))
    }

    /// `[n, d]` in the order of `images`, `batch` at a time.
    pub fn embed_pack(&self, model: u32, pack: u32, images: &[i32], views: &Views, batch: usize) -> Result<Vec<f32>> {
        let (model, pack) = (self.model(model)?, self.pack(pack)?);
        model.embed(Images::Pack(&pack), images, views, batch)
    }

    /// `[n, d]` for pixels `[n, height, width, c]`.
    pub fn embed_pixels(
        &self,
        model: u32,
        pixels: &[u8],
        [height, width]: [usize; 2],
        views: &Views,
        batch: usize,
    ) -> Result<Vec<f32>> {
        let model = self.model(model)?;
        let shape = [height, width, model.network.input.channels as usize];
        let image: usize = shape.iter().product();
        if image == 0 || !pixels.len().is_multiple_of(image) {
            let text = format!("{} bytes are no whole number of {shape:?} images", pixels.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let ids: Vec<i32> = (0..).take(pixels.len() / image).collect();
        model.embed(Images::Pixels { bytes: pixels, shape }, &ids, views, batch)
    }

    /// `[n, d]` for rows of features, one after the other.
    pub fn embed_features(&self, model: u32, numbers: &[f32], batch: usize) -> Result<Vec<f32>> {
        let model = self.model(model)?;
        let size = model.network.input.channels as usize;
        if !numbers.len().is_multiple_of(size) {
            let text = format!("{} numbers are no whole number of rows of {size}", numbers.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let ids: Vec<i32> = (0..).take(numbers.len() / size).collect();
        model.embed(Images::Features { numbers, size }, &ids, &Views::default(), batch)
    }

    /// `options`: size of a row, metric, in what most of the gallery is ruled out.
    pub fn gallery_open(&mut self, rows: GalleryRows, options: &str) -> Result<u32> {
        let options: Options = parse("the gallery", options)?;
        Ok(self.insert(Object::Gallery(Box::new(Gallery::open(rows, &options)?))))
    }

    /// A gallery whose rows stay in a file, mapped into memory.
    pub fn gallery_map(&mut self, path: &Path, options: &str) -> Result<u32> {
        let rows = MappedFloats::open(path).map_err(|error| Error::unreadable(path, &error))?;
        self.gallery_open(Box::new(rows), options)
    }

    pub fn gallery_nearest(&self, gallery: u32, wanted: &Wanted) -> Result<Found> {
        self.gallery(gallery)?.nearest(wanted)
    }

    /// Ranks of the rows of their class, for some rows as queries.
    pub fn gallery_ranks(&self, gallery: u32, labels: &[i32], asking: Range<usize>) -> Result<Vec<i32>> {
        self.gallery(gallery)?.ranks(labels, asking)
    }

    /// Pairs of some rows with all later ones.
    pub fn gallery_pairs(&self, gallery: u32, all: &AllPairs, rows: Range<usize>) -> Result<Pairs> {
        self.gallery(gallery)?.pairs(all, rows)
    }

    /// Rows to begin k-means with.
    pub fn k_means_seeds(&self, gallery: u32, k: usize, seed: u64, restart: u32) -> Result<Vec<i32>> {
        self.gallery(gallery)?.seeds(k, seed, restart)
    }

    /// One iteration of k-means.
    pub fn k_means_step(&self, gallery: u32, centers: Vec<f32>) -> Result<Step> {
        self.gallery(gallery)?.step(centers)
    }

    /// Value and gradient of a loss in float32 or float64.
    pub fn loss_compute<T>(loss: &str, input: &LossInput<T>) -> Result<LossValue<T>>
    where
        T: tch::kind::Element,
        Vec<T>: TryFrom<Tensor, Error = tch::TchError>,
    {
        let loss: Loss = parse("the loss", loss)?;
        let LossInput { embeddings, size, labels, offsets, parameters } = input;
        let embeddings = matrix(embeddings, *size)?;
        let shapes = loss.parameter_shapes(*size as i64);
        if shapes.len() != parameters.len() {
            let text = format!("the loss has {} parameters of its own, not {}", shapes.len(), parameters.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let parameters = shapes.iter().zip(parameters).map(|((name, shape), values)| {
            if values.len() as i64 != shape.iter().product::<i64>() {
                let text = format!("{name} has shape {shape:?}, but {} numbers are given", values.len());
                return Err(Error::new(Code::InvalidOption, text));
            }
            Ok(Tensor::f_from_slice(values)?.f_reshape(shape)?)
        });
        let parameters: Vec<Tensor> = parameters.collect::<Result<_>>()?;
        let labels = Labels::new(labels, offsets)?;
        let batch = Batch { embeddings: &embeddings, labels: &labels, parameters: &parameters, rows: Rows::default() };
        let evaluated = loss.evaluate(&batch)?;
        let terms = evaluated.terms.iter().map(|(name, value)| Ok((*name, f64::try_from(value)?)));
        let flat = |tensor: &Tensor| -> Result<Vec<T>> { Ok(Vec::try_from(tensor.f_contiguous()?.f_view(-1)?)?) };
        Ok(LossValue {
            loss: f64::try_from(&evaluated.loss)?,
            terms: terms.collect::<Result<_>>()?,
            gradient: flat(&evaluated.gradient)?,
            parameters: evaluated.parameters.iter().map(flat).collect::<Result<_>>()?,
        })
    }

    /// Frees the object behind a handle; a model outlives the trainer that it shares weights with.
    pub fn close(&mut self, handle: u32) -> Result<()> {
        self.objects.remove(&handle).map(drop).ok_or_else(|| closed(handle))
    }

    pub fn cuda_devices() -> i64 {
        tch::Cuda::device_count()
    }

    /// Memory of the first GPU; none where there is none.
    pub fn device_memory(reset_peak: bool) -> Result<Option<DeviceMemory>> {
        Ok(if reset_peak { reset_peak_memory(0)? } else { device_memory(0)? })
    }

    pub fn cpu_capability() -> String {
        npair_torch_ext::cpu_capability()
    }

    pub fn has_amx() -> bool {
        npair_torch_ext::has_amx()
    }

    pub fn set_threads(threads: i32) -> Result<()> {
        if threads < 1 {
            return Err(Error::new(Code::InvalidOption, format!("{threads} threads cannot compute anything")));
        }
        tch::set_num_threads(threads);
        Ok(())
    }

    pub fn threads() -> i32 {
        tch::get_num_threads()
    }

    fn insert(&mut self, object: Object) -> u32 {
        self.last += 1;
        self.objects.insert(self.last, object);
        self.last
    }

    fn pack(&self, handle: u32) -> Result<Rc<Pack>> {
        match self.objects.get(&handle) {
            Some(Object::Pack(pack)) => Ok(pack.clone()),
            _ => Err(closed(handle)),
        }
    }

    fn gallery(&self, handle: u32) -> Result<&Gallery> {
        match self.objects.get(&handle) {
            Some(Object::Gallery(gallery)) => Ok(gallery),
            _ => Err(closed(handle)),
        }
    }

    fn trainer(&mut self, handle: u32) -> Result<&mut Trainer> {
        match self.objects.get_mut(&handle) {
            Some(Object::Trainer(trainer)) => Ok(trainer),
            _ => Err(closed(handle)),
        }
    }

    fn model(&self, handle: u32) -> Result<Rc<Model>> {
        match self.objects.get(&handle) {
            Some(Object::Model(model)) => Ok(model.clone()),
            _ => Err(closed(handle)),
        }
    }
}

/// `[rows, size]`
fn matrix<T: tch::kind::Element>(numbers: &[T], size: usize) -> Result<Tensor> {
    if size == 0 || !numbers.len().is_multiple_of(size) {
        let text = format!("{} numbers are no whole number of rows of {size}", numbers.len());
        return Err(Error::new(Code::InvalidOption, text));
    }
    Ok(Tensor::f_from_slice(numbers)?.f_reshape([(numbers.len() / size) as i64, size as i64])?)
}

fn closed(handle: u32) -> Error {
    Error::new(Code::Closed, format!("there is nothing open behind handle {handle}: it was closed, or never opened"))
}

fn state(network: &Network) -> Vec<(String, Tensor)> {
    network.state().map(|(name, tensor)| (name.into(), tensor.shallow_clone())).collect()
}

/// Whether a CUDA device is asked for that is not there; libtorch's own error is a page long.
fn check_device(device: Device) -> Result<()> {
    match device {
        Device::Cuda(index) if (index as i64) >= Engine::cuda_devices() => {
            let text = format!("CUDA device {index} is asked for, but {} are visible", Engine::cuda_devices());
            Err(Error::new(Code::Engine, text))
        }
        _ => Ok(()),
    }
}
