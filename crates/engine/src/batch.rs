//! From uint8 pixels to what the network sees.

use crate::augment::{Rows, augment, centre_crop};
use crate::error::{Code, Error, Result};
use crate::pack::Numbers;
use crate::plan::{Augment, Input, Preprocess};
use npair_torch_ext::upload;
use tch::{Device, Kind, Tensor};

/// How a batch is made from pixels.
#[derive(Clone, Copy)]
pub struct Recipe<'a> {
    pub preprocess: &'a Preprocess,
    /// None at evaluation: the centre crop.
    pub augment: Option<&'a Augment>,
    pub input: Input,
    pub kind: Kind,
    pub device: Device,
}

impl Recipe<'_> {
    /// `numbers`: `[n, height, width, channels]` uint8 on the device (or `[n, 1, 1, size]` float32: features, which are only
    /// normalised) → `[n, c, H, W]` normalised floats. What `feed` does on the CPU in one pass is done here by operations of
    /// libtorch. `labels`: of the rows, where classes are deformed.
    pub fn batch(&self, numbers: &Tensor, rows: Rows, labels: &[i32]) -> Result<Tensor> {
        if numbers.kind() != Kind::Uint8 {
            return self.normalise(numbers.f_permute([0, 3, 1, 2])?.f_to_kind(self.kind)?);
        }
        let mut images = numbers.f_permute([0, 3, 1, 2])?.f_to_kind(self.kind)?.f_div_scalar_(255.0)?;
        if self.preprocess.invert {
            images = images.f_neg_()?.f_add_scalar_(1.0)?;
        }
        self.normalise(match self.augment {
            Some(options) => augment(&images, options, self.input, rows, labels)?,
            None => centre_crop(&images, self.input)?,
        })
    }

    /// In place: these are our own numbers, or a view of them.
    fn normalise(&self, mut images: Tensor) -> Result<Tensor> {
        let column = |values: &[f64]| -> Result<Tensor> {
            let column = Tensor::f_from_slice(values)?.f_reshape([1, -1, 1, 1])?;
            upload(&column.f_to_kind(self.kind)?, self.device).map_err(Error::from)
        };
        Ok(images.f_sub_(&column(&self.preprocess.mean)?)?.f_div_(&column(&self.preprocess.std)?)?)
    }

    /// Refuses images that the network's input or the normalisation does not fit.
    pub fn check(&self, [height, width, channels]: [usize; 3], numbers: Numbers) -> Result<()> {
        let Input { channels: c, height: h, width: w } = self.input;
        if numbers == Numbers::Float32 && [channels as i64, 1, 1] != [c, h, w] {
            let text = format!("rows of {channels} features do not fill the network's input of {h}x{w}x{c}");
            return Err(Error::new(Code::LayerShape, text));
        }
        if channels as i64 != c || (height as i64) < h || (width as i64) < w || h < 1 || w < 1 || c < 1 {
            let text = format!("images of {height}x{width}x{channels} do not fill the network's input of {h}x{w}x{c}");
            return Err(Error::new(Code::LayerShape, text));
        }
        let Preprocess { mean, std, .. } = self.preprocess;
        if [mean, std].iter().any(|numbers| numbers.len() != 1 && numbers.len() != channels) {
            let text = format!("{} means and {} deviations for {channels} channels", mean.len(), std.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(preprocess: &Preprocess) -> Recipe<'_> {
        let input = Input { channels: 3, height: 1, width: 1 };
        Recipe { preprocess, augment: None, input, kind: Kind::Double, device: Device::Cpu }
    }

    #[test]
    fn bytes_become_normalised_channels() {
        let preprocess = Preprocess { invert: true, mean: vec![0.5, 0.0, 0.0], std: vec![0.5, 1.0, 2.0] };
        let bytes = Tensor::from_slice(&[255u8, 0, 51, 0, 255, 255]).reshape([2, 1, 1, 3]);
        let batch = recipe(&preprocess).batch(&bytes, Rows { seed: 0, step: 0, first_row: 0 }, &[]).unwrap();
        assert_eq!(batch.size(), [2, 3, 1, 1]);
        let values = Vec::<f64>::try_from(batch.flatten(0, -1)).unwrap();
        for (got, expected) in values.iter().zip([-1.0, 1.0, 0.4, 1.0, 0.0, 0.0]) {
            assert!((got - expected).abs() < 1e-12, "{values:?}");
        }
    }

    #[test]
    fn images_that_do_not_fill_the_input_are_refused() {
        let preprocess = Preprocess { invert: false, mean: vec![0.0], std: vec![1.0] };
        let refused =
            |preprocess: &Preprocess, shape| recipe(preprocess).check(shape, Numbers::Uint8).unwrap_err().message;
        assert_eq!(refused(&preprocess, [1, 1, 1]), "images of 1x1x1 do not fill the network's input of 1x1x3");
        let two = Preprocess { mean: vec![0.0; 2], ..preprocess.clone() };
        assert_eq!(refused(&two, [1, 1, 3]), "2 means and 1 deviations for 3 channels");
        let features = recipe(&preprocess).check([1, 1, 4], Numbers::Float32).unwrap_err().message;
        assert_eq!(features, "rows of 4 features do not fill the network's input of 1x1x3");
    }
}
