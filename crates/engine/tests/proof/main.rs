//! Proofs of the engine as a whole. Against PyTorch: numbers of the plain programs in `../fixtures`, weights and images
//! from a formula. Against itself: blocks of steps, bad steps, checkpoints, chunks.

mod adam;
mod bad_steps;
mod blocks;
mod checkpoints;
mod formula;
mod init;
mod nets;
mod setup;
mod trajectory;
