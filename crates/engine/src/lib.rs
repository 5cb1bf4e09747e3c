//! Networks, losses, optimisers, blocks of steps, packs and checkpoints over libtorch: plain Rust that knows nothing of Node.

pub mod augment;
pub mod average;
pub mod batch;
mod dropout;
pub mod embed;
pub mod engine;
pub mod error;
pub mod feed;
pub mod guard;
pub mod init;
pub mod loss;
pub mod mining;
pub mod mode;
mod module;
pub mod network;
pub mod optimizer;
pub mod pack;
mod passes;
pub mod plan;
pub mod random;
pub mod search;
pub mod statistics;
pub mod trainer;
pub mod views;
pub mod weights;
pub mod whitening;
pub mod worker;

pub use engine::Engine;
pub use error::{Code, Error, Result};
pub use worker::{Caller, Worker};
