//! The `#[napi]` face: every entry is a promise that the engine's thread keeps. `src/native/engine.ts` is its only caller.

mod environment;
mod gallery;
mod handle;
mod integer;
mod loss;
mod machine;
mod mining;
mod model;
mod pack;
mod promise;
mod trainer;
