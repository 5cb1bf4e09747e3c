//! Search among rows: the nearest, ranks of mates, what comes before a probe's mate, all pairs, k-means. Whatever is asked with is
//! copied; the rows themselves are not.

use crate::environment::Lent;
use crate::integer::integer;
use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::{Float32Array, Float64Array, Int32Array, PromiseRaw, Uint8Array};
use napi_derive::napi;
use npair_engine::search::{AllPairs, Asked, Bins, Found, Outcomes, Pairs, Probes, Seen, Step, Wanted};
use npair_engine::{Engine, Result};
use std::ops::Range;
use std::path::PathBuf;

/// Rows to search among, `[n, size]`; they are not copied, and may not be changed or moved to another thread before the handle
/// is closed. `options`: `{ size, metric, shortlist }` as JSON
#[napi]
pub fn gallery_open(env: &Env, rows: Float32Array, options: String) -> napi::Result<PromiseRaw<'_, u32>> {
    let rows = Lent::new(env, rows)?;
    promise(env, move |engine| engine.gallery_open(Box::new(rows), &options), |handle| handle)
}

/// The same for rows in a file of nothing but float32 numbers, which is mapped into memory
#[napi]
pub fn gallery_map(env: &Env, path: String, options: String) -> napi::Result<PromiseRaw<'_, u32>> {
    promise(env, move |engine| engine.gallery_map(&PathBuf::from(path), &options), |handle| handle)
}

#[napi(object, object_from_js = false)]
pub struct BindingFound {
    /// `[queries, k]`; -1 where there are fewer
    pub rows: Int32Array,
    /// `[queries, k]`, larger is nearer; NaN where there are fewer
    pub scores: Float64Array,
}

/// The k nearest rows of `[queries, size]`; `allowed` is 0 for rows that are not to be found, `except` a row that the query is
/// not to find, or -1
#[napi]
pub fn gallery_nearest(
    env: &Env,
    gallery: f64,
    queries: Float32Array,
    k: f64,
    allowed: Option<Uint8Array>,
    except: Option<Int32Array>,
) -> napi::Result<PromiseRaw<'_, BindingFound>> {
    let queries = queries.to_vec();
    let (allowed, except) = (copied(allowed.as_deref()), copied(except.as_deref()));
    let task = move |engine: &mut Engine| {
        let k: u32 = integer("k", k)?;
        let wanted = Wanted { queries: &queries, k: k as usize, allowed: &allowed, except: &except };
        engine.gallery_nearest(integer("gallery", gallery)?, &wanted)
    };
    promise(env, task, |Found { rows, scores }| BindingFound { rows: rows.into(), scores: scores.into() })
}

/// Scores in float64 of rows that are named, `[queries, any number]` with -1 for none, whose score is NaN
#[napi]
pub fn gallery_scores(
    env: &Env,
    gallery: f64,
    queries: Float32Array,
    rows: Int32Array,
) -> napi::Result<PromiseRaw<'_, Float64Array>> {
    let (queries, rows) = (queries.to_vec(), rows.to_vec());
    let task = move |engine: &mut Engine| engine.gallery_scores(integer("gallery", gallery)?, &queries, &rows);
    promise(env, task, Float64Array::new)
}

/// Queries whose mates are looked for; what is empty does not count.
#[napi(object, object_to_js = false)]
pub struct BindingAsked {
    /// `[queries, size]`
    pub rows: Float32Array,
    /// `[queries]` class
    pub labels: Int32Array,
    /// `[queries]` camera; rows of the class by the same one are left out
    pub cameras: Int32Array,
    /// `[queries]` the row of the gallery that a query is, or -1
    pub own: Int32Array,
}

#[napi(object, object_from_js = false)]
pub struct BindingRanks {
    /// `[queries]` how many mates each has
    pub counts: Int32Array,
    /// Ascending ranks of its mates, of one query after the other
    pub ranks: Int32Array,
}

/// At which ranks the rows of the query's class come; `labels` and `cameras` are those of the gallery's rows
#[napi]
pub fn gallery_ranks<'env>(
    env: &'env Env,
    gallery: f64,
    asked: BindingAsked,
    labels: Int32Array,
    cameras: Int32Array,
) -> napi::Result<PromiseRaw<'env, BindingRanks>> {
    let BindingAsked { rows, labels: own_labels, cameras: own_cameras, own } = asked;
    let (rows, own_labels, own_cameras, own) = (rows.to_vec(), own_labels.to_vec(), own_cameras.to_vec(), own.to_vec());
    let (labels, cameras) = (labels.to_vec(), cameras.to_vec());
    let task = move |engine: &mut Engine| {
        let asked = Asked { rows: &rows, seen: Seen { labels: &own_labels, cameras: &own_cameras }, own: &own };
        engine.gallery_ranks(integer("gallery", gallery)?, &asked, &Seen { labels: &labels, cameras: &cameras })
    };
    promise(env, task, |ranks| BindingRanks {
        counts: ranks.iter().map(|own| own.len() as i32).collect::<Vec<_>>().into(),
        ranks: ranks.concat().into(),
    })
}

