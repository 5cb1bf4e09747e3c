use crate::integer::integer;
use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::{Int32Array, PromiseRaw, Uint8Array};
use napi_derive::napi;
use std::path::PathBuf;

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
