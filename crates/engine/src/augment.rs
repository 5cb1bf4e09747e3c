//! Random crops, flips, affine maps and light, drawn per row from (seed, step, row), and affine maps of whole classes, drawn from
//! (seed, step, label); applied to the whole batch on its device.

use crate::error::Result;
use crate::plan::{Augment, ClassAugment, Crop, Input};
use crate::random::{Purpose, Random};
use npair_torch_ext::upload;
use tch::Tensor;

/// Which rows of which step a batch holds; `first_row` > 0 where a batch comes in chunks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows {
    pub seed: u64,
    pub step: u32,
    pub first_row: u32,
}

/// What one row drew. All numbers are drawn, in this order, whatever the options say, so that switching one option on
/// leaves the draws of the others as they were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    crop_y: f64,
    crop_x: f64,
    flip: f64,
    rotation: f64,
    zoom: f64,
    shear: f64,
    shift_x: f64,
    shift_y: f64,
    pub brightness: f64,
    pub contrast: f64,
    /// What its class is deformed by, `[[a, b], [c, d]]` about the middle of the image.
    class: [f64; 4],
}

const AS_IT_IS: [f64; 4] = [1.0, 0.0, 0.0, 1.0];

impl Draw {
    /// `label`: of the row's class, where classes are deformed.
    pub fn of(options: &Augment, rows: Rows, row: u32, label: Option<i32>) -> Self {
        let class = options.classes.as_ref().zip(label);
        let mut random = Random::new(rows.seed, Purpose::Augment, rows.step, rows.first_row + row);
        Self {
            crop_y: random.uniform(),
            crop_x: random.uniform(),
            flip: random.uniform(),
            rotation: random.symmetric(options.rotation).to_radians(),
            zoom: 1.0 + random.symmetric(options.scale),
            shear: random.symmetric(options.shear),
            shift_x: random.symmetric(options.shift),
            shift_y: random.symmetric(options.shift),
            brightness: random.symmetric(options.brightness),
            contrast: 1.0 + random.symmetric(options.contrast),
            class: class.map_or(AS_IT_IS, |(options, label)| deformation(options, rows, label)),
        }
    }

    pub fn mirrors(&self, options: &Augment) -> bool {
        options.flip && self.flip < 0.5
    }

    /// Top and left of the crop, in whole pixels, as `centre_crop` does: half a pixel would blur.
    pub fn corner(&self, options: &Augment, [height, width]: [f64; 2], to: Input) -> [f64; 2] {
        let corner = |free: f64, draw: f64| match options.crop {
            Crop::Centre => (free / 2.0).floor(),
            Crop::Random => (draw * (free + 1.0)).floor(),
        };
        [corner(height - to.height as f64, self.crop_y), corner(width - to.width as f64, self.crop_x)]
    }

    /// Where the output's pixels come from, `[x, y, 1]` in torch's normalised coordinates (−1 and 1 are the outer edges):
    /// rotation · shear / zoom, then the shift and the corner of the crop, then the deformation of the class.
    pub fn theta(&self, options: &Augment, from: [f64; 2], to: Input) -> [f64; 6] {
        let [height, width] = from;
        let (out_height, out_width) = (to.height as f64, to.width as f64);
        let (sin, cos) = self.rotation.sin_cos();
        // [cos −sin; sin cos] · [1 shear; 0 1] / zoom, in pixels about the centre
        let a = [cos, cos * self.shear - sin, sin, sin * self.shear + cos].map(|x| x / self.zoom);
        let mirrored = if self.mirrors(options) { -1.0 } else { 1.0 };
        let [top, left] = self.corner(options, from, to);
        let [half_x, half_y] = [width / 2.0, height / 2.0];
        let x = self.shift_x * half_x + left - (width - out_width) / 2.0;
        let y = self.shift_y * half_y + top - (height - out_height) / 2.0;
        let [m, n, o, p] = self.class;
        let a = [m * a[0] + n * a[2], m * a[1] + n * a[3], o * a[0] + p * a[2], o * a[1] + p * a[3]];
        let [x, y] = [m * x + n * y, o * x + p * y];
        [
            a[0] * mirrored * out_width / width,
            a[1] * out_height / width,
            x / half_x,
            a[2] * mirrored * out_width / height,
            a[3] * out_height / height,
            y / half_y,
        ]
    }
}

