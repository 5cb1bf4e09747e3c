//! Packs and plans for tests of training.

use npair_engine::pack::Pack;
use npair_engine::plan::{TrainPlan, parse};
use npair_engine::trainer::Trainer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::rc::Rc;
use tch::Tensor;

/// A pack as `src/data/pack.ts` documents it, in one block.
pub fn pack(shape: [usize; 3], pixels: &[u8]) -> Rc<Pack> {
    open(&pack_bytes(shape, "uint8", pixels))
}

/// A pack of rows of `size` features.
pub fn feature_pack(size: usize, numbers: &[f32]) -> Rc<Pack> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    open(&pack_bytes([1, 1, size], "float32", &bytes))
}

/// The same with a bit of its last pixel turned.
pub fn damaged_pack(shape: [usize; 3], pixels: &[u8]) -> Rc<Pack> {
    let mut file = pack_bytes(shape, "uint8", pixels);
    *file.last_mut().unwrap() ^= 1;
    open(&file)
}

fn open(file: &[u8]) -> Rc<Pack> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pack");
    std::fs::write(&path, file).unwrap();
    Rc::new(Pack::open(&path).unwrap())
}

fn pack_bytes([height, width, channels]: [usize; 3], numbers: &str, pixels: &[u8]) -> Vec<u8> {
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let end = 4096 + pixels.len();
    let (version, bytes) = if numbers == "float32" { (2u8, 4) } else { (1, 1) };
    let header = json!({
        "count": pixels.len() / (height * width * channels * bytes), "numbers": numbers, "height": height, "width": width, "channels": channels,
        "images": { "offset": 4096, "bytes": pixels.len() }, "labels": { "offset": end, "bytes": 0 },
        "names": { "offset": end, "bytes": 0 }, "blockBytes": pixels.len(), "blocks": [hash(pixels)],
    })
    .to_string();
    let mut file = b"NPAIRPAK".to_vec();
    file.extend([version, 0, 0, 0]);
    file.extend((header.len() as u32).to_le_bytes());
    file.extend(Sha256::digest(&header));
    file.extend(header.as_bytes());
    file.resize(4096, 0);
    file.extend(pixels);
    file
}

/// A plan of small things, with the fields of `changes` in place of its own.
pub fn plan_with(changes: &Value) -> TrainPlan {
    let mut plan = json!({
        "net": net(0.0),
        "loss": { "type": "nPairMc", "l2": 5e-3, "l2Convention": "sum", "temperature": 1.0, "normalize": false },
        "optimizer": {
            "type": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.0, "clipNorm": 0.0,
        },
        "preprocess": { "invert": false, "mean": [0.0], "std": [1.0] },
        "augment": {
            "crop": "centre", "flip": false, "rotation": 0.0, "scale": 0.0, "shear": 0.0, "shift": 0.0, "fill": 0.0,
            "brightness": 0.0, "contrast": 0.0,
        },
        "seed": 1, "device": "cpu", "precision": "float32", "pairs": 2, "accumulate": 1,
    });
    for (name, value) in changes.as_object().unwrap() {
        plan[name] = value.clone();
    }
    parse("plan", &plan.to_string()).unwrap()
}

/// Convolution, norm, ReLU, dropout, linear layer, for grey images of 8 × 8.
pub fn net(dropout: f64) -> Value {
    json!({ "input": { "channels": 1, "height": 8, "width": 8 }, "layers": [
        { "type": "conv", "name": "conv", "out": 5, "kernel": 3, "stride": 1, "padding": 1, "groups": 1, "bias": true,
          "init": "torch" },
        { "type": "batchNorm", "name": "norm", "momentum": 0.1, "eps": 1e-5 },
        { "type": "relu" },
        { "type": "maxPool", "kernel": 2, "stride": 2, "padding": 0, "ceil": false },
        { "type": "flatten" },
        { "type": "dropout", "p": dropout },
        { "type": "linear", "name": "fc", "out": 6, "bias": true, "init": "torch" },
    ] })
}

/// Everything random: augmentation, dropout, clipping, weight decay.
pub fn restless() -> Trainer {
    restless_with(&json!({}))
}

/// The same with fields of its own.
pub fn restless_with(changes: &Value) -> Trainer {
    let mut plan = json!({
        "net": net(0.3),
        "optimizer": {
            "type": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01, "clipNorm": 0.5,
        },
        "augment": {
            "crop": "random", "flip": true, "rotation": 10.0, "scale": 0.1, "shear": 0.1, "shift": 0.1, "fill": 0.5,
            "brightness": 0.1, "contrast": 0.1,
        },
    });
    for (name, value) in changes.as_object().unwrap() {
        plan[name] = value.clone();
    }
    Trainer::new(plan_with(&plan), noise()).unwrap()
}

/// Twelve grey images of 10 × 9.
pub fn noise() -> Rc<Pack> {
    let pixel = |i: u32| ((i * i + 7 * i).wrapping_mul(2_654_435_761) >> 24) as u8;
    pack([10, 9, 1], &(0..12 * 90).map(pixel).collect::<Vec<u8>>())
}

/// Ids of images for steps of two pairs each.
pub fn images(steps: std::ops::Range<i32>) -> Vec<i32> {
    steps.flat_map(|step| (0..4).map(move |i| (5 * step + 3 * i) % 12)).collect()
}

/// All tensors of a trainer's network, copied.
pub fn weights(trainer: &Trainer) -> Vec<(String, Tensor)> {
    trainer.network().state().map(|(name, tensor)| (name.to_string(), tensor.detach().copy())).collect()
}

/// Asserts equality to the last bit.
pub fn assert_same(a: &[(String, Tensor)], b: &[(String, Tensor)]) {
    assert_eq!(a.len(), b.len());
    for ((name, one), (_, other)) in a.iter().zip(b) {
        assert!(one.equal(other), "{name} differs");
    }
}
