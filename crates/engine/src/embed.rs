//! Embedding in evaluation mode, batch by batch.

use crate::batch::Recipe;
use crate::error::Result;
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
    /// `pixels` `[n, h, w, c]` uint8 → `[n, d]`; `mirror` adds the embedding of the mirrored image.
    pub fn embed(&self, pixels: &[u8], shape: [usize; 3], mirror: bool) -> Result<Vec<f32>> {
        let _guard = no_grad_guard();
        let network = &self.network;
        let recipe = Recipe {
            preprocess: &self.preprocess,
            augment: None,
            input: network.input,
            kind: network.kind,
            device: network.device,
        };
        let batch = recipe.batch(pixels, shape)?;
        let mut embeddings = network.forward(&batch, Mode::Evaluate)?;
        if mirror {
            let mirrored = network.forward(&batch.f_flip([3i64].as_slice())?, Mode::Evaluate)?;
            embeddings = embeddings.f_add(&mirrored)?;
        }
        to_vec(&embeddings)
    }
}

fn to_vec(embeddings: &Tensor) -> Result<Vec<f32>> {
    let flat = embeddings.f_to_kind(Kind::Float)?.f_to_device(Device::Cpu)?.f_contiguous()?.f_view(-1)?;
    Ok(Vec::try_from(flat)?)
}
