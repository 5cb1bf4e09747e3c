use super::{Engine, matrix};
use crate::augment::Rows;
use crate::error::{Code, Error, Result};
use crate::loss::{Batch, Labels};
use crate::plan::{Loss, parse};
use tch::Tensor;

/// What a loss is computed of: `[rows, size]` embeddings, labels (with offsets where a row may have several), and the loss's
/// own parameters.
pub struct LossInput<T> {
    pub embeddings: Vec<T>,
    pub size: usize,
    pub labels: Vec<i32>,
    pub offsets: Vec<i32>,
    pub parameters: Vec<Vec<T>>,
}

/// A loss computed alone, as numbers.
pub struct LossValue<T> {
    pub loss: f64,
    pub terms: Vec<(&'static str, f64)>,
    pub gradient: Vec<T>,
    /// For the loss's own parameters, in their order
    pub parameters: Vec<Vec<T>>,
}

impl Engine {
    /// Value and gradient of a loss in float32 or float64.
    pub fn loss_compute<T>(loss: &str, input: &LossInput<T>) -> Result<LossValue<T>>
    where
        T: tch::kind::Element,
        Vec<T>: TryFrom<Tensor, Error = tch::TchError>,
    {
        let loss: Loss = parse("the loss", loss)?;
        let LossInput { embeddings, size, labels, offsets, parameters } = input;
        let embeddings = matrix(embeddings, *size)?;
        let shapes = loss.parameter_shapes(*size as i64);
        if shapes.len() != parameters.len() {
            let text = format!("the loss has {} parameters of its own, not {}", shapes.len(), parameters.len());
            return Err(Error::new(Code::InvalidOption, text));
        }
        let parameters = shapes.iter().zip(parameters).map(|((name, shape), values)| {
            if values.len() as i64 != shape.iter().product::<i64>() {
                let text = format!("{name} has shape {shape:?}, but {} numbers are given", values.len());
                return Err(Error::new(Code::InvalidOption, text));
            }
            Ok(Tensor::f_from_slice(values)?.f_reshape(shape)?)
        });
        let parameters: Vec<Tensor> = parameters.collect::<Result<_>>()?;
        let labels = Labels::new(labels, offsets)?;
        let batch = Batch { embeddings: &embeddings, labels: &labels, parameters: &parameters, rows: Rows::default() };
        let evaluated = loss.evaluate(&batch)?;
        let terms = evaluated.terms.iter().map(|(name, value)| Ok((*name, f64::try_from(value)?)));
        let flat = |tensor: &Tensor| -> Result<Vec<T>> { Ok(Vec::try_from(tensor.f_contiguous()?.f_view(-1)?)?) };
        Ok(LossValue {
            loss: f64::try_from(&evaluated.loss)?,
            terms: terms.collect::<Result<_>>()?,
            gradient: flat(&evaluated.gradient)?,
            parameters: evaluated.parameters.iter().map(flat).collect::<Result<_>>()?,
        })
    }
}
