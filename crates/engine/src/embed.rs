//! Embedding in evaluation mode, batch by batch.

use crate::augment::Rows;
use crate::batch::Recipe;
use crate::error::Result;
use crate::feed::{Feed, Images, Job};
use crate::network::{Mode, Network};
use crate::plan::Preprocess;
use std::rc::Rc;
use tch::{Device, Kind, Tensor, no_grad_guard};

/// A network with the preprocessing that it was trained with.
pub struct Model {
    pub network: Rc<Network>,
    pub preprocess: Preprocess,
}

impl Model {
    /// `[n, d]` for the images of `ids`, `batch` at a time; `mirror` adds the embedding of the mirrored image.
    pub fn embed(&self, images: Images, ids: &[i32], mirror: bool, batch: usize) -> Result<Vec<f32>> {
        let _guard = no_grad_guard();
        let network = &self.network;
        let recipe = Recipe {
            preprocess: &self.preprocess,
            augment: None,
            input: network.input,
            kind: network.kind,
            device: network.device,
        };
        let rows = Rows { seed: 0, step: 0, first_row: 0 };
        let jobs: Vec<Job> = ids.chunks(batch.max(1)).map(|ids| Job { ids, rows }).collect();
        let mut embedded = Vec::with_capacity(ids.len() * network.embedding_size as usize);
        Feed { images, resident: None, recipe }.batches(&jobs, |next_batch| {
            for _ in &jobs {
                let batch = next_batch()?;
                let mut embeddings = network.forward(&batch, Mode::Evaluate)?;
                if mirror {
                    let mirrored = network.forward(&batch.f_flip([3i64].as_slice())?, Mode::Evaluate)?;
                    embeddings = embeddings.f_add(&mirrored)?;
                }
                embedded.extend(to_vec(&embeddings)?);
            }
            Ok(embedded)
        })
    }
}

fn to_vec(embeddings: &Tensor) -> Result<Vec<f32>> {
    let flat = embeddings.f_to_kind(Kind::Float)?.f_to_device(Device::Cpu)?.f_contiguous()?.f_view(-1)?;
    Ok(Vec::try_from(flat)?)
}
