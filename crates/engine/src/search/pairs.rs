//! Scores of all pairs, counted in bins; those of some bins also listed, exactly.

use super::gallery::Gallery;
use super::queries::Queries;
use super::threads::share;
use super::tile::Tile;
use crate::error::{Code, Error, Result};
use std::ops::Range;

/// Equal bins from `low` to `high`; what lies beyond counts in the outermost.
#[derive(Debug, Clone, Copy)]
pub struct Bins {
    pub count: usize,
    pub low: f32,
    pub high: f32,
}

impl Bins {
    fn of(self, score: f32) -> usize {
        // Below 0 the cast gives 0.
        ((((score - self.low) / (self.high - self.low)) * self.count as f32) as usize).min(self.count - 1)
    }
}

/// What is asked for of all pairs.
pub struct AllPairs<'a> {
    pub labels: &'a [i32],
    pub bins: Bins,
    /// `[bins]` 1 where the pairs of a bin are listed; empty for none
    pub listed: &'a [u8],
}

/// Pairs of rows, those of one label and those of two apart.
#[derive(Debug, Default)]
pub struct Pairs {
    /// `[bins]` how many, by scores that are off by at most `error`
    pub same: Vec<u64>,
    pub different: Vec<u64>,
    /// Scores in float64 of the listed bins
    pub same_listed: Vec<f64>,
    pub different_listed: Vec<f64>,
    pub error: f64,
}

impl Gallery {
    /// Pairs of a row of `rows` with a later row of the gallery.
    pub fn pairs(&self, all: &AllPairs, rows: Range<usize>) -> Result<Pairs> {
        let &AllPairs { labels, bins, listed } = all;
        let fits = labels.len() == self.count && rows.start <= rows.end && rows.end <= self.count;
        if !fits || bins.count == 0 || bins.low >= bins.high || !(listed.is_empty() || listed.len() == bins.count) {
            let text = format!("{} labels, rows {rows:?} and {bins:?} do not fit {} rows", labels.len(), self.count);
            return Err(Error::new(Code::InvalidOption, text));
        }
        let queries = Queries::new(&self.numbers()[rows.start * self.size..rows.end * self.size], self)?;
        let threads = tch::get_num_threads().max(1) as usize;
        let mut counting: Vec<Counting> = (0..threads)
            .map(|_| Counting { gallery: self, all, counts: vec![0; 2 * bins.count], listed: [vec![], vec![]] })
            .collect();
        Tile::each(self, &queries, rows.start, |tile| {
            let asking = tile.asking.clone();
            share(&mut counting, |thread, counting| {
                // Every so many rows: the later a row, the fewer pairs it has.
                for query in asking.clone().skip(thread).step_by(threads) {
                    tile.scores(query, |row, scores| counting[0].look(rows.start + query, row, scores));
                }
            });
        })?;
        let mut pairs = Pairs { same: vec![0; bins.count], different: vec![0; bins.count], ..Pairs::default() };
        for Counting { counts, listed: [different, same], .. } in counting {
            let (of_different, of_same) = counts.split_at(bins.count);
            for (sums, counts) in [(&mut pairs.different, of_different), (&mut pairs.same, of_same)] {
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
            pairs.same_listed.extend(same);
            pairs.different_listed.extend(different);
        }
        pairs.error = queries.errors.iter().copied().fold(0.0, f64::max);
        Ok(pairs)
    }
}

/// What one thread has counted.
struct Counting<'a> {
    gallery: &'a Gallery,
    all: &'a AllPairs<'a>,
    /// Bins of pairs of two labels, then of one
    counts: Vec<u64>,
    listed: [Vec<f64>; 2],
}

impl Counting<'_> {
    fn look(&mut self, row: usize, first: usize, scores: &[f32]) {
        let &AllPairs { labels, bins, listed } = self.all;
        let skipped = (row + 1).saturating_sub(first);
        for (other, &score) in (first..).zip(scores).skip(skipped) {
            let (bin, same) = (bins.of(score), usize::from(labels[other] == labels[row]));
            self.counts[same * bins.count + bin] += 1;
            if listed.get(bin).is_some_and(|&listed| listed != 0) {
                let gallery = self.gallery;
                self.listed[same].push(gallery.score(gallery.row(row), gallery.square(row), other));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;
    use crate::random::{Purpose, Random};

    #[test]
    fn every_pair_once_and_in_its_bin() {
        let (count, size) = (120, 6);
        let mut random = Random::new(5, Purpose::Init, 0, 0);
        let rows: Vec<f32> = (0..count * size).map(|_| random.normal() as f32).collect();
        let labels: Vec<i32> = (0..count).map(|_| random.below(9) as i32).collect();
        let gallery = Gallery::new(Box::new(rows), size, Metric::Cosine, false).unwrap();
        let bins = Bins { count: 50, low: -1.0, high: 1.0 };
        let listed: Vec<u8> = (0..50).map(|bin| u8::from(bin % 7 == 3)).collect();
        let all = AllPairs { labels: &labels, bins, listed: &listed };
        let parts = [0..71, 71..72, 72..120, 120..120].map(|rows| gallery.pairs(&all, rows).unwrap());
        let mut expected = Pairs { same: vec![0; 50], different: vec![0; 50], ..Pairs::default() };
        for i in 0..count {
            for j in i + 1..count {
                let score = gallery.score(gallery.row(i), gallery.square(i), j);
                let bin = ((score + 1.0) / 2.0 * 50.0) as usize;
                let edge = (score + 1.0) * 25.0;
                assert!((edge - edge.round()).abs() > 1e-5, "no score at an edge: the bins are those of float64");
                let same = labels[i] == labels[j];
                if same {
                    expected.same[bin] += 1
                } else {
                    expected.different[bin] += 1
                }
                if listed[bin] == 1 {
                    if same { &mut expected.same_listed } else { &mut expected.different_listed }.push(score);
                }
            }
        }
        let sum = |of: &dyn Fn(&Pairs) -> &Vec<u64>, bin: usize| parts.iter().map(|part| of(part)[bin]).sum::<u64>();
        for bin in 0..50 {
            assert_eq!(sum(&|pairs| &pairs.same, bin), expected.same[bin]);
            assert_eq!(sum(&|pairs| &pairs.different, bin), expected.different[bin]);
        }
        let scores = |of: &dyn Fn(&Pairs) -> Vec<f64>, pairs: &[Pairs]| {
            let mut all: Vec<f64> = pairs.iter().flat_map(of).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        let expected = [expected];
        assert_eq!(scores(&|p| p.same_listed.clone(), &parts), scores(&|p| p.same_listed.clone(), &expected));
        assert_eq!(scores(&|p| p.different_listed.clone(), &parts), scores(&|p| p.different_listed.clone(), &expected));
        assert!(parts[0].error < 1e-5);
    }
}
