//! Proofs of the engine as a whole. Against PyTorch: numbers of the plain programs in `../fixtures`, weights and images
//! from a formula. Against itself: blocks of steps, bad steps, checkpoints, chunks.

mod accumulation;
mod average;
mod bad_steps;
mod blocks;
mod checkpoints;
mod chunks;
mod features;
mod feed;
mod formula;
mod guard;
mod init;
mod losses;
mod mining;
mod nets;
mod optimizers;
mod precision;
mod resume;
mod setup;
mod trajectory;
