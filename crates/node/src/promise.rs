use crate::environment::caller;
use napi::bindgen_prelude::{JsValue, PromiseRaw, ToNapiValue};
use napi::{Env, Status};
use npair_engine::{Engine, Error, Result, Worker};
use std::sync::OnceLock;

/// One engine a process, whatever number of JavaScript environments uses it.
static WORKER: OnceLock<Worker> = OnceLock::new();

/// The engine, if anything was ever asked of it.
pub fn started() -> Option<&'static Worker> {
    WORKER.get()
}

fn worker() -> napi::Result<&'static Worker> {
    if let Some(worker) = WORKER.get() {
        return Ok(worker);
    }
    // Process-wide, hence the switch: whoever minds that freed memory stays in the process sets it to 0.
    let tune_allocator = std::env::var_os("NPAIR_TUNE_MALLOC").is_none_or(|value| value != "0");
    let started = Worker::start(tune_allocator).map_err(|error| {
        napi::Error::new(Status::GenericFailure, format!("cannot start the engine's thread: {error}"))
    })?;
    Ok(WORKER.get_or_init(|| started))
}

/// Runs `task` on the engine's thread; the promise gets what `convert` makes of its result on JavaScript's thread.
pub fn promise<'env, T, V>(
    env: &'env Env,
    task: impl FnOnce(&mut Engine) -> Result<T> + Send + 'static,
    convert: impl FnOnce(T) -> V + Send + 'static,
) -> napi::Result<PromiseRaw<'env, V>>
where
    T: Send + 'static,
    V: ToNapiValue + 'static,
{
    let (deferred, promise) = env.create_deferred()?;
    worker()?.submit(caller(env)?, task, move |result| match result {
        Ok(value) => deferred.resolve(move |_| Ok(convert(value))),
        Err(error) => deferred.reject(to_napi(&error)),
    });
    Ok(PromiseRaw::new(env.raw(), promise.raw()))
}

/// The fields of an error as JSON in the message; `src/native/engine.ts` makes an NPairError of it.
pub fn to_napi(error: &Error) -> napi::Error {
    let fields = serde_json::json!({
        "code": error.code.as_str(), "message": error.message, "detail": error.detail,
    });
    napi::Error::new(Status::GenericFailure, fields.to_string())
}
