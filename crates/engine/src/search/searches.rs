//! What comes before a probe's mate: the identities of a gallery that are more like it than its own.

use super::gallery::Gallery;
use super::queries::Queries;
use super::threads::share;
use super::tile::{Tile, above, below};
use crate::error::{Code, Error, Result};
use std::collections::HashMap;

/// Whoever is looked for.
pub struct Probes<'a> {
    /// `[probes, size]`
    pub rows: &'a [f32],
    /// `[probes]` identity, in the gallery or not
    pub labels: &'a [i32],
    /// Whether a stranger that scores as much as the mate comes before it
    pub strangers_first: bool,
}

/// One a probe, in columns.
pub struct Outcomes {
    /// The highest score of its own identity; NaN where the gallery has none
    pub mates: Vec<f64>,
    /// The highest score of all others; −∞ where there are none
    pub strangers: Vec<f64>,
    /// Rows, and identities, that come before the mate; 0 where there is none
    pub images: Vec<i32>,
    pub identities: Vec<i32>,
}

impl Gallery {
    /// `labels`: `[count]` identity of each row.
    pub fn searches(&self, labels: &[i32], probes: &Probes) -> Result<Outcomes> {
        let queries = Queries::new(probes.rows, self)?;
        if labels.len() != self.count || probes.labels.len() != queries.count() {
            let text = format!(
                "{} labels of {} rows and {} of {} probes do not fit",
                labels.len(),
                self.count,
                probes.labels.len(),
                queries.count()
            );
            return Err(Error::new(Code::InvalidOption, text));
        }
        let identities = Identities::new(labels);
        let mut searches: Vec<Search> = (0..queries.count())
            .map(|query| Search::new(self, &identities, &queries, query, probes.strangers_first))
            .collect();
        share(&mut searches, |first, searches| {
            for (label, search) in probes.labels[first..].iter().zip(searches) {
                search.find_mate(*label);
            }
        });
        Tile::each(self, &queries, 0, |tile| {
            let asking = tile.asking.clone();
            share(&mut searches[asking.clone()], |first, searches| {
                for (i, search) in searches.iter_mut().enumerate() {
                    tile.scores(asking.start + first + i, |row, scores| search.look(row, scores));
                }
            });
        })?;
        Ok(Outcomes {
            mates: searches.iter().map(|search| search.mate).collect(),
            strangers: searches.iter().map(|search| search.stranger).collect(),
            images: searches.iter().map(|search| search.images).collect(),
            identities: searches.iter().map(Search::identities).collect(),
        })
    }
}

/// Who stands in the gallery.
struct Identities {
    /// `[rows]` number of the identity
    of: Vec<u32>,
    /// Number and rows, by label
    known: HashMap<i32, (u32, Vec<u32>)>,
}

impl Identities {
    fn new(labels: &[i32]) -> Self {
        let mut known: HashMap<i32, (u32, Vec<u32>)> = HashMap::new();
        let mut of = Vec::with_capacity(labels.len());
        for (row, &label) in (0..).zip(labels) {
            let next = known.len() as u32;
            let (number, rows) = known.entry(label).or_insert((next, Vec::new()));
            rows.push(row);
            of.push(*number);
        }
        Self { of, known }
    }
}

struct Search<'a> {
    gallery: &'a Gallery,
    identities: &'a Identities,
    row: &'a [f32],
    square: f64,
    error: f64,
    strangers_first: bool,
    /// Number of its identity; none has this one where it is not in the gallery
    own: u32,
    mate: f64,
    /// Whatever has less nearly right comes after the mate, whatever has so much as `sure` before it
    least: f32,
    sure: f32,
    stranger: f64,
    /// Whatever has less nearly right is not the best stranger
    worth: f32,
    images: i32,
    /// A bit an identity: whether it comes before the mate
    before: Vec<u64>,
}

impl<'a> Search<'a> {
    fn new(
        gallery: &'a Gallery,
        identities: &'a Identities,
        queries: &Queries<'a>,
        query: usize,
        strangers_first: bool,
    ) -> Self {
        Self {
            gallery,
            identities,
            row: queries.row(query, gallery.size),
            square: queries.squares[query],
            error: queries.errors[query],
            strangers_first,
            own: u32::MAX,
            mate: f64::NAN,
            least: f32::INFINITY,
            sure: f32::INFINITY,
            stranger: f64::NEG_INFINITY,
            worth: f32::NEG_INFINITY,
            images: 0,
            before: Vec::new(),
        }
    }

