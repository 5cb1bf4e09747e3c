//! Triplet losses: which triplets a batch gives, and all of them at once.

use super::distance_weighted::DistanceWeighted;
use super::labels::{Overlap, positives_of};
use super::plan::{Average, L2Of, Triplet, TripletForm, TripletMargin, Triplets};
use super::rows::{Normalized, blocks, penalty, refuse, row_sums, shape, softplus, zero};
use super::scores::{Measure, Scores};
use super::triplet_list::{Cost, List, over_list};
use super::{Batch, Evaluated};
use crate::error::Result;
use npair_torch_ext::upload;
use tch::{Kind, Tensor};

/// Hinge on squared distances, or the smooth (2+1)-tuplet on inner products.
pub fn evaluate(options: &Triplet, batch: &Batch) -> Result<Evaluated> {
    let (rows, _) = shape(batch.embeddings)?;
    let embeddings = batch.embeddings.f_contiguous()?;
    let compared = Normalized::when(options.normalize, &embeddings)?;
    let (measure, cost) = match options.form {
        TripletForm::Hinge => (Measure::Squares, Cost::Hinge(options.margin)),
        TripletForm::Smooth => (Measure::Product, Cost::Smooth),
    };
    let (value, gradient) = if options.triplets == Triplets::All {
        all(options, measure, &compared.rows, batch)?
    } else {
        let list = list(options.triplets, measure, &compared.rows, batch)?;
        over_list(&compared.rows, &list, &cost, options.average)?
    };
    let mut gradient = compared.backward(gradient)?;
    let l2 = penalty(L2Of::SquaredNorm, options.l2 / rows as f64, &embeddings, &mut gradient)?;
    Evaluated::new(&[("triplet", value), ("l2", l2)], gradient)
}

/// The margin triplet on distances.
pub fn evaluate_margin(options: &TripletMargin, batch: &Batch) -> Result<Evaluated> {
    shape(batch.embeddings)?;
    let embeddings = batch.embeddings.f_contiguous()?;
    let list = list(options.triplets, Measure::Squares, &embeddings, batch)?;
    let (value, gradient) = over_list(&embeddings, &list, &Cost::Margin(options), Average::All)?;
    Evaluated::new(&[("tripletMargin", value)], gradient)
}

fn list(triplets: Triplets, measure: Measure, rows: &Tensor, batch: &Batch) -> Result<List> {
    let count = rows.size()[0];
    match triplets {
        Triplets::Given if count % 3 == 0 => {
            let third = count / 3;
            listed(rows, &(0..third).map(|i| [i, third + i, 2 * third + i]).collect::<Vec<_>>())
        }
        Triplets::Given => refuse(format!("{count} rows are no whole number of anchors, positives and negatives")),
        Triplets::Paper if count % 2 == 0 && count >= 4 => {
            let pairs = count / 2;
            // Two pairs give two triplets; where their number is odd, the last one asks the one before it.
            let partner = |i: i64| if i ^ 1 < pairs { i ^ 1 } else { i - 1 };
            listed(rows, &(0..pairs).map(|i| [i, pairs + i, pairs + partner(i)]).collect::<Vec<_>>())
        }
        Triplets::Paper => refuse(format!("triplets of pairs need two pairs or more, not {count} rows")),
        Triplets::All => refuse("this loss has no list of all triplets: choose hard or semiHard"),
        Triplets::Hard | Triplets::SemiHard | Triplets::DistanceWeighted => mined(triplets, measure, rows, batch),
    }
}

fn listed(rows: &Tensor, triplets: &[[i64; 3]]) -> Result<List> {
    let column = |k: usize| -> Result<Tensor> {
        let numbers: Vec<i64> = triplets.iter().map(|triplet| triplet[k]).collect();
        Ok(upload(&Tensor::f_from_slice(&numbers)?, rows.device())?)
    };
    Ok(List { anchors: column(0)?, positives: column(1)?, negatives: column(2)? })
}

/// The other rows of each row's class as a table: column k is the k-th of them, and where a row has fewer, itself.
struct Positives {
    /// `[n]` each
    columns: Vec<Vec<i64>>,
    /// Whether row i has a k-th one, and a row of another class.
    valid: Vec<Vec<bool>>,
    triplets: i64,
}

impl Positives {
    fn of(labels: &[i32]) -> Result<Self> {
        let positives = positives_of(labels);
        let most = positives.iter().map(Vec::len).max().unwrap_or(0);
        let n = positives.len();
        let others = |own: &Vec<i64>| n - 1 - own.len();
        let triplets = positives.iter().map(|own| (own.len() * others(own)) as i64).sum();
        if triplets == 0 {
            return refuse("no triplet: it takes two rows of one class and one of another");
        }
        let column =
            |k: usize| positives.iter().enumerate().map(|(i, own)| own.get(k).map_or(i as i64, |&p| p)).collect();
        let valid = |k: usize| positives.iter().map(|own| k < own.len() && others(own) > 0).collect();
        Ok(Self { columns: (0..most).map(column).collect(), valid: (0..most).map(valid).collect(), triplets })
    }
}

/// B = ±score: small means alike.
fn unlikeness(scores: &Scores, measure: Measure, start: i64, count: i64) -> Result<Tensor> {
    let block = scores.block(start, count)?;
    Ok(if measure == Measure::Product { block.f_neg()? } else { block })
}

