use crate::setup::{images, noise, plan_with, weights};
use npair_engine::trainer::Trainer;
use npair_engine::weights::load;
use serde_json::{Value, json};
use tch::{Kind, Tensor, no_grad};

fn trainer(ema: &Value) -> Trainer {
    Trainer::new(plan_with(&json!({ "ema": ema, "precision": "float64" })), noise()).unwrap()
}

fn averaged(trainer: &Trainer) -> Vec<(String, Tensor)> {
    trainer.model().state().map(|(name, tensor)| (name.to_string(), tensor.detach().copy())).collect()
}

/// average ← d · average + (1 − d) · weight by hand, step for step; running statistics are those of the network.
#[test]
fn the_average_of_four_steps() {
    for (ema, decays) in [
        (json!({ "decay": 0.3, "warmup": true }), [0.1, 2.0 / 11.0, 0.25, 0.3]),
        (json!({ "decay": 0.7, "warmup": false }), [0.7; 4]),
    ] {
        let mut trainer = trainer(&ema);
        let mut expected = weights(&trainer);
        for (step, decay) in decays.into_iter().enumerate() {
            trainer.steps(step as u32, &images(step as i32..step as i32 + 1), &[1e-2]).unwrap();
            for ((name, average), (_, weight)) in expected.iter_mut().zip(weights(&trainer)) {
                *average = if name.contains("running") { weight } else { &*average * decay + weight * (1.0 - decay) };
            }
        }
        for ((name, got), (_, expected)) in averaged(&trainer).iter().zip(&expected) {
            let error = f64::try_from((got - expected).abs().max()).unwrap();
            assert!(error <= 1e-15, "{name} {error}");
        }
        let moved = averaged(&trainer).iter().zip(weights(&trainer)).any(|((_, a), (_, b))| !a.equal(&b));
        assert!(moved, "an average is not the last weights");
    }
}

/// The file beside the weights is a weights file of the same network, and holds what the model holds.
#[test]
fn the_average_is_saved_as_weights() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trainer(&json!({ "decay": 0.9, "warmup": true }));
    trainer.steps(0, &images(0..3), &[1e-2; 3]).unwrap();
    trainer.save(folder.path()).unwrap();
    let expected = averaged(&trainer);
    let plain = self::trainer(&Value::Null);
    let state: Vec<_> =
        plain.model().state().map(|(name, tensor)| (name.to_string(), tensor.shallow_clone())).collect();
    load(&folder.path().join("average.safetensors"), &state).unwrap();
    assert!(expected.iter().zip(&state).all(|((_, a), (_, b))| no_grad(|| a.equal(b))));
    assert!(std::ptr::eq(&*plain.model(), &*plain.network()), "without an average the model is the network");
    plain.save(folder.path()).unwrap();
}

#[test]
fn a_checkpoint_without_the_average_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut plain = trainer(&Value::Null);
    plain.steps(0, &images(0..1), &[1e-2]).unwrap();
    plain.save(folder.path()).unwrap();
    let mut trainer = trainer(&json!({ "decay": 0.9, "warmup": true }));
    let before: Vec<_> = weights(&trainer).into_iter().chain(averaged(&trainer)).collect();
    let error = trainer.load(folder.path()).unwrap_err();
    assert!(error.message.contains("average.safetensors"), "{}", error.message);
    let after: Vec<_> = weights(&trainer).into_iter().chain(averaged(&trainer)).collect();
    crate::setup::assert_same(&before, &after);
}

/// The average of float32 weights is float32.
#[test]
fn kinds_agree() {
    let plan = json!({ "ema": { "decay": 0.9, "warmup": true } });
    let mut trainer = Trainer::new(plan_with(&plan), noise()).unwrap();
    trainer.steps(0, &images(0..1), &[1e-2]).unwrap();
    assert!(averaged(&trainer).iter().all(|(_, tensor)| tensor.kind() == Kind::Float));
}
