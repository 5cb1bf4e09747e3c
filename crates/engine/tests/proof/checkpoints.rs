use crate::setup::{assert_same, images, net, noise, plan_with, restless, weights};
use npair_engine::Code;
use npair_engine::trainer::Trainer;
use serde_json::json;
use std::fs;

const FILES: [&str; 2] = ["weights.safetensors", "optimizer.safetensors"];

#[test]
fn what_is_loaded_is_what_was_saved() {
    let (saved, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut first = restless();
    first.steps(0, &images(0..3), &[1e-2; 3]).unwrap();
    first.save(saved.path()).unwrap();
    let mut second = restless();
    second.load(saved.path()).unwrap();
    second.save(copied.path()).unwrap();
    for file in FILES {
        let [one, other] = [&saved, &copied].map(|folder| fs::read(folder.path().join(file)).unwrap());
        assert!(one == other, "{file} differs");
    }
    let block = first.steps(3, &images(3..6), &[1e-2; 3]).unwrap();
    assert_eq!(second.steps(3, &images(3..6), &[1e-2; 3]).unwrap(), block);
    assert_same(&weights(&first), &weights(&second));
}

/// Either file alone is refused, and neither changes anything.
#[test]
fn files_of_another_network_change_nothing() {
    let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut trainer = restless();
    trainer.steps(0, &images(0..1), &[1e-2]).unwrap();
    trainer.save(own.path()).unwrap();
    trainer.steps(1, &images(1..2), &[1e-2]).unwrap();
    let before = weights(&trainer);
    let mut larger = net(0.0);
    larger["layers"][6]["out"] = json!(7);
    Trainer::new(plan_with(&json!({ "net": larger })), noise()).unwrap().save(other.path()).unwrap();
    for file in FILES {
        let folder = tempfile::tempdir().unwrap();
        for name in FILES {
            let from = if name == file { &other } else { &own };
            fs::copy(from.path().join(name), folder.path().join(name)).unwrap();
        }
        let error = trainer.load(folder.path()).unwrap_err();
        assert_eq!(error.code, Code::WeightsMismatch);
        assert!(error.message.contains("fc.") && error.message.contains(file), "{}", error.message);
        assert_same(&before, &weights(&trainer));
        fs::remove_file(folder.path().join(file)).unwrap();
        assert_eq!(trainer.load(folder.path()).unwrap_err().code, Code::NotFound);
        assert_same(&before, &weights(&trainer));
    }
}
