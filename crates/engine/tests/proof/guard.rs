use crate::setup::{assert_same, images, noise, plan_with, weights};
use npair_engine::guard::{Guard, Signs, mean_cosine};
use npair_engine::loss::Labels;
use npair_engine::trainer::{Block, Trainer};
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

/// A guard that no step breaks, with limits of its own.
fn guard(on: &str, limits: &Value) -> Value {
    let mut guard = json!({
        "onDivergence": on, "maxCosine": 1.0, "maxNorm": 1e9, "gradientSpike": 1e9, "decay": 0.9, "warmup": 0,
    });
    for (name, value) in limits.as_object().unwrap() {
        guard[name] = value.clone();
    }
    guard
}

fn trainer(guard: &Value) -> Trainer {
    Trainer::new(plan_with(&json!({ "guard": guard, "ema": { "decay": 0.9, "warmup": true } })), noise()).unwrap()
}

fn run(trainer: &mut Trainer, steps: std::ops::Range<i32>) -> Block {
    let rates = vec![1e-2; steps.len()];
    trainer.steps(steps.start as u32, &images(steps), &rates).unwrap()
}

fn everything(trainer: &Trainer) -> Vec<(String, Tensor)> {
    let model = trainer.model();
    let model = model.state().map(|(name, tensor)| (name.to_string(), tensor.detach().copy()));
    weights(trainer).into_iter().chain(model).collect()
}

fn cosine(embeddings: &Tensor, labels: &[i32]) -> f64 {
    f64::try_from(mean_cosine(embeddings, &Labels::One(labels.to_vec())).unwrap()).unwrap()
}

/// Pair by pair, the slow way.
fn slow_cosine(embeddings: &Tensor, labels: &[i32]) -> f64 {
    let rows: Vec<Vec<f64>> = Vec::try_from(embeddings).unwrap();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let (mut sum, mut count) = (0.0, 0);
    for (i, a) in rows.iter().enumerate() {
        for (j, b) in rows.iter().enumerate() {
            if labels[i] != labels[j] {
                sum += dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
                count += 1;
            }
        }
    }
    sum / f64::from(count)
}

#[test]
fn the_mean_cosine_of_different_classes() {
    let embeddings = Tensor::randn([10, 6], (Kind::Double, Device::Cpu)) + 0.3;
    let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-12, "{got}, not {expected}");
    close(cosine(&embeddings, &[]), slow_cosine(&embeddings, &[0, 1, 2, 3, 4, 0, 1, 2, 3, 4]));
    let classes = [7, 7, 0, -3, 7, 0, 9, 9, 9, 9];
    close(cosine(&embeddings, &classes), slow_cosine(&embeddings, &classes));
    close(cosine(&Tensor::ones([8, 4], (Kind::Float, Device::Cpu)), &[]), 1.0);
    assert_eq!(cosine(&Tensor::zeros([8, 4], (Kind::Float, Device::Cpu)), &[]), 0.0);
    assert!(cosine(&embeddings.narrow(0, 0, 2), &[]).is_nan(), "one class");
    assert!(cosine(&embeddings, &[4; 10]).is_nan(), "one class");
}

/// A guard that has nothing to say changes nothing.
#[test]
fn a_quiet_guard_changes_no_bit() {
    let (mut plain, mut guarded) = (trainer(&Value::Null), trainer(&guard("stop", &json!({}))));
    let (one, other) = (run(&mut plain, 0..4), run(&mut guarded, 0..4));
    assert_eq!((one.losses, one.gradient_norms), (other.losses, other.gradient_norms));
    assert!(one.cosines.is_empty());
    assert!(other.cosines.iter().all(|cosine| cosine.abs() <= 1.0));
    assert!(other.first_bad.is_none() && other.reasons.iter().all(|reason| reason.is_empty()));
    assert_same(&everything(&plain), &everything(&guarded));
}

/// Each sign by itself, judged from step 2 on: the block ends there, and what is left is what two steps left.
#[test]
fn every_sign_stops() {
    for (limits, reason) in [
        (json!({ "maxCosine": -1.0 }), "collapse"),
        (json!({ "maxNorm": 1e-3 }), "norm"),
        (json!({ "gradientSpike": 1e-3 }), "gradientSpike"),
    ] {
        for on in ["stop", "rollback"] {
            let mut limits = limits.clone();
            limits["warmup"] = json!(2);
            let (mut good, mut bad) = (trainer(&Value::Null), trainer(&guard(on, &limits)));
            run(&mut good, 0..2);
            let block = run(&mut bad, 0..4);
            assert_eq!((block.first_bad, block.reasons), (Some(2), vec!["", "", reason, ""]));
            assert_eq!(block.culprit, "");
            assert!(block.losses[2].is_finite() && block.losses[3].is_nan());
            assert_same(&everything(&good), &everything(&bad));
        }
    }
}

