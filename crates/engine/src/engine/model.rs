use super::machine::check_device;
use super::{Engine, Object};
use crate::embed::Model;
use crate::error::{Code, Error, Result};
use crate::feed::Images;
use crate::network::Network;
use crate::plan::{ModelPlan, parse};
use crate::views::Views;
use crate::weights;
use crate::whitening::{self, Sample};
use std::path::Path;
use std::rc::Rc;

/// Labelled images of a pack, by handle, see [`Sample`].
pub struct PackSample {
    pub pack: u32,
    pub ids: Vec<i32>,
    pub labels: Vec<i64>,
    pub views: Views,
    pub batch: usize,
}

impl Engine {
    /// `weights`: a safetensors file; an empty path leaves the network as seed 0 draws it.
    pub fn model_create(&mut self, plan: &str, weights: &Path) -> Result<u32> {
        let plan: ModelPlan = parse("the model", plan)?;
        check_device(plan.device.device())?;
        let network = Network::with_precision(&plan.net, 0, plan.precision, plan.device.device())?;
        if !weights.as_os_str().is_empty() {
            weights::load(weights, &network.named_state())?;
        }
        let model = Model { network: Rc::new(network), preprocess: plan.preprocess };
        Ok(self.insert(Object::Model(Rc::new(model))))
    }

    pub fn model_save(&self, model: u32, path: &Path) -> Result<()> {
        weights::save(path, self.model(model)?.network.state())
    }

    /// A model with one layer more, see [`whitening::fit`]; `plan` describes it whole.
    pub fn model_whiten(&mut self, plan: &str, model: u32, shrinkage: f64, sample: &PackSample) -> Result<u32> {
        let plan: ModelPlan = parse("the model", plan)?;
        check_device(plan.device.device())?;
        let network = Network::with_precision(&plan.net, 0, plan.precision, plan.device.device())?;
        let pack = self.pack(sample.pack)?;
        let PackSample { ids, labels, views, batch, .. } = sample;
        let sample = Sample { images: Images::Pack(&pack), ids, labels, views, batch: *batch };
        whitening::fit(&network, &*self.model(model)?, &sample, shrinkage)?;
        let model = Model { network: Rc::new(network), preprocess: plan.preprocess };
        Ok(self.insert(Object::Model(Rc::new(model))))
    }

    /// `[n, d]` in the order of `images`, `batch` at a time.
    pub fn embed_pack(&self, model: u32, pack: u32, images: &[i32], views: &Views, batch: usize) -> Result<Vec<f32>> {
        let (model, pack) = (self.model(model)?, self.pack(pack)?);
        model.embed(Images::Pack(&pack), images, views, batch)
    }

    /// `[n, d]` for pixels `[n, height, width, c]`.
    pub fn embed_pixels(
        &self,
        model: u32,
        pixels: &[u8],
        [height, width]: [usize; 2],
        views: &Views,
        batch: usize,
    ) -> Result<Vec<f32>> {
        let model = self.model(model)?;
        let shape = [height, width, model.network.input.channels as usize];
        let image: usize = shape.iter().product();
        if image == 0 || !pixels.len().is_multiple_of(image) {
            let text = format!("{} bytes are no whole number of {shape:?} images", pixels.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let ids: Vec<i32> = (0..).take(pixels.len() / image).collect();
        model.embed(Images::Pixels { bytes: pixels, shape }, &ids, views, batch)
    }

    /// `[n, d]` for rows of features, one after the other.
    pub fn embed_features(&self, model: u32, numbers: &[f32], batch: usize) -> Result<Vec<f32>> {
        let model = self.model(model)?;
        let size = model.network.input.channels as usize;
        if !numbers.len().is_multiple_of(size) {
            let text = format!("{} numbers are no whole number of rows of {size}", numbers.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let ids: Vec<i32> = (0..).take(numbers.len() / size).collect();
        model.embed(Images::Features { numbers, size }, &ids, &Views::default(), batch)
    }
}
