//! A model: its weights, and embeddings of a pack's images, of pixels and of features.

use crate::integer::integer;
use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::{Float32Array, Int32Array, PromiseRaw, Uint8Array};
use napi_derive::napi;
use npair_engine::engine::PackSample;
use npair_engine::views::Views;
use npair_engine::{Engine, Result};
use std::path::PathBuf;

/// `weights`: a safetensors file; empty leaves the network as seed 0 draws it
#[napi]
pub fn model_create(env: &Env, plan: String, weights: String) -> napi::Result<PromiseRaw<'_, u32>> {
    promise(env, move |engine| engine.model_create(&plan, &PathBuf::from(weights)), |handle| handle)
}

#[napi]
pub fn model_save(env: &Env, model: f64, path: String) -> napi::Result<PromiseRaw<'_, ()>> {
    promise(env, move |engine| engine.model_save(integer("model", model)?, &PathBuf::from(path)), |()| ())
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

/// The views of an image whose embeddings are put together.
#[napi(object)]
pub struct BindingViews {
    /// The mirror image of every view, too
    pub mirror: bool,
    /// Pixels: up, down, left and right by each of them
    pub shifts: Vec<f64>,
    /// Beside the centre crop those at the four corners
    pub corners: Option<bool>,
    /// The mean of the views' embeddings at length 1 instead of their sum
    pub units: Option<bool>,
}

impl BindingViews {
    fn take(&self) -> Result<Views> {
        let shift = |&pixels| integer::<u32>("shifts", pixels).map(i64::from);
        let shifts = self.shifts.iter().map(shift).collect::<Result<_>>()?;
        let [corners, units] = [self.corners, self.units].map(|asked| asked.unwrap_or(false));
        Ok(Views { mirror: self.mirror, shifts, corners, units })
    }
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
