use super::gallery::Gallery;
use super::queries::Queries;
use crate::error::Result;
use npair_torch_ext::{integer_products, products};
use std::ops::Range;

/// Rows of the gallery in a tile: with 256 queries 4 MB of products, which stay in the cache.
pub const BLOCK: usize = 4096;
pub const QUERIES: usize = 256;

/// Nearly right scores that are looked at together.
pub const STRIP: usize = 64;

/// The products of some queries with a block of the gallery.
pub struct Tile<'a> {
    gallery: &'a Gallery,
    queries: &'a Queries<'a>,
    products: Products,
    pub asking: Range<usize>,
    pub block: Range<usize>,
}

enum Products {
    Floats(Vec<f32>),
    Integers(Vec<i32>),
}

impl<'a> Tile<'a> {
    pub fn new(gallery: &'a Gallery, queries: &'a Queries<'a>) -> Self {
        let products =
            if gallery.codes.is_some() { Products::Integers(Vec::new()) } else { Products::Floats(Vec::new()) };
        Self { gallery, queries, products, asking: 0..0, block: 0..0 }
    }

    /// Every tile of the queries with the rows of the gallery from `first` on, a block of it for all queries before the next.
    pub fn each(
        gallery: &'a Gallery,
        queries: &'a Queries<'a>,
        first: usize,
        mut visit: impl FnMut(&Self),
    ) -> Result<()> {
        let mut tile = Self::new(gallery, queries);
        for start in (first..gallery.count).step_by(BLOCK) {
            for asking in (0..queries.count()).step_by(QUERIES) {
                tile.fill(asking..queries.count().min(asking + QUERIES), start..gallery.count.min(start + BLOCK))?;
                visit(&tile);
            }
        }
        Ok(())
    }

    fn fill(&mut self, asking: Range<usize>, block: Range<usize>) -> Result<()> {
        let size = self.gallery.size;
        let (of_queries, of_block) = (asking.start * size..asking.end * size, block.start * size..block.end * size);
        let count = asking.len() * block.len();
        match (&mut self.products, &self.queries.codes, &self.gallery.codes) {
            (Products::Integers(into), Some(queries), Some(gallery)) => {
                into.resize(count, 0);
                integer_products(&queries.bytes[of_queries], &gallery.bytes[of_block], size, into)?;
            }
            (Products::Floats(into), ..) => {
                into.resize(count, 0.0);
                products(&self.queries.rows[of_queries], &self.gallery.numbers()[of_block], size, into)?;
            }
            _ => unreachable!("queries are coded where the gallery is"),
        }
        (self.asking, self.block) = (asking, block);
        Ok(())
    }

    /// The nearly right scores of a query, strip by strip: `visit(first row, scores)`.
    pub fn scores(&self, query: usize, mut visit: impl FnMut(usize, &[f32])) {
        let width = self.block.len();
        let start = (query - self.asking.start) * width;
        let factor = self.queries.factors[query];
        let (scales, offsets) = (&self.gallery.scales[self.block.clone()], &self.gallery.offsets[self.block.clone()]);
        let mut scores = [0.0f32; STRIP];
        for from in (0..width).step_by(STRIP) {
            let to = width.min(from + STRIP);
            let scores = &mut scores[..to - from];
            let linear = scores.iter_mut().zip(scales[from..to].iter().zip(&offsets[from..to]));
            match &self.products {
                Products::Floats(products) => {
                    for ((score, (scale, offset)), product) in linear.zip(&products[start + from..start + to]) {
                        *score = product * (factor * scale) + offset;
                    }
                }
                Products::Integers(products) => {
                    for ((score, (scale, offset)), &product) in linear.zip(&products[start + from..start + to]) {
                        *score = product as f32 * (factor * scale) + offset;
                    }
                }
            }
            visit(self.block.start + from, scores);
        }
    }
}

/// A float32 below, so that comparing with it loses nothing. Beside 0 the next one would be a denormal, which counts as 0 on
/// threads that flush them.
pub fn below(value: f64) -> f32 {
    ((value - 1e-30) as f32).next_down()
}

/// A float32 above.
pub fn above(value: f64) -> f32 {
    ((value + 1e-30) as f32).next_up()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_apart_from_zero_whether_or_not_denormals_are_flushed() {
        for value in [0.0, 1.0, -3.5e-8, 7e11] {
            assert!(f64::from(below(value)) < value && f64::from(above(value)) > value);
        }
        assert!(below(0.0).is_normal() && above(0.0).is_normal());
    }
}
