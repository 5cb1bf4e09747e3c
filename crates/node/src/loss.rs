//! A loss computed alone.

use crate::integer::integer;
use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::{Either, Float32Array, Float64Array, Int32Array, PromiseRaw};
use napi_derive::napi;
use npair_engine::Engine;
use npair_engine::engine::{LossInput, LossValue};
use std::collections::HashMap;

#[napi(object, object_from_js = false)]
pub struct BindingLoss {
    pub loss: f64,
    pub terms: HashMap<String, f64>,
    pub gradient: Either<Float32Array, Float64Array>,
    /// For the parameters given, in their order
    pub parameters: Vec<Either<Float32Array, Float64Array>>,
}

type Numbers = Either<Float32Array, Float64Array>;

/// Value and gradient of a loss for `[rows, size]` embeddings, in the precision of the array given; `labels` one a row, or with
/// `offsets` those of row i from `offsets[i]` to `offsets[i + 1]`; `parameters` the loss's own
#[napi]
pub fn loss_compute(
    env: &Env,
    loss: String,
    embeddings: Either<Float32Array, Float64Array>,
    size: f64,
    labels: Int32Array,
    offsets: Int32Array,
    parameters: Vec<Either<Float32Array, Float64Array>>,
) -> napi::Result<PromiseRaw<'_, BindingLoss>> {
    let (labels, offsets) = (labels.to_vec(), offsets.to_vec());
    let single = matches!(embeddings, Either::A(_));
    let floats = |numbers: &Numbers| match numbers {
        Either::A(single) => single.to_vec(),
        Either::B(double) => double.iter().map(|&x| x as f32).collect(),
    };
    let doubles = |numbers: &Numbers| match numbers {
        Either::A(single) => single.iter().map(|&x| f64::from(x)).collect(),
        Either::B(double) => double.to_vec(),
    };
    let (as_floats, as_doubles) = if single {
        (Some((floats(&embeddings), parameters.iter().map(floats).collect())), None)
    } else {
        (None, Some((doubles(&embeddings), parameters.iter().map(doubles).collect())))
    };
    let task = move |_: &mut Engine| {
        let size: u32 = integer("size", size)?;
        let size = size as usize;
        if let Some((embeddings, parameters)) = as_floats {
            let input = LossInput { embeddings, size, labels, offsets, parameters };
            return Ok(Either::A(Engine::loss_compute(&loss, &input)?));
        }
        let (embeddings, parameters) = as_doubles.unwrap_or_default();
        let input = LossInput { embeddings, size, labels, offsets, parameters };
        Ok(Either::B(Engine::loss_compute(&loss, &input)?))
    };
    promise(env, task, |value: Either<LossValue<f32>, LossValue<f64>>| match value {
        Either::A(LossValue { loss, terms, gradient, parameters }) => BindingLoss {
            loss,
            terms: named(&terms),
            gradient: Either::A(gradient.into()),
            parameters: parameters.into_iter().map(|each| Either::A(each.into())).collect(),
        },
        Either::B(LossValue { loss, terms, gradient, parameters }) => BindingLoss {
            loss,
            terms: named(&terms),
            gradient: Either::B(gradient.into()),
            parameters: parameters.into_iter().map(|each| Either::B(each.into())).collect(),
        },
    })
}

fn named(terms: &[(&'static str, f64)]) -> HashMap<String, f64> {
    terms.iter().map(|&(name, value)| (name.to_string(), value)).collect()
}
