//! Rows whose product with a query reaches a limit, found while the products are still in the processor's registers.
//!
//! A search among a million rows throws nearly every product away again. Written out and read again they cost as much time as
//! they took, and libtorch's multiplication of a few hundred queries with a block of rows reaches half of what two cores of an
//! AMD EPYC can do, for it packs the block first. Here the queries are packed once, and rows are read as they lie.

use crate::error::{Result, TorchError};

/// Rows of the gallery that are multiplied together: with 32 queries 24 of the 32 registers of AVX-512 hold sums.
const ROWS: usize = 12;
const WIDTH: usize = 16;

/// What a row of the gallery and a query give: their product · scale of the row · factor of the query + offset of the row.
#[derive(Clone, Copy)]
pub struct Scaled<'a> {
    /// `[rows, size]`
    pub rows: &'a [f32],
    /// `[rows]`
    pub scales: &'a [f32],
    /// `[rows]`
    pub offsets: &'a [f32],
}

/// Some queries, turned so that 32 of them (16 of the last, where these are enough) lie side by side.
pub struct Panels {
    size: usize,
    count: usize,
    panels: Vec<Panel>,
}

struct Panel {
    /// `[size, 1 or 2]` lanes, zeros beyond the last query
    numbers: Vec<Lane>,
    factors: Vec<Lane>,
}

/// Side by side in a register.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Lane([f32; WIDTH]);

/// Whether this processor can (AVX-512).
pub fn has_panels() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has = std::arch::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    let has = false;
    has
}

impl Panels {
    /// `queries` are `[factors.len(), size]`.
    ///
    /// # Errors
    ///
    /// If they are not, or the processor cannot.
    pub fn new(queries: &[f32], factors: &[f32], size: usize) -> Result<Self> {
        if !has_panels() || size == 0 || queries.len() != factors.len() * size {
            let text = format!("{} numbers are not {} rows of {size}, or no AVX-512", queries.len(), factors.len());
            return Err(TorchError::new(&text));
        }
        let turned = |queries: &[f32], factors: &[f32]| {
            let lanes = factors.len().div_ceil(WIDTH);
            let mut panel =
                Panel { numbers: vec![Lane([0.0; WIDTH]); size * lanes], factors: vec![Lane([0.0; WIDTH]); lanes] };
            for (i, (query, &factor)) in queries.chunks_exact(size).zip(factors).enumerate() {
                panel.factors[i / WIDTH].0[i % WIDTH] = factor;
                for (lanes, &number) in panel.numbers.chunks_exact_mut(lanes).zip(query) {
                    lanes[i / WIDTH].0[i % WIDTH] = number;
                }
            }
            panel
        };
        let parts = queries.chunks(2 * WIDTH * size).zip(factors.chunks(2 * WIDTH));
        let panels = parts.map(|(queries, factors)| turned(queries, factors)).collect();
        Ok(Self { size, count: factors.len(), panels })
    }

    /// Calls `reached(row, query, score)` for every score that is at or above the limit of its query; what it returns is the
    /// query's limit from now on, though rows next to this one may still be measured by the old one.
    ///
    /// # Errors
    ///
    /// If `limits` are not one a query, or the parts of `gallery` do not fit each other.
    pub fn look(
        &self,
        gallery: Scaled,
        limits: &mut [f32],
        mut reached: impl FnMut(usize, usize, f32) -> f32,
    ) -> Result<()> {
        let count = gallery.scales.len();
        if limits.len() != self.count || gallery.offsets.len() != count || gallery.rows.len() != count * self.size {
            return Err(TorchError::new("rows, scales, offsets and limits do not fit each other"));
        }
        for first in (0..count).step_by(ROWS) {
            let rows = first..count.min(first + ROWS);
            for (place, (panel, limits)) in self.panels.iter().zip(limits.chunks_mut(2 * WIDTH)).enumerate() {
                let tell = |row: usize, query: usize, score: f32| reached(row, place * 2 * WIDTH + query, score);
                // SAFETY: there is AVX-512, or there would be no panels; the lengths were compared above.
                unsafe { kernel::look(gallery, rows.clone(), panel, limits, tell) };
            }
        }
        Ok(())
    }
}

