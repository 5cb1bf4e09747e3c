use crate::setup::{assert_same, images, net, noise, plan_with, weights};
use npair_engine::Code;
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

/// Forward here, the loss there, and back: the same weights as steps of the engine.
#[test]
fn a_step_in_two_halves_is_a_step() {
    let (mut whole, mut halves) = (trainer(&n_pair()), trainer(&json!({ "type": "custom" })));
    let loss: Loss = parse("loss", &n_pair().to_string()).unwrap();
    for step in 0..3 {
        let ids = images(step..step + 1);
        let expected = whole.steps(step as u32, &ids, &[1e-2]).unwrap();
        let embeddings = halves.forward(step as u32, &ids).unwrap();
        let embeddings = Tensor::from_slice(&embeddings).reshape([4, 6]);
        let batch = Batch { embeddings: &embeddings, labels: &Labels::none(), parameters: &[] };
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
    trainer.forward(0, &images(0..1)).unwrap();
    trainer.give_up().unwrap();
    assert_same(&before, &weights(&trainer));
    trainer.forward(0, &images(0..1)).unwrap();
    for (gradient, rate, text) in
        [(vec![0.0; 23], 1e-3, "do not have 23"), (vec![0.0; 24], f64::NAN, "no learning rate")]
    {
        trainer.forward(0, &images(0..1)).unwrap();
        let error = trainer.backward(1.0, 0.0, &gradient, rate).unwrap_err();
        assert!(error.code == Code::InvalidOption && error.message.contains(text), "{}", error.message);
        assert_same(&before, &weights(&trainer));
    }
    assert!(trainer.backward(1.0, 0.0, &[0.0; 24], 1e-3).unwrap_err().message.contains("backward comes after forward"));
    trainer.forward(0, &images(0..1)).unwrap();
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
