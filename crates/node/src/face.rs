use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::{Either, Float32Array, Float64Array, Int32Array, PromiseRaw, Uint8Array};
use napi_derive::napi;
use npair_engine::engine::{LossInput, LossValue, PackSample};
use npair_engine::trainer::Block;
use npair_engine::views::Views;
use npair_engine::{Code, Engine, Error, Result};
use std::collections::HashMap;
use std::path::PathBuf;

#[napi(object)]
pub struct BindingEnvironment {
    pub threads: i32,
    pub cuda_devices: i32,
    /// The instruction set of ATen's kernels
    pub cpu_capability: String,
    /// Whether the processor has bfloat16 matrix tiles
    pub amx: bool,
}

#[napi(object, object_from_js = false)]
pub struct BindingBlock {
    pub losses: Float64Array,
    pub l2: Float64Array,
    pub norms: Float64Array,
    pub gradient_norms: Float64Array,
    /// Mean cosine between embeddings of different classes; empty without a guard
    pub cosines: Float64Array,
    /// Why a step changed nothing; empty where it was good
    pub reasons: Vec<String>,
    /// The step that ended the block; -1 where none did
    pub first_bad: i32,
    pub culprit: String,
}

#[napi(object, object_from_js = false)]
pub struct BindingLoss {
    pub loss: f64,
    pub terms: HashMap<String, f64>,
    pub gradient: Either<Float32Array, Float64Array>,
    /// For the parameters given, in their order
    pub parameters: Vec<Either<Float32Array, Float64Array>>,
}

#[napi]
pub fn environment(env: &Env) -> napi::Result<PromiseRaw<'_, BindingEnvironment>> {
    let task = |_: &mut Engine| {
        Ok(BindingEnvironment {
            threads: Engine::threads(),
            cuda_devices: Engine::cuda_devices() as i32,
            cpu_capability: Engine::cpu_capability(),
            amx: Engine::has_amx(),
        })
    };
    promise(env, task, |environment| environment)
}

/// Bytes of the first GPU
#[napi(object)]
pub struct BindingDeviceMemory {
    pub total: f64,
    /// Of the device, and what libtorch holds without using it
    pub free: f64,
    /// What tensors take now, and the most since the last reset
    pub allocated: f64,
    pub peak: f64,
    /// What libtorch took from the device
    pub reserved: f64,
}

/// How the first GPU's memory stands, null without one; `resetPeak` lets `peak` begin anew
#[napi]
pub fn device_memory(env: &Env, reset_peak: bool) -> napi::Result<PromiseRaw<'_, Option<BindingDeviceMemory>>> {
    promise(
        env,
        move |_| Engine::device_memory(reset_peak),
        |memory| {
            memory.map(|memory| BindingDeviceMemory {
                total: memory.total as f64,
                free: memory.free as f64,
                allocated: memory.allocated as f64,
                peak: memory.peak as f64,
                reserved: memory.reserved as f64,
            })
        },
    )
}

#[napi]
pub fn set_threads(env: &Env, threads: f64) -> napi::Result<PromiseRaw<'_, ()>> {
    promise(env, move |_| Engine::set_threads(integer("threads", threads)?), |()| ())
}

#[napi]
pub fn pack_open(env: &Env, path: String) -> napi::Result<PromiseRaw<'_, u32>> {
    promise(env, move |engine| engine.pack_open(&PathBuf::from(path)), |handle| handle)
}

/// Raw pixels `[n, h, w, c]`
#[napi]
pub fn pack_read(env: &Env, pack: f64, images: Int32Array) -> napi::Result<PromiseRaw<'_, Uint8Array>> {
    let images = images.to_vec();
    promise(env, move |engine| engine.pack_read(integer("pack", pack)?, &images), Uint8Array::new)
}

#[napi]
pub fn trainer_create(env: &Env, plan: String, pack: f64) -> napi::Result<PromiseRaw<'_, u32>> {
    promise(env, move |engine| engine.trainer_create(&plan, integer("pack", pack)?), |handle| handle)
}

