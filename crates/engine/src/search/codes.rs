use super::exact::dot;
use super::threads::share;

/// Rows rounded to bytes, each in steps of its own, and what that left over.
pub struct Codes {
    /// `[rows, size]` in −127 … 127
    pub bytes: Vec<i8>,
    /// `[rows]` what a byte of a row counts
    pub steps: Vec<f32>,
    /// `[rows]` Euclidean length of what is missing: of row − step · bytes
    pub residuals: Vec<f64>,
}

impl Codes {
    pub fn new(rows: &[f32], size: usize) -> Self {
        let mut bytes = vec![0i8; rows.len()];
        let mut coded: Vec<_> = bytes.chunks_exact_mut(size).map(|bytes| (bytes, 0.0f32, 0.0f64)).collect();
        share(&mut coded, |first, coded| {
            for ((bytes, step, residual), row) in coded.iter_mut().zip(rows[first * size..].chunks_exact(size)) {
                (*step, *residual) = code(row, bytes);
            }
        });
        let (steps, residuals) = coded.into_iter().map(|(_, step, residual)| (step, residual)).unzip();
        Self { bytes, steps, residuals }
    }
}

fn code(row: &[f32], bytes: &mut [i8]) -> (f32, f64) {
    let step = row.iter().fold(0.0f32, |most, value| most.max(value.abs())) / 127.0;
    if step < f32::MIN_POSITIVE {
        return (0.0, dot(row, row).sqrt());
    }
    let inverse = 1.0 / step;
    let mut squares = 0.0;
    for (byte, &value) in bytes.iter_mut().zip(row) {
        // Rounds half away from zero by cutting off: a plain instruction where `round` is a call.
        *byte = (value * inverse + 0.5f32.copysign(value)) as i8;
        let missing = f64::from(value) - f64::from(step) * f64::from(*byte);
        squares += missing * missing;
    }
    (step, squares.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_off_by_more_than_half_a_step() {
        let rows = [1.0, -0.5, 0.004, 0.0, 0.0, 0.0, 3e-12, -254e-12, 1e-13];
        let codes = Codes::new(&rows, 3);
        assert_eq!(codes.bytes, [127, -64, 1, 0, 0, 0, 2, -127, 0]);
        for (i, row) in rows.chunks(3).enumerate() {
            let missing = |j: usize| f64::from(row[j]) - f64::from(codes.steps[i]) * f64::from(codes.bytes[3 * i + j]);
            assert!((0..3).all(|j| missing(j).abs() <= f64::from(codes.steps[i]) * 0.5001));
            let length = (0..3).map(|j| missing(j) * missing(j)).sum::<f64>().sqrt();
            assert!((codes.residuals[i] - length).abs() <= 1e-12 * length);
        }
    }
}
