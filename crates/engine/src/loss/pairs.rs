//! The N-pair losses over a batch: who asks whom, what repeated labels mean, lengths, and the penalty on norms.

use super::contrast::{Diagonal, Form, Sides, contrast};
use super::labels::{Labels, Overlap};
use super::n_pair_mc::n_pair_mc;
use super::n_pair_ovo::n_pair_ovo;
use super::plan::{L2Convention, NPair, Queries, SameClass, SupCon};
use super::rows::{Normalized, penalty, refuse, shape};
use super::{Batch, Evaluated};
use crate::error::Result;
use tch::Tensor;

/// Which of the two losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    AllAtOnce,
    OneByOne,
}

/// Rows are N anchors, then their N positives; where all ask by class (`queries: all`, not one by one) in any order.
pub fn evaluate(options: &NPair, against: Against, batch: &Batch) -> Result<Evaluated> {
    let (rows, _) = shape(batch.embeddings)?;
    let by_class = options.queries == Queries::All && options.same_class != SameClass::Error;
    if rows < 2 || rows % 2 != 0 && !(by_class && against == Against::AllAtOnce) {
        return refuse(format!("N-pair losses need N anchors and N positives, not {rows} rows"));
    }
    let embeddings = batch.embeddings.f_contiguous()?;
    let compared = Normalized::when(options.normalize, &embeddings)?;
    let (value, gradient) = if options.queries == Queries::All {
        ask_all(options, against, &compared.rows, batch.labels)?
    } else {
        ask_positives(options, against, &compared.rows, batch.labels)?
    };
    let mut gradient = compared.backward(gradient)?;
    // All three conventions are a factor times (Σ‖f‖² + Σ‖f⁺‖²)/N.
    let factor = match options.l2_convention {
        L2Convention::Sum => options.l2,
        L2Convention::Mean => options.l2 / 2.0,
        L2Convention::Quarter => options.l2 / 4.0,
    } / (rows as f64 / 2.0);
    let l2 = penalty(options.l2_of, factor, &embeddings, &mut gradient)?;
    let name = if against == Against::AllAtOnce { "nPairMc" } else { "nPairOvo" };
    Evaluated::new(&[(name, value), ("l2", l2)], gradient)
}

/// Supervised contrastive loss (Khosla 2020, L_out): every row asks all others, each positive has an equal share of the target.
pub fn sup_con(options: &SupCon, batch: &Batch) -> Result<Evaluated> {
    let (rows, _) = shape(batch.embeddings)?;
    batch.labels.one(rows)?;
    let compared = Normalized::when(options.normalize, &batch.embeddings.f_contiguous()?)?;
    let overlap = Overlap::new(batch.labels, compared.rows.kind(), compared.rows.device())?;
    let sides = contrast(&compared.rows, &compared.rows, &overlap, Diagonal::Query, Form::Soft, options.temperature)?;
    let gradient = compared.backward(sides.queries.f_add(&sides.keys)?)?;
    Evaluated::new(&[("supCon", sides.loss)], gradient)
}

fn ask_positives(options: &NPair, against: Against, rows: &Tensor, labels: &Labels) -> Result<(Tensor, Tensor)> {
    let n = rows.size()[0] / 2;
    let (anchors, positives) = (rows.f_narrow(0, 0, n)?, rows.f_narrow(0, n, n)?);
    let labels = labels.of_pairs(n)?;
    let plain = labels.differ() && against == Against::AllAtOnce;
    if !labels.differ() && options.same_class == SameClass::Error {
        return refuse("a class is in two pairs, which sameClass: 'error' refuses");
    }
    let one_way = |queries: &Tensor, keys: &Tensor| {
        if plain {
            return n_pair_mc(queries, keys, options.temperature);
        }
        let overlap = Overlap::new(&labels, rows.kind(), rows.device())?;
        if against == Against::OneByOne {
            return n_pair_ovo(queries, keys, &overlap, 0, options.temperature);
        }
        let form = form(options.same_class).unwrap_or(Form::Each);
        contrast(queries, keys, &overlap, Diagonal::Positive, form, options.temperature)
    };
    let there = one_way(&anchors, &positives)?;
    if options.queries == Queries::Anchors {
        return Ok((there.loss, Tensor::f_cat(&[there.queries, there.keys], 0)?));
    }
    let back = one_way(&positives, &anchors)?;
    let gradient = Tensor::f_cat(&[there.queries.f_add(&back.keys)?, there.keys.f_add(&back.queries)?], 0)?;
    Ok((there.loss.f_add(&back.loss)?.f_mul_scalar(0.5)?, gradient.f_mul_scalar(0.5)?))
}

fn ask_all(options: &NPair, against: Against, rows: &Tensor, labels: &Labels) -> Result<(Tensor, Tensor)> {
    let count = rows.size()[0];
    let labels = match labels {
        Labels::One(none) if none.is_empty() => {
            Labels::One((0..count as i32).map(|i| i % (count as i32 / 2)).collect())
        }
        given => given.clone(),
    };
    let overlap = Overlap::new(&labels, rows.kind(), rows.device())?;
    let Sides { loss, queries, keys } = match against {
        Against::OneByOne => n_pair_ovo(rows, rows, &overlap, count / 2, options.temperature)?,
        Against::AllAtOnce => {
            let form = form(options.same_class).unwrap_or(Form::Each);
            contrast(rows, rows, &overlap, Diagonal::Query, form, options.temperature)?
        }
    };
    Ok((loss, queries.f_add(&keys)?))
}

fn form(same_class: SameClass) -> Option<Form> {
    match same_class {
        SameClass::Error => None,
        SameClass::Mask => Some(Form::Each),
        SameClass::Soft => Some(Form::Soft),
        SameClass::Sum => Some(Form::Sum),
    }
}
