//! Embedding in evaluation mode, batch by batch.

use crate::augment::Rows;
use crate::batch::Recipe;
use crate::error::Result;
use crate::feed::{Feed, Images, Job};
use crate::mode::Mode;
use crate::network::Network;
use crate::plan::Preprocess;
use crate::views::Views;
use std::rc::Rc;
use tch::{Device, Kind, Tensor, no_grad_guard};

/// A network with the preprocessing that it was trained with.
pub struct Model {
    pub network: Rc<Network>,
    pub preprocess: Preprocess,
}

impl Model {
    /// `[n, d]` for the images of `ids`, `batch` at a time: the sum over their views.
    pub fn embed(&self, images: Images, ids: &[i32], views: &Views, batch: usize) -> Result<Vec<f32>> {
        let mut embedded = Vec::with_capacity(ids.len() * self.network.embedding_size as usize);
        self.batches(images, ids, batch, |_, batch| {
            let mut sum: Option<Tensor> = None;
            views.each(batch, |view| {
                let embeddings = self.network.forward(view, Mode::Evaluate)?;
                sum = Some(match sum.take() {
                    Some(sum) => sum.f_add(&embeddings)?,
                    None => embeddings,
                });
                Ok(())
            })?;
            embedded.extend(sum.as_ref().map(to_vec).transpose()?.unwrap_or_default());
            Ok(())
        })?;
        Ok(embedded)
    }

    /// Hands `with` the images of `ids` as the network sees them, `batch` at a time, and the place of the first of them in `ids`.
    pub fn batches(
        &self,
        images: Images,
        ids: &[i32],
        batch: usize,
        mut with: impl FnMut(usize, &Tensor) -> Result<()>,
    ) -> Result<()> {
        let _guard = no_grad_guard();
        let Network { input, kind, device, .. } = *self.network;
        let recipe = Recipe { preprocess: &self.preprocess, augment: None, input, kind, device };
        let rows = Rows { seed: 0, step: 0, first_row: 0 };
        let batch = batch.max(1);
        let jobs: Vec<Job> = ids.chunks(batch).map(|ids| Job { ids, rows }).collect();
        Feed { images, resident: None, recipe }.batches(&jobs, |next_batch| {
            for index in 0..jobs.len() {
                with(index * batch, &next_batch()?)?;
            }
            Ok(())
        })
    }
}

fn to_vec(embeddings: &Tensor) -> Result<Vec<f32>> {
    let flat = embeddings.f_to_kind(Kind::Float)?.f_to_device(Device::Cpu)?.f_contiguous()?.f_view(-1)?;
    Ok(Vec::try_from(flat)?)
}
