use super::gallery::Gallery;
use super::nearest::Wanted;
use super::queries::Queries;
use super::tile::below;

/// One query's rows that may be among its k nearest.
pub struct Nearest<'a> {
    gallery: &'a Gallery,
    row: &'a [f32],
    square: f64,
    error: f64,
    k: usize,
    /// `[rows of the gallery]` 0 where a row is not to be found, or empty
    allowed: &'a [u8],
    except: usize,
    /// Nearly right scores, none below `least`
    likely: Vec<(f32, u32)>,
    /// The nearest of those whose score is known
    pub settled: Vec<(f64, u32)>,
    /// Whatever scores less cannot be among the nearest
    least: f32,
}

impl<'a> Nearest<'a> {
    /// Without any row; k is at least 1, and at most the rows of the gallery.
    pub fn new(gallery: &'a Gallery, queries: &Queries<'a>, query: usize, k: usize, wanted: &Wanted<'a>) -> Self {
        Self {
            gallery,
            row: queries.row(query, gallery.size),
            square: queries.squares[query],
            error: queries.errors[query],
            k,
            allowed: wanted.allowed,
            except: wanted.except.get(query).map_or(usize::MAX, |&row| row as usize),
            likely: Vec::new(),
            settled: Vec::new(),
            least: f32::NEG_INFINITY,
        }
    }

    /// Nearly right scores of rows from `first` on.
    pub fn look(&mut self, first: usize, scores: &[f32]) {
        // Without a branch a score, and nearly always all there is to do.
        if !scores.iter().fold(false, |any, &score| any | (score >= self.least)) {
            return;
        }
        for (row, &score) in (first..).zip(scores) {
            self.take(row, score);
        }
    }

    /// Remembers a row, should it be among the nearest; gives what the next one has to score for that.
    pub fn take(&mut self, row: usize, score: f32) -> f32 {
        if score >= self.least && row != self.except && self.allowed.get(row).is_none_or(|&allowed| allowed != 0) {
            self.likely.push((score, row as u32));
            if self.likely.len() >= 4 * self.k + 1024 {
                self.prune();
            }
        }
        self.least
    }

    /// Another list of the same query, of other rows; both are settled.
    pub fn join(&mut self, other: Self) {
        self.settled.extend(other.settled);
        self.keep_nearest();
    }

    /// k rows score at least (k-th score − error): whatever scores less than (k-th score − 2 · error) is out.
    fn prune(&mut self) {
        let room = self.likely.len();
        let (_, &mut (worst, _), _) = self.likely.select_nth_unstable_by(self.k - 1, |(a, _), (b, _)| b.total_cmp(a));
        self.raise(f64::from(worst) - 2.0 * self.error);
        if self.likely.len() > room / 2 {
            self.settle();
        }
    }

    fn raise(&mut self, least: f64) {
        self.least = self.least.max(below(least));
        self.likely.retain(|&(score, _)| score >= self.least);
    }

    /// Computes the scores that are only nearly right, and keeps the k nearest.
    pub fn settle(&mut self) {
        for (_, row) in self.likely.drain(..) {
            self.settled.push((self.gallery.score(self.row, self.square, row as usize), row));
        }
        self.keep_nearest();
        if self.settled.len() == self.k
            && let Some(&(worst, _)) = self.settled.last()
        {
            self.raise(self.gallery.metric.comparable(worst, self.square) - self.error);
        }
    }

    fn keep_nearest(&mut self) {
        self.settled.sort_unstable_by(|(a, i), (b, j)| b.total_cmp(a).then(i.cmp(j)));
        self.settled.truncate(self.k);
    }
}
