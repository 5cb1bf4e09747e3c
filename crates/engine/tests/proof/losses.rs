use crate::setup::{assert_same, images, net, noise, plan_with, weights};
use npair_engine::Code;
use npair_engine::augment::Rows;
use npair_engine::loss::{Batch, Labels, Loss};
use npair_engine::plan::parse;
use npair_engine::trainer::Trainer;
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

const LABELS: [i32; 4] = [0, 1, 0, 1];

fn trainer(loss: &Value) -> Trainer {
    let changes = json!({ "net": net(0.3), "precision": "float64", "loss": loss });
    Trainer::new(plan_with(&changes), noise()).unwrap()
}

fn n_pair() -> Value {
    json!({ "type": "nPairMc", "l2": 5e-3, "l2Convention": "sum", "temperature": 1.0, "normalize": false })
}

/// Forward here, the loss there, and back: the same weights as steps of the engine, whoever looks at the network in between.
#[test]
fn a_step_in_two_halves_is_a_step() {
    let (mut whole, mut halves) = (trainer(&n_pair()), trainer(&json!({ "type": "custom" })));
    let loss: Loss = parse("loss", &n_pair().to_string()).unwrap();
    for step in 0..3 {
        let ids = images(step..step + 1);
        let expected = whole.steps(step as u32, &ids, &[1e-2]).unwrap();
        let embeddings = halves.forward(step as u32, &ids, &[]).unwrap();
        assert_eq!(halves.embed_images(&[7, 2]).unwrap().len(), 12);
        let embeddings = Tensor::from_slice(&embeddings).reshape([4, 6]);
        let batch = Batch { embeddings: &embeddings, labels: &Labels::none(), parameters: &[], rows: Rows::default() };
        let evaluated = loss.evaluate(&batch).unwrap();
        let gradient = Vec::<f64>::try_from(evaluated.gradient.flatten(0, -1)).unwrap();
        let l2 = f64::try_from(&evaluated.terms[1].1).unwrap();
        let value = f64::try_from(&evaluated.loss).unwrap();
        assert_eq!(halves.backward(value, l2, &gradient, 1e-2).unwrap(), expected);
    }
    assert_same(&weights(&whole), &weights(&halves));
}

/// A step that was begun and given up leaves no trace, not even in the running statistics.
#[test]
fn a_step_that_is_given_up_never_was() {
    let mut trainer = trainer(&json!({ "type": "custom" }));
    let before = weights(&trainer);
    trainer.forward(0, &images(0..1), &[]).unwrap();
    trainer.give_up().unwrap();
    assert_same(&before, &weights(&trainer));
    trainer.forward(0, &images(0..1), &[]).unwrap();
    for (gradient, rate, text) in
        [(vec![0.0; 23], 1e-3, "do not have 23"), (vec![0.0; 24], f64::NAN, "no learning rate")]
    {
        trainer.forward(0, &images(0..1), &[]).unwrap();
        let error = trainer.backward(1.0, 0.0, &gradient, rate).unwrap_err();
        assert!(error.code == Code::InvalidOption && error.message.contains(text), "{}", error.message);
        assert_same(&before, &weights(&trainer));
    }
    assert!(trainer.backward(1.0, 0.0, &[0.0; 24], 1e-3).unwrap_err().message.contains("backward comes after forward"));
    trainer.forward(0, &images(0..1), &[]).unwrap();
    let block = trainer.backward(f64::INFINITY, 0.0, &[0.0; 24], 1e-3).unwrap();
    assert_eq!((block.first_bad, block.culprit.as_str()), (Some(0), "the loss"));
    assert_same(&before, &weights(&trainer));
}

/// The parameters of a loss are drawn from the seed, apart from those of the network, and go through save and load.
#[test]
fn parameters_of_a_loss_are_trained_and_saved() {
    let softmax = json!({ "type": "softmax", "classes": 2 });
    let loss: Loss = parse("loss", &softmax.to_string()).unwrap();
    let drawn = |seed| loss.parameters(6, seed, Kind::Double, Device::Cpu).unwrap();
    assert_same(&drawn(1), &drawn(1));
    assert!(!drawn(1)[0].1.equal(&drawn(2)[0].1));
    assert!(f64::try_from(drawn(1)[0].1.abs().max()).unwrap() <= 1.0 / 6f64.sqrt());

    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut first = trainer(&softmax);
    let labels = LABELS.repeat(3);
    let block = first.labelled_steps(0, &images(0..3), &labels, &[1e-2; 3]).unwrap();
    assert_eq!(block.first_bad, None);
    first.save(folder.path()).unwrap();
    let mut second = trainer(&softmax);
    second.load(folder.path()).unwrap();
    second.save(other.path()).unwrap();
    for file in ["loss.safetensors", "optimizer.safetensors", "weights.safetensors"] {
        let [one, two] = [&folder, &other].map(|at| std::fs::read(at.path().join(file)).unwrap());
        assert!(one == two, "{file} differs");
    }
    let expected = first.labelled_steps(3, &images(3..4), &LABELS, &[1e-2]).unwrap();
    assert_eq!(second.labelled_steps(3, &images(3..4), &LABELS, &[1e-2]).unwrap(), expected);
    assert_same(&weights(&first), &weights(&second));
}

