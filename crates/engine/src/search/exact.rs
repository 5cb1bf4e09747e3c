//! Scores in float64, summed in the order of `src/metrics/dot.ts`, so that both give the same bits.

use super::Metric;

/// Σ a·b: even places and odd ones apart.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    sum(a, b, |a, b| a * b)
}

/// Larger is nearer; `aa` and `bb` are the products of the rows with themselves.
pub fn score(metric: Metric, (a, aa): (&[f32], f64), (b, bb): (&[f32], f64)) -> f64 {
    match metric {
        Metric::Dot => dot(a, b),
        Metric::Cosine => {
            let length = (aa * bb).sqrt();
            if length > 0.0 { dot(a, b) / length } else { 0.0 }
        }
        Metric::Euclidean => -sum(a, b, |a, b| (a - b) * (a - b)).sqrt(),
    }
}

fn sum(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<2>(), b.as_chunks::<2>());
    let [mut even, mut odd] = [0.0; 2];
    for (a, b) in a.iter().zip(b) {
        even += term(f64::from(a[0]), f64::from(b[0]));
        odd += term(f64::from(a[1]), f64::from(b[1]));
    }
    for (a, b) in a_rest.iter().zip(b_rest) {
        even += term(f64::from(*a), f64::from(*b));
    }
    even + odd
}
