use crate::integer::integer;
use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;

/// Frees what a handle stands for
#[napi]
pub fn close(env: &Env, handle: f64) -> napi::Result<PromiseRaw<'_, ()>> {
    promise(env, move |engine| engine.close(integer("handle", handle)?), |()| ())
}
