use crate::formula::{error_of, fixture, formula, largest_error, network, numbers};
use npair_engine::network::Mode;
use npair_torch_ext::{backward, channels_last};
use tch::{Kind, no_grad};

const TRAIN: Mode = Mode::Train { seed: 1, step: 0, first_row: 0 };

/// Forward and backward in training mode, then running statistics, then evaluation with them.
fn check(name: &str, kind: Kind, forward: f64, gradients: f64) {
    let case = &fixture(include_str!("../fixtures/nets.json"))["cases"][name];
    let shape: Vec<i64> = numbers(&case["images"]).iter().map(|&n| n as i64).collect();
    let network = network(name, kind);
    let images = (formula(900, &shape) * 4.0).to_kind(kind);
    let embeddings = network.forward(&images, TRAIN).unwrap();
    backward(&embeddings, &formula(901, &embeddings.size()).to_kind(kind)).unwrap();
    let mut worst = [largest_error(&embeddings, &case["train"]), 0.0, 0.0, 0.0];
    assert_eq!(case["gradients"].as_object().unwrap().len(), network.parameters().len());
    for (name, parameter) in network.parameters() {
        // A bias in front of a batch norm has a gradient of zero: nothing but rounding to compare.
        if case["gradients"][name]["norm"].as_f64().unwrap() > 1e-9 {
            worst[1] = error_of(&parameter.grad(), &case["gradients"][name]).max(worst[1]);
        }
        if parameter.dim() == 4 {
            let laid_out = no_grad(|| channels_last(parameter).unwrap());
            assert_eq!(parameter.stride(), laid_out.stride(), "{name} is not channels_last");
        }
    }
    for (name, tensor) in network.state().filter(|(name, _)| name.contains("running")) {
        worst[2] = error_of(tensor, &case["running"][name]).max(worst[2]);
    }
    worst[3] = no_grad(|| largest_error(&network.forward(&images, Mode::Evaluate).unwrap(), &case["evaluate"]));
    println!(
        "{name} {kind:?}: train {:.1e}, gradients {:.1e}, running {:.1e}, evaluate {:.1e}",
        worst[0], worst[1], worst[2], worst[3]
    );
    assert!(worst[0] <= forward && worst[2] <= forward && worst[3] <= forward, "{worst:?}");
    assert!(worst[1] <= gradients, "{worst:?}");
}

#[test]
fn conv4() {
    check("conv4", Kind::Double, 1e-9, 1e-9);
    check("conv4", Kind::Float, 1e-5, 1e-3);
}

#[test]
fn casia_net() {
    check("casiaNet", Kind::Double, 1e-9, 1e-9);
    check("casiaNet", Kind::Float, 1e-5, 1e-3);
}

#[test]
fn every_layer() {
    check("everyLayer", Kind::Double, 1e-9, 1e-9);
    check("everyLayer", Kind::Float, 1e-5, 1e-3);
}