/// A block of k steps: `images` holds the ids of each batch of a step, `labels` one an image where the loss or the guard looks
/// at them, `learningRates` k numbers
#[napi]
pub fn trainer_steps(
    env: &Env,
    trainer: f64,
    first_step: f64,
    images: Int32Array,
    learning_rates: Float64Array,
    labels: Option<Int32Array>,
) -> napi::Result<PromiseRaw<'_, BindingBlock>> {
    let (images, rates) = (images.to_vec(), learning_rates.to_vec());
    let labels = labels.map_or_else(Vec::new, |labels| labels.to_vec());
    let task = move |engine: &mut Engine| {
        let (trainer, first) = (integer("trainer", trainer)?, integer("firstStep", first_step)?);
        engine.trainer_steps(trainer, first, &images, &labels, &rates)
    };
    promise(env, task, told)
}

/// The first half of a step whose loss JavaScript computes: `[rows, d]` embeddings; `labels` are for the guard
#[napi]
pub fn trainer_forward(
    env: &Env,
    trainer: f64,
    step: f64,
    images: Int32Array,
    labels: Option<Int32Array>,
) -> napi::Result<PromiseRaw<'_, Float64Array>> {
    let images = images.to_vec();
    let labels = labels.map_or_else(Vec::new, |labels| labels.to_vec());
    let task = move |engine: &mut Engine| {
        engine.trainer_forward(integer("trainer", trainer)?, integer("step", step)?, &images, &labels)
    };
    promise(env, task, Float64Array::new)
}

/// The second half: the loss, the penalty within it, and its gradient for the embeddings
#[napi]
pub fn trainer_backward(
    env: &Env,
    trainer: f64,
    loss: f64,
    l2: f64,
    gradient: Float64Array,
    learning_rate: f64,
) -> napi::Result<PromiseRaw<'_, BindingBlock>> {
    let gradient = gradient.to_vec();
    let task = move |engine: &mut Engine| {
        engine.trainer_backward(integer("trainer", trainer)?, [loss, l2], &gradient, learning_rate)
    };
    promise(env, task, told)
}

fn told(block: Block) -> BindingBlock {
    BindingBlock {
        losses: block.losses.into(),
        l2: block.l2.into(),
        norms: block.norms.into(),
        gradient_norms: block.gradient_norms.into(),
        cosines: block.cosines.into(),
        reasons: block.reasons.into_iter().map(String::from).collect(),
        first_bad: block.first_bad.map_or(-1, |bad| bad as i32),
        culprit: block.culprit,
    }
}

/// `[n, d]` by the trained network as it is, in evaluation mode
#[napi]
pub fn trainer_embed(env: &Env, trainer: f64, images: Int32Array) -> napi::Result<PromiseRaw<'_, Float32Array>> {
    let images = images.to_vec();
    promise(env, move |engine| engine.trainer_embed(integer("trainer", trainer)?, &images), Float32Array::new)
}

/// Hard classes for one batch after the other: `firsts` holds the candidate that each begins with, `labels` those of the
/// candidates, `images` one of each and then where the selection says two another of each. Numbers of candidates come back,
/// `[batches · count]`.
#[napi]
pub fn trainer_mine(
    env: &Env,
    trainer: f64,
    images: Int32Array,
    labels: Int32Array,
    selection: String,
    firsts: Int32Array,
) -> napi::Result<PromiseRaw<'_, Int32Array>> {
    let (images, labels, firsts) = (images.to_vec(), labels.to_vec(), firsts.to_vec());
    let task = move |engine: &mut Engine| {
        engine.trainer_mine(integer("trainer", trainer)?, [&images, &labels, &firsts], &selection)
    };
    promise(env, task, Int32Array::new)
}

/// The same for the embeddings `[rows, size]` of the candidates' images
#[napi]
pub fn select_classes(
    env: &Env,
    embeddings: Float32Array,
    size: f64,
    selection: String,
    firsts: Int32Array,
) -> napi::Result<PromiseRaw<'_, Int32Array>> {
    let (embeddings, firsts) = (embeddings.to_vec(), firsts.to_vec());
    let task = move |_: &mut Engine| {
        let size: u32 = integer("size", size)?;
        Engine::select_classes(&embeddings, size as usize, &selection, &firsts)
    };
    promise(env, task, Int32Array::new)
}

/// `[n, m]` inner products of `[n, size]` and `[m, size]`
#[napi]
pub fn products(
    env: &Env,
    rows: Float32Array,
    others: Float32Array,
    size: f64,
) -> napi::Result<PromiseRaw<'_, Float32Array>> {
    let (rows, others) = (rows.to_vec(), others.to_vec());
    let task = move |_: &mut Engine| {
        let size: u32 = integer("size", size)?;
        Engine::products(&rows, &others, size as usize)
    };
    promise(env, task, Float32Array::new)
}