#[test]
fn labels_that_are_missing_or_strange_change_nothing() {
    let mut trainer = trainer(&json!({ "type": "softmax", "classes": 2 }));
    let before = weights(&trainer);
    for (labels, text) in
        [(&[0, 1, 0][..], "as many labels"), (&[], "4 rows need 4 labels"), (&[0, 1, 2, 1], "label 2 is none")]
    {
        let error = trainer.labelled_steps(0, &images(0..1), labels, &[1e-2]).unwrap_err();
        assert!(error.code == Code::InvalidOption && error.message.contains(text), "{}", error.message);
    }
    // The running statistics have seen the batch; no weight has.
    let weights = weights(&trainer);
    for ((name, one), (_, other)) in before.iter().zip(&weights) {
        assert!(name.contains("running") || one.equal(other), "{name}");
    }
}

/// Plain descent with rate 1: two batches in one step move the parameters of a loss by the mean of what each would.
#[test]
fn parameters_of_a_loss_take_the_mean_of_the_batches() {
    let moved = |accumulate: usize, steps: std::ops::Range<i32>| {
        let plan = plan_with(&json!({
            "net": net(0.0), "precision": "float64", "loss": { "type": "softmax", "classes": 2 }, "accumulate": accumulate,
            "optimizer": {
                "type": "sgd", "momentum": 0.0, "dampening": 0.0, "nesterov": false, "weightDecay": 0.0, "clipNorm": 0.0,
            },
        }));
        let mut trainer = Trainer::new(plan, noise()).unwrap();
        let labels = LABELS.repeat(steps.len());
        trainer.labelled_steps(0, &images(steps), &labels, &[1.0]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        trainer.save(folder.path()).unwrap();
        let mut tensors = Tensor::read_safetensors(folder.path().join("loss.safetensors")).unwrap();
        tensors.sort_by(|one, other| one.0.cmp(&other.0));
        tensors
    };
    let (together, first, second) = (moved(2, 0..2), moved(1, 0..1), moved(1, 1..2));
    assert_eq!(together.len(), 2);
    for (((name, got), (_, one)), (_, two)) in together.iter().zip(&first).zip(&second) {
        // All began at the same values, so the mean of where they went is where their mean leads.
        let error = f64::try_from((got - (one + two) / 2.0).abs().max()).unwrap();
        assert!(error <= 1e-14, "{name} {error}");
    }
}

/// A guard sees the classes by their labels, in a step in two halves as in a whole one.
#[test]
fn a_guard_needs_to_know_the_classes() {
    let guard = json!({
        "onDivergence": "stop", "maxCosine": 1.0, "maxNorm": 1e9, "gradientSpike": 1e9, "decay": 0.9, "warmup": 0,
    });
    let build = |changes: &Value| {
        let mut plan = json!({ "net": net(0.3), "precision": "float64", "guard": guard });
        for (name, value) in changes.as_object().unwrap() {
            plan[name] = value.clone();
        }
        Trainer::new(plan_with(&plan), noise())
    };
    let ids = images(0..1);
    let told = build(&json!({})).unwrap().labelled_steps(0, &ids, &LABELS, &[1e-2]).unwrap();
    assert_eq!(build(&json!({})).unwrap().steps(0, &ids, &[1e-2]).unwrap(), told);

    let mut halves = build(&json!({ "loss": { "type": "custom" } })).unwrap();
    halves.forward(0, &ids, &LABELS).unwrap();
    let block = halves.backward(1.0, 0.0, &[0.0; 24], 1e-2).unwrap();
    assert_eq!(block.cosines, told.cosines);

    let mut balanced = build(&json!({ "loss": { "type": "supCon", "temperature": 0.1, "normalize": true },
        "pairs": 0, "rows": 4 }))
    .unwrap();
    let error = balanced.steps(0, &ids, &[1e-2]).unwrap_err();
    assert!(error.message.contains("a guard needs the labels"), "{}", error.message);
    assert!(balanced.labelled_steps(0, &ids, &LABELS, &[1e-2]).unwrap().cosines[0].is_finite());
}

#[test]
fn a_loss_of_ones_own_takes_one_batch_a_step() {
    let plan = plan_with(&json!({ "loss": { "type": "custom" }, "accumulate": 2 }));
    let error = Trainer::new(plan, noise()).err().unwrap();
    assert!(error.code == Code::InvalidOption && error.message.contains("one batch a step"), "{}", error.message);
}
