use crate::setup::{images, restless_with};
use npair_engine::trainer::Trainer;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const STEPS: i32 = 7;
const FILES: [&str; 3] = ["weights.safetensors", "optimizer.safetensors", "average.safetensors"];

fn optimizers() -> Vec<Value> {
    let betas = |name: &str| json!({ "type": name, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 0.01, "clipNorm": 0.5 });
    let sgd = |momentum: f64, dampening: f64, nesterov: bool| {
        json!({ "type": "sgd", "momentum": momentum, "dampening": dampening, "nesterov": nesterov,
                "weightDecay": 0.01, "clipNorm": 0.5 })
    };
    vec![betas("adam"), betas("adamW"), sgd(0.0, 0.0, false), sgd(0.9, 0.0, true), sgd(0.9, 0.2, false)]
}

/// Two batches a step, an average, a guard that skips: all that has a memory.
fn trainer(optimizer: &Value, precision: &str) -> Trainer {
    restless_with(&json!({
        "optimizer": optimizer, "precision": precision, "accumulate": 2,
        "ema": { "decay": 0.9, "warmup": true },
        "guard": { "onDivergence": "skip", "maxCosine": 1.0, "maxNorm": 1e9, "gradientSpike": 1.05, "decay": 0.5,
                   "warmup": 1 },
    }))
}

fn run(trainer: &mut Trainer, steps: std::ops::Range<i32>) -> Vec<&'static str> {
    let rates: Vec<f64> = steps.clone().map(|step| 1e-2 / f64::from(1 + step)).collect();
    let ids = images(2 * steps.start..2 * steps.end);
    trainer.steps(steps.start as u32, &ids, &rates).unwrap().reasons
}

fn files(trainer: &Trainer, folder: &Path) -> Vec<Vec<u8>> {
    trainer.save(folder).unwrap();
    FILES.iter().map(|name| fs::read(folder.join(name)).unwrap()).collect()
}

/// Stopped after any step and gone on with in a new trainer: the very files of the run that was never stopped.
#[test]
fn stop_and_go_at_every_step() {
    let mut skipped = 0;
    for optimizer in optimizers() {
        for precision in ["float32", "bfloat16", "float64"] {
            let folder = tempfile::tempdir().unwrap();
            let mut whole = trainer(&optimizer, precision);
            let reasons = run(&mut whole, 0..STEPS);
            skipped += reasons.iter().filter(|reason| !reason.is_empty()).count();
            let expected = files(&whole, folder.path());
            for stop in 1..STEPS {
                let mut first = trainer(&optimizer, precision);
                run(&mut first, 0..stop);
                first.save(folder.path()).unwrap();
                let mut second = trainer(&optimizer, precision);
                second.load(folder.path()).unwrap();
                run(&mut second, stop..STEPS);
                assert!(files(&second, folder.path()) == expected, "{optimizer} {precision}, stopped after {stop}");
            }
        }
    }
    assert!(skipped > 10, "the guard had something to skip: {skipped}");
}