/// Writes weights.safetensors, optimizer.safetensors, and where they apply average.safetensors, loss.safetensors for a loss
/// with parameters and mining.safetensors for means of classes into an existing folder
#[napi]
pub fn trainer_save(env: &Env, trainer: f64, folder: String) -> napi::Result<PromiseRaw<'_, ()>> {
    promise(env, move |engine| engine.trainer_save(integer("trainer", trainer)?, &PathBuf::from(folder)), |()| ())
}

#[napi]
pub fn trainer_load(env: &Env, trainer: f64, folder: String) -> napi::Result<PromiseRaw<'_, ()>> {
    promise(env, move |engine| engine.trainer_load(integer("trainer", trainer)?, &PathBuf::from(folder)), |()| ())
}

/// A model that shares the trainer's weights, or their average where it keeps one
#[napi]
pub fn trainer_model(env: &Env, trainer: f64) -> napi::Result<PromiseRaw<'_, u32>> {
    promise(env, move |engine| engine.trainer_model(integer("trainer", trainer)?), |handle| handle)
}

/// `weights`: a safetensors file; empty leaves the network as seed 0 draws it
#[napi]
pub fn model_create(env: &Env, plan: String, weights: String) -> napi::Result<PromiseRaw<'_, u32>> {
    promise(env, move |engine| engine.model_create(&plan, &PathBuf::from(weights)), |handle| handle)
}

#[napi]
pub fn model_save(env: &Env, model: f64, path: String) -> napi::Result<PromiseRaw<'_, ()>> {
    promise(env, move |engine| engine.model_save(integer("model", model)?, &PathBuf::from(path)), |()| ())
}

/// `[n, d]` in the order of `images`
#[napi]
pub fn embed_pack(
    env: &Env,
    model: f64,
    pack: f64,
    images: Int32Array,
    views: BindingViews,
    batch: f64,
) -> napi::Result<PromiseRaw<'_, Float32Array>> {
    let images = images.to_vec();
    let task = move |engine: &mut Engine| {
        let batch: u32 = integer("batch", batch)?;
        engine.embed_pack(integer("model", model)?, integer("pack", pack)?, &images, &views.take()?, batch as usize)
    };
    promise(env, task, Float32Array::new)
}

/// The model of `plan`: the weights of `model` and a layer `whitening`, fitted to every view of the images given
#[napi]
#[allow(clippy::too_many_arguments)]
pub fn model_whiten(
    env: &Env,
    plan: String,
    model: f64,
    shrinkage: f64,
    pack: f64,
    images: Int32Array,
    labels: Int32Array,
    views: BindingViews,
    batch: f64,
) -> napi::Result<PromiseRaw<'_, u32>> {
    let ids = images.to_vec();
    let labels: Vec<i64> = labels.iter().map(|&label| i64::from(label)).collect();
    let task = move |engine: &mut Engine| {
        let (pack, batch): (u32, u32) = (integer("pack", pack)?, integer("batch", batch)?);
        let sample = PackSample { pack, ids, labels, views: views.take()?, batch: batch as usize };
        engine.model_whiten(&plan, integer("model", model)?, shrinkage, &sample)
    };
    promise(env, task, |handle| handle)
}

/// `[n, d]` for pixels `[n, height, width, c]`
#[napi]
pub fn embed_pixels(
    env: &Env,
    model: f64,
    pixels: Uint8Array,
    height: f64,
    width: f64,
    views: BindingViews,
    batch: f64,
) -> napi::Result<PromiseRaw<'_, Float32Array>> {
    let pixels = pixels.to_vec();
    let task = move |engine: &mut Engine| {
        let (height, width): (u32, u32) = (integer("height", height)?, integer("width", width)?);
        let batch: u32 = integer("batch", batch)?;
        let size = [height as usize, width as usize];
        engine.embed_pixels(integer("model", model)?, &pixels, size, &views.take()?, batch as usize)
    };
    promise(env, task, Float32Array::new)
}

/// The views of an image whose embeddings are added.
#[napi(object)]
pub struct BindingViews {
    /// The mirror image of every view, too
    pub mirror: bool,
    /// Pixels: up, down, left and right by each of them
    pub shifts: Vec<f64>,
}

