//! Mining by a network that has gone wrong.

use crate::setup::{noise, plan_with};
use npair_engine::Code;
use npair_engine::mining::{Score, Selection};
use npair_engine::trainer::Trainer;
use serde_json::json;
use tch::no_grad;

/// Embeddings that are not finite are an error, and no mean of a class: whoever goes back to good weights goes on.
#[test]
fn no_mean_is_made_of_what_is_not_finite() {
    let mut trainer =
        Trainer::new(plan_with(&json!({ "classMeans": { "classes": 4, "decay": 0.5 } })), noise()).unwrap();
    let selection = Selection { score: Score::HingeSum, images_per_class: 2, count: 3, seed: 1, first_batch: 0 };
    let mine = |trainer: &mut Trainer| trainer.mine(&[0, 3, 6, 9, 1, 4, 7, 10], &[0, 1, 2, 3], &selection, &[2]);
    let mut weight = trainer.network().parameters()[0].1.shallow_clone();
    let good = weight.copy();
    let _ = no_grad(|| weight.fill_(f64::NAN));
    assert_eq!(mine(&mut trainer).unwrap_err().code, Code::NonFinite);
    no_grad(|| weight.copy_(&good));
    assert_eq!(mine(&mut trainer).unwrap().len(), 3);
}
