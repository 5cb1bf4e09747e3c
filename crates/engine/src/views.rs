//! The views of an image whose embeddings are put together: itself, its corners, moved by some pixels, the mirror image of each.

use crate::error::{Code, Error, Result};
use crate::plan::Input;
use tch::Tensor;

/// Test-time augmentation: no draw in it, every view of every image.
#[derive(Debug, Clone, Default)]
pub struct Views {
    /// The mirror image of every view, too.
    pub mirror: bool,
    /// Pixels: up, down, left and right by each of them; the edge is repeated.
    pub shifts: Vec<i64>,
    /// Beside the centre crop those at the four corners.
    pub corners: bool,
    /// The embedding of an image is the mean of those of its views, each brought to length 1 first, instead of their sum: the
    /// inner product of two such is the mean of the cosines of all combinations of views.
    pub units: bool,
}

impl Views {
    /// How many there are.
    pub fn count(&self) -> usize {
        let crops = if self.corners { 5 } else { 1 };
        crops * (1 + 4 * self.shifts.len()) * if self.mirror { 2 } else { 1 }
    }

    /// The part of images of `[height, width]` that [`Views::each`] takes: the network's `input`, or all where corners are cut out.
    pub fn whole(&self, [height, width]: [i64; 2], input: Input) -> Result<Input> {
        if !self.corners {
            return Ok(input);
        }
        if height <= input.height && width <= input.width {
            let text = format!("five crops of {}x{} from images of {height}x{width}", input.height, input.width);
            return Err(Error::new(Code::InvalidOption, text));
        }
        Ok(Input { height, width, ..input })
    }

    /// Hands `with` one view of the whole batch after the other, each as large as `input`.
    ///
    /// `batch`: `[n, c, h, w]` of the size that [`Views::whole`] says.
    pub fn each(&self, batch: &Tensor, input: Input, mut with: impl FnMut(&Tensor) -> Result<()>) -> Result<()> {
        let free = [batch.size()[2] - input.height, batch.size()[3] - input.width];
        let [top, left] = free.map(|pixels| pixels / 2);
        let corners = [[0, 0], [0, free[1]], [free[0], 0], free];
        let crops = std::iter::once([top, left]).chain(corners).take(if self.corners { 5 } else { 1 });
        for [top, left] in crops {
            let crop = batch.f_narrow(2, top, input.height)?.f_narrow(3, left, input.width)?;
            self.moved(&crop, &mut with)?;
        }
        Ok(())
    }

    /// The views of one crop.
    fn moved(&self, crop: &Tensor, with: &mut impl FnMut(&Tensor) -> Result<()>) -> Result<()> {
        let (height, width) = (crop.size()[2], crop.size()[3]);
        let margin = self.shifts.iter().copied().max().unwrap_or(0);
        if margin >= height.min(width) || self.shifts.iter().any(|&shift| shift < 1) {
            let text = format!("shifts of {:?} pixels for images of {height}x{width}", self.shifts);
            return Err(Error::new(Code::InvalidOption, text));
        }
        let padded = if margin == 0 { crop.shallow_clone() } else { crop.f_replication_pad2d([margin; 4].as_slice())? };
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

    fn whole(batch: &Tensor) -> Input {
        Input { channels: batch.size()[1], height: batch.size()[2], width: batch.size()[3] }
    }

    fn seen(views: &Views, batch: &Tensor, input: Input) -> Vec<Vec<i64>> {
        let mut all = Vec::new();
        views
            .each(batch, input, |view| {
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
        let views = Views { shifts: vec![1], ..Views::default() };
        let rounded = |view: &[f64]| view.iter().map(|&x| x as i64).collect::<Vec<_>>();
        let mut got = Vec::new();
        views
            .each(&image, whole(&image), |view| {
                got.push(rounded(&Vec::<f64>::try_from(view.contiguous().view(-1)).unwrap()));
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
        let views = Views { mirror: true, ..Views::default() };
        assert_eq!(seen(&views, &image, whole(&image)), [[0, 1, 2, 3], [1, 0, 3, 2]]);
    }

    /// Caffe's ten crops: the centre and the corners, and the mirror image of each.
    #[test]
    fn five_crops_are_the_centre_and_the_corners_and_with_mirror_images_ten() {
        let image = Tensor::arange(20, (Kind::Int64, Device::Cpu)).reshape([1, 1, 4, 5]);
        let input = Input { channels: 1, height: 1, width: 2 };
        let five = Views { corners: true, ..Views::default() };
        assert_eq!(seen(&five, &image, input), [[6, 7], [0, 1], [3, 4], [15, 16], [18, 19]]);
        let ten = Views { mirror: true, ..five.clone() };
        let mirrored = [[6, 7], [7, 6], [0, 1], [1, 0], [3, 4], [4, 3], [15, 16], [16, 15], [18, 19], [19, 18]];
        assert_eq!(seen(&ten, &image, input), mirrored);
        assert_eq!(
            (five.whole([4, 5], input).unwrap().height, Views::default().whole([4, 5], input).unwrap().height),
            (4, 1)
        );
        let error = five.whole([1, 2], input).unwrap_err();
        assert_eq!(error.message, "five crops of 1x2 from images of 1x2");
    }

    #[test]
    fn a_shift_that_leaves_nothing_of_the_image_is_refused() {
        let image = Tensor::zeros([1, 1, 4, 3], (Kind::Float, Device::Cpu));
        for shifts in [vec![3], vec![0], vec![-1]] {
            let views = Views { shifts, ..Views::default() };
            let error = views.each(&image, whole(&image), |_| Ok(())).unwrap_err();
            assert!(error.message.contains("images of 4x3"), "{}", error.message);
        }
    }
}
