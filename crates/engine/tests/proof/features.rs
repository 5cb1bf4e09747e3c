//! Rows of numbers instead of images.

use crate::formula::{error_of, fixture, formula, numbers};
use crate::setup::{feature_pack, images, pack, plan_with, weights};
use npair_engine::augment::Rows;
use npair_engine::batch::Recipe;
use npair_engine::embed::Model;
use npair_engine::feed::{Feed, Images, Job, Resident};
use npair_engine::plan::{Input, Preprocess};
use npair_engine::trainer::Trainer;
use npair_engine::views::Views;
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

const SIZE: i64 = 24;
const CLASSES: i64 = 15;
const N: i64 = 6;

/// As `rows` of `features.py`.
fn rows() -> Tensor {
    let classes: Tensor = formula(700, &[CLASSES, SIZE]) * 4.0;
    let twice = classes.repeat_interleave_self_int(2, 0, 2 * CLASSES);
    (twice + formula(701, &[2 * CLASSES, SIZE])).to_kind(Kind::Float)
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.flatten(0, -1)).unwrap()
}

fn preprocess() -> Preprocess {
    let each = |tensor: Tensor| Vec::<f64>::try_from(tensor).unwrap();
    Preprocess { invert: false, mean: each(formula(702, &[SIZE])), std: each(formula(703, &[SIZE]) + 1.5) }
}

/// A head with hidden layers of these sizes.
fn head(hidden: &[i64]) -> Value {
    let linear =
        |name: String, out: i64| json!({ "type": "linear", "name": name, "out": out, "bias": true, "init": "torch" });
    let mut layers = vec![json!({ "type": "flatten" })];
    for (i, &out) in hidden.iter().enumerate() {
        layers.push(linear(format!("hidden{}", i + 1), out));
        layers.push(json!({ "type": "relu" }));
    }
    layers.push(linear("embedding".into(), 8));
    json!({ "input": { "channels": SIZE, "height": 1, "width": 1 }, "layers": layers })
}

fn trainer(hidden: &[i64], changes: &Value) -> Trainer {
    let Preprocess { mean, std, .. } = preprocess();
    let mut plan = json!({
        "net": head(hidden), "precision": "float64", "pairs": N,
        "loss": { "type": "nPairMc", "l2": 0.02, "l2Convention": "mean", "temperature": 1.0, "normalize": false },
        "preprocess": { "invert": false, "mean": mean, "std": std },
    });
    for (name, value) in changes.as_object().unwrap() {
        plan[name] = value.clone();
    }
    Trainer::new(plan_with(&plan), feature_pack(SIZE as usize, &flat(&rows()))).unwrap()
}

/// Rows, normalisation, head, loss with its penalty, Adam: ten steps as PyTorch makes them.
#[test]
fn heads_train_as_in_pytorch() {
    let expected = fixture(include_str!("../fixtures/features.json"));
    let images: Vec<i32> = (0..10)
        .flat_map(|step| {
            let classes = (0..N).map(move |i| (3 * step + 4 * i) % CLASSES);
            classes.clone().map(|c| 2 * c as i32).chain(classes.map(|c| 2 * c as i32 + 1))
        })
        .collect();
    for (name, hidden) in [("linear", &[][..]), ("mlp", &[16, 12])] {
        let expected = &expected[name];
        let mut trainer = trainer(hidden, &json!({}));
        crate::formula::fill(&trainer.network());
        let block = trainer.steps(0, &images, &[1e-2; 10]).unwrap();
        assert_eq!(block.first_bad, None);
        let worst = |got: &[f64], expected: &[f64]| {
            assert_eq!(got.len(), expected.len());
            got.iter().zip(expected).map(|(a, b)| (a - b).abs() / b.abs()).fold(0.0, f64::max)
        };
        let losses = worst(&block.losses, &numbers(&expected["losses"]));
        let norms = worst(&block.gradient_norms, &numbers(&expected["gradientNorms"]));
        let network = trainer.network();
        let errors = network.state().map(|(name, tensor)| error_of(tensor, &expected["weights"][name]));
        let weights = errors.fold(0.0, f64::max);
        println!("{name} head: losses {losses:.1e}, gradient norms {norms:.1e}, weights {weights:.1e}");
        assert!(losses <= 1e-10 && norms <= 1e-10 && weights <= 1e-10, "{losses} {norms} {weights}");
    }
}