    fn find_mate(&mut self, label: i32) {
        let Some((number, rows)) = self.identities.known.get(&label) else { return };
        self.own = *number;
        self.mate = rows.iter().map(|&row| self.score(row as usize)).fold(f64::NEG_INFINITY, f64::max);
        let comparable = self.gallery.metric.comparable(self.mate, self.square);
        self.least = below(comparable - self.error);
        self.sure = above(comparable + self.error);
        self.before = vec![0; self.identities.known.len().div_ceil(64)];
    }

    fn score(&self, row: usize) -> f64 {
        self.gallery.score(self.row, self.square, row)
    }

    fn look(&mut self, first: usize, scores: &[f32]) {
        let least = self.least.min(self.worth);
        // Without a branch a score, and nearly always all there is to do.
        if !scores.iter().fold(false, |any, &score| any | (score >= least)) {
            return;
        }
        for (row, &score) in (first..).zip(scores) {
            let identity = self.identities.of[row];
            if identity == self.own {
                continue;
            }
            if score >= self.worth {
                let exact = self.score(row);
                if exact > self.stranger {
                    self.stranger = exact;
                    self.worth = below(self.gallery.metric.comparable(exact, self.square) - self.error);
                }
            }
            if score >= self.sure || (score >= self.least && self.precedes(row)) {
                self.images += 1;
                self.before[identity as usize / 64] |= 1 << (identity % 64);
            }
        }
    }

    fn precedes(&self, row: usize) -> bool {
        let score = self.score(row);
        score > self.mate || (self.strangers_first && score == self.mate)
    }

    fn identities(&self) -> i32 {
        self.before.iter().map(|bits| bits.count_ones() as i32).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::*;
    use crate::random::{Purpose, Random};
    use std::collections::HashSet;

    #[test]
    fn equals_looking_at_every_score() {
        for (seed, &(count, size, identities)) in
            [(1, 2, 1), (2, 2, 2), (40, 1, 3), (900, 5, 300), (700, 9, 12), (5000, 4, 900)].iter().enumerate()
        {
            let mut random = Random::new(seed as u64, Purpose::Init, 0, 0);
            // Few different numbers, so that many scores tie.
            let mut rows = |n: usize| (0..n * size).map(|_| random.below(4) as f32 - 1.0).collect::<Vec<f32>>();
            let (numbers, asked) = (rows(count), rows(300));
            // Some probes are of nobody in the gallery.
            let mut labels =
                |n: usize, all: usize| (0..n).map(|_| random.below(all as i64) as i32 - 1).collect::<Vec<i32>>();
            let (known, own) = (labels(count, identities), labels(300, identities + 1 + identities / 4));
            for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
                for (coded, strangers_first) in [(false, true), (true, false)] {
                    let gallery = Gallery::new(Box::new(numbers.clone()), size, metric, coded).unwrap();
                    let probes = Probes { rows: &asked, labels: &own, strangers_first };
                    let found = gallery.searches(&known, &probes).unwrap();
                    for (i, query) in asked.chunks_exact(size).enumerate() {
                        let square = query.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
                        let scores: Vec<f64> = (0..count).map(|row| gallery.score(query, square, row)).collect();
                        let best = |mated: bool| {
                            let of = scores.iter().zip(&known).filter(|(_, label)| (**label == own[i]) == mated);
                            of.map(|(score, _)| *score).fold(f64::NEG_INFINITY, f64::max)
                        };
                        let mate = best(true);
                        let precedes = |score: f64| score > mate || (strangers_first && score == mate);
                        let before: Vec<i32> = scores
                            .iter()
                            .zip(&known)
                            .filter(|(score, label)| mate.is_finite() && **label != own[i] && precedes(**score))
                            .map(|(_, label)| *label)
                            .collect();
                        let context = format!("{count} {metric:?} {coded} {i}");
                        assert!(found.mates[i] == mate || (found.mates[i].is_nan() && mate.is_infinite()), "{context}");
                        assert_eq!(found.strangers[i], best(false), "{context}");
                        assert_eq!(found.images[i], before.len() as i32, "{context}");
                        let identities = before.into_iter().collect::<HashSet<_>>().len();
                        assert_eq!(found.identities[i], identities as i32, "{context}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let gallery = Gallery::new(Box::new(vec![1.0; 4]), 2, Metric::Dot, false).unwrap();
        let probes = |rows, labels| Probes { rows, labels, strangers_first: true };
        assert!(gallery.searches(&[1], &probes(&[1.0; 2], &[1])).is_err());
        assert!(gallery.searches(&[1, 1], &probes(&[1.0; 2], &[])).is_err());
        assert!(gallery.searches(&[1, 1], &probes(&[1.0; 3], &[1])).is_err());
        let found = gallery.searches(&[1, 2], &probes(&[1.0; 2], &[1])).unwrap();
        assert_eq!((found.mates[0], found.strangers[0], found.images[0], found.identities[0]), (2.0, 2.0, 1, 1));
    }
}
