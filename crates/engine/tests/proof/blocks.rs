use crate::setup::{assert_same, images, net, noise, plan_with, restless, weights};
use npair_engine::Code;
use npair_engine::trainer::Trainer;
use serde_json::json;

const RATES: [f64; 4] = [1e-2, 5e-3, 2e-3, 1e-3];

#[test]
fn a_block_of_steps_is_as_many_blocks_of_one() {
    let (mut whole, mut single) = (restless(), restless());
    let block = whole.steps(7, &images(0..4), &RATES).unwrap();
    for step in 0..4 {
        let one = single.steps(7 + step, &images(step as i32..step as i32 + 1), &RATES[step as usize..][..1]).unwrap();
        let at = step as usize;
        assert_eq!((one.losses[0], one.l2[0]), (block.losses[at], block.l2[at]));
        assert_eq!((one.norms[0], one.gradient_norms[0]), (block.norms[at], block.gradient_norms[at]));
    }
    assert_eq!(block.first_bad, None);
    assert_same(&weights(&whole), &weights(&single));
}

/// The number of a step decides what it draws, and nothing that ran before it.
#[test]
fn a_step_is_created_again_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = restless();
    first.steps(0, &images(0..3), &RATES[..3]).unwrap();
    first.save(folder.path()).unwrap();
    let expected = first.steps(3, &images(3..4), &RATES[3..]).unwrap();
    let mut again = restless();
    again.steps(90, &images(5..6), &[0.1]).unwrap();
    again.load(folder.path()).unwrap();
    assert_eq!(again.steps(3, &images(3..4), &RATES[3..]).unwrap(), expected);
    assert_same(&weights(&first), &weights(&again));
    again.load(folder.path()).unwrap();
    assert_ne!(again.steps(4, &images(3..4), &RATES[3..]).unwrap().losses, expected.losses);
}

/// Whatever is wrong anywhere in a block is found before its first step.
#[test]
fn mistakes_in_a_block_change_nothing() {
    let mut trainer = restless();
    let before = weights(&trainer);
    let mut strange = images(0..2);
    strange[7] = 12;
    let cases: [(u32, &[i32], &[f64], &str); 7] = [
        (0, &images(0..2), &[1e-3], "1 steps of 4 images need 4 indices, not 8"),
        (0, &images(0..1)[..3], &[1e-3], "1 steps of 4 images need 4 indices, not 3"),
        (0, &[], &[], "0 steps of 4 images"),
        (0, &strange, &[1e-3; 2], "there is no image 12 among 12"),
        (0, &images(0..2), &[1e-3, f64::NAN], "NaN is no learning rate"),
        (0, &images(0..2), &[1e-3, -1.0], "-1 is no learning rate"),
        (u32::MAX, &images(0..2), &[1e-3; 2], "more than can be counted"),
    ];
    for (first, ids, rates, text) in cases {
        let error = trainer.steps(first, ids, rates).unwrap_err();
        assert_eq!(error.code, Code::InvalidOption);
        assert!(error.message.contains(text), "{}", error.message);
    }
    assert_same(&before, &weights(&trainer));
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let flat = json!({ "input": { "channels": 1, "height": 8, "width": 8 }, "layers": [{ "type": "flatten" }] });
    for (changes, text) in [(json!({ "net": flat }), "no parameters"), (json!({ "pairs": 0 }), "at least one pair")] {
        let error = Trainer::new(plan_with(&changes), noise()).err().unwrap();
        assert!(error.code == Code::InvalidOption && error.message.contains(text), "{}", error.message);
    }
}

#[test]
fn a_network_larger_than_the_images_is_refused() {
    let mut net = net(0.0);
    net["input"]["height"] = json!(11);
    let mut trainer = Trainer::new(plan_with(&json!({ "net": net })), noise()).unwrap();
    let error = trainer.steps(0, &images(0..1), &[1e-3]).unwrap_err();
    assert_eq!(error.message, "images of 10x9x1 do not fill the network's input of 11x8x1");
}
