//! What miners ask for: embeddings by the network as it is, hard classes, inner products.

use crate::integer::integer;
use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::{Float32Array, Int32Array, PromiseRaw};
use napi_derive::napi;
use npair_engine::Engine;

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
