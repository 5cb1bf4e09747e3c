use crate::formula::{description, fill, formula};
use crate::setup::{images, noise, plan_with, restless_with, weights};
use npair_engine::mode::Mode;
use npair_engine::network::Network;
use npair_engine::plan::Precision;
use npair_engine::trainer::Trainer;
use npair_torch_ext::backward;
use serde_json::json;
use tch::{Device, Kind, Tensor, no_grad};

const TRAIN: Mode = Mode::Train { seed: 1, step: 0, first_row: 0 };

fn network(name: &str, precision: Precision) -> Network {
    let network = Network::with_precision(&description(name), 0, precision, Device::Cpu).unwrap();
    fill(&network);
    network
}

/// ‖a − b‖ / ‖b‖
fn distance(a: &Tensor, b: &Tensor) -> f64 {
    f64::try_from((a - b).norm() / b.norm()).unwrap()
}

/// Every layer there is runs in bfloat16 forward and backward, near what float32 gives; embeddings, gradients and running
/// statistics are float32.
#[test]
fn every_net_near_float32() {
    for (name, shape) in [("conv4", [6, 1, 28, 28]), ("casiaNet", [2, 1, 100, 100]), ("everyLayer", [5, 3, 13, 11])] {
        let images = (formula(910, &shape) * 4.0).to_kind(Kind::Float);
        let [single, reduced] = [Precision::Float32, Precision::Bfloat16].map(|precision| {
            let network = network(name, precision);
            let embeddings = network.forward(&images, TRAIN).unwrap();
            assert_eq!(embeddings.kind(), Kind::Float);
            backward(&embeddings, &formula(901, &embeddings.size()).to_kind(Kind::Float)).unwrap();
            let gradients: Vec<Tensor> = network.parameters().iter().map(|(_, p)| p.grad().reshape(-1)).collect();
            assert!(gradients.iter().all(|gradient| gradient.kind() == Kind::Float));
            assert!(network.state().all(|(_, tensor)| tensor.kind() == Kind::Float));
            let evaluated = no_grad(|| network.forward(&images, Mode::Evaluate).unwrap());
            [embeddings.detach(), Tensor::cat(&gradients, 0), evaluated]
        });
        let errors = [0, 1, 2].map(|i| distance(&reduced[i], &single[i]));
        println!("{name} bfloat16 beside float32: train, gradients, evaluate {errors:?}");
        assert!(errors.iter().all(|&error| error > 1e-5), "{name} ran in float32: {errors:?}");
        assert!(errors[0] < 0.05 && errors[1] < 0.35 && errors[2] < 0.05, "{name} {errors:?}");
    }
}

/// Casts of weights are made anew after each update: with casts of the first step kept, weights would hardly matter.
#[test]
fn a_step_sees_the_weights_of_the_step_before() {
    let run = |precision: &str| {
        let mut trainer = Trainer::new(plan_with(&json!({ "precision": precision })), noise()).unwrap();
        trainer.steps(0, &images(0..1).repeat(20), &[1e-2; 20]).unwrap().losses
    };
    let (single, reduced) = (run("float32"), run("bfloat16"));
    assert!(reduced[19] < 0.5 * reduced[0], "{reduced:?}");
    assert!((reduced[19] - single[19]).abs() < 0.2 * single[0], "{single:?} {reduced:?}");
    assert_ne!(reduced, single);
}

#[test]
fn a_block_in_bfloat16_is_as_many_blocks_of_one() {
    let change = json!({ "precision": "bfloat16" });
    let (mut whole, mut single) = (restless_with(&change), restless_with(&change));
    whole.steps(3, &images(0..4), &[1e-2; 4]).unwrap();
    for step in 0..4 {
        single.steps(3 + step as u32, &images(step..step + 1), &[1e-2]).unwrap();
    }
    crate::setup::assert_same(&weights(&whole), &weights(&single));
}
