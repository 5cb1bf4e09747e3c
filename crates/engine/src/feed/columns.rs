//! A batch of features: each row as it is, normalised column by column.

use crate::error::Result;
use crate::feed::normalise::Normalise;
use crate::feed::real::Real;
use crate::feed::{Images, Job};
use crate::plan::Preprocess;

pub struct Columns {
    normalise: Vec<Normalise>,
    row: Vec<f32>,
}

impl Columns {
    /// For rows of `size` numbers.
    pub fn new(preprocess: &Preprocess, size: usize) -> Self {
        Self { normalise: Normalise::each(preprocess, size), row: vec![0.0; size] }
    }

    /// `into`: `[n, 1, 1, size]`
    pub fn batch<T: Real>(&mut self, images: &Images, job: &Job, into: &mut [T]) -> Result<()> {
        for (&id, into) in job.ids.iter().zip(into.chunks_exact_mut(self.row.len())) {
            images.features(id, &mut self.row)?;
            for ((into, &number), normalise) in into.iter_mut().zip(&self.row).zip(&self.normalise) {
                *into = T::of(normalise.of(f64::from(number)));
            }
        }
        Ok(())
    }
}
