use npair_engine::mode::Mode;
use npair_engine::network::Network;
use npair_engine::plan::{Net, parse};
use serde_json::json;
use tch::{Device, Kind, Tensor};

fn build(init: &str, seed: u64, kind: Kind) -> Network {
    let net = json!({ "input": { "channels": 6, "height": 5, "width": 4 }, "layers": [
        { "type": "conv", "name": "conv", "out": 80, "kernel": [3, 2], "stride": 1, "padding": 0, "groups": 2, "bias": true,
          "init": init },
        { "type": "flatten" },
        { "type": "linear", "name": "fc", "out": 30, "bias": true, "init": init },
    ] });
    let net: Net = parse("net", &net.to_string()).unwrap();
    Network::build(&net, seed, kind, Device::Cpu).unwrap()
}

fn parameter(network: &Network, name: &str) -> Vec<f64> {
    let (_, tensor) = network.parameters().iter().find(|(candidate, _)| candidate == name).unwrap();
    Vec::try_from(tensor.detach().to_kind(Kind::Double).contiguous().view(-1)).unwrap()
}

/// Inputs and outputs per number, as `_calculate_fan_in_and_fan_out` counts them: kernel 3 × 2, 3 inputs a group.
const FANS: [(&str, f64, f64); 2] = [("conv", 18.0, 480.0), ("fc", 720.0, 30.0)];

/// Bounds and variances of torch.nn's own, kaiming_normal_(nonlinearity='relu') and xavier_uniform_.
#[test]
fn distributions() {
    for (init, bound, variance) in [
        ("torch", (|i, _| 1.0 / f64::sqrt(i)) as fn(f64, f64) -> f64, (|i, _| 1.0 / (3.0 * i)) as fn(f64, f64) -> f64),
        ("kaiming", |_, _| f64::INFINITY, |i, _| 2.0 / i),
        ("xavier", |i, o| f64::sqrt(6.0 / (i + o)), |i, o| 2.0 / (i + o)),
    ] {
        let network = build(init, 3, Kind::Double);
        for (name, inputs, outputs) in FANS {
            let values = parameter(&network, &format!("{name}.weight"));
            let (count, largest) = (values.len() as f64, values.iter().fold(0f64, |a, b| a.max(b.abs())));
            let (bound, variance) = (bound(inputs, outputs), variance(inputs, outputs));
            let mean = values.iter().sum::<f64>() / count;
            let measured = values.iter().map(|x| x * x).sum::<f64>() / count;
            assert!(
                largest < bound && (bound.is_infinite() || largest > 0.98 * bound),
                "{init} {name} {largest} {bound}"
            );
            assert!(mean.abs() < 4.0 * (variance / count).sqrt(), "{init} {name} {mean}");
            assert!((measured / variance - 1.0).abs() < 6.0 / count.sqrt(), "{init} {name} {measured} {variance}");
            let biases = parameter(&network, &format!("{name}.bias"));
            let limit = if init == "torch" { 1.0 / inputs.sqrt() } else { 0.0 };
            assert!(
                biases.iter().all(|bias| bias.abs() <= limit) && biases.iter().any(|bias| bias.abs() >= 0.8 * limit)
            );
        }
    }
}

/// A seed gives the same numbers in either precision, whatever layout they lie in; another seed gives others.
#[test]
fn weights_depend_on_the_seed_alone() {
    let (double, single, other) =
        (build("torch", 3, Kind::Double), build("torch", 3, Kind::Float), build("torch", 4, Kind::Double));
    for (name, ..) in FANS {
        let name = format!("{name}.weight");
        let rounded: Vec<f64> = parameter(&double, &name).iter().map(|&x| f64::from(x as f32)).collect();
        assert_eq!(parameter(&single, &name), rounded);
        assert_ne!(parameter(&double, &name), parameter(&other, &name));
    }
}

/// Rows of a batch in two chunks draw what they draw in one.
#[test]
fn dropout_draws_by_row() {
    let net = json!({ "input": { "channels": 2, "height": 4, "width": 3 }, "layers": [
        { "type": "dropout", "p": 0.5 }, { "type": "relu" }, { "type": "dropout", "p": 0.5 }, { "type": "flatten" },
    ] });
    let net: Net = parse("net", &net.to_string()).unwrap();
    let network = Network::build(&net, 1, Kind::Double, Device::Cpu).unwrap();
    let images = Tensor::ones([6, 2, 4, 3], (Kind::Double, Device::Cpu));
    let run = |start: i64, count: i64, step: u32| {
        let mode = Mode::Train { seed: 5, step, first_row: start as u32 };
        network.forward(&images.narrow(0, start, count), mode).unwrap()
    };
    let whole = run(0, 6, 2);
    assert!(whole.equal(&Tensor::cat(&[run(0, 4, 2), run(4, 2, 2)], 0)));
    assert!(!whole.equal(&run(0, 6, 3)));
    assert!(network.forward(&images, Mode::Evaluate).unwrap().equal(&images.flatten(1, -1)));
    // Two layers that draw apart: a quarter is left, times four.
    let values = Vec::<f64>::try_from(whole.flatten(0, -1)).unwrap();
    assert!(values.iter().all(|&x| x == 0.0 || x == 4.0));
    let kept = values.iter().filter(|&&x| x > 0.0).count();
    assert!((16..60).contains(&kept), "{kept} of 144");
}
