//! The k nearest rows of each query.

use super::gallery::Gallery;
use super::list::Nearest;
use super::queries::Queries;
use super::threads::share;
use super::tile::{BLOCK, QUERIES, Tile};
use crate::error::{Code, Error, Result};
use npair_torch_ext::{Panels, Scaled, has_panels};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is asked for.
pub struct Wanted<'a> {
    /// `[queries, size]`
    pub queries: &'a [f32],
    pub k: usize,
    /// `[rows of the gallery]` 0 where a row is not to be found; empty where all may be
    pub allowed: &'a [u8],
    /// `[queries]` a row that its query is not to find, −1 for none; empty where there is none at all
    pub except: &'a [i32],
}

/// `[queries, k]`, nearest first, of equally near ones the lower row first; −1 and NaN where there are fewer.
pub struct Found {
    pub rows: Vec<i32>,
    pub scores: Vec<f64>,
}

impl Gallery {
    pub fn nearest(&self, wanted: &Wanted) -> Result<Found> {
        let Wanted { k, allowed, except, .. } = *wanted;
        let queries = Queries::new(wanted.queries, self)?;
        if (!allowed.is_empty() && allowed.len() != self.count)
            || (!except.is_empty() && except.len() != queries.count())
        {
            let text = "rows that are allowed are told for every row, rows that are excepted for every query";
            return Err(Error::new(Code::InvalidOption, text));
        }
        let k = k.min(self.count);
        let empty = || (0..queries.count()).map(|query| Nearest::new(self, &queries, query, k, wanted)).collect();
        // A gallery of one block costs less than turning the queries.
        let lists = if k == 0 {
            empty()
        } else if self.codes.is_none() && self.count > BLOCK && has_panels() {
            self.through_panels(&queries, empty)?
        } else {
            self.through_tiles(&queries, empty())?
        };
        let mut found =
            Found { rows: vec![-1; wanted.k * lists.len()], scores: vec![f64::NAN; wanted.k * lists.len()] };
        for (query, list) in lists.iter().enumerate() {
            for (place, &(score, row)) in list.settled.iter().enumerate() {
                found.rows[query * wanted.k + place] = row as i32;
                found.scores[query * wanted.k + place] = score;
            }
        }
        Ok(found)
    }

