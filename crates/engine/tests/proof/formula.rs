//! `../fixtures/formula.py` in Rust: the same numbers to the last bit.

use npair_engine::network::Network;
use npair_engine::plan::{Net, parse};
use serde_json::Value;
use tch::{Device, Kind, Tensor, no_grad};

/// Element j of tensor number k: (((j + 7919k)² + 7j + 1) · 2654435761 mod 2³² >> 8) / 2²⁴ − ½.
pub fn formula(k: u64, shape: &[i64]) -> Tensor {
    let count = shape.iter().product::<i64>() as u64;
    let value = |j: u64| {
        let word = ((j + 7919 * k).pow(2) + 7 * j + 1).wrapping_mul(2_654_435_761) as u32;
        f64::from(word >> 8) / f64::from(1 << 24) - 0.5
    };
    Tensor::from_slice(&(0..count).map(value).collect::<Vec<f64>>()).reshape(shape)
}

/// A network of `descriptions.json` with the weights that `fill` gives there.
pub fn network(name: &str, kind: Kind) -> Network {
    let network = Network::build(&description(name), 0, kind, Device::Cpu).unwrap();
    fill(&network);
    network
}

pub fn description(name: &str) -> Net {
    parse(name, &fixture(include_str!("../fixtures/descriptions.json"))[name].to_string()).unwrap()
}

pub fn fill(network: &Network) {
    no_grad(|| {
        for (k, (name, parameter)) in network.parameters().iter().enumerate() {
            let shape = parameter.size();
            let values = formula(k as u64, &shape);
            let values = if shape.len() > 1 {
                values * (24.0 / shape[1..].iter().product::<i64>() as f64).sqrt()
            } else if name.contains("norm") && name.ends_with("weight") {
                values * 0.4 + 1.0
            } else {
                values * 0.2
            };
            parameter.shallow_clone().copy_(&values);
        }
    });
}

pub fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// ‖got − expected‖ / ‖expected‖ for a tensor whose summary is known: root mean square over the four probes.
pub fn error_of(got: &Tensor, summary: &Value) -> f64 {
    let norm = summary["norm"].as_f64().unwrap();
    let got = got.detach().to_kind(Kind::Double);
    let probes = numbers(&summary["probes"]);
    let squares = probes.iter().enumerate().map(|(p, expected)| {
        let probe = formula(1000 + p as u64, &got.size()) * 12f64.sqrt();
        (f64::try_from((probe * &got).sum(Kind::Double)).unwrap() - expected).powi(2)
    });
    (squares.sum::<f64>() / 4.0).sqrt() / norm
}

/// Largest difference, as a share of the largest number.
pub fn largest_error(got: &Tensor, expected: &Value) -> f64 {
    let expected = Tensor::from_slice(&numbers(expected));
    let got = got.detach().to_kind(Kind::Double).flatten(0, -1);
    assert_eq!(got.size(), expected.size());
    f64::try_from((got - &expected).abs().max() / expected.abs().max()).unwrap()
}
