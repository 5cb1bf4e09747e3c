use super::{Engine, matrix};
use crate::error::Result;
use crate::mining::{Candidates, Selection};
use crate::plan::parse;

impl Engine {
    /// `[n, d]` by the trained network as it is, not its average.
    pub fn trainer_embed(&mut self, trainer: u32, images: &[i32]) -> Result<Vec<f32>> {
        self.trainer(trainer)?.embed_images(images)
    }

    /// The classes of mined batches, see `Trainer::mine`; `selection` as JSON.
    pub fn trainer_mine(
        &mut self,
        trainer: u32,
        [images, labels, firsts]: [&[i32]; 3],
        selection: &str,
    ) -> Result<Vec<i32>> {
        let selection: Selection = parse("the selection", selection)?;
        self.trainer(trainer)?.mine(images, labels, &selection, firsts)
    }

    /// The same for `[rows, size]` embeddings that are there already.
    pub fn select_classes(embeddings: &[f32], size: usize, selection: &str, firsts: &[i32]) -> Result<Vec<i32>> {
        let selection: Selection = parse("the selection", selection)?;
        Candidates::new(&matrix(embeddings, size)?, &selection)?.batches(&selection, firsts)
    }

    /// `[n, m]` inner products of `[n, size]` and `[m, size]`.
    pub fn products(rows: &[f32], others: &[f32], size: usize) -> Result<Vec<f32>> {
        let products = matrix(rows, size)?.f_matmul(&matrix(others, size)?.f_tr()?)?;
        Ok(Vec::try_from(products.f_contiguous()?.f_view(-1)?)?)
    }
}
