use super::codes::Codes;
use super::gallery::{Gallery, Metric, ROUNDING, squares};
use crate::error::Result;

/// Rows that ask, and how far off their nearly right scores can be.
pub struct Queries<'a> {
    pub rows: &'a [f32],
    pub codes: Option<Codes>,
    /// `[count]` each row's product with itself
    pub squares: Vec<f64>,
    /// `[count]` what its products count by
    pub factors: Vec<f32>,
    /// `[count]` the most by which its score for any row of the gallery is off
    pub errors: Vec<f64>,
}

impl<'a> Queries<'a> {
    pub fn new(rows: &'a [f32], gallery: &Gallery) -> Result<Self> {
        let squares = squares(rows, gallery.size, "the queries")?;
        let codes = gallery.codes.as_ref().map(|_| Codes::new(rows, gallery.size));
        let twice = if gallery.metric == Metric::Euclidean { 2.0 } else { 1.0 };
        let (mut factors, mut errors) = (Vec::with_capacity(squares.len()), Vec::with_capacity(squares.len()));
        for (i, &square) in squares.iter().enumerate() {
            let weight = gallery.metric.weight(square);
            let (step, residual) = codes.as_ref().map_or((1.0, 0.0), |c| (f64::from(c.steps[i]), c.residuals[i]));
            factors.push((twice * weight * step) as f32);
            errors.push(error(gallery, weight * square.sqrt(), weight * residual));
        }
        Ok(Self { rows, codes, squares, factors, errors })
    }

    pub fn count(&self) -> usize {
        self.squares.len()
    }

    pub fn row(&self, query: usize, size: usize) -> &'a [f32] {
        &self.rows[query * size..][..size]
    }
}

/// The most by which a query's nearly right scores are off.
///
/// Sums of d products are off by at most d · 2⁻²⁴ · |x| · |y| in float32, in whatever order they are summed; what bytes
/// leave out by |Δx| · |y| + |x + Δx| · |Δy| (Cauchy-Schwarz); the operations after the sum by less than 8 roundings.
fn error(gallery: &Gallery, length: f64, residual: f64) -> f64 {
    let (most, left) = (gallery.length, gallery.residual);
    let product = if gallery.codes.is_some() {
        let rounded = 8.0 * ROUNDING * (length + residual) * (most + left);
        residual * most + (length + residual) * left + rounded
    } else {
        (1.01 * gallery.size as f64 + 8.0) * ROUNDING * length * most
    };
    if gallery.metric != Metric::Euclidean {
        return product;
    }
    let rounded = 4.0 * ROUNDING * (2.0 * length * most + most * most);
    2.0 * product + rounded + 1e-12 * (length + most) * (length + most)
}
