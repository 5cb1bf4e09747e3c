//! The greedy choice: one class is given, then the one that violates the triplet constraint most with respect to all that
//! are chosen, until there are enough. One product of a matrix with a vector for each class: O(N · C · d).

use crate::error::{Code, Error, Result};
use crate::random::{Purpose, Random};
use serde::Deserialize;
use tch::{Device, Kind, Tensor, no_grad_guard};

/// How much a candidate c violates the triplet constraint, with f one image of a class and f⁺ another, over the chosen s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Score {
    /// Σ max(0, fₛᵀf_c − fₛᵀfₛ⁺) + max(0, f_cᵀfₛ − f_cᵀf_c⁺)
    HingeSum,
    /// max (fₛᵀf_c − fₛᵀfₛ⁺)
    Max,
    /// How many terms of `HingeSum` are not 0
    Count,
    /// max cos(fₛ, f_c), f the mean where there are two images
    Similarity,
}

/// What batches are chosen by.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    pub score: Score,
    /// 1 or 2
    pub images_per_class: usize,
    /// Classes of a batch, at most as many as there are candidates
    pub count: usize,
    /// Of ties, with the number of the batch
    pub seed: u64,
    pub first_batch: u32,
}

/// A stream of its own beside those that `src/mining` draws from.
const TIES: u32 = 0xffff_fffd;

/// Candidate classes by their embeddings.
pub struct Candidates {
    /// `[C, d]` float32, on the device
    rows: Tensor,
    /// fᵀf⁺ of each
    own: Vec<f32>,
    score: Score,
}

impl Candidates {
    /// `embeddings`: `[images · C, d]` float32: an image of each class, then where there are two another of each.
    pub fn new(embeddings: &Tensor, selection: &Selection) -> Result<Self> {
        let _guard = no_grad_guard();
        let score = selection.score;
        let per_class = match (selection.images_per_class, score) {
            (1, Score::Similarity) => 1,
            (2, _) => 2,
            (n, _) => return refuse(format!("{n} images of each class do not tell {score:?}")),
        };
        let [rows, _] = embeddings.size()[..] else { return refuse("embeddings are [rows, d]".into()) };
        if rows == 0 || rows % per_class != 0 {
            return refuse(format!("{rows} embeddings are not {per_class} of each class"));
        }
        require_finite(embeddings)?;
        let parts = embeddings.f_chunk(per_class, 0)?;
        let (first, other) = (&parts[0], &parts[parts.len() - 1]);
        if score == Score::Similarity {
            let sum = if per_class == 2 { first.f_add(other)? } else { first.shallow_clone() };
            let lengths = sum.f_norm_scalaropt_dim(2.0, [1i64].as_slice(), true)?.f_clamp_min(1e-12)?;
            return Ok(Self { rows: sum.f_div(&lengths)?, own: vec![0.0; (rows / per_class) as usize], score });
        }
        let own = to_vec(&first.f_mul(other)?.f_sum_dim_intlist([1i64].as_slice(), false, None)?)?;
        Ok(Self { rows: first.f_contiguous()?, own, score })
    }

    pub fn count(&self) -> usize {
        self.own.len()
    }

    /// For each of `firsts` a batch that begins with it: numbers of candidates, `[firsts · count]`, in the order of choice.
    pub fn batches(&self, selection: &Selection, firsts: &[i32]) -> Result<Vec<i32>> {
        let _guard = no_grad_guard();
        let (count, candidates) = (selection.count, self.count());
        if count == 0 || count > candidates {
            return refuse(format!("{candidates} candidates are too few to choose {count}"));
        }
        let mut chosen = Vec::with_capacity(firsts.len() * count);
        for (&first, batch) in firsts.iter().zip(selection.first_batch..) {
            let Some(first) = usize::try_from(first).ok().filter(|&first| first < candidates) else {
                return refuse(format!("there is no candidate {first} among {candidates}"));
            };
            let mut ties = Random::new(selection.seed, Purpose::Mining, batch, TIES);
            chosen.extend(self.greedy(first, count, &mut ties)?.into_iter().map(|c| c as i32));
        }
        Ok(chosen)
    }

    fn greedy(&self, first: usize, count: usize, ties: &mut Random) -> Result<Vec<usize>> {
        let start = if matches!(self.score, Score::Max | Score::Similarity) { f64::NEG_INFINITY } else { 0.0 };
        let mut scores = vec![start; self.count()];
        let mut chosen = Vec::with_capacity(count);
        let mut taken = vec![false; self.count()];
        let mut next = first;
        loop {
            chosen.push(next);
            taken[next] = true;
            if chosen.len() == count {
                return Ok(chosen);
            }
            let products = to_vec(&self.rows.f_mv(&self.rows.f_get(next as i64)?)?)?;
            for ((score, &product), &own) in scores.iter_mut().zip(&products).zip(&self.own) {
                self.score.add(score, product, self.own[next], own);
            }
            next = most(&scores, &taken, ties);
        }
    }
}

