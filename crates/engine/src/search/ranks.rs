//! At which ranks the rows of a query's own class come, without any order of the gallery.

use super::gallery::Gallery;
use super::queries::Queries;
use super::threads::share;
use super::tile::{Tile, above, below};
use crate::error::{Code, Error, Result};
use std::collections::HashMap;
use std::ops::Range;

/// Up to so many mates are compared with every score one after the other, more by halving.
const FEW: usize = 16;

impl Gallery {
    /// For the rows of `asking` as queries to all other rows: ascending ranks of the rows with the same label, 1 = nearest,
    /// of equally near ones the lower row first. Of all queries after another; each has as many as its class has others.
    pub fn ranks(&self, labels: &[i32], asking: Range<usize>) -> Result<Vec<i32>> {
        if labels.len() != self.count || asking.start > asking.end || asking.end > self.count {
            let text = format!("{} labels and queries {asking:?} do not fit {} rows", labels.len(), self.count);
            return Err(Error::new(Code::InvalidOption, text));
        }
        let mut classes: HashMap<i32, Vec<u32>> = HashMap::new();
        for (row, &label) in (0..).zip(labels) {
            classes.entry(label).or_default().push(row);
        }
        let queries = Queries::new(&self.numbers()[asking.start * self.size..asking.end * self.size], self)?;
        let mut ranked: Vec<Ranked> = asking.map(|row| Ranked { gallery: self, row, mates: Vec::new() }).collect();
        share(&mut ranked, |first, ranked| {
            for (i, ranked) in ranked.iter_mut().enumerate() {
                ranked.find_mates(&classes[&labels[ranked.row]], queries.errors[first + i]);
            }
        });
        Tile::each(self, &queries, 0, |tile| {
            let asking = tile.asking.clone();
            share(&mut ranked[asking.clone()], |first, ranked| {
                for (i, ranked) in ranked.iter_mut().enumerate().filter(|(_, ranked)| !ranked.mates.is_empty()) {
                    tile.scores(asking.start + first + i, |row, scores| ranked.look(row, scores));
                }
            });
        })?;
        Ok(ranked.iter().flat_map(Ranked::ranks).collect())
    }
}

/// A query and what comes before its mates.
struct Ranked<'a> {
    gallery: &'a Gallery,
    row: usize,
    /// Nearest first
    mates: Vec<Mate>,
}

struct Mate {
    row: u32,
    score: f64,
    /// Whatever has less nearly right comes after the mate
    least: f32,
    /// Whatever has so much nearly right comes before it
    sure: f32,
    /// How many rows come before it; the query itself, should it, is one of them
    before: i32,
}

impl Ranked<'_> {
    fn find_mates(&mut self, class: &[u32], error: f64) {
        let comparable = |score| self.gallery.metric.comparable(score, self.gallery.square(self.row));
        let others = class.iter().filter(|&&row| row as usize != self.row);
        let mut mates: Vec<Mate> = others
            .map(|&row| {
                let score = self.score(row as usize);
                let [least, sure] = [below(comparable(score) - error), above(comparable(score) + error)];
                Mate { row, score, least, sure, before: 0 }
            })
            .collect();
        mates.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
        self.mates = mates;
    }

    fn score(&self, row: usize) -> f64 {
        self.gallery.score(self.gallery.row(self.row), self.gallery.square(self.row), row)
    }

    fn look(&mut self, first: usize, scores: &[f32]) {
        if self.mates.len() > FEW {
            return self.halve(first, scores);
        }
        for mate in 0..self.mates.len() {
            let Mate { least, sure, .. } = self.mates[mate];
            let count = |limit: f32| scores.iter().map(|&score| i32::from(score >= limit)).sum::<i32>();
            let surely = count(sure);
            self.mates[mate].before += surely;
            if count(least) > surely {
                for (row, &score) in (first..).zip(scores) {
                    if score >= least && score < sure && self.precedes(row, &self.mates[mate]) {
                        self.mates[mate].before += 1;
                    }
                }
            }
        }
    }

    /// The limits fall from mate to mate: those from some mate on have the row before them for sure.
    fn halve(&mut self, first: usize, scores: &[f32]) {
        for (row, &score) in (first..).zip(scores) {
            let open = self.mates.partition_point(|mate| score < mate.least);
            let sure = self.mates.partition_point(|mate| score < mate.sure);
            let before = open + self.mates[open..sure].partition_point(|mate| !self.precedes(row, mate));
            // Whatever comes before a mate comes before all that follow it: `ranks` adds up.
            if let Some(mate) = self.mates.get_mut(before) {
                mate.before += 1;
            }
        }
    }

    fn precedes(&self, row: usize, mate: &Mate) -> bool {
        let score = self.score(row);
        score > mate.score || (score == mate.score && row < mate.row as usize)
    }

    fn ranks(&self) -> impl Iterator<Item = i32> {
        let adds_up = self.mates.len() > FEW;
        let mut sum = 0;
        self.mates.iter().map(move |mate| {
            sum += mate.before;
            let before = if adds_up { sum } else { mate.before };
            1 + before - i32::from(self.precedes(self.row, mate))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;
    use crate::random::{Purpose, Random};

    /// Slow and obvious: everything sorted, then read off.
    fn sorted(gallery: &Gallery, labels: &[i32], query: usize) -> Vec<i32> {
        let score = |row: usize| gallery.score(gallery.row(query), gallery.square(query), row);
        let mut others: Vec<(f64, usize)> =
            (0..gallery.count).filter(|&row| row != query).map(|row| (score(row), row)).collect();
        others.sort_by(|(a, i), (b, j)| b.partial_cmp(a).unwrap().then(i.cmp(j)));
        let hits = (1..).zip(others).filter(|(_, (_, row))| labels[*row] == labels[query]);
        hits.map(|(rank, _)| rank).collect()
    }

    #[test]
    fn equals_a_sort_of_the_whole_gallery() {
        for (seed, &(count, size, classes)) in
            [(1, 2, 1), (2, 2, 1), (40, 1, 3), (900, 5, 300), (700, 9, 12), (5000, 4, 900)].iter().enumerate()
        {
            let mut random = Random::new(seed as u64, Purpose::Init, 0, 0);
            // Few different numbers, so that many scores tie.
            let rows: Vec<f32> = (0..count * size).map(|_| random.below(4) as f32 - 1.0).collect();
            let labels: Vec<i32> = (0..count).map(|_| random.below(classes) as i32 - 1).collect();
            for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
                for coded in [false, true] {
                    let gallery = Gallery::new(Box::new(rows.clone()), size, metric, coded).unwrap();
                    let asking = count / 3..count.min(count / 3 + 400);
                    let expected: Vec<i32> =
                        asking.clone().flat_map(|query| sorted(&gallery, &labels, query)).collect();
                    assert_eq!(gallery.ranks(&labels, asking).unwrap(), expected, "{count} {metric:?} {coded}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let gallery = Gallery::new(Box::new(vec![1.0; 4]), 2, Metric::Dot, false).unwrap();
        assert!(gallery.ranks(&[1], 0..1).is_err());
        assert!(gallery.ranks(&[1, 1], 1..3).is_err());
        assert_eq!(gallery.ranks(&[1, 1], 0..2).unwrap(), [1, 1]);
    }
}