impl BindingViews {
    fn take(&self) -> Result<Views> {
        let shift = |&pixels| integer::<u32>("shifts", pixels).map(i64::from);
        Ok(Views { mirror: self.mirror, shifts: self.shifts.iter().map(shift).collect::<Result<_>>()? })
    }
}

/// `[n, d]` for rows of features, as many numbers each as the model takes
#[napi]
pub fn embed_features(
    env: &Env,
    model: f64,
    rows: Float32Array,
    batch: f64,
) -> napi::Result<PromiseRaw<'_, Float32Array>> {
    let rows = rows.to_vec();
    let task = move |engine: &mut Engine| {
        let batch: u32 = integer("batch", batch)?;
        engine.embed_features(integer("model", model)?, &rows, batch as usize)
    };
    promise(env, task, Float32Array::new)
}

type Numbers = Either<Float32Array, Float64Array>;

/// Value and gradient of a loss for `[rows, size]` embeddings, in the precision of the array given; `labels` one a row, or with
/// `offsets` those of row i from `offsets[i]` to `offsets[i + 1]`; `parameters` the loss's own
#[napi]
pub fn loss_compute(
    env: &Env,
    loss: String,
    embeddings: Either<Float32Array, Float64Array>,
    size: f64,
    labels: Int32Array,
    offsets: Int32Array,
    parameters: Vec<Either<Float32Array, Float64Array>>,
) -> napi::Result<PromiseRaw<'_, BindingLoss>> {
    let (labels, offsets) = (labels.to_vec(), offsets.to_vec());
    let single = matches!(embeddings, Either::A(_));
    let floats = |numbers: &Numbers| match numbers {
        Either::A(single) => single.to_vec(),
        Either::B(double) => double.iter().map(|&x| x as f32).collect(),
    };
    let doubles = |numbers: &Numbers| match numbers {
        Either::A(single) => single.iter().map(|&x| f64::from(x)).collect(),
        Either::B(double) => double.to_vec(),
    };
    let (as_floats, as_doubles) = if single {
        (Some((floats(&embeddings), parameters.iter().map(floats).collect())), None)
    } else {
        (None, Some((doubles(&embeddings), parameters.iter().map(doubles).collect())))
    };
    let task = move |_: &mut Engine| {
        let size: u32 = integer("size", size)?;
        let size = size as usize;
        if let Some((embeddings, parameters)) = as_floats {
            let input = LossInput { embeddings, size, labels, offsets, parameters };
            return Ok(Either::A(Engine::loss_compute(&loss, &input)?));
        }
        let (embeddings, parameters) = as_doubles.unwrap_or_default();
        let input = LossInput { embeddings, size, labels, offsets, parameters };
        Ok(Either::B(Engine::loss_compute(&loss, &input)?))
    };
    promise(env, task, |value: Either<LossValue<f32>, LossValue<f64>>| match value {
        Either::A(LossValue { loss, terms, gradient, parameters }) => BindingLoss {
            loss,
            terms: named(&terms),
            gradient: Either::A(gradient.into()),
            parameters: parameters.into_iter().map(|each| Either::A(each.into())).collect(),
        },
        Either::B(LossValue { loss, terms, gradient, parameters }) => BindingLoss {
            loss,
            terms: named(&terms),
            gradient: Either::B(gradient.into()),
            parameters: parameters.into_iter().map(|each| Either::B(each.into())).collect(),
        },
    })
}

/// Frees what a handle stands for
#[napi]
pub fn close(env: &Env, handle: f64) -> napi::Result<PromiseRaw<'_, ()>> {
    promise(env, move |engine| engine.close(integer("handle", handle)?), |()| ())
}

fn named(terms: &[(&'static str, f64)]) -> HashMap<String, f64> {
    terms.iter().map(|&(name, value)| (name.to_string(), value)).collect()
}

/// Numbers cross as f64 and are checked here: napi's own conversions turn −1.5 into 4294967295 silently.
pub(crate) fn integer<T: TryFrom<i64>>(name: &str, value: f64) -> Result<T> {
    let whole = (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64);
    whole.and_then(|whole| T::try_from(whole).ok()).ok_or_else(|| {
        Error::new(
            Code::InvalidOption,
            format!("Expected an integer in range for {name} but received {value} of type number"),
        )
    })
}