#[napi(object, object_from_js = false)]
pub struct BindingOutcomes {
    /// `[probes]` the highest score of the own identity, NaN for none
    pub mates: Float64Array,
    /// `[probes]` the highest score of all others, -Infinity for none
    pub strangers: Float64Array,
    /// `[probes]` rows, and identities, before the mate; 0 where there is none
    pub images: Int32Array,
    pub identities: Int32Array,
}

/// What comes before each probe's mate: `labels` are the identities of the gallery's rows, `own` those of `[probes, size]`
#[napi]
pub fn gallery_searches(
    env: &Env,
    gallery: f64,
    labels: Int32Array,
    probes: Float32Array,
    own: Int32Array,
    strangers_first: bool,
) -> napi::Result<PromiseRaw<'_, BindingOutcomes>> {
    let (labels, probes, own) = (labels.to_vec(), probes.to_vec(), own.to_vec());
    let task = move |engine: &mut Engine| {
        let probes = Probes { rows: &probes, labels: &own, strangers_first };
        engine.gallery_searches(integer("gallery", gallery)?, &labels, &probes)
    };
    promise(env, task, |Outcomes { mates, strangers, images, identities }| BindingOutcomes {
        mates: mates.into(),
        strangers: strangers.into(),
        images: images.into(),
        identities: identities.into(),
    })
}

#[napi(object, object_from_js = false)]
pub struct BindingPairs {
    /// `[bins]` how many pairs of one label, and of two
    pub same: Float64Array,
    pub different: Float64Array,
    /// Scores of the pairs in the bins that are listed
    pub same_listed: Float64Array,
    pub different_listed: Float64Array,
    /// By how much the scores that were counted may be off
    pub error: f64,
}

/// Pairs of `count` rows from `first` on with all later rows, counted in `bins` equal bins from `low` to `high`; `listed` is 1
/// for bins whose scores are given
#[napi]
#[allow(clippy::too_many_arguments)]
pub fn gallery_pairs(
    env: &Env,
    gallery: f64,
    labels: Int32Array,
    first: f64,
    count: f64,
    bins: f64,
    low: f64,
    high: f64,
    listed: Option<Uint8Array>,
) -> napi::Result<PromiseRaw<'_, BindingPairs>> {
    let (labels, listed) = (labels.to_vec(), copied(listed.as_deref()));
    let task = move |engine: &mut Engine| {
        let count_of_bins: u32 = integer("bins", bins)?;
        let bins = Bins { count: count_of_bins as usize, low: low as f32, high: high as f32 };
        let all = AllPairs { labels: &labels, bins, listed: &listed };
        engine.gallery_pairs(integer("gallery", gallery)?, &all, range(first, count)?)
    };
    let floats = |counts: Vec<u64>| counts.into_iter().map(|count| count as f64).collect::<Vec<_>>().into();
    promise(env, task, move |pairs: Pairs| BindingPairs {
        same: floats(pairs.same),
        different: floats(pairs.different),
        same_listed: pairs.same_listed.into(),
        different_listed: pairs.different_listed.into(),
        error: pairs.error,
    })
}

/// Rows of a gallery to begin k-means with, by k-means++
#[napi]
pub fn k_means_seeds(
    env: &Env,
    gallery: f64,
    k: f64,
    seed: f64,
    restart: f64,
) -> napi::Result<PromiseRaw<'_, Int32Array>> {
    let task = move |engine: &mut Engine| {
        let (k, seed): (u32, i64) = (integer("k", k)?, integer("seed", seed)?);
        engine.k_means_seeds(integer("gallery", gallery)?, k as usize, seed as u64, integer("restart", restart)?)
    };
    promise(env, task, Int32Array::new)
}

#[napi(object, object_from_js = false)]
pub struct BindingStep {
    /// `[n]` the nearest of the centres given, and the sum of squared distances to it
    pub labels: Int32Array,
    pub inertia: f64,
    /// `[k, size]` the mean of each cluster
    pub centers: Float32Array,
}

/// One iteration of k-means from `[k, size]` centres
#[napi]
pub fn k_means_step(env: &Env, gallery: f64, centers: Float32Array) -> napi::Result<PromiseRaw<'_, BindingStep>> {
    let centers = centers.to_vec();
    promise(
        env,
        move |engine| engine.k_means_step(integer("gallery", gallery)?, centers),
        |Step { labels, inertia, centers }| BindingStep { labels: labels.into(), inertia, centers: centers.into() },
    )
}

fn copied<T: Clone>(numbers: Option<&[T]>) -> Vec<T> {
    numbers.unwrap_or_default().to_vec()
}

fn range(first: f64, count: f64) -> Result<Range<usize>> {
    let (first, count): (u32, u32) = (integer("first", first)?, integer("count", count)?);
    Ok(first as usize..first as usize + count as usize)
}
