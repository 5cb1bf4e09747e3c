use crate::formula::{fixture, formula, numbers};
use npair_engine::optimizer::Optimizer;
use npair_engine::plan::{Optimizer as Options, parse};
use npair_torch_ext::{backward, channels_last, clear_gradients};
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor, no_grad};

const SHAPES: [(&str, &[i64]); 4] =
    [("conv.weight", &[4, 3, 3, 3]), ("conv.bias", &[4]), ("fc.weight", &[5, 7]), ("fc.bias", &[5])];

/// Parameters and an optimiser over them.
struct Toy {
    parameters: Vec<(String, Tensor)>,
    tensors: Vec<Tensor>,
    optimizer: Optimizer,
}

impl Toy {
    fn new(options: &Value, kind: Kind) -> Self {
        let parameters: Vec<(String, Tensor)> = (0..)
            .zip(SHAPES)
            .map(|(k, (name, shape))| {
                let tensor = formula(k, shape).to_kind(kind);
                let tensor = if shape.len() == 4 { channels_last(&tensor).unwrap() } else { tensor };
                (name.into(), tensor.set_requires_grad(true))
            })
            .collect();
        let tensors = parameters.iter().map(|(_, tensor)| tensor.shallow_clone()).collect();
        let options: Options = parse("optimizer", &options.to_string()).unwrap();
        Self { optimizer: Optimizer::new(&options, &parameters).unwrap(), parameters, tensors }
    }

    /// Gives the norm of the gradient.
    fn step(&mut self, step: u64, skip: f32) -> f64 {
        clear_gradients(&self.tensors).unwrap();
        for (k, tensor) in (0..).zip(&self.tensors) {
            let gradient = formula(100 + 10 * step + k, &tensor.size()) * 10f64.powi(step as i32 % 4 - 2);
            backward(&(tensor * 1.0), &gradient.to_kind(tensor.kind())).unwrap();
        }
        let gradients = self.optimizer.gradients().unwrap();
        let skip = Tensor::from(skip);
        self.optimizer.step(&gradients, 1e-2 / (1 + step) as f64, &skip).unwrap();
        f64::try_from(&gradients.norm).unwrap()
    }

    fn everything(&self) -> Vec<(String, Tensor)> {
        let state = self.optimizer.state().into_iter();
        state.chain(self.parameters.iter().map(|(name, tensor)| (name.clone(), tensor.detach().copy()))).collect()
    }
}

/// The largest difference of any parameter, and of any norm as a share of it.
fn twenty_steps(case: &Value, kind: Kind) -> [f64; 2] {
    let mut toy = Toy::new(&case["options"], kind);
    let norms = numbers(&case["norms"]);
    let mut worst = [0f64; 2];
    for step in 0..20 {
        let norm = toy.step(step, 0.0);
        if let Some(expected) = norms.get(step as usize) {
            worst[1] = worst[1].max((norm / expected - 1.0).abs());
        }
    }
    for (name, tensor) in &toy.parameters {
        let expected = Tensor::from_slice(&numbers(&case["parameters"][name])).reshape(tensor.size());
        let difference = no_grad(|| (tensor.to_kind(Kind::Double) - expected).abs().max());
        worst[0] = worst[0].max(f64::try_from(difference).unwrap());
    }
    worst
}

/// torch.optim with clip_grad_norm_: learning rates that change, steps with and without clipping, and weight decay that
/// leaves biases alone.
#[test]
fn twenty_steps_as_in_pytorch() {
    for case in fixture(include_str!("../fixtures/optimizers.json"))["cases"].as_array().unwrap() {
        for (kind, tolerance) in [(Kind::Double, 1e-12), (Kind::Float, 1e-6)] {
            let worst = twenty_steps(case, kind);
            println!("{} {kind:?}: {worst:?}", case["options"]);
            assert!(worst[0] <= tolerance && worst[1] <= tolerance, "{} {kind:?} {worst:?}", case["options"]);
        }
    }
}

/// Skipped steps are as steps that never were: also the first one, which SGD with dampening takes differently.
#[test]
fn skipped_steps_leave_no_trace() {
    for case in fixture(include_str!("../fixtures/optimizers.json"))["cases"].as_array().unwrap() {
        let (mut plain, mut skipping) =
            (Toy::new(&case["options"], Kind::Float), Toy::new(&case["options"], Kind::Float));
        skipping.step(9, 1.0);
        for step in 0..3 {
            plain.step(step, 0.0);
            skipping.step(step, 0.0);
            skipping.step(step + 5, 1.0);
        }
        for ((name, one), (_, other)) in plain.everything().iter().zip(&skipping.everything()) {
            assert!(one.equal(other), "{} {name} differs", case["options"]);
        }
    }
}

/// Not even numbers that are not finite get into the state of a skipped step.
#[test]
fn infinite_gradients_are_skipped() {
    for case in fixture(include_str!("../fixtures/optimizers.json"))["cases"].as_array().unwrap() {
        let mut toy = Toy::new(&case["options"], Kind::Float);
        toy.step(0, 0.0);
        let before: Vec<Tensor> = toy.everything().iter().map(|(_, tensor)| tensor.copy()).collect();
        clear_gradients(&toy.tensors).unwrap();
        for tensor in &toy.tensors {
            let gradient = tensor.detach().full_like(f64::INFINITY);
            backward(&(tensor * 1.0), &gradient).unwrap();
        }
        let gradients = toy.optimizer.gradients().unwrap();
        toy.optimizer.step(&gradients, 0.1, &Tensor::from(1f32)).unwrap();
        for ((name, after), before) in toy.everything().iter().zip(&before) {
            assert!(after.equal(before), "{} {name} differs", case["options"]);
        }
    }
}

#[test]
fn state_has_the_names_of_torch() {
    let adam = json!({ "type": "adamW", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8 });
    let sgd = |momentum: f64| json!({ "type": "sgd", "momentum": momentum, "dampening": 0.0, "nesterov": false });
    for (mut options, parts) in [
        (adam, &["exp_avg", "exp_avg_sq", "step"][..]),
        (sgd(0.9), &["momentum_buffer", "step"][..]),
        (sgd(0.0), &["step"][..]),
    ] {
        options["weightDecay"] = json!(0.0);
        options["clipNorm"] = json!(0.0);
        let toy = Toy::new(&options, Kind::Float);
        let names: Vec<String> = toy.optimizer.state().into_iter().map(|(name, _)| name).collect();
        let expected = ["conv.weight", "fc.weight", "conv.bias", "fc.bias"];
        let expected: Vec<String> =
            expected.iter().flat_map(|name| parts.iter().map(move |part| format!("{name}.{part}"))).collect();
        assert_eq!(names, expected);
        assert_eq!(toy.optimizer.state()[0].1.device(), Device::Cpu);
    }
}
