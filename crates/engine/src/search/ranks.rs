//! At which ranks the rows of a query's own class come, without any order of the gallery.

use super::gallery::Gallery;
use super::queries::Queries;
use super::threads::share;
use super::tile::{Tile, above, below};
use crate::error::{Code, Error, Result};
use std::collections::HashMap;

/// Up to so many mates are compared with every score one after the other, more by halving.
const FEW: usize = 16;

/// Rows with a class, and where it matters by whom they were seen.
pub struct Seen<'a> {
    /// `[n]`
    pub labels: &'a [i32],
    /// `[n]`, or empty: rows of one class by one camera are left out for each other
    pub cameras: &'a [i32],
}

/// Queries whose mates are looked for.
pub struct Asked<'a> {
    /// `[n, size]`
    pub rows: &'a [f32],
    pub seen: Seen<'a>,
    /// `[n]` the row of the gallery that a query is and does not find, −1 for none; empty where none is
    pub own: &'a [i32],
}

impl Gallery {
    /// Of each query after another ascending ranks of its mates: the rows of its class, but for itself and those by its own
    /// camera, which count as if they were not there. 1 = nearest, of equally near ones the lower row first.
    pub fn ranks(&self, asked: &Asked, seen: &Seen) -> Result<Vec<Vec<i32>>> {
        let queries = Queries::new(asked.rows, self)?;
        fits(asked, seen, queries.count(), self.count)?;
        let mut classes: HashMap<i32, Vec<u32>> = HashMap::new();
        for (row, &label) in (0..).zip(seen.labels) {
            classes.entry(label).or_default().push(row);
        }
        let mut ranked: Vec<Ranked> = (0..queries.count()).map(|query| Ranked::new(self, &queries, query)).collect();
        share(&mut ranked, |first, ranked| {
            for (query, ranked) in (first..).zip(ranked) {
                if let Some(class) = classes.get(&asked.seen.labels[query]) {
                    let own = asked.own.get(query).and_then(|&row| u32::try_from(row).ok());
                    let camera = asked.seen.cameras.get(query);
                    let left_out =
                        |row: u32| own == Some(row) || camera.is_some_and(|&by| seen.cameras[row as usize] == by);
                    ranked.find_mates(class, left_out, queries.errors[query]);
                }
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
        Ok(ranked.iter().map(Ranked::ranks).collect())
    }
}

fn fits(asked: &Asked, seen: &Seen, queries: usize, rows: usize) -> Result<()> {
    let all = |numbers: &[i32], count: usize| numbers.len() == count;
    let none_or_all = |numbers: &[i32], count: usize| numbers.is_empty() || all(numbers, count);
    let known = |&row: &i32| row >= -1 && i64::from(row) < rows as i64;
    if all(asked.seen.labels, queries)
        && all(seen.labels, rows)
        && none_or_all(asked.seen.cameras, queries)
        && (asked.seen.cameras.is_empty() || all(seen.cameras, rows))
        && none_or_all(asked.own, queries)
        && asked.own.iter().all(known)
    {
        return Ok(());
    }
    let text = format!(
        "{} labels, {} cameras and {} own rows of {queries} queries, {} labels and {} cameras of {rows} rows do not fit",
        asked.seen.labels.len(),
        asked.seen.cameras.len(),
        asked.own.len(),
        seen.labels.len(),
        seen.cameras.len()
    );
    Err(Error::new(Code::InvalidOption, text))
}

/// A query and what comes before its mates.
struct Ranked<'a> {
    gallery: &'a Gallery,
    row: &'a [f32],
    square: f64,
    /// Nearest first
    mates: Vec<Mate>,
    /// Of its class, but as if they were not there
    left_out: Vec<(u32, f64)>,
}

struct Mate {
    row: u32,
    score: f64,
    /// Whatever has less nearly right comes after the mate
    least: f32,
    /// Whatever has so much nearly right comes before it
    sure: f32,
    /// How many rows come before it, those that are left out among them
    before: i32,
}

impl<'a> Ranked<'a> {
    fn new(gallery: &'a Gallery, queries: &Queries<'a>, query: usize) -> Self {
        let (row, square) = (queries.row(query, gallery.size), queries.squares[query]);
        Self { gallery, row, square, mates: Vec::new(), left_out: Vec::new() }
    }

    fn find_mates(&mut self, class: &[u32], left_out: impl Fn(u32) -> bool, error: f64) {
        for &row in class {
            let score = self.score(row as usize);
            if left_out(row) {
                self.left_out.push((row, score));
                continue;
            }
            let comparable = self.gallery.metric.comparable(score, self.square);
            let [least, sure] = [below(comparable - error), above(comparable + error)];
            self.mates.push(Mate { row, score, least, sure, before: 0 });
        }
        self.mates.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    }

    fn score(&self, row: usize) -> f64 {
        self.gallery.score(self.row, self.square, row)
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
                    if score >= least && score < sure && self.mates[mate].follows(row, self.score(row)) {
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
            let before = if open == sure {
                open
            } else {
                let exact = self.score(row);
                open + self.mates[open..sure].partition_point(|mate| !mate.follows(row, exact))
            };
            // Whatever comes before a mate comes before all that follow it: `ranks` adds up.
            if let Some(mate) = self.mates.get_mut(before) {
                mate.before += 1;
            }
        }
    }

    fn ranks(&self) -> Vec<i32> {
        let adds_up = self.mates.len() > FEW;
        let mut sum = 0;
        let rank = |mate: &Mate| {
            sum += mate.before;
            let before = if adds_up { sum } else { mate.before };
            let left_out = self.left_out.iter().filter(|(row, score)| mate.follows(*row as usize, *score)).count();
            1 + before - left_out as i32
        };
        self.mates.iter().map(rank).collect()
    }
}

impl Mate {
    /// Whether a row with this score comes before it.
    fn follows(&self, row: usize, score: f64) -> bool {
        score > self.score || (score == self.score && row < self.row as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;
    use crate::random::{Purpose, Random};

    /// Slow and obvious: everything sorted, then read off.
    fn sorted(
        gallery: &Gallery,
        query: &[f32],
        stays: impl Fn(usize) -> bool,
        mate: impl Fn(usize) -> bool,
    ) -> Vec<i32> {
        let square = query.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        let mut others: Vec<(f64, usize)> =
            (0..gallery.count).filter(|&row| stays(row)).map(|row| (gallery.score(query, square, row), row)).collect();
        others.sort_by(|(a, i), (b, j)| b.partial_cmp(a).unwrap().then(i.cmp(j)));
        (1..).zip(others).filter(|(_, (_, row))| mate(*row)).map(|(rank, _)| rank).collect()
    }

    /// Few different numbers, so that many scores tie.
    fn numbers(random: &mut Random, count: usize) -> Vec<f32> {
        (0..count).map(|_| random.below(4) as f32 - 1.0).collect()
    }

    const CASES: [(usize, usize, usize); 6] =
        [(1, 2, 1), (2, 2, 1), (40, 1, 3), (900, 5, 300), (700, 9, 12), (5000, 4, 900)];

    #[test]
    fn rows_of_the_gallery_equal_a_sort_of_it() {
        for (seed, &(count, size, classes)) in CASES.iter().enumerate() {
            let mut random = Random::new(seed as u64, Purpose::Init, 0, 0);
            let rows = numbers(&mut random, count * size);
            let labels: Vec<i32> = (0..count).map(|_| random.below(classes as i64) as i32 - 1).collect();
            for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
                for coded in [false, true] {
                    let gallery = Gallery::new(Box::new(rows.clone()), size, metric, coded).unwrap();
                    let asking = count / 3..count.min(count / 3 + 400);
                    let own: Vec<i32> = asking.clone().map(|row| row as i32).collect();
                    let asked = Asked {
                        rows: &rows[asking.start * size..asking.end * size],
                        seen: Seen { labels: &labels[asking.clone()], cameras: &[] },
                        own: &own,
                    };
                    let found = gallery.ranks(&asked, &Seen { labels: &labels, cameras: &[] }).unwrap();
                    for (i, query) in asking.enumerate() {
                        let mate = |row: usize| labels[row] == labels[query];
                        let expected = sorted(&gallery, gallery.row(query), |row| row != query, mate);
                        assert_eq!(found[i], expected, "{count} {metric:?} {coded} {query}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_by_the_own_camera_are_left_out() {
        for (seed, &(count, size, classes)) in CASES.iter().enumerate() {
            let mut random = Random::new(seed as u64, Purpose::Init, 1, 0);
            let (rows, queries) = (numbers(&mut random, count * size), numbers(&mut random, 200 * size));
            let mut draw =
                |n: usize, below: usize| (0..n).map(|_| random.below(below as i64) as i32).collect::<Vec<_>>();
            let (labels, cameras) = (draw(count, classes), draw(count, 3));
            let (own_labels, own_cameras) = (draw(200, classes + 1), draw(200, 3));
            let gallery = Gallery::new(Box::new(rows), size, Metric::Cosine, false).unwrap();
            let asked = Asked { rows: &queries, seen: Seen { labels: &own_labels, cameras: &own_cameras }, own: &[] };
            let found = gallery.ranks(&asked, &Seen { labels: &labels, cameras: &cameras }).unwrap();
            for (i, query) in queries.chunks_exact(size).enumerate() {
                let mate = |row: usize| labels[row] == own_labels[i];
                let stays = |row: usize| !mate(row) || cameras[row] != own_cameras[i];
                assert_eq!(found[i], sorted(&gallery, query, stays, mate), "{count} {i}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let gallery = Gallery::new(Box::new(vec![1.0; 4]), 2, Metric::Dot, false).unwrap();
        let ranks = |rows: &[f32], labels: &[i32], cameras: &[i32], own: &[i32], of_gallery: [&[i32]; 2]| {
            let asked = Asked { rows, seen: Seen { labels, cameras }, own };
            gallery.ranks(&asked, &Seen { labels: of_gallery[0], cameras: of_gallery[1] })
        };
        let one = &[1.0; 2][..];
        assert!(ranks(one, &[1], &[], &[], [&[1], &[]]).is_err());
        assert!(ranks(one, &[], &[], &[], [&[1, 1], &[]]).is_err());
        assert!(ranks(one, &[1], &[1], &[], [&[1, 1], &[]]).is_err());
        assert!(ranks(one, &[1], &[], &[2], [&[1, 1], &[]]).is_err());
        assert!(ranks(one, &[1], &[], &[0, 1], [&[1, 1], &[]]).is_err());
        assert_eq!(ranks(one, &[1], &[], &[1], [&[1, 1], &[]]).unwrap(), [[1]]);
        assert_eq!(ranks(one, &[1], &[], &[], [&[1, 1], &[]]).unwrap(), [[1, 2]]);
    }
}