/// rotation · shear · stretch
fn deformation(options: &ClassAugment, rows: Rows, label: i32) -> [f64; 4] {
    let mut random = Random::new(rows.seed, Purpose::ClassAugment, rows.step, label as u32);
    let deformed = random.uniform() < options.share;
    let (sin, cos) = random.symmetric(options.rotation).to_radians().sin_cos();
    let [wider, higher] = [(); 2].map(|()| 1.0 + random.symmetric(options.stretch));
    let shear = random.symmetric(options.shear);
    if !deformed {
        return AS_IT_IS;
    }
    [cos / wider, (cos * shear - sin) / higher, sin / wider, (sin * shear + cos) / higher]
}

/// Whether pixels move as a whole, by crop and flip alone: then there is nothing to interpolate.
pub fn moves_whole_pixels(options: &Augment) -> bool {
    options.classes.is_none()
        && [options.rotation, options.scale, options.shear, options.shift].iter().all(|&limit| limit == 0.0)
}

/// Whether the light of every row stays as it is.
pub fn keeps_light(options: &Augment) -> bool {
    options.brightness == 0.0 && options.contrast == 0.0
}

/// Whether no row's pixels move against another's: then the numbers stay exact.
fn moves_nothing(options: &Augment, from: [i64; 2], to: Input) -> bool {
    moves_whole_pixels(options) && !options.flip && (options.crop == Crop::Centre || from == [to.height, to.width])
}

/// `[n, c, h, w]` in [0, 1] → `[n, c, H, W]` of the network's input size. `labels`: of the rows, where classes are deformed.
pub fn augment(images: &Tensor, options: &Augment, to: Input, rows: Rows, labels: &[i32]) -> Result<Tensor> {
    let size = images.size();
    let (n, kind) = (size[0], images.kind());
    let draws: Vec<Draw> =
        (0..n as u32).map(|row| Draw::of(options, rows, row, labels.get(row as usize).copied())).collect();
    let warped = if moves_nothing(options, [size[2], size[3]], to) {
        centre_crop(images, to)?
    } else {
        let from = [size[2] as f64, size[3] as f64];
        let theta: Vec<f64> = draws.iter().flat_map(|draw| draw.theta(options, from, to)).collect();
        warp(images, &theta, to, options.fill)?
    };
    if keeps_light(options) {
        return Ok(warped);
    }
    let column = |value: fn(&Draw) -> f64| -> Result<Tensor> {
        let values: Vec<f64> = draws.iter().map(value).collect();
        Ok(upload(&Tensor::f_from_slice(&values)?.f_reshape([n, 1, 1, 1])?.f_to_kind(kind)?, images.device())?)
    };
    let mean = warped.f_mean_dim([1i64, 2, 3].as_slice(), true, kind)?;
    let light = mean.f_add(&column(|draw| draw.brightness)?)?;
    let contrast = column(|draw| draw.contrast)?;
    Ok(warped.f_sub(&mean)?.f_mul(&contrast)?.f_add(&light)?.f_clamp(0.0, 1.0)?)
}

/// Samples bilinearly at `theta` (`[n, 2, 3]`, row by row), `fill` outside; `grid_sample` with `align_corners=False`.
fn warp(images: &Tensor, theta: &[f64], to: Input, fill: f64) -> Result<Tensor> {
    let (n, kind) = (images.size()[0], images.kind());
    let size = [n, to.channels, to.height, to.width];
    let theta = upload(&Tensor::f_from_slice(theta)?.f_reshape([n, 2, 3])?.f_to_kind(kind)?, images.device())?;
    let grid = Tensor::f_affine_grid_generator(&theta, size, false)?;
    const BILINEAR: i64 = 0;
    const ZEROS: i64 = 0;
    if fill == 0.0 {
        return Ok(images.f_grid_sampler(&grid, BILINEAR, ZEROS, false)?);
    }
    let shifted = images.f_sub_scalar(fill)?;
    Ok(shifted.f_grid_sampler(&grid, BILINEAR, ZEROS, false)?.f_add_scalar(fill)?)
}

