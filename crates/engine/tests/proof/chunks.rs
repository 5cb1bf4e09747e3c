//! Gradient caching: a step in chunks is the step of the whole batch.

use crate::setup::{assert_same, images, net, noise, plan_with, weights};
use npair_engine::augment::Rows;
use npair_engine::feed::Images;
use npair_engine::loss::{Batch, Labels, Loss};
use npair_engine::mode::Mode;
use npair_engine::network::Network;
use npair_engine::plan::parse;
use npair_engine::trainer::{Block, Trainer};
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor, no_grad};

/// The net of the other tests without what depends on the whole batch.
fn plain_net() -> Value {
    let mut net = net(0.3);
    net["layers"].as_array_mut().unwrap().remove(1);
    net
}

/// Six pairs, augmented, dropped out, with everything on that looks at a step as a whole.
fn trainer(changes: &Value) -> Trainer {
    let mut plan = json!({
        "net": plain_net(), "precision": "float64", "pairs": 6,
        // Not Adam, which makes steps of what rounding leaves where a gradient is none (that of the last bias, here).
        "optimizer": {
            "type": "sgd", "momentum": 0.9, "dampening": 0.0, "nesterov": true, "weightDecay": 0.01, "clipNorm": 0.5,
        },
        "augment": {
            "crop": "random", "flip": true, "rotation": 10.0, "scale": 0.1, "shear": 0.1, "shift": 0.1, "fill": 0.5,
            "brightness": 0.1, "contrast": 0.1,
        },
        "ema": { "decay": 0.9, "warmup": false },
        "guard": {
            "onDivergence": "stop", "maxCosine": 1.0, "maxNorm": 1e9, "gradientSpike": 1e9, "decay": 0.9, "warmup": 0,
        },
    });
    for (name, value) in changes.as_object().unwrap() {
        plan[name] = value.clone();
    }
    Trainer::new(plan_with(&plan), noise()).unwrap()
}

const LABELS: [i32; 12] = [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5];

/// Steps of twelve images each.
fn train(trainer: &mut Trainer, steps: i32, batches: i32) -> Block {
    let ids = images(0..3 * steps * batches);
    let labels = LABELS.repeat((steps * batches) as usize);
    trainer.labelled_steps(0, &ids, &labels, &vec![1e-2; steps as usize]).unwrap()
}

/// The largest difference of any weight or average, relative to the largest of its tensor.
fn distance(a: &Trainer, b: &Trainer) -> f64 {
    let all = |trainer: &Trainer| -> Vec<Tensor> {
        let (network, model) = (trainer.network(), trainer.model());
        network.state().chain(model.state()).map(|(_, tensor)| tensor.detach().copy()).collect()
    };
    let difference = |(one, other): (Tensor, Tensor)| {
        f64::try_from((&one - &other).abs().max()).unwrap() / f64::try_from(other.abs().max()).unwrap()
    };
    all(a).into_iter().zip(all(b)).map(difference).fold(0.0, f64::max)
}

fn near(a: &Block, b: &Block, relative: f64) {
    let columns = |block: &Block| {
        [&block.losses, &block.l2, &block.norms, &block.gradient_norms, &block.cosines].map(Clone::clone).concat()
    };
    for (got, expected) in columns(a).iter().zip(columns(b)) {
        assert!((got - expected).abs() <= relative * expected.abs(), "{got} {expected}");
    }
    assert_eq!((&a.reasons, a.first_bad), (&b.reasons, b.first_bad));
}

