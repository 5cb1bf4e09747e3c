//! Scores of rows that somebody names.

use super::gallery::{Gallery, squares};
use super::threads::share;
use crate::error::{Code, Error, Result};

impl Gallery {
    /// In float64: what `nearest` says of these rows.
    ///
    /// `queries` are `[n, size]` and `rows` `[n, each]`, −1 for none, whose score is NaN; gives `[n, each]`.
    pub fn scores(&self, queries: &[f32], rows: &[i32]) -> Result<Vec<f64>> {
        let of_queries = squares(queries, self.size, "the queries")?;
        let count = of_queries.len();
        let known = |&row: &i32| row >= -1 && i64::from(row) < self.count as i64;
        if rows.len() != rows.len().checked_div(count).unwrap_or(0) * count || !rows.iter().all(known) {
            let text = format!("{} rows for {count} queries do not fit a gallery of {}", rows.len(), self.count);
            return Err(Error::new(Code::InvalidOption, text));
        }
        let each = rows.len().checked_div(count).unwrap_or(0);
        let mut scores = vec![f64::NAN; rows.len()];
        share(&mut scores, |first, scores| {
            for (i, score) in (first..).zip(scores) {
                if let Ok(row) = usize::try_from(rows[i]) {
                    let query = i / each;
                    *score = self.score(&queries[query * self.size..][..self.size], of_queries[query], row);
                }
            }
        });
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Gallery, Metric, Wanted};

    #[test]
    fn as_nearest_says() {
        let rows: Vec<f32> = (0..60).map(|i| ((i * i) % 23) as f32 - 11.0).collect();
        let queries: Vec<f32> = (0..9).map(|i| i as f32 - 4.0).collect();
        for metric in [Metric::Cosine, Metric::Dot, Metric::Euclidean] {
            let gallery = Gallery::new(Box::new(rows.clone()), 3, metric, false).unwrap();
            let wanted = Wanted { queries: &queries, k: 21, allowed: &[], except: &[] };
            let found = gallery.nearest(&wanted).unwrap();
            let scores = gallery.scores(&queries, &found.rows).unwrap();
            for (i, (score, expected)) in scores.iter().zip(&found.scores).enumerate() {
                assert!(score == expected || (i % 21 == 20 && score.is_nan() && expected.is_nan()), "{metric:?} {i}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let gallery = Gallery::new(Box::new(vec![1.0; 4]), 2, Metric::Dot, false).unwrap();
        for (queries, rows) in [(&[1.0; 4][..], &[0, 1, 0][..]), (&[1.0; 2], &[2]), (&[1.0; 2], &[-2]), (&[], &[0])] {
            assert!(gallery.scores(queries, rows).is_err(), "{queries:?} {rows:?}");
        }
        assert!(gallery.scores(&[f32::NAN; 2], &[0]).is_err());
        assert_eq!(gallery.scores(&[1.0, 2.0], &[1, 0]).unwrap(), [3.0, 3.0]);
        assert!(gallery.scores(&[], &[]).unwrap().is_empty());
    }
}