/// The middle of the images, where they are larger than the network's input.
pub fn centre_crop(images: &Tensor, to: Input) -> Result<Tensor> {
    let size = images.size();
    let cropped = images.f_narrow(2, (size[2] - to.height) / 2, to.height)?;
    Ok(cropped.f_narrow(3, (size[3] - to.width) / 2, to.width)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    const ROWS: Rows = Rows { seed: 5, step: 9, first_row: 0 };

    /// `[n, 1, h, w]` of different numbers in [0, 1).
    fn ramp(n: i64, h: i64, w: i64) -> Tensor {
        Tensor::arange(n * h * w, (Kind::Double, Device::Cpu)).reshape([n, 1, h, w]) / (n * h * w) as f64
    }

    fn none() -> Augment {
        Augment {
            crop: Crop::Centre,
            flip: false,
            rotation: 0.0,
            scale: 0.0,
            shear: 0.0,
            shift: 0.0,
            fill: 0.0,
            brightness: 0.0,
            contrast: 0.0,
            classes: None,
        }
    }

    fn all() -> Augment {
        Augment {
            crop: Crop::Random,
            flip: true,
            rotation: 15.0,
            scale: 0.2,
            shear: 0.2,
            shift: 0.1,
            fill: 0.3,
            brightness: 0.2,
            contrast: 0.2,
            classes: None,
        }
    }

    fn input(height: i64, width: i64) -> Input {
        Input { channels: 1, height, width }
    }

    fn difference(a: &Tensor, b: &Tensor) -> f64 {
        f64::try_from((a - b).abs().max()).unwrap()
    }

    #[test]
    fn nothing_asked_changes_nothing() {
        let images = ramp(3, 7, 6);
        for crop in [Crop::Centre, Crop::Random] {
            assert!(augment(&images, &Augment { crop, ..none() }, input(7, 6), ROWS, &[]).unwrap().equal(&images));
        }
    }

    /// Training with the centre crop sees the very pixels that evaluation sees, also where the middle is no whole pixel.
    #[test]
    fn the_centre_is_the_same_in_training() {
        let (images, to) = (ramp(2, 8, 7), input(5, 5));
        let expected = centre_crop(&images, to).unwrap();
        assert!(augment(&images, &none(), to, ROWS, &[]).unwrap().equal(&expected));
        let flip = Augment { flip: true, ..none() };
        let flipped = augment(&images, &flip, to, ROWS, &[]).unwrap();
        for row in 0..2 {
            let mirrored = expected.get(row).flip([2i64].as_slice());
            let got = flipped.get(row);
            assert!(difference(&got, &expected.get(row)) < 1e-12 || difference(&got, &mirrored) < 1e-12);
        }
    }

    #[test]
    fn crops_are_whole_pixels_and_flips_mirror() {
        let images = ramp(64, 7, 6);
        let cropped = augment(&images, &Augment { crop: Crop::Random, ..none() }, input(5, 4), ROWS, &[]).unwrap();
        let mut seen = std::collections::HashSet::new();
        for row in 0..64 {
            let corner = (0..3).flat_map(|y| (0..3).map(move |x| (y, x))).find(|&(y, x)| {
                difference(&cropped.get(row), &images.get(row).narrow(1, y, 5).narrow(2, x, 4)) < 1e-12
            });
            seen.insert(corner.expect("every crop is a window of its image"));
        }
        assert_eq!(seen.len(), 9, "64 draws meet all nine windows");
        let flipped = augment(&images, &Augment { flip: true, ..none() }, input(7, 6), ROWS, &[]).unwrap();
        let mirrored: Vec<bool> = (0..64)
            .map(|row| {
                let (got, image) = (flipped.get(row), images.get(row));
                let mirrored = difference(&got, &image.flip([2i64].as_slice())) < 1e-12;
                assert!(mirrored || difference(&got, &image) < 1e-12);
                mirrored
            })
            .collect();
        assert!((16..48).contains(&mirrored.iter().filter(|&&m| m).count()));
    }

    /// A batch in two chunks, and a step alone, draw the same numbers.
    #[test]
    fn draws_depend_on_step_and_row_alone() {
        let images = ramp(6, 8, 8);
        let whole = augment(&images, &all(), input(6, 6), ROWS, &[]).unwrap();
        let late = Rows { first_row: 4, ..ROWS };
        let tail = augment(&images.narrow(0, 4, 2), &all(), input(6, 6), late, &[]).unwrap();
        assert!(whole.narrow(0, 4, 2).equal(&tail));
        let other = augment(&images, &all(), input(6, 6), Rows { step: 10, ..ROWS }, &[]).unwrap();
        assert!(difference(&whole, &other) > 0.01);
    }

    const WILD: ClassAugment = ClassAugment { share: 1.0, rotation: 180.0, stretch: 0.4, shear: 0.5 };

    /// Rows of a class have one matrix among them, wherever they are in the batch, and other classes and steps have others.
    #[test]
    fn a_class_is_deformed_as_a_whole() {
        let options = Augment { classes: Some(WILD), ..none() };
        let images = ramp(1, 9, 9).expand([5, 1, 9, 9], false);
        let deformed = augment(&images, &options, input(9, 9), ROWS, &[7, 3, 7, 4, 3]).unwrap();
        let differ = |a: i64, b: i64| difference(&deformed.get(a), &deformed.get(b)) > 0.01;
        assert_eq!([differ(0, 2), differ(1, 4)], [false, false]);
        assert_eq!([differ(0, 1), differ(1, 3), differ(0, 3)], [true, true, true]);
        let chunk =
            augment(&images.narrow(0, 0, 1), &options, input(9, 9), Rows { first_row: 3, ..ROWS }, &[7]).unwrap();
        assert!(chunk.get(0).equal(&deformed.get(0)));
        let later = augment(&images, &options, input(9, 9), Rows { step: 10, ..ROWS }, &[7, 3, 7, 4, 3]).unwrap();
        assert!(difference(&later, &deformed) > 0.01);
        let none = augment(&images, &options, input(9, 9), ROWS, &[]).unwrap();
        assert!(difference(&none, &images) < 1e-12);
    }

    /// The share of the classes that are deformed, and the limits of what they draw.
    #[test]
    fn deformations_keep_to_their_share_and_limits() {
        let options = ClassAugment { share: 0.3, rotation: 20.0, stretch: 0.25, shear: 0.0 };
        let all: Vec<[f64; 4]> = (0..4000).map(|label| deformation(&options, ROWS, label)).collect();
        let deformed: Vec<_> = all.iter().filter(|&&matrix| matrix != AS_IT_IS).collect();
        assert!((1080..1320).contains(&deformed.len()), "{}", deformed.len());
        let mut most = [0.0f64; 2];
        for [a, b, c, d] in deformed {
            let (wider, higher) = (1.0 / a.hypot(*c), 1.0 / b.hypot(*d));
            let turned = c.atan2(*a).to_degrees();
            assert!((0.75..=1.25).contains(&wider) && (0.75..=1.25).contains(&higher) && turned.abs() <= 20.0);
            assert!((a * b + c * d).abs() < 1e-12, "without shear the axes stay at right angles");
            most = [most[0].max(turned.abs()), most[1].max((wider - 1.0).abs())];
        }
        assert!(most[0] > 19.0 && most[1] > 0.24, "{most:?}");
    }

    /// theta by a slow obvious way: the centre of every output pixel, mapped, and interpolated by hand.
    #[test]
    fn equals_a_loop_over_pixels() {
        for classes in [None, Some(WILD)] {
            equals_a_loop(&Augment { brightness: 0.0, contrast: 0.0, classes, ..all() });
        }
    }

    fn equals_a_loop(options: &Augment) {
        let (images, to) = (ramp(2, 9, 7), input(6, 5));
        let labels = [5, 6];
        let fast = augment(&images, options, to, ROWS, &labels).unwrap();
        for row in 0..2i64 {
            let draw = Draw::of(options, ROWS, row as u32, Some(labels[row as usize]));
            for y in 0..6 {
                for x in 0..5 {
                    let mut u = x as f64 + 0.5 - 2.5;
                    let v = y as f64 + 0.5 - 3.0;
                    if draw.flip < 0.5 {
                        u = -u;
                    }
                    let (u, v) = ((u + draw.shear * v) / draw.zoom, v / draw.zoom);
                    let (sin, cos) = draw.rotation.sin_cos();
                    let left = (draw.crop_x * 3.0).floor() + 2.5;
                    let top = (draw.crop_y * 4.0).floor() + 3.0;
                    // From the middle of the image, and there the class's own deformation.
                    let px = cos * u - sin * v + left + draw.shift_x * 3.5 - 3.5;
                    let py = sin * u + cos * v + top + draw.shift_y * 4.5 - 4.5;
                    let [m, n, o, p] = draw.class;
                    let (px, py) = (m * px + n * py + 3.0, o * px + p * py + 4.0);
                    let pixel = |yy: f64, xx: f64| {
                        let inside = (0.0..9.0).contains(&yy) && (0.0..7.0).contains(&xx);
                        if inside { images.double_value(&[row, 0, yy as i64, xx as i64]) } else { options.fill }
                    };
                    let (fy, fx) = (py - py.floor(), px - px.floor());
                    let (y0, x0) = (py.floor(), px.floor());
                    let expected = (1.0 - fy) * ((1.0 - fx) * pixel(y0, x0) + fx * pixel(y0, x0 + 1.0))
                        + fy * ((1.0 - fx) * pixel(y0 + 1.0, x0) + fx * pixel(y0 + 1.0, x0 + 1.0));
                    let got = fast.double_value(&[row, 0, y, x]);
                    assert!((got - expected).abs() < 1e-9, "{row} {y} {x}: {got} {expected}");
                }
            }
        }
    }

    /// Channels move together, and what lies outside is `fill` in all of them.
    #[test]
    fn channels_move_together() {
        let grey = ramp(3, 8, 8);
        let colour = Tensor::cat(&[&grey, &(&grey * 0.5), &grey], 1);
        let options = Augment { fill: 0.0, brightness: 0.0, contrast: 0.0, ..all() };
        let moved = augment(&grey, &options, input(6, 6), ROWS, &[]).unwrap();
        let all = augment(&colour, &options, Input { channels: 3, ..input(6, 6) }, ROWS, &[]).unwrap();
        assert!(difference(&all, &Tensor::cat(&[&moved, &(&moved * 0.5), &moved], 1)) < 1e-12);
        let far = Augment { shift: 50.0, fill: 0.3, ..none() };
        let outside = augment(&colour, &far, Input { channels: 3, ..input(8, 8) }, ROWS, &[]).unwrap();
        assert!(difference(&outside, &(outside.ones_like() * 0.3)) < 1e-12, "three shifts of up to 200 pixels");
    }

    #[test]
    fn light_stays_in_range_and_contrast_keeps_the_mean() {
        let images = ramp(4, 8, 8) * 0.5 + 0.25;
        let lit = augment(&images, &Augment { brightness: 0.9, ..none() }, input(8, 8), ROWS, &[]).unwrap();
        assert!(f64::try_from(lit.max()).unwrap() <= 1.0 && f64::try_from(lit.min()).unwrap() >= 0.0);
        let contrasted = augment(&images, &Augment { contrast: 0.3, ..none() }, input(8, 8), ROWS, &[]).unwrap();
        let mean = |t: &Tensor| t.mean_dim([1i64, 2, 3].as_slice(), false, Kind::Double);
        assert!(difference(&mean(&contrasted), &mean(&images)) < 1e-9);
        assert!(difference(&contrasted, &images) > 1e-3);
    }

    #[test]
    fn the_centre_crop_is_the_middle() {
        let images = ramp(1, 6, 6);
        assert!(centre_crop(&images, input(4, 2)).unwrap().equal(&images.narrow(2, 1, 4).narrow(3, 2, 2)));
    }
}
