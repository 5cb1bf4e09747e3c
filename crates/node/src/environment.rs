//! A JavaScript environment (the main thread or a worker): with how many threads its calls are computed, and what it leaves
//! behind when it goes.

use crate::integer::integer;
use crate::promise::{started, to_napi};
use napi::Env;
use napi::bindgen_prelude::Float32Array;
use napi_derive::napi;
use npair_engine::Caller;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

thread_local! {
    /// A thread of JavaScript has one environment in its life.
    static ENVIRONMENT: RefCell<Option<Environment>> = const { RefCell::new(None) };
}

struct Environment {
    caller: Caller,
    /// Arrays of its memory that the engine reads
    lent: Arc<AtomicUsize>,
}

/// Who calls; the first time its end is prepared as well.
pub fn caller(env: &Env) -> napi::Result<Caller> {
    with(env, |environment| environment.caller)
}

fn with<T>(env: &Env, look: impl FnOnce(&mut Environment) -> T) -> napi::Result<T> {
    static LAST: AtomicU32 = AtomicU32::new(0);
    ENVIRONMENT.with_borrow_mut(|slot| {
        if let Some(environment) = slot {
            return Ok(look(environment));
        }
        let caller = Caller { environment: LAST.fetch_add(1, Ordering::Relaxed) + 1, threads: None };
        let environment = Environment { caller, lent: Arc::default() };
        let lent = environment.lent.clone();
        env.add_env_cleanup_hook((), move |()| leave(caller.environment, &lent))?;
        Ok(look(slot.insert(environment)))
    })
}

/// Lets go whatever an environment left open. Its memory goes with it: should the engine read there, that is waited for.
fn leave(environment: u32, lent: &AtomicUsize) {
    let Some(worker) = started() else { return };
    let (done, closed) = channel::<()>();
    let task = move |engine: &mut npair_engine::Engine| {
        engine.close_all(environment);
        Ok(())
    };
    worker.submit(Caller { environment, threads: None }, task, move |_| drop(done));
    if lent.load(Ordering::Acquire) > 0 {
        // Fails as soon as the other end is dropped.
        let _ = closed.recv();
    }
}

/// The number of threads that the calls from here on are computed with, until the next such call; 0 is libtorch's own choice
#[napi]
pub fn use_threads(env: &Env, threads: f64) -> napi::Result<()> {
    let threads: i32 = integer("threads", threads).map_err(|error| to_napi(&error))?;
    with(env, |environment| environment.caller.threads = (threads != 0).then_some(threads))
}

/// Rows in JavaScript's memory, which stays as long as they are here.
pub struct Lent {
    rows: Float32Array,
    count: Arc<AtomicUsize>,
}

impl Lent {
    pub fn new(env: &Env, rows: Float32Array) -> napi::Result<Self> {
        let count = with(env, |environment| environment.lent.clone())?;
        count.fetch_add(1, Ordering::AcqRel);
        Ok(Self { rows, count })
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}

impl AsRef<[f32]> for Lent {
    fn as_ref(&self) -> &[f32] {
        &self.rows
    }
}
