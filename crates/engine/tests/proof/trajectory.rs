use crate::formula::{description, error_of, fill, fixture, numbers};
use crate::setup::{pack, plan_with};
use npair_engine::plan::TrainPlan;
use npair_engine::trainer::Trainer;
use serde_json::json;

const SIDE: usize = 28;
const CLASSES: usize = 20;
const N: usize = 8;

/// As `image` of `trajectory.py`.
fn image(number: usize) -> Vec<u8> {
    let label = number / 2;
    let pixel = |y: usize, x: usize| {
        (37 * label + (label + 3) * y * y + (2 * label + 5) * x * y + 11 * x + 20 * (number % 2)) % 256
    };
    (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| pixel(y, x) as u8)).collect()
}

/// Pixels, normalisation, network, loss with its penalty, Adam, running statistics: all together, ten steps long.
#[test]
fn a_whole_run() {
    let plan = json!({
        "loss": { "type": "nPairMc", "l2": 0.02, "l2Convention": "mean", "temperature": 1.0, "normalize": false },
        "preprocess": { "invert": false, "mean": [0.4], "std": [0.3] },
        "precision": "float64", "pairs": N,
    });
    let pixels: Vec<u8> = (0..2 * CLASSES).flat_map(image).collect();
    let plan = TrainPlan { net: description("conv4Small"), ..plan_with(&plan) };
    let mut trainer = Trainer::new(plan, pack([SIDE, SIDE, 1], &pixels)).unwrap();
    fill(&trainer.network());
    let images: Vec<i32> = (0..10)
        .flat_map(|step| {
            let classes = (0..N).map(move |i| (3 * step + 7 * i) % CLASSES);
            classes.clone().map(|c| 2 * c as i32).chain(classes.map(|c| 2 * c as i32 + 1))
        })
        .collect();
    let block = trainer.steps(0, &images, &[1e-3; 10]).unwrap();
    assert_eq!(block.first_bad, None);
    let expected = fixture(include_str!("../fixtures/trajectory.json"));
    let worst = |got: &[f64], expected: &[f64]| {
        assert_eq!(got.len(), expected.len());
        got.iter().zip(expected).map(|(a, b)| (a - b).abs() / b.abs()).fold(0.0, f64::max)
    };
    let losses = worst(&block.losses, &numbers(&expected["losses"]));
    let norms = worst(&block.gradient_norms, &numbers(&expected["gradientNorms"]));
    let network = trainer.network();
    // A bias in front of a batch norm moves by rounding alone, and the running mean with it.
    let free = |name: &str| name.ends_with("conv.bias") || name.ends_with("running_mean");
    let weights = network.state().filter(|(name, _)| !free(name));
    let weights = weights.map(|(name, tensor)| error_of(tensor, &expected["weights"][name])).fold(0.0, f64::max);
    println!("trajectory: losses {losses:.1e}, gradient norms {norms:.1e}, weights {weights:.1e}");
    assert!(losses <= 1e-8 && norms <= 1e-8 && weights <= 1e-8, "{losses} {norms} {weights}");
}
