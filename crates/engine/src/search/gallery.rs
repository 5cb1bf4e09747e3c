use super::codes::Codes;
use super::exact::{dot, score};
use super::threads::share;
use crate::error::{Code, Error, Result};
use serde::Deserialize;

/// The numbers of a gallery, wherever they lie.
pub type Rows = Box<dyn AsRef<[f32]> + Send + Sync>;

/// How near two rows are; larger is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Metric {
    /// 0 where one of the rows is all zeros
    Cosine,
    Dot,
    /// Minus the Euclidean distance
    Euclidean,
}

/// What a gallery is opened with, as TypeScript writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub size: usize,
    pub metric: Metric,
    pub shortlist: Shortlist,
}

/// In what most of the gallery is ruled out: results are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shortlist {
    /// Bytes where the processor multiplies them faster
    Auto,
    Float32,
    Int8,
}

impl Shortlist {
    fn is_coded(self) -> bool {
        self == Self::Int8 || (self == Self::Auto && npair_torch_ext::has_vnni())
    }
}

/// Half the distance from 1 to the next float32: the relative error of one operation.
pub const ROUNDING: f64 = 1.0 / (1u64 << 24) as f64;

/// Other lengths than 0 could overflow in float32, or lose digits to numbers that are flushed to zero.
const LENGTHS: std::ops::RangeInclusive<f64> = 1e-12..=1e12;

/// Sizes of rows that are coded: products of bytes have to fit an i32, and there have to be some.
const CODED: std::ops::RangeInclusive<usize> = 2..=100_000;

/// `[count, size]` rows to be searched, and what is known of them beforehand.
pub struct Gallery {
    rows: Rows,
    pub size: usize,
    pub count: usize,
    pub metric: Metric,
    pub codes: Option<Codes>,
    /// `[count]` a row's product with itself
    squares: Vec<f64>,
    /// `[count]` a score is nearly factor of the query · scale · product + offset
    pub scales: Vec<f32>,
    pub offsets: Vec<f32>,
    /// Of all rows the most, as the metric weighs them: length, and what the codes leave over
    pub length: f64,
    pub residual: f64,
}

impl Gallery {
    pub fn open(rows: Rows, options: &Options) -> Result<Self> {
        Self::new(rows, options.size, options.metric, options.shortlist.is_coded())
    }

    /// `coded`: rows are also kept as bytes, which are multiplied faster where the processor can.
    pub fn new(rows: Rows, size: usize, metric: Metric, coded: bool) -> Result<Self> {
        let numbers: &[f32] = (*rows).as_ref();
        let squares = squares(numbers, size, "the gallery")?;
        let count = squares.len();
        if i32::try_from(count).is_err() {
            return Err(Error::new(Code::InvalidOption, format!("{count} rows are more than 2147483647")));
        }
        let codes = (coded && CODED.contains(&size)).then(|| Codes::new(numbers, size));
        let weights = || squares.iter().map(|&square| metric.weight(square));
        let step = |row: usize| codes.as_ref().map_or(1.0, |codes| f64::from(codes.steps[row]));
        let scales = weights().enumerate().map(|(row, weight)| (weight * step(row)) as f32).collect();
        let offset = |&square: &f64| if metric == Metric::Euclidean { -square as f32 } else { 0.0 };
        let most =
            |of: &dyn Fn(usize) -> f64| weights().enumerate().map(|(row, weight)| weight * of(row)).fold(0.0, f64::max);
        let length = most(&|row| squares[row].sqrt());
        let residual = codes.as_ref().map_or(0.0, |codes| most(&|row| codes.residuals[row]));
        let offsets = squares.iter().map(offset).collect();
        Ok(Self { rows, size, count, metric, codes, squares, scales, offsets, length, residual })
    }

    pub fn numbers(&self) -> &[f32] {
        (*self.rows).as_ref()
    }

    pub fn row(&self, row: usize) -> &[f32] {
        &self.numbers()[row * self.size..][..self.size]
    }

    pub fn square(&self, row: usize) -> f64 {
        self.squares[row]
    }

    /// The score in float64; `square` is the query's product with itself.
    pub fn score(&self, query: &[f32], square: f64, row: usize) -> f64 {
        score(self.metric, (query, square), (self.row(row), self.squares[row]))
    }
}

impl Metric {
    /// What a row counts by, given its product with itself.
    pub fn weight(self, square: f64) -> f64 {
        match self {
            Self::Cosine if square > 0.0 => 1.0 / square.sqrt(),
            Self::Cosine => 0.0,
            Self::Dot | Self::Euclidean => 1.0,
        }
    }

    /// What the nearly right scores stand for: of a distance only the part that depends on the row, −|row|² + 2 · product.
    pub fn comparable(self, score: f64, query_square: f64) -> f64 {
        match self {
            Self::Cosine | Self::Dot => score,
            Self::Euclidean => query_square - score * score,
        }
    }
}

/// Every row's product with itself. A row that cannot be searched is an error that names it.
pub fn squares(rows: &[f32], size: usize, name: &str) -> Result<Vec<f64>> {
    if size == 0 || !rows.len().is_multiple_of(size) {
        let text = format!("{} numbers of {name} are no whole number of rows of {size}", rows.len());
        return Err(Error::new(Code::InvalidOption, text));
    }
    let mut squares = vec![0.0; rows.len() / size];
    share(&mut squares, |first, squares| {
        for (square, row) in squares.iter_mut().zip(rows[first * size..].chunks_exact(size)) {
            *square = dot(row, row);
        }
    });
    let lost = |&square: &f64| square != 0.0 && !LENGTHS.contains(&square.sqrt());
    match squares.iter().position(lost) {
        None => Ok(squares),
        Some(row) => {
            let length = squares[row].sqrt();
            let text = format!(
                "Row {row} of {name} has the length {length}: search takes finite rows of length 0, or from 1e-12 to 1e12"
            );
            Err(Error::new(Code::InvalidOption, text))
        }
    }
}
