//! The `#[napi]` face: every entry is a promise that the engine's thread keeps. `src/native/engine.ts` is its only caller.

mod face;
mod gallery;
mod promise;
