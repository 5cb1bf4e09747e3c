use crate::setup::{assert_same, net, pack, plan_with, weights};
use npair_engine::pack::Pack;
use npair_engine::trainer::Trainer;
use serde_json::{Value, json};
use std::rc::Rc;
use tch::{Tensor, no_grad};

const DARK: [i32; 4] = [0, 1, 2, 3];
const BRIGHT: [i32; 4] = [4, 5, 6, 7];

/// Four images without light and four with much.
fn dark_and_bright() -> Rc<Pack> {
    let pixels: Vec<u8> = (0..8 * 64).map(|i| if i < 4 * 64 { 0 } else { 200 + (i % 50) as u8 }).collect();
    pack([8, 8, 1], &pixels)
}

fn trainer(net: &Value, std: f64) -> Trainer {
    let preprocess = json!({ "invert": false, "mean": [0.0], "std": [std] });
    Trainer::new(plan_with(&json!({ "net": net, "preprocess": preprocess })), dark_and_bright()).unwrap()
}

fn set(trainer: &Trainer, name: &str, value: f64) {
    let network = trainer.network();
    let (_, tensor) = network.parameters().iter().find(|(candidate, _)| candidate == name).unwrap();
    let _ = no_grad(|| tensor.shallow_clone().fill_(value));
}

/// Step 1 of three is bad: what is left is what step 0 left, running statistics and optimiser included.
fn check(make: impl Fn() -> Trainer, culprit: &str) {
    let (mut bad, mut good) = (make(), make());
    let images = [DARK, BRIGHT, DARK].concat();
    let block = bad.steps(0, &images, &[0.1; 3]).unwrap();
    let first = good.steps(0, &DARK, &[0.1]).unwrap();
    assert_eq!((block.first_bad, block.culprit.as_str()), (Some(1), culprit));
    assert_eq!(block.losses[0], first.losses[0]);
    assert!(block.losses[0].is_finite() && block.losses[2].is_nan());
    assert_same(&weights(&bad), &weights(&good));
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    bad.save(folders[0].path()).unwrap();
    good.save(folders[1].path()).unwrap();
    for file in ["weights.safetensors", "optimizer.safetensors"] {
        let [one, other] = folders.each_ref().map(|folder| std::fs::read(folder.path().join(file)).unwrap());
        assert!(one == other, "{file} differs");
    }
    // The run goes on from there.
    assert_eq!(bad.steps(1, &DARK, &[0.1]).unwrap(), good.steps(1, &DARK, &[0.1]).unwrap());
}

#[test]
fn a_loss_that_is_not_finite() {
    // 1e38 times the pixels: the sums of the first convolution overflow, and the norm after it makes NaN of them.
    check(|| trainer(&net(0.0), 1e-38), "the loss");
}

/// A loss of moderate size, whose gradient for the weights (times pixels of 1e38) is not.
#[test]
fn a_gradient_that_is_not_finite() {
    let linear =
        |name: &str, out: i64| json!({ "type": "linear", "name": name, "out": out, "bias": true, "init": "torch" });
    let net = json!({ "input": { "channels": 1, "height": 8, "width": 8 }, "layers": [
        { "type": "flatten" }, linear("first", 3), linear("second", 2),
    ] });
    let make = || {
        let trainer = trainer(&net, 1e-38);
        set(&trainer, "first.weight", 1e-37);
        trainer
    };
    check(make, "the gradient of first.weight");
}

#[test]
fn a_weight_that_is_not_finite() {
    let mut trainer = trainer(&net(0.0), 1.0);
    set(&trainer, "fc.weight", f64::INFINITY);
    let block = trainer.steps(0, &BRIGHT, &[0.1]).unwrap();
    assert_eq!((block.first_bad, block.culprit.as_str()), (Some(0), "fc.weight"));
    let network = trainer.network();
    let mean = network.state().find(|(name, _)| *name == "norm.running_mean").unwrap().1;
    assert!(mean.equal(&Tensor::zeros([5], (mean.kind(), mean.device()))), "running statistics stay");
}
