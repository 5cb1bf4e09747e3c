//! The network as it is, looked at between two steps: embeddings for whoever mines, and hard classes.

use super::Trainer;
use crate::embed::Model;
use crate::error::{Code, Error, Result};
use crate::feed::Images;
use crate::mining::{Candidates, ClassMeans, Selection, require_finite};
use crate::views::Views;
use tch::Tensor;

/// Images that are embedded at a time.
const EMBED_BATCH: usize = 128;

impl Trainer {
    /// `[n, d]` embeddings by the network as it is: in evaluation mode, without augmentation, running statistics untouched. A
    /// step between its halves goes on: somebody may have asked for embeddings without waiting for them.
    pub fn embed_images(&self, images: &[i32]) -> Result<Vec<f32>> {
        let model = Model { network: self.network(), preprocess: self.plan.preprocess.clone() };
        model.embed(Images::Pack(&self.pack), images, &Views::default(), EMBED_BATCH)
    }

    /// The classes of a batch for each of `firsts`, as [`Candidates::batches`] gives them. `images`: one of each candidate
    /// class, then where there are two another of each; `labels`: those of the candidates. Where the plan keeps means, they
    /// stand for the classes, and only images of classes without one are embedded.
    pub fn mine(&mut self, images: &[i32], labels: &[i32], selection: &Selection, firsts: &[i32]) -> Result<Vec<i32>> {
        if labels.is_empty() || images.len() != labels.len() * selection.images_per_class {
            let text = format!("{} candidate classes do not have {} images", labels.len(), images.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let embeddings = match self.class_means.take() {
            None => self.embedded(images)?,
            Some(mut means) => {
                let rows = self.with_all_means(&mut means, images, labels);
                self.class_means = Some(means);
                // Of two images of a class drawn independently the expected inner product is that of its mean with itself.
                rows?.f_repeat([selection.images_per_class as i64, 1])?
            }
        };
        Candidates::new(&embeddings, selection)?.batches(selection, firsts)
    }

    /// The means of `labels`, those begun that there were none of.
    fn with_all_means(&self, means: &mut ClassMeans, images: &[i32], labels: &[i32]) -> Result<Tensor> {
        let missing = means.missing(labels)?;
        let places = || images.iter().zip((0..labels.len()).cycle()).filter(|(_, c)| missing.binary_search(c).is_ok());
        let (ids, classes): (Vec<i32>, Vec<i32>) = places().map(|(&id, c)| (id, labels[c])).unzip();
        if !ids.is_empty() {
            let embeddings = self.embedded(&ids)?;
            // Before they are kept: whoever goes back or on from here must not meet them.
            require_finite(&embeddings)?;
            means.begin(&embeddings, &classes)?;
        }
        means.rows(labels)
    }

    /// [`Trainer::embed_images`] on the device.
    fn embedded(&self, images: &[i32]) -> Result<Tensor> {
        let embeddings = Tensor::f_from_slice(&self.embed_images(images)?)?;
        let embeddings = embeddings.f_reshape([images.len() as i64, -1])?;
        Ok(embeddings.f_to_device(self.network.device)?)
    }
}