/// Refuses embeddings of candidate classes that hold NaN or an infinity.
pub fn require_finite(embeddings: &Tensor) -> Result<()> {
    if bool::try_from(embeddings.f_isfinite()?.f_all()?)? {
        return Ok(());
    }
    Err(Error::new(Code::NonFinite, "embeddings of candidate classes are not finite"))
}

impl Score {
    /// What a class that was just chosen says of a candidate, by their inner product and that of each one's own two images.
    fn add(self, score: &mut f64, product: f32, chosens_own: f32, own: f32) {
        let (product, chosens_own, own) = (f64::from(product), f64::from(chosens_own), f64::from(own));
        match self {
            Self::HingeSum => *score += (product - chosens_own).max(0.0) + (product - own).max(0.0),
            Self::Max => *score = score.max(product - chosens_own),
            Self::Count => *score += f64::from(u8::from(product > chosens_own) + u8::from(product > own)),
            Self::Similarity => *score = score.max(product),
        }
    }
}

/// The highest score among those not taken, any of several at random.
fn most(scores: &[f64], taken: &[bool], ties: &mut Random) -> usize {
    let free = || scores.iter().zip(taken).enumerate().filter(|(_, (_, taken))| !**taken);
    let best = free().map(|(_, (&score, _))| score).fold(f64::NEG_INFINITY, f64::max);
    let tied: Vec<usize> = free().filter(|(_, (score, _))| **score == best).map(|(c, _)| c).collect();
    if tied.len() == 1 { tied[0] } else { tied[ties.below(tied.len() as i64) as usize] }
}

fn to_vec(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(Vec::try_from(tensor.f_to_kind(Kind::Float)?.f_to_device(Device::Cpu)?.f_contiguous()?)?)
}

fn refuse<T>(text: String) -> Result<T> {
    Err(Error::new(Code::InvalidOption, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five classes whose two images are one and the same.
    const TOY: [f32; 10] = [1.0, 0.0, 0.0, 1.0, 0.8, 0.6, -1.0, 0.0, 0.6, 0.8];

    fn select(score: Score, count: usize, seed: u64, firsts: &[i32]) -> Result<Vec<i32>> {
        let twice = Tensor::from_slice(&TOY).reshape([5, 2]).repeat([2, 1]);
        let selection = Selection { score, images_per_class: 2, count, seed, first_batch: 0 };
        Candidates::new(&twice, &selection)?.batches(&selection, firsts)
    }

    #[test]
    fn the_toy_case() {
        assert_eq!(select(Score::Max, 3, 0, &[0]).unwrap(), [0, 2, 4]);
        assert_eq!(select(Score::Similarity, 3, 0, &[0]).unwrap(), [0, 2, 4]);
        // Nobody violates anything: ties at every step, and every class comes up.
        for score in [Score::HingeSum, Score::Count] {
            let seconds: std::collections::HashSet<i32> =
                (0..60).map(|seed| select(score, 2, seed, &[0]).unwrap()[1]).collect();
            assert_eq!(seconds, [1, 2, 3, 4].into());
            assert_eq!(select(score, 5, 7, &[0]).unwrap(), select(score, 5, 7, &[0]).unwrap());
        }
    }

    #[test]
    fn batches_differ_by_their_number_and_end_with_all() {
        let all = select(Score::HingeSum, 5, 1, &[3; 8]).unwrap();
        let orders: std::collections::HashSet<&[i32]> = all.chunks(5).collect();
        assert!(orders.len() > 3, "{orders:?}");
        for batch in orders {
            let mut sorted = batch.to_vec();
            sorted.sort_unstable();
            assert_eq!((batch[0], sorted), (3, vec![0, 1, 2, 3, 4]));
        }
    }

    #[test]
    fn what_cannot_be_chosen_is_refused() {
        assert!(select(Score::Max, 6, 0, &[0]).unwrap_err().message.contains("5 candidates are too few to choose 6"));
        assert!(select(Score::Max, 2, 0, &[5]).unwrap_err().message.contains("no candidate 5"));
        assert!(select(Score::Max, 2, 0, &[-1]).is_err());
        let one = Selection { score: Score::Max, images_per_class: 1, count: 1, seed: 0, first_batch: 0 };
        assert!(Candidates::new(&Tensor::from_slice(&[1f32]).reshape([1, 1]), &one).is_err());
        let two = Selection { images_per_class: 2, ..one };
        let broken = Candidates::new(&Tensor::from_slice(&[1f32, f32::NAN]).reshape([2, 1]), &two);
        assert_eq!(broken.err().map(|error| error.code), Some(Code::NonFinite));
    }
}