/// From a file, from memory, from the device: the same rows, whatever the kind.
#[test]
fn every_way_gives_the_same_rows() {
    let (preprocess, numbers) = (preprocess(), flat(&rows()));
    let pack = feature_pack(SIZE as usize, &numbers);
    let resident = Resident::new(&pack, Device::Cpu).unwrap();
    let ids = [3, 0, 29, 3];
    let job = Job { ids: &ids, labels: &[], rows: Rows { seed: 1, step: 0, first_row: 0 } };
    let input = Input { channels: SIZE, height: 1, width: 1 };
    let mean = Tensor::from_slice(&preprocess.mean);
    let std = Tensor::from_slice(&preprocess.std);
    let chosen = rows().index_select(0, &Tensor::from_slice(&ids.map(i64::from))).to_kind(Kind::Double);
    let expected = ((chosen - mean) / std).reshape([4, SIZE, 1, 1]);
    for (kind, limit) in [(Kind::Double, 1e-15), (Kind::Float, 1e-6)] {
        let recipe = Recipe { preprocess: &preprocess, augment: None, input, kind, device: Device::Cpu };
        let memory = Images::Features { numbers: &numbers, size: SIZE as usize };
        for (images, resident) in [(Images::Pack(&pack), None), (memory, None), (memory, Some(&resident))] {
            let feed = Feed { images, resident, recipe };
            for got in [feed.batches(&[job], |next| next()).unwrap(), feed.on_device(&job).unwrap()] {
                assert_eq!((got.size(), got.kind()), (vec![4, SIZE, 1, 1], kind));
                let error = f64::try_from((got.to_kind(Kind::Double) - &expected).abs().max()).unwrap();
                assert!(error <= limit, "{kind:?} {error}");
            }
        }
    }
    // What is kept on the device was not normalised in place.
    assert!(resident.gather(&[0]).unwrap().flatten(0, -1).equal(&rows().get(0)));
}

#[test]
fn embedded_as_computed_by_hand() {
    let trainer = trainer(&[], &json!({}));
    let state = weights(&trainer);
    let model = Model { network: trainer.network(), preprocess: preprocess() };
    let numbers = flat(&rows());
    let ids: Vec<i32> = (0..30).collect();
    let images = Images::Features { numbers: &numbers, size: SIZE as usize };
    let got = Tensor::from_slice(&model.embed(images, &ids, &Views::default(), 7).unwrap()).reshape([30, 8]);
    let normalised =
        (rows().to_kind(Kind::Double) - Tensor::from_slice(&preprocess().mean)) / Tensor::from_slice(&preprocess().std);
    let expected = normalised.matmul(&state[0].1.tr()) + &state[1].1;
    assert!(f64::try_from((got.to_kind(Kind::Double) - expected).abs().max()).unwrap() < 1e-6);
}

/// Gradient caching, for what is most often trained on large batches.
#[test]
fn in_chunks_as_at_once() {
    let descent = json!({
        "type": "sgd", "momentum": 0.9, "dampening": 0.0, "nesterov": false, "weightDecay": 0.0, "clipNorm": 0.0,
    });
    let run = |chunk: Option<usize>| {
        let mut trainer = trainer(&[16], &json!({ "chunk": chunk, "optimizer": descent }));
        trainer.steps(0, &(0..12).collect::<Vec<i32>>().repeat(3), &[1e-2; 3]).unwrap();
        weights(&trainer)
    };
    for ((name, whole), (_, chunked)) in run(None).iter().zip(run(Some(5))) {
        assert!(f64::try_from((whole - chunked).abs().max()).unwrap() < 1e-13, "{name}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let pixels = pack([1, 1, 3], &[0; 12]);
    let features = feature_pack(3, &[0.0; 12]);
    let plan = |size: i64| {
        let mut net = head(&[]);
        net["input"]["channels"] = json!(size);
        plan_with(&json!({ "net": net, "pairs": 2 }))
    };
    let ids = images(0..1).iter().map(|id| id % 4).collect::<Vec<_>>();
    let error = Trainer::new(plan(4), features.clone()).unwrap().steps(0, &ids, &[1e-3]).unwrap_err();
    assert_eq!(error.message, "rows of 3 features do not fill the network's input of 1x1x4");
    // A row has no turned ones.
    assert!(features.check(&[3]).is_ok() && features.check(&[4]).is_err() && pixels.check(&[15]).is_ok());
    let error = pixels.features(0, &mut [0.0; 3]).unwrap_err();
    assert!(error.message.ends_with("holds images and no features"), "{}", error.message);
    let error = Images::Pack(&features).gather(&[0]).unwrap_err();
    assert!(error.message.ends_with("holds features and no images"), "{}", error.message);
}