/// Losses of every kind: over pairs, over classes, with parameters of their own; chunks that divide the batch and do not; with
/// accumulation. Float64, so that nothing but the order of sums differs.
#[test]
fn every_loss_as_the_whole_batch() {
    let pairs = json!({ "type": "nPairMc", "l2": 5e-3, "l2Convention": "sum", "temperature": 1.0, "normalize": false });
    let sup_con = json!({ "type": "supCon", "temperature": 0.1, "normalize": true });
    let softmax = json!({ "type": "softmax", "classes": 6 });
    let proxies = json!({ "type": "proxyAnchor", "classes": 6, "alpha": 32.0, "margin": 0.1 });
    let hard =
        json!({ "type": "tripletMargin", "margin": 0.2, "p": 2.0, "eps": 1e-6, "swap": false, "triplets": "hard" });
    for loss in [pairs, sup_con, softmax, proxies, hard] {
        for (chunk, accumulate) in [(4, 1), (5, 1), (1, 1), (11, 1), (5, 2)] {
            let mut whole = trainer(&json!({ "loss": loss, "accumulate": accumulate }));
            let mut chunked = trainer(&json!({ "loss": loss, "accumulate": accumulate, "chunk": chunk }));
            near(&train(&mut chunked, 3, accumulate), &train(&mut whole, 3, accumulate), 1e-12);
            let error = distance(&chunked, &whole);
            println!("{} in chunks of {chunk}, {accumulate} a step: {error:.1e}", loss["type"]);
            assert!(error < 1e-12, "{loss} {chunk} {error}");
        }
    }
}

/// At one thread, and a rate of 1 without momentum: what a step takes off the weights is the gradient itself.
#[test]
fn the_gradient_to_rounding() {
    let descent = |precision: &str, chunk: Option<usize>| {
        let mut trainer = trainer(&json!({
            "precision": precision, "chunk": chunk,
            "optimizer": {
                "type": "sgd", "momentum": 0.0, "dampening": 0.0, "nesterov": false, "weightDecay": 0.0, "clipNorm": 0.0,
            },
        }));
        let before = weights(&trainer);
        let ids = images(0..3);
        trainer.labelled_steps(0, &ids, &LABELS, &[1.0]).unwrap();
        let taken = before.into_iter().zip(weights(&trainer)).map(|((_, old), (_, new))| (old - new).reshape(-1));
        Tensor::cat(&taken.collect::<Vec<_>>(), 0).to_kind(Kind::Double)
    };
    for (precision, limit) in [("float64", 1e-14), ("float32", 2e-6), ("bfloat16", 2e-2)] {
        let (whole, chunked) = (descent(precision, None), descent(precision, Some(5)));
        let error = f64::try_from((&chunked - &whole).norm() / whole.norm()).unwrap();
        println!("{precision}: gradient of a step in chunks beside the whole, relative {error:.1e}");
        assert!(error < limit, "{precision} {error}");
        assert!(f64::try_from(whole.norm()).unwrap() > 1e-3);
    }
}

/// A chunk as large as the batch, or larger, is the whole batch to the bit.
#[test]
fn one_chunk_is_no_chunk() {
    for chunk in [12, 100] {
        let (mut whole, mut chunked) = (trainer(&json!({})), trainer(&json!({ "chunk": chunk })));
        assert_eq!(train(&mut chunked, 3, 1), train(&mut whole, 3, 1));
        assert_same(&weights(&chunked), &weights(&whole));
    }
}

#[test]
fn a_block_is_as_many_steps_alone() {
    let change = json!({ "chunk": 5, "precision": "float32" });
    let (mut whole, mut single) = (trainer(&change), trainer(&change));
    train(&mut whole, 3, 1);
    for step in 0..3 {
        let ids = images(3 * step..3 * step + 3);
        single.labelled_steps(step as u32, &ids, &LABELS, &[1e-2]).unwrap();
    }
    assert_same(&weights(&whole), &weights(&single));
}

