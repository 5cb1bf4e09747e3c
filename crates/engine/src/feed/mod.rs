//! Batches for the network, made while it computes. On the CPU a thread of its own gathers, turns, warps, lights and normalises
//! the images of the next batch in one pass, in plain Rust, straight into the batch's channels_last memory: libtorch's own
//! operations there would bring a second team of OpenMP threads, and the two would fight for the processors. On a GPU the
//! device does the same with the operations of `batch.rs`; both draw the same numbers and give the same pixels.

mod ahead;
mod columns;
mod fill;
mod images;
mod normalise;
mod real;
mod resident;
mod table;
mod turned;
mod warp;

pub use images::Images;
pub use resident::{RESIDENT_SHARE, Resident, fits};
pub use turned::Turned;

use crate::augment::Rows;
use crate::batch::Recipe;
use crate::error::Result;
use crate::pack::Numbers;
use ahead::one_ahead;
use columns::Columns;
use fill::Fill;
use npair_torch_ext::upload;
use real::Real;
use tch::{Device, Kind, Tensor};

/// Where batches come from.
pub struct Feed<'a> {
    pub images: Images<'a>,
    /// The same images on the device, if they are kept there.
    pub resident: Option<&'a Resident>,
    pub recipe: Recipe<'a>,
}

/// One batch to be made.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    pub ids: &'a [i32],
    /// Of the images, where they are known: classes that are deformed are by their label.
    pub labels: &'a [i32],
    /// Where its draws come from; at evaluation nothing is drawn.
    pub rows: Rows,
}

impl Feed<'_> {
    /// Calls `work` with a function that gives the batches `[n, c, h, w]` of `jobs` one after the other.
    ///
    /// On the CPU the next one is made meanwhile, never more, and none after the last job or after an error.
    pub fn batches<R>(
        &self,
        jobs: &[Job],
        work: impl FnOnce(&mut dyn FnMut() -> Result<Tensor>) -> Result<R>,
    ) -> Result<R> {
        self.recipe.check(self.images.shape(), self.images.numbers())?;
        match (self.recipe.device, self.recipe.kind) {
            (Device::Cpu, Kind::Float) => self.on_cpu::<f32, R>(jobs, work),
            (Device::Cpu, Kind::Double) => self.on_cpu::<f64, R>(jobs, work),
            _ => {
                let mut jobs = jobs.iter();
                work(&mut || jobs.next().map_or_else(|| Err(ahead::no_more()), |job| self.on_device(job)))
            }
        }
    }

    fn on_cpu<T: Real, R>(
        &self,
        jobs: &[Job],
        work: impl FnOnce(&mut dyn FnMut() -> Result<Tensor>) -> Result<R>,
    ) -> Result<R> {
        let (images, input) = (&self.images, self.recipe.input);
        let counts: Vec<i64> = jobs.iter().map(|job| job.ids.len() as i64).collect();
        let shape = |n: i64| [n, input.height, input.width, input.channels];
        match images.numbers() {
            Numbers::Uint8 => {
                let mut fill = Fill::<T>::new(&self.recipe, images.shape());
                one_ahead(&counts, shape, |index, values| fill.batch(images, &jobs[index], values), work)
            }
            Numbers::Float32 => {
                let mut columns = Columns::new(self.recipe.preprocess, input.channels as usize);
                one_ahead(&counts, shape, |index, values| columns.batch::<T>(images, &jobs[index], values), work)
            }
        }
    }

    /// With the operations of libtorch, on whatever device.
    pub fn on_device(&self, job: &Job) -> Result<Tensor> {
        let numbers = match self.resident {
            Some(resident) => resident.gather(job.ids)?,
            None => upload(&self.gather(job.ids)?, self.recipe.device)?,
        };
        self.recipe.batch(&numbers, job.rows, job.labels)
    }

    /// `[n, h, w, c]` uint8, or `[n, 1, 1, size]` float32, on the CPU.
    fn gather(&self, ids: &[i32]) -> Result<Tensor> {
        let [height, width, channels] = self.images.shape();
        let size = [ids.len() as i64, height as i64, width as i64, channels as i64];
        if self.images.numbers() == Numbers::Uint8 {
            return Ok(Tensor::f_from_data_size(&self.images.gather(ids)?, &size, Kind::Uint8)?);
        }
        let mut rows = vec![0f32; ids.len() * channels];
        for (&id, row) in ids.iter().zip(rows.chunks_exact_mut(channels)) {
            self.images.features(id, row)?;
        }
        Ok(Tensor::f_from_slice(&rows)?.f_reshape(size)?)
    }
}
