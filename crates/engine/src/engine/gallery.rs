use super::{Engine, Object};
use crate::error::{Error, Result};
use crate::plan::parse;
use crate::search::{AllPairs, Asked, Found, Gallery, Options, Outcomes, Pairs, Probes, Rows, Seen, Step, Wanted};
use npair_torch_ext::MappedFloats;
use std::ops::Range;
use std::path::Path;

impl Engine {
    /// `options`: size of a row, metric, in what most of the gallery is ruled out.
    pub fn gallery_open(&mut self, rows: Rows, options: &str) -> Result<u32> {
        let options: Options = parse("the gallery", options)?;
        Ok(self.insert(Object::Gallery(Box::new(Gallery::open(rows, &options)?))))
    }

    /// A gallery whose rows stay in a file, mapped into memory.
    pub fn gallery_map(&mut self, path: &Path, options: &str) -> Result<u32> {
        let rows = MappedFloats::open(path).map_err(|error| Error::unreadable(path, &error))?;
        self.gallery_open(Box::new(rows), options)
    }

    pub fn gallery_nearest(&self, gallery: u32, wanted: &Wanted) -> Result<Found> {
        self.gallery(gallery)?.nearest(wanted)
    }

    /// Scores of `[queries, …]` rows that are named.
    pub fn gallery_scores(&self, gallery: u32, queries: &[f32], rows: &[i32]) -> Result<Vec<f64>> {
        self.gallery(gallery)?.scores(queries, rows)
    }

    /// Ranks of each query's mates.
    pub fn gallery_ranks(&self, gallery: u32, asked: &Asked, seen: &Seen) -> Result<Vec<Vec<i32>>> {
        self.gallery(gallery)?.ranks(asked, seen)
    }

    /// What comes before each probe's mate.
    pub fn gallery_searches(&self, gallery: u32, labels: &[i32], probes: &Probes) -> Result<Outcomes> {
        self.gallery(gallery)?.searches(labels, probes)
    }

    /// Pairs of some rows with all later ones.
    pub fn gallery_pairs(&self, gallery: u32, all: &AllPairs, rows: Range<usize>) -> Result<Pairs> {
        self.gallery(gallery)?.pairs(all, rows)
    }

    /// Rows to begin k-means with.
    pub fn k_means_seeds(&self, gallery: u32, k: usize, seed: u64, restart: u32) -> Result<Vec<i32>> {
        self.gallery(gallery)?.seeds(k, seed, restart)
    }

    /// One iteration of k-means.
    pub fn k_means_step(&self, gallery: u32, centers: Vec<f32>) -> Result<Step> {
        self.gallery(gallery)?.step(centers)
    }
}