    /// Products written out block by block, then looked at.
    fn through_tiles<'a>(&'a self, queries: &'a Queries, mut lists: Vec<Nearest<'a>>) -> Result<Vec<Nearest<'a>>> {
        Tile::each(self, queries, 0, |tile| {
            let asking = tile.asking.clone();
            share(&mut lists[asking.clone()], |first, lists| {
                for (i, list) in lists.iter_mut().enumerate() {
                    tile.scores(asking.start + first + i, |row, scores| list.look(row, scores));
                }
            });
        })?;
        share(&mut lists, |_, lists| lists.iter_mut().for_each(Nearest::settle));
        Ok(lists)
    }

    /// Products looked at where they are made: each thread takes the next block of the gallery and keeps lists of its own.
    fn through_panels<'a>(
        &'a self,
        queries: &Queries,
        empty: impl Fn() -> Vec<Nearest<'a>> + Sync,
    ) -> Result<Vec<Nearest<'a>>> {
        let panels = queries.rows.chunks(QUERIES * self.size).zip(queries.factors.chunks(QUERIES));
        let panels = panels.map(|(rows, factors)| Panels::new(rows, factors, self.size));
        let panels = panels.collect::<std::result::Result<Vec<_>, _>>()?;
        let next = AtomicUsize::new(0);
        // One that comes to no block would make lists for nothing.
        let threads = (tch::get_num_threads().max(1) as usize).min(self.count.div_ceil(BLOCK));
        let mut parts: Vec<Result<Vec<Nearest>>> = (0..threads).map(|_| Ok(Vec::new())).collect();
        share(&mut parts, |_, parts| {
            parts.iter_mut().for_each(|part| *part = self.some_blocks(&panels, &next, empty()))
        });
        let mut parts = parts.into_iter();
        let mut lists = parts.next().expect("there is a thread")?;
        for part in parts {
            lists.iter_mut().zip(part?).for_each(|(list, other)| list.join(other));
        }
        Ok(lists)
    }

    /// The blocks that this thread comes to.
    fn some_blocks<'a>(
        &self,
        panels: &[Panels],
        next: &AtomicUsize,
        mut lists: Vec<Nearest<'a>>,
    ) -> Result<Vec<Nearest<'a>>> {
        let mut limits = vec![f32::NEG_INFINITY; lists.len()];
        loop {
            let block = next.fetch_add(BLOCK, Ordering::Relaxed);
            if block >= self.count {
                break;
            }
            let rows = block..self.count.min(block + BLOCK);
            let scaled = Scaled {
                rows: &self.numbers()[rows.start * self.size..rows.end * self.size],
                scales: &self.scales[rows.clone()],
                offsets: &self.offsets[rows],
            };
            for ((panels, limits), lists) in
                panels.iter().zip(limits.chunks_mut(QUERIES)).zip(lists.chunks_mut(QUERIES))
            {
                panels.look(scaled, limits, |row, query, score| lists[query].take(block + row, score))?;
            }
        }
        lists.iter_mut().for_each(Nearest::settle);
        Ok(lists)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Metric;
    use super::super::exact::{dot, score};
    use super::*;
    use crate::random::{Purpose, Random};

    /// Slow and obvious: every score, sorted.
    fn sorted(rows: &[f32], query: &[f32], metric: Metric, taken: impl Fn(usize) -> bool) -> Vec<(f64, i32)> {
        let of = |row: &[f32]| score(metric, (query, dot(query, query)), (row, dot(row, row)));
        let mut all: Vec<(f64, i32)> = rows
            .chunks(query.len())
            .zip(0..)
            .filter(|&(_, i)| taken(i as usize))
            .map(|(row, i)| (of(row), i))
            .collect();
        all.sort_by(|(a, i), (b, j)| b.partial_cmp(a).unwrap().then(i.cmp(j)));
        all
    }

    /// Random rows, copies of some, scaled copies, rows of zeros, rows of very different lengths.
    fn rows(count: usize, size: usize, random: &mut Random) -> Vec<f32> {
        let mut rows: Vec<f32> = Vec::with_capacity(count * size);
        for row in 0..count {
            let earlier = random.below(row.max(1) as i64) as usize * size;
            let kind = if row == 0 { 9 } else { random.below(10) };
            let scale = if random.below(8) == 0 { 1e3 } else { 1.0 };
            for i in 0..size {
                rows.push(match kind {
                    0 => 0.0,
                    1 => rows[earlier + i],
                    2 => 4.0 * rows[earlier + i],
                    3 => rows[earlier + i] + 1e-7 * random.normal() as f32,
                    _ => scale * random.normal() as f32,
                });
            }
        }
        rows
    }

    #[test]
    fn equals_a_sort_of_all_scores() {
        for (seed, &(count, size, k)) in
            [(1, 1, 1), (5, 3, 9), (70, 1, 4), (3000, 16, 10), (9001, 33, 1), (4096, 8, 700), (5000, 2, 40)]
                .iter()
                .enumerate()
        {
            let mut random = Random::new(seed as u64, Purpose::Init, 0, 0);
            let gallery = rows(count, size, &mut random);
            let mut queries = rows(300.min(count + 2), size, &mut random);
            queries.extend_from_slice(&gallery[..size]);
            for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
                for coded in [false, true] {
                    let built = Gallery::new(Box::new(gallery.clone()), size, metric, coded).unwrap();
                    let allowed: Vec<u8> = (0..count).map(|_| u8::from(random.below(3) > 0)).collect();
                    let except: Vec<i32> =
                        (0..queries.len() / size).map(|_| random.below(count as i64) as i32).collect();
                    for (allowed, except) in [(&[][..], &[][..]), (&allowed, &except)] {
                        let wanted = Wanted { queries: &queries, k, allowed, except };
                        let found = built.nearest(&wanted).unwrap();
                        for (q, query) in queries.chunks(size).enumerate() {
                            let taken =
                                |row: usize| allowed.get(row) != Some(&0) && except.get(q) != Some(&(row as i32));
                            let mut expected = sorted(&gallery, query, metric, taken);
                            expected.truncate(k);
                            let (got, rest) = found.rows[q * k..][..k].split_at(expected.len());
                            assert_eq!(
                                got,
                                expected.iter().map(|&(_, row)| row).collect::<Vec<_>>(),
                                "{metric:?} {coded} {q}"
                            );
                            assert!(rest.iter().all(|&row| row == -1));
                            let scores = &found.scores[q * k..][..expected.len()];
                            assert!(expected.iter().zip(scores).all(|((score, _), got)| score == got));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn an_empty_gallery_has_nothing_near() {
        let empty = Gallery::new(Box::new(Vec::new()), 2, Metric::Cosine, true).unwrap();
        let found = empty.nearest(&Wanted { queries: &[1.0, 0.0], k: 2, allowed: &[], except: &[] }).unwrap();
        assert!(found.rows == [-1, -1] && found.scores.iter().all(|score| score.is_nan()));
    }

    #[test]
    fn what_cannot_be_searched_is_named() {
        let gallery = |rows: Vec<f32>| Gallery::new(Box::new(rows), 2, Metric::Cosine, false);
        for bad in [f32::NAN, f32::INFINITY, 1e-13, 1e13] {
            let error = gallery(vec![1.0, 0.0, bad, 0.0]).err().unwrap();
            assert!(error.message.starts_with("Row 1 of the gallery"), "{}", error.message);
        }
        assert!(gallery(vec![1.0; 3]).is_err());
        let good = gallery(vec![1.0; 4]).unwrap();
        let wanted = Wanted { queries: &[0.0, f32::NAN], k: 1, allowed: &[], except: &[] };
        assert!(good.nearest(&wanted).err().unwrap().message.starts_with("Row 0 of the queries"));
        assert!(good.nearest(&Wanted { allowed: &[1], queries: &[1.0, 1.0], ..wanted }).is_err());
    }
}
