//! A run: its steps, whole or in two halves, and its checkpoints.

use crate::integer::integer;
use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::{Float64Array, Int32Array, PromiseRaw};
use napi_derive::napi;
use npair_engine::Engine;
use npair_engine::trainer::Block;
use std::path::PathBuf;

#[napi]
pub fn trainer_create(env: &Env, plan: String, pack: f64) -> napi::Result<PromiseRaw<'_, u32>> {
    promise(env, move |engine| engine.trainer_create(&plan, integer("pack", pack)?), |handle| handle)
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
