use crate::setup::{images, net, noise, plan_with, weights};
use npair_engine::trainer::Trainer;
use serde_json::{Value, json};
use tch::{Kind, Tensor};

/// Plain descent with rate 1: a step takes the very gradient off the weights.
fn descent(accumulate: usize, changes: &Value) -> Trainer {
    let mut plan = json!({
        "precision": "float64", "accumulate": accumulate,
        "optimizer": {
            "type": "sgd", "momentum": 0.0, "dampening": 0.0, "nesterov": false, "weightDecay": 0.0, "clipNorm": 0.0,
        },
    });
    for (name, value) in changes.as_object().unwrap() {
        plan[name] = value.clone();
    }
    Trainer::new(plan_with(&plan), noise()).unwrap()
}

/// What one step at rate 1 takes off each weight, and its loss and norm.
fn gradient(mut trainer: Trainer, images: &[i32]) -> (Vec<(String, Tensor)>, [f64; 3]) {
    let before = weights(&trainer);
    let block = trainer.steps(0, images, &[1.0]).unwrap();
    let taken = before.into_iter().zip(weights(&trainer)).filter(|((name, _), _)| !name.contains("running"));
    let taken = taken.map(|((name, old), (_, new))| (name, old - new)).collect();
    (taken, [block.losses[0], block.l2[0], block.norms[0]])
}

#[test]
fn the_step_takes_the_mean_of_the_gradients() {
    let changes = json!({});
    let (together, told) = gradient(descent(3, &changes), &images(0..3));
    let alone: Vec<_> = (0..3).map(|i| gradient(descent(1, &changes), &images(i..i + 1))).collect();
    let mut worst = 0f64;
    for (at, (name, got)) in together.iter().enumerate() {
        let mean = (&alone[0].0[at].1 + &alone[1].0[at].1 + &alone[2].0[at].1) / 3.0;
        let error = f64::try_from((got - &mean).abs().max()).unwrap();
        assert!(error <= 1e-14 + 1e-12 * f64::try_from(mean.abs().max()).unwrap(), "{name} {error}");
        worst = worst.max(error);
    }
    println!("accumulation: {worst:.1e}");
    for (i, told) in told.iter().enumerate() {
        let mean = alone.iter().map(|(_, numbers)| numbers[i]).sum::<f64>() / 3.0;
        assert!((told - mean).abs() <= 1e-12 * mean.abs(), "{told} {mean}");
    }
}

/// Two batches of the same images in one step are changed at random each in its own way, as rows of one larger batch are.
#[test]
fn batches_of_a_step_draw_apart() {
    let random = json!({ "net": net(0.5) });
    let same = [images(0..1), images(0..1)].concat();
    let (one, _) = gradient(descent(1, &random), &images(0..1));
    let (two, _) = gradient(descent(2, &random), &same);
    let (one, two) = (&one.last().unwrap().1, &two.last().unwrap().1);
    assert!(f64::try_from((one - two).abs().sum(Kind::Double)).unwrap() > 0.0);
}

#[test]
fn a_step_needs_all_its_images() {
    let mut trainer = descent(2, &json!({}));
    let error = trainer.steps(0, &images(0..1), &[1.0]).unwrap_err();
    assert_eq!(error.message, "1 steps of 8 images need 8 indices, not 4");
    let none = Trainer::new(plan_with(&json!({ "accumulate": 0 })), noise()).err().unwrap();
    assert!(none.message.contains("a step one batch"), "{}", none.message);
}