fn mined(triplets: Triplets, measure: Measure, rows: &Tensor, batch: &Batch) -> Result<List> {
    let n = rows.size()[0];
    let labels = batch.labels.one(n)?;
    let positives = Positives::of(labels)?;
    let overlap = Overlap::new(batch.labels, rows.kind(), rows.device())?;
    let scores = Scores::new(rows, measure)?;
    let weighted =
        (triplets == Triplets::DistanceWeighted).then(|| DistanceWeighted::new(rows, batch.rows)).transpose()?;
    let hard = triplets == Triplets::Hard;
    let columns = if hard { 1 } else { positives.columns.len() };
    let mut found: Vec<[Vec<Tensor>; 3]> = (0..columns).map(|_| [vec![], vec![], vec![]]).collect();
    for (start, count) in blocks(n) {
        let far = unlikeness(&scores, measure, start, count)?;
        let same = overlap.block(start, count)?.f_gt(0.0)?;
        let among_negatives = far.f_masked_fill(&same, f64::INFINITY)?;
        let nearest = among_negatives.f_argmin(1, false)?;
        let drawn = weighted.as_ref().map(|weighted| weighted.block(start, &same, columns)).transpose()?;
        let anchors = Tensor::f_arange_start(start, start + count, (Kind::Int64, rows.device()))?;
        for (k, found) in found.iter_mut().enumerate() {
            let (positive, negative) = if let Some(drawn) = &drawn {
                (slice(&positives.columns[k], start, count, rows)?, drawn.f_select(1, k as i64)?)
            } else if hard {
                let others = same.f_detach_copy()?;
                let _ = others.f_diagonal(start, 0, 1)?.f_fill_(0)?;
                let among = far.f_masked_fill(&others.f_logical_not()?, f64::NEG_INFINITY)?;
                (among.f_argmax(1, false)?, nearest.shallow_clone())
            } else {
                let positive = slice(&positives.columns[k], start, count, rows)?;
                let own = far.f_gather(1, &positive.f_unsqueeze(1)?, false)?;
                let nearer = among_negatives.f_le_tensor(&own)?;
                let beyond = among_negatives.f_masked_fill(&nearer, f64::INFINITY)?;
                let (least, at) = beyond.f_min_dim(1, false)?;
                let farthest = far.f_masked_fill(&same, f64::NEG_INFINITY)?.f_argmax(1, false)?;
                (positive, at.f_where_self(&least.f_isfinite()?, &farthest)?)
            };
            found[0].push(anchors.shallow_clone());
            found[1].push(positive);
            found[2].push(negative);
        }
    }
    let mut columns = [vec![], vec![], vec![]];
    for (k, found) in found.iter().enumerate() {
        let keep: Vec<i64> = (0..n).filter(|&i| positives.valid[k][i as usize]).collect();
        let keep = upload(&Tensor::f_from_slice(&keep)?, rows.device())?;
        for (column, parts) in columns.iter_mut().zip(found) {
            column.push(Tensor::f_cat(parts, 0)?.f_index_select(0, &keep)?);
        }
    }
    let [anchors, positives, negatives] = columns.map(|parts| Tensor::f_cat(&parts, 0));
    Ok(List { anchors: anchors?, positives: positives?, negatives: negatives? })
}

fn slice<T: tch::kind::Element>(values: &[T], start: i64, count: i64, like: &Tensor) -> Result<Tensor> {
    let part = &values[start as usize..(start + count) as usize];
    Ok(upload(&Tensor::f_from_slice(part)?, like.device())?)
}

/// Every triplet, without a list: the k-th positives of a block of anchors against all negatives.
fn all(options: &Triplet, measure: Measure, rows: &Tensor, batch: &Batch) -> Result<(Tensor, Tensor)> {
    let n = rows.size()[0];
    let positives = Positives::of(batch.labels.one(n)?)?;
    let overlap = Overlap::new(batch.labels, rows.kind(), rows.device())?;
    let mut scores = Scores::new(rows, measure)?;
    let (mut total, mut active) = (zero(rows)?, zero(rows)?);
    for (start, count) in blocks(n) {
        let far = unlikeness(&scores, measure, start, count)?;
        let negatives = overlap.block(start, count)?.f_eq(0.0)?.f_to_kind(rows.kind())?;
        let mut pulls = far.f_zeros_like()?;
        for (column, valid) in positives.columns.iter().zip(&positives.valid) {
            let positive = slice(column, start, count, rows)?.f_unsqueeze_(1)?;
            let valid: Vec<f64> = valid.iter().map(|&valid| f64::from(valid)).collect();
            let valid = slice(&valid, start, count, rows)?.f_to_kind(rows.kind())?.f_unsqueeze_(1)?;
            let mask = negatives.f_mul(&valid)?;
            let x = far.f_gather(1, &positive, false)?.f_sub(&far)?;
            let (losses, share) = match options.form {
                TripletForm::Smooth => (softplus(&x)?, x.f_sigmoid()?),
                TripletForm::Hinge => {
                    let x = x.f_add_scalar(options.margin)?;
                    (x.f_clamp_min(0.0)?, x.f_gt(0.0)?.f_to_kind(rows.kind())?)
                }
            };
            total = total.f_add(&losses.f_mul(&mask)?.f_sum(None)?)?;
            let share = share.f_mul(&mask)?;
            active = active.f_add(&share.f_gt(0.0)?.f_sum(rows.kind())?)?;
            pulls = pulls.f_sub_(&share)?.f_scatter_add_(1, &positive, &row_sums(&share)?)?;
        }
        scores.add(start, &if measure == Measure::Product { pulls.f_neg()? } else { pulls })?;
    }
    let over = match options.average {
        Average::All => Tensor::f_full([], positives.triplets as f64, (rows.kind(), rows.device()))?,
        Average::Active => active.f_clamp_min(1.0)?,
    };
    Ok((total.f_div(&over)?, scores.gradient().f_div(&over)?))
}