#[cfg(target_arch = "x86_64")]
mod kernel {
    use super::{Lane, Panel, ROWS, Scaled, WIDTH};
    use std::arch::x86_64::*;
    use std::ops::Range;

    /// # Safety
    ///
    /// There is AVX-512, and the gallery holds these rows, of the panel's size.
    #[target_feature(enable = "avx512f")]
    pub unsafe fn look(
        gallery: Scaled,
        rows: Range<usize>,
        panel: &Panel,
        limits: &mut [f32],
        mut tell: impl FnMut(usize, usize, f32) -> f32,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            match (rows.len(), panel.factors.len()) {
                (ROWS, 1) => block::<ROWS, 1>(gallery, rows.start, panel, limits, &mut tell),
                (ROWS, _) => block::<ROWS, 2>(gallery, rows.start, panel, limits, &mut tell),
                (_, 1) => rows.for_each(|row| block::<1, 1>(gallery, row, panel, limits, &mut tell)),
                (..) => rows.for_each(|row| block::<1, 2>(gallery, row, panel, limits, &mut tell)),
            }
        }
    }

    /// `R` rows from `first` on with `16 · V` queries.
    #[target_feature(enable = "avx512f")]
    #[allow(clippy::needless_range_loop)] // iterators over arrays of registers are no shorter
    unsafe fn block<const R: usize, const V: usize>(
        gallery: Scaled,
        first: usize,
        panel: &Panel,
        limits: &mut [f32],
        tell: &mut impl FnMut(usize, usize, f32) -> f32,
    ) {
        let size = panel.numbers.len() / V;
        let rows = &gallery.rows[first * size..(first + R) * size];
        let mut sums = [[_mm512_setzero_ps(); V]; R];
        for (place, lanes) in panel.numbers.as_chunks::<V>().0.iter().enumerate() {
            let lanes = load(lanes);
            for row in 0..R {
                // SAFETY: place < size and row < R.
                let number = _mm512_set1_ps(unsafe { *rows.get_unchecked(row * size + place) });
                for v in 0..V {
                    sums[row][v] = _mm512_fmadd_ps(number, lanes[v], sums[row][v]);
                }
            }
        }
        // Queries that are none reach nothing.
        let mut least = [Lane([f32::INFINITY; WIDTH]); V];
        for (least, limits) in least.iter_mut().zip(limits.chunks(WIDTH)) {
            least.0[..limits.len()].copy_from_slice(limits);
        }
        let (least, factors) = (load(&least), load(&panel.factors.as_chunks::<V>().0[0]));
        for (row, sums) in (first..).zip(sums) {
            let (scale, offset) = (_mm512_set1_ps(gallery.scales[row]), _mm512_set1_ps(gallery.offsets[row]));
            for v in 0..V {
                let scores = _mm512_add_ps(_mm512_mul_ps(sums[v], _mm512_mul_ps(factors[v], scale)), offset);
                let mut reached = _mm512_cmp_ps_mask::<_CMP_GE_OQ>(scores, least[v]);
                if reached == 0 {
                    continue;
                }
                let mut told = Lane([0.0; WIDTH]);
                // SAFETY: a lane is 64 bytes at a multiple of 64.
                unsafe { _mm512_store_ps(told.0.as_mut_ptr(), scores) };
                while reached != 0 {
                    let lane = reached.trailing_zeros() as usize;
                    let query = v * WIDTH + lane;
                    limits[query] = tell(row, query, told.0[lane]);
                    reached &= reached - 1;
                }
            }
        }
    }

    #[target_feature(enable = "avx512f")]
    fn load<const V: usize>(lanes: &[Lane; V]) -> [__m512; V] {
        let mut loaded = [_mm512_setzero_ps(); V];
        for v in 0..V {
            // SAFETY: a lane is 64 bytes at a multiple of 64.
            loaded[v] = unsafe { _mm512_load_ps(lanes[v].0.as_ptr()) };
        }
        loaded
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod kernel {
    use super::{Panel, Scaled};
    use std::ops::Range;

    pub unsafe fn look(_: Scaled, _: Range<usize>, _: &Panel, _: &mut [f32], _: impl FnMut(usize, usize, f32) -> f32) {
        unreachable!("no panels are made on other processors");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers, whose sums are exact in whatever order.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * i + 3 * i + seed) % 17) as f32 - 8.0).collect()
    }

    #[test]
    fn every_score_at_or_above_its_limit_once() {
        if !has_panels() {
            return;
        }
        for (count, asking, size) in [(1, 1, 1), (11, 16, 3), (12, 17, 5), (13, 32, 1), (40, 33, 7), (25, 70, 64)] {
            let (gallery, queries) = (numbers(count * size, 1), numbers(asking * size, 5));
            let (factors, scales, offsets) = (numbers(asking, 2), numbers(count, 3), numbers(count, 4));
            let mut expected = Vec::new();
            let limits: Vec<f32> = (0..asking).map(|query| (query % 5) as f32 * 40.0 - 60.0).collect();
            for row in 0..count {
                for query in 0..asking {
                    let pairs = gallery[row * size..][..size].iter().zip(&queries[query * size..][..size]);
                    let product: f32 = pairs.map(|(a, b)| a * b).sum();
                    let score = product * (factors[query] * scales[row]) + offsets[row];
                    if score >= limits[query] {
                        expected.push((row, query, score));
                    }
                }
            }
            assert!(count * asking < 30 || (!expected.is_empty() && expected.len() < count * asking));
            let panels = Panels::new(&queries, &factors, size).unwrap();
            let scaled = Scaled { rows: &gallery, scales: &scales, offsets: &offsets };
            let mut found = Vec::new();
            let reached = |row: usize, query: usize, score: f32| {
                found.push((row, query, score));
                limits[query]
            };
            panels.look(scaled, &mut limits.clone(), reached).unwrap();
            found.sort_by_key(|&(row, query, _)| (row, query));
            assert_eq!(found, expected, "{count} {asking} {size}");
        }
    }

    #[test]
    fn limits_rise_as_they_are_told() {
        if !has_panels() {
            return;
        }
        let panels = Panels::new(&[1.0], &[1.0], 1).unwrap();
        let (rows, ones, zeros) = ((0..100).map(|i| i as f32).collect::<Vec<_>>(), [1.0; 100], [0.0; 100]);
        let (mut limits, mut found) = ([f32::NEG_INFINITY], 0);
        let scaled = Scaled { rows: &rows, scales: &ones, offsets: &zeros };
        panels
            .look(scaled, &mut limits, |_, _, _| {
                found += 1;
                90.0
            })
            .unwrap();
        // 12 by the first limit, those from 90 on by the second.
        assert_eq!((found, limits), (12 + 10, [90.0]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(Panels::new(&[1.0; 3], &[1.0; 2], 2).is_err());
        assert!(Panels::new(&[], &[], 0).is_err());
        if !has_panels() {
            return;
        }
        let panels = Panels::new(&[1.0; 4], &[1.0; 2], 2).unwrap();
        let scaled = Scaled { rows: &[1.0; 4], scales: &[1.0; 2], offsets: &[0.0; 2] };
        let nothing = |_: usize, _: usize, _: f32| unreachable!();
        assert!(panels.look(scaled, &mut [1.0], nothing).is_err());
        assert!(panels.look(Scaled { scales: &[1.0], ..scaled }, &mut [9.0; 2], nothing).is_err());
        assert!(panels.look(Scaled { rows: &[1.0; 2], ..scaled }, &mut [9.0; 2], nothing).is_err());
        panels.look(scaled, &mut [9.0; 2], nothing).unwrap();
    }
}
