//! The views of an image whose embeddings are added: itself, moved by some pixels, and the mirror image of each.

use crate::error::{Code, Error, Result};
use tch::Tensor;

/// Test-time augmentation: no draw in it, every view of every image.
#[derive(Debug, Clone, Default)]
pub struct Views {
    /// The mirror image of every view, too.
    pub mirror: bool,
    /// Pixels: up, down, left and right by each of them; the edge is repeated.
    pub shifts: Vec<i64>,
}

impl Views {
    /// How many there are.
    pub fn count(&self) -> usize {
        (1 + 4 * self.shifts.len()) * if self.mirror { 2 } else { 1 }
    }

    /// Hands `with` one view of the whole batch `[n, c, h, w]` after the other.
    pub fn each(&self, batch: &Tensor, mut with: impl FnMut(&Tensor) -> Result<()>) -> Result<()> {
        let (height, width) = (batch.size()[2], batch.size()[3]);
        let margin = self.shifts.iter().copied().max().unwrap_or(0);
        if margin >= height.min(width) || self.shifts.iter().any(|&shift| shift < 1) {
            let text = format!("shifts of {:?} pixels for images of {height}x{width}", self.shifts);
            return Err(Error::new(Code::InvalidOption, text));
        }
        let padded =
            if margin == 0 { batch.shallow_clone() } else { batch.f_replication_pad2d([margin; 4].as_slice())? };
        let moves = self.shifts.iter().flat_map(|&shift| [(shift, 0), (-shift, 0), (0, shift), (0, -shift)]);
        for (down, right) in std::iter::once((0, 0)).chain(moves) {
            let view = padded.f_narrow(2, margin - down, height)?.f_narrow(3, margin - right, width)?;
            with(&view)?;
            if self.mirror {
                with(&view.f_flip([3i64].as_slice())?)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    fn seen(views: &Views, batch: &Tensor) -> Vec<Vec<i64>> {
        let mut all = Vec::new();
        views
            .each(batch, |view| {
                all.push(Vec::try_from(view.f_contiguous()?.f_view(-1)?)?);
                Ok(())
            })
            .unwrap();
        assert_eq!(all.len(), views.count());
        all
    }

    #[test]
    fn every_move_and_its_mirror_image_with_the_edge_repeated() {
        let image = Tensor::from_slice(&[1i64, 2, 3, 4, 5, 6, 7, 8, 9]).reshape([1, 1, 3, 3]).to_kind(Kind::Double);
        let views = Views { mirror: false, shifts: vec![1] };
        let whole = |view: &[f64]| view.iter().map(|&x| x as i64).collect::<Vec<_>>();
        let mut got = Vec::new();
        views
            .each(&image, |view| {
                got.push(whole(&Vec::<f64>::try_from(view.contiguous().view(-1)).unwrap()));
                Ok(())
            })
            .unwrap();
        assert_eq!(
            got,
            [
                [1, 2, 3, 4, 5, 6, 7, 8, 9],
                [1, 2, 3, 1, 2, 3, 4, 5, 6],
                [4, 5, 6, 7, 8, 9, 7, 8, 9],
                [1, 1, 2, 4, 4, 5, 7, 7, 8],
                [2, 3, 3, 5, 6, 6, 8, 9, 9],
            ]
        );
    }

    #[test]
    fn mirror_images_follow_what_they_mirror() {
        let image = Tensor::arange(4, (Kind::Int64, Device::Cpu)).reshape([1, 1, 2, 2]);
        let views = Views { mirror: true, shifts: vec![] };
        assert_eq!(seen(&views, &image), [[0, 1, 2, 3], [1, 0, 3, 2]]);
    }

    #[test]
    fn a_shift_that_leaves_nothing_of_the_image_is_refused() {
        let image = Tensor::zeros([1, 1, 4, 3], (Kind::Float, Device::Cpu));
        for shifts in [vec![3], vec![0], vec![-1]] {
            let error = Views { mirror: false, shifts }.each(&image, |_| Ok(())).unwrap_err();
            assert!(error.message.contains("images of 4x3"), "{}", error.message);
        }
    }
}
