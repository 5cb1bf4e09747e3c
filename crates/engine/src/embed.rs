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
    /// `[n, d]` for the images of `ids`, `batch` at a time: the sum over their views, or the mean of what they are at length 1.
    pub fn embed(&self, images: Images, ids: &[i32], views: &Views, batch: usize) -> Result<Vec<f32>> {
        let mut embedded = Vec::with_capacity(ids.len() * self.network.embedding_size as usize);
        self.batches(images, ids, views, batch, |_, batch| {
            let mut sum: Option<Tensor> = None;
            views.each(batch, self.network.input, |view| {
                let mut embeddings = self.network.forward(view, Mode::Evaluate)?;
                if views.units {
                    embeddings = unit(&embeddings)?.f_div_scalar(views.count() as f64)?;
                }
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

    /// Hands `with` the images of `ids` as [`Views::each`] takes them, `batch` at a time, and the place of the first of them in `ids`.
    pub fn batches(
        &self,
        images: Images,
        ids: &[i32],
        views: &Views,
        batch: usize,
        mut with: impl FnMut(usize, &Tensor) -> Result<()>,
    ) -> Result<()> {
        let _guard = no_grad_guard();
        let Network { input, kind, device, .. } = *self.network;
        let [height, width, _] = images.shape().map(|side| side as i64);
        let input = views.whole([height, width], input)?;
        let recipe = Recipe { preprocess: &self.preprocess, augment: None, input, kind, device };
        let rows = Rows { seed: 0, step: 0, first_row: 0 };
        let batch = batch.max(1);
        let jobs: Vec<Job> = ids.chunks(batch).map(|ids| Job { ids, labels: &[], rows }).collect();
        Feed { images, resident: None, recipe }.batches(&jobs, |next_batch| {
            for index in 0..jobs.len() {
                with(index * batch, &next_batch()?)?;
            }
            Ok(())
        })
    }
}

/// Rows of length 1, in float32 at least; one of zeros stays.
fn unit(embeddings: &Tensor) -> Result<Tensor> {
    let rows = if embeddings.kind() == Kind::Double {
        embeddings.shallow_clone()
    } else {
        embeddings.f_to_kind(Kind::Float)?
    };
    let lengths = rows.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?;
    let lengths = lengths.f_where_self(&lengths.f_gt(0.0)?, &lengths.f_ones_like()?)?;
    Ok(rows.f_div(&lengths)?)
}

fn to_vec(embeddings: &Tensor) -> Result<Vec<f32>> {
    let flat = embeddings.f_to_kind(Kind::Float)?.f_to_device(Device::Cpu)?.f_contiguous()?.f_view(-1)?;
    Ok(Vec::try_from(flat)?)
}
