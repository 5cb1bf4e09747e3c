use crate::formula::{error_of, fixture, formula, largest_error, network, numbers};
use npair_engine::mode::Mode;
use npair_torch_ext::{backward, channels_last};
use tch::{Kind, no_grad};

const TRAIN: Mode = Mode::Train { seed: 1, step: 0, first_row: 0 };

/// Forward and backward in training mode, then running statistics, then evaluation with them.
fn check(name: &str, kind: Kind, forward: f64, gradients: f64) {
    let case = &fixture(include_str!("../fixtures/nets.json"))["cases"][name];
    let shape: Vec<i64> = numbers(&case["images"]).iter().map(|&n| n as i64).collect();
    let network = network(name, kind);
    let images = (formula(910, &shape) * 4.0).to_kind(kind);
    let embeddings = network.forward(&images, TRAIN).unwrap();
    backward(&embeddings, &formula(901, &embeddings.size()).to_kind(kind)).unwrap();
    let train = largest_error(&embeddings, &case["train"]);
    assert_eq!(case["gradients"].as_object().unwrap().len(), network.parameters().len());
    let (mut worst, mut squares, mut norms) = (0f64, 0f64, 0f64);
    for (name, parameter) in network.parameters() {
        let expected = &case["gradients"][name];
        let norm = expected["norm"].as_f64().unwrap();
        // A bias in front of a batch norm has a gradient of zero: nothing but rounding to compare.
        if norm > 1e-9 {
            let error = error_of(&parameter.grad(), expected);
            worst = worst.max(error);
            squares += (error * norm).powi(2);
            norms += norm.powi(2);
        }
        if parameter.dim() == 4 {
            let laid_out = no_grad(|| channels_last(parameter).unwrap());
            assert_eq!(parameter.stride(), laid_out.stride(), "{name} is not channels_last");
        }
    }
    let whole = (squares / norms).sqrt();
    let mut running = 0f64;
    for (name, tensor) in network.state().filter(|(name, _)| name.contains("running")) {
        running = running.max(error_of(tensor, &case["running"][name]));
    }
    let evaluate = no_grad(|| largest_error(&network.forward(&images, Mode::Evaluate).unwrap(), &case["evaluate"]));
    println!(
        "{name} {kind:?}: train {train:.1e}, gradients {whole:.1e} (of one parameter {worst:.1e}), running {running:.1e}, \
         evaluate {evaluate:.1e}"
    );
    assert!(train <= forward && running <= forward && evaluate <= forward);
    // In float32 one window whose largest two numbers are all but equal may send its gradient elsewhere, and shows most in
    // the small gradients of the first layers; in float64 none does.
    assert!(whole <= gradients && (kind == Kind::Float || worst <= gradients));
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