/// A skipped step is as one that never was, and the next one counts again.
#[test]
fn skipping_leaves_out_the_step_alone() {
    // The largest norm of the embeddings in six steps, and everything but it.
    let norms = run(&mut trainer(&guard("skip", &json!({}))), 0..6).norms;
    let limit = norms[1..4].iter().fold(0f64, |a, &b| a.max(b)) * (1.0 - 1e-6);
    let mut skipping = trainer(&guard("skip", &json!({ "maxNorm": limit })));
    let block = run(&mut skipping, 0..6);
    assert_eq!(block.first_bad, None);
    let skipped: Vec<usize> = (0..6).filter(|&i| block.reasons[i] == "norm").collect();
    assert!(!skipped.is_empty() && skipped.len() < 6, "{:?}", block.reasons);
    let mut plain = Trainer::new(plan_with(&json!({})), noise()).unwrap();
    for step in (0..6).filter(|step| !skipped.contains(step)) {
        run(&mut plain, step as i32..step as i32 + 1);
    }
    assert_same(&weights(&plain), &weights(&skipping));
}

/// The running mean goes on where it was, however the steps are cut into blocks.
#[test]
fn blocks_do_not_matter() {
    let spiky = guard("skip", &json!({ "gradientSpike": 1.02, "decay": 0.5, "warmup": 1 }));
    let (mut whole, mut cut) = (trainer(&spiky), trainer(&spiky));
    let block = run(&mut whole, 0..8);
    let parts: Vec<Block> = [0..1, 1..4, 4..8].map(|part| run(&mut cut, part)).into_iter().collect();
    let reasons: Vec<&str> = parts.into_iter().flat_map(|block| block.reasons).collect();
    assert_eq!(block.reasons, reasons);
    assert!(reasons.contains(&"gradientSpike") && reasons.contains(&""), "{reasons:?}");
    assert_same(&everything(&whole), &everything(&cut));
}

/// The running mean by hand: bias-corrected, and a spike counts as the limit that it broke.
#[test]
fn the_running_mean_of_gradients() {
    let (factor, decay) = (1.1, 0.8);
    let mut trainer = trainer(&guard("skip", &json!({ "gradientSpike": factor, "decay": decay })));
    let block = run(&mut trainer, 0..8);
    let (mut sum, mut weight) = (0f64, 0f64);
    for (i, &norm) in block.gradient_norms.iter().enumerate() {
        let limit = factor * sum / weight;
        assert_eq!(block.reasons[i], if norm > limit { "gradientSpike" } else { "" }, "step {i}: {norm} {limit}");
        let seen = if norm > limit { limit } else { norm };
        (sum, weight) = (decay * sum + (1.0 - decay) * seen, decay * weight + 1.0 - decay);
    }
    assert!(block.reasons.contains(&"gradientSpike"), "{:?}", block.gradient_norms);
}

/// Batches whose triplets all hold have no gradient: the next one that has some is no explosion.
#[test]
fn gradients_of_zero_leave_the_mean_as_it_is() {
    let options = serde_json::from_value(guard("skip", &json!({ "gradientSpike": 20.0, "decay": 0.5 }))).unwrap();
    let mut judge = Guard::new(Some(options), Device::Cpu).unwrap();
    let [zero, going] = [Tensor::from(0f64), Tensor::from(0f32)];
    let mut reason = |norm: f64, step| {
        let signs = Signs { loss: &zero, norm: &zero, cosine: &zero, gradient_norm: &Tensor::from(norm) };
        f64::try_from(judge.judge(step, &signs, &going).unwrap().reason).unwrap()
    };
    let norms = [[0.0; 3].as_slice(), &[1.0], &[0.0; 50], &[1.0, 21.0, 1.0]].concat();
    let reasons: Vec<f64> = norms.iter().zip(0..).map(|(&norm, step)| reason(norm, step)).collect();
    assert_eq!(reasons.iter().position(|&reason| reason != 0.0), Some(55), "{reasons:?}");
    assert_eq!(reasons.iter().sum::<f64>(), 1.0, "a spike, and it alone");
}
