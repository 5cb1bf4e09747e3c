//! k-means: k-means++ (Arthur and Vassilvitskii 2007) and one iteration of Lloyd's, in the rows' own space.

use super::exact::score;
use super::gallery::{Gallery, Metric};
use super::nearest::Wanted;
use super::threads::share;
use crate::error::{Code, Error, Result};
use crate::random::{Purpose, Random};

/// Rows that look for their centre together.
const ROWS: usize = 4096;

/// A centre nearer to the origin is at the origin: search takes no smaller lengths, and rows are no smaller either.
const LEAST_LENGTH: f64 = 1e-12;

/// An iteration.
pub struct Step {
    /// `[rows]` the nearest of the centres that were given, of equally near ones the lower
    pub labels: Vec<i32>,
    /// Sum of squared distances to it
    pub inertia: f64,
    /// `[k, size]` the mean of each cluster. One without rows takes the row that is farthest from its centre.
    pub centers: Vec<f32>,
}

impl Gallery {
    /// `[k]` different rows: the first at random, each further one with a chance in proportion to its squared distance from
    /// the nearest before it; where all of these are 0, the lowest that is not taken.
    pub fn seeds(&self, k: usize, seed: u64, restart: u32) -> Result<Vec<i32>> {
        if k == 0 || k > self.count {
            let text =
                format!("Expected an integer in [1, {}] for clusters but received {k} of type number", self.count);
            return Err(Error::new(Code::InvalidOption, text));
        }
        let mut random = Random::new(seed, Purpose::Cluster, restart, 0);
        let mut squares = vec![f64::INFINITY; self.count];
        let mut seeds = vec![random.below(self.count as i64) as usize];
        while seeds.len() < k {
            let newest = seeds[seeds.len() - 1];
            let center = (self.row(newest), self.square(newest));
            share(&mut squares, |first, squares| {
                for (row, square) in (first..).zip(squares) {
                    let distance = score(Metric::Euclidean, center, (self.row(row), self.square(row)));
                    *square = square.min(distance * distance);
                }
            });
            squares[newest] = 0.0;
            let mut left = random.uniform() * squares.iter().sum::<f64>();
            let drawn = squares.iter().position(|&square| {
                left -= square;
                square > 0.0 && left < 0.0
            });
            // Rounding may leave something over at the end.
            let drawn = drawn.or_else(|| squares.iter().rposition(|&square| square > 0.0));
            let free = || (0..self.count).find(|row| !seeds.contains(row));
            seeds.push(drawn.or_else(free).expect("there are more rows than seeds"));
        }
        Ok(seeds.into_iter().map(|row| row as i32).collect())
    }

    pub fn step(&self, mut centers: Vec<f32>) -> Result<Step> {
        let size = self.size;
        for center in centers.chunks_mut(size) {
            if center.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt() < LEAST_LENGTH {
                center.fill(0.0);
            }
        }
        let centers = Gallery::new(Box::new(centers), size, Metric::Euclidean, false)?;
        let k = centers.count;
        let (mut labels, mut distances) = (Vec::with_capacity(self.count), Vec::with_capacity(self.count));
        for queries in self.numbers().chunks(ROWS * size) {
            let found = centers.nearest(&Wanted { queries, k: 1, allowed: &[], except: &[] })?;
            labels.extend(found.rows);
            distances.extend(found.scores.iter().map(|score| -score));
        }
        let mut sums = vec![0.0; k * size];
        let mut counts = vec![0usize; k];
        for (row, &label) in labels.iter().enumerate() {
            counts[label as usize] += 1;
            add(&mut sums, self.row(row), label, 1.0);
        }
        self.fill_empty(&labels, &distances, &mut sums, &mut counts);
        let mean = |i: usize| (sums[i] / counts[i / size].max(1) as f64) as f32;
        let inertia = distances.iter().map(|distance| distance * distance).sum();
        Ok(Step { inertia, centers: (0..k * size).map(mean).collect(), labels })
    }

    /// Rows go from clusters of several to those without any, the farthest from its centre first.
    fn fill_empty(&self, labels: &[i32], distances: &[f64], sums: &mut [f64], counts: &mut [usize]) {
        let empty: Vec<usize> = (0..counts.len()).filter(|&cluster| counts[cluster] == 0).collect();
        if empty.is_empty() {
            return;
        }
        let mut farthest: Vec<usize> = (0..labels.len()).collect();
        farthest.sort_by(|&a, &b| distances[b].total_cmp(&distances[a]).then(a.cmp(&b)));
        let mut farthest = farthest.into_iter();
        for cluster in empty {
            let Some(row) = farthest.by_ref().find(|&row| counts[labels[row] as usize] > 1) else { return };
            counts[labels[row] as usize] -= 1;
            add(sums, self.row(row), labels[row], -1.0);
            counts[cluster] = 1;
            add(sums, self.row(row), cluster as i32, 1.0);
        }
    }
}

fn add(sums: &mut [f64], row: &[f32], cluster: i32, sign: f64) {
    for (sum, &value) in sums[cluster as usize * row.len()..].iter_mut().zip(row) {
        *sum += sign * f64::from(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gallery(rows: &[f32], size: usize) -> Gallery {
        Gallery::new(Box::new(rows.to_vec()), size, Metric::Euclidean, false).unwrap()
    }

    #[test]
    fn a_step_by_hand() {
        let step = gallery(&[0.0, 1.0, 5.0, 6.0], 1).step(vec![0.0, 4.0]).unwrap();
        assert_eq!(
            (step.labels, step.centers, step.inertia),
            (vec![0, 0, 1, 1], vec![0.5, 5.5], 0.0 + 1.0 + 1.0 + 4.0)
        );
        // 2 is as near to the one as to the other.
        assert_eq!(gallery(&[2.0], 1).step(vec![1.0, 3.0]).unwrap().labels, [0]);
    }

    #[test]
    fn clusters_without_rows_take_the_farthest() {
        // All go to the first centre; 9 is farthest, then 0 and 8 are equally far.
        let step = gallery(&[0.0, 4.0, 8.0, 9.0], 1).step(vec![4.0, 100.0, -100.0]).unwrap();
        assert_eq!(step.labels, [0; 4]);
        assert_eq!(step.centers, [6.0, 9.0, 0.0]);
        // With two rows for three centres one stays without.
        let step = gallery(&[1.0, 1.0], 1).step(vec![1.0, 50.0, 60.0]).unwrap();
        assert_eq!(step.centers, [1.0, 1.0, 0.0]);
    }

    #[test]
    fn seeds_are_different_rows_and_far_ones_likely() {
        let rows = gallery(&[0.0, 0.0, 0.0, 1000.0], 1);
        for restart in 0..20 {
            let mut seeds = rows.seeds(2, 1, restart).unwrap();
            assert_eq!(seeds, rows.seeds(2, 1, restart).unwrap());
            assert!(seeds.contains(&3), "only the far row differs from the rest");
            seeds = rows.seeds(4, 1, restart).unwrap();
            seeds.sort_unstable();
            assert_eq!(seeds, [0, 1, 2, 3]);
        }
        let firsts = |seed| (0..20).map(|restart| rows.seeds(1, seed, restart).unwrap()).collect::<Vec<_>>();
        assert_ne!(firsts(1), firsts(2));
        assert!(rows.seeds(5, 1, 0).is_err() && rows.seeds(0, 1, 0).is_err());
    }
}
