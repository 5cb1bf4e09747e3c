use crate::formula::{fixture, formula, numbers};
use npair_engine::optimizer::Adam;
use npair_engine::plan::Optimizer;
use npair_torch_ext::{backward, channels_last, clear_gradients};
use serde_json::Value;
use tch::{Device, Kind, Tensor, no_grad};

const SHAPES: [(&str, &[i64]); 4] =
    [("conv.weight", &[4, 3, 3, 3]), ("conv.bias", &[4]), ("fc.weight", &[5, 7]), ("fc.bias", &[5])];

/// The largest difference of any parameter, and of any norm as a share of it.
fn twenty_steps(case: &Value, kind: Kind) -> [f64; 2] {
    let parameters: Vec<(String, Tensor)> = (0..)
        .zip(SHAPES)
        .map(|(k, (name, shape))| {
            let tensor = formula(k, shape).to_kind(kind);
            let tensor = if shape.len() == 4 { channels_last(&tensor).unwrap() } else { tensor };
            (name.into(), tensor.set_requires_grad(true))
        })
        .collect();
    let tensors: Vec<Tensor> = parameters.iter().map(|(_, tensor)| tensor.shallow_clone()).collect();
    let options = Optimizer::Adam {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: case["weightDecay"].as_f64().unwrap(),
        clip_norm: case["clipNorm"].as_f64().unwrap(),
    };
    let mut adam = Adam::new(&options, &parameters).unwrap();
    let never = Tensor::zeros([], (Kind::Float, Device::Cpu));
    let norms = numbers(&case["norms"]);
    let mut worst = [0f64; 2];
    for step in 0..20 {
        clear_gradients(&tensors).unwrap();
        for (k, tensor) in (0..).zip(&tensors) {
            let gradient = formula(100 + 10 * step + k, &tensor.size()) * 10f64.powi(step as i32 % 4 - 2);
            backward(&(tensor * 1.0), &gradient.to_kind(kind)).unwrap();
        }
        let stepped = adam.step(1e-2 / (1 + step) as f64, &never).unwrap();
        if let Some(expected) = norms.get(step as usize) {
            worst[1] = worst[1].max((f64::try_from(&stepped.gradient_norm).unwrap() / expected - 1.0).abs());
        }
    }
    for (name, tensor) in &parameters {
        let expected = Tensor::from_slice(&numbers(&case["parameters"][name])).reshape(tensor.size());
        let difference = no_grad(|| (tensor.to_kind(Kind::Double) - expected).abs().max());
        worst[0] = worst[0].max(f64::try_from(difference).unwrap());
    }
    worst
}

/// torch.optim.Adam with clip_grad_norm_: learning rates that change, steps with and without clipping, and weight decay
/// that leaves biases alone.
#[test]
fn twenty_steps_of_adam() {
    for case in fixture(include_str!("../fixtures/adam.json"))["cases"].as_array().unwrap() {
        for (kind, tolerance) in [(Kind::Double, 1e-12), (Kind::Float, 1e-6)] {
            let worst = twenty_steps(case, kind);
            println!("adam {} {} {kind:?}: {worst:?}", case["weightDecay"], case["clipNorm"]);
            assert!(worst[0] <= tolerance && worst[1] <= tolerance, "{kind:?} {worst:?}");
        }
    }
}