/// A loss that somebody else computes: the second half goes through the chunks again.
#[test]
fn a_step_in_two_halves() {
    let loss = json!({ "type": "supCon", "temperature": 0.1, "normalize": true });
    let mut whole = trainer(&json!({ "loss": loss, "chunk": 5 }));
    let mut halves = trainer(&json!({ "loss": { "type": "custom" }, "chunk": 5 }));
    let loss: Loss = parse("loss", &loss.to_string()).unwrap();
    for step in 0..3 {
        let ids = images(3 * step..3 * step + 3);
        let expected = whole.labelled_steps(step as u32, &ids, &LABELS, &[1e-2]).unwrap();
        let embeddings = halves.forward(step as u32, &ids, &LABELS).unwrap();
        let embeddings = Tensor::from_slice(&embeddings).reshape([12, 6]);
        let labels = Labels::One(LABELS.to_vec());
        let evaluated = loss
            .evaluate(&Batch {
                embeddings: &embeddings,
                labels: &labels,
                parameters: &[],
                rows: Rows { seed: 0, step: 0, first_row: 0 },
            })
            .unwrap();
        let gradient = Vec::<f64>::try_from(evaluated.gradient.flatten(0, -1)).unwrap();
        let value = f64::try_from(&evaluated.loss).unwrap();
        assert_eq!(halves.backward(value, 0.0, &gradient, 1e-2).unwrap(), expected);
    }
    assert_same(&weights(&whole), &weights(&halves));
}

/// With a norm, each chunk is normalised by itself; running statistics move once a chunk and not in both passes, and a step that
/// is given up leaves none behind.
#[test]
fn statistics_move_once_a_chunk() {
    let change = json!({ "net": net(0.0), "chunk": 5, "loss": { "type": "custom" } });
    let mut chunked = trainer(&change);
    let ids = images(0..3);
    let buffers = |state: Vec<(String, Tensor)>| -> Vec<(String, Tensor)> {
        state.into_iter().filter(|(name, _)| name.contains("running")).collect()
    };
    let at_first = buffers(weights(&chunked));
    chunked.forward(0, &ids, &LABELS).unwrap();
    let after_one = buffers(weights(&chunked));
    chunked.backward(1.0, 0.0, &[1e-3; 72], 0.0).unwrap();
    assert_same(&after_one, &buffers(weights(&chunked)));
    assert!(!after_one[0].1.equal(&at_first[0].1));
    chunked.forward(1, &ids, &LABELS).unwrap();
    chunked.give_up().unwrap();
    assert_same(&after_one, &buffers(weights(&chunked)));

    // Three batches of 5, 5 and 2 images, without augmentation, through a network of its own.
    let still = json!({ "net": net(0.0), "chunk": 5, "loss": { "type": "custom" }, "augment": {
        "crop": "centre", "flip": false, "rotation": 0.0, "scale": 0.0, "shear": 0.0, "shift": 0.0, "fill": 0.0,
        "brightness": 0.0, "contrast": 0.0,
    } });
    let mut chunked = trainer(&still);
    let plan = plan_with(&still);
    let alone = Network::build(&plan.net, 1, Kind::Double, Device::Cpu).unwrap();
    let pixels =
        Tensor::from_slice(&Images::Pack(&noise()).gather(&ids).unwrap()).reshape([12, 10, 9, 1]).permute([0, 3, 1, 2]);
    let pixels = pixels.to_kind(Kind::Double).narrow(2, 1, 8).narrow(3, 0, 8) / 255.0;
    for (start, count) in [(0, 5), (5, 5), (10, 2)] {
        let mode = Mode::Train { seed: 1, step: 0, first_row: 0 };
        drop(no_grad(|| alone.forward(&pixels.narrow(0, start, count), mode)).unwrap());
    }
    chunked.forward(0, &ids, &LABELS).unwrap();
    let expected: Vec<_> = alone.state().map(|(name, tensor)| (name.to_string(), tensor.detach().copy())).collect();
    for ((name, got), (_, expected)) in buffers(weights(&chunked)).iter().zip(buffers(expected)) {
        assert!(f64::try_from((got - &expected).abs().max()).unwrap() < 1e-12, "{name}");
    }
}

#[test]
fn a_chunk_of_nothing_is_refused() {
    let none = Trainer::new(plan_with(&json!({ "chunk": 0 })), noise()).err().unwrap();
    assert!(none.message.contains("a chunk one image"), "{}", none.message);
}
