//! One image through an affine map, sampled bilinearly: `grid_sample` with `align_corners=False`, and `fill` outside.

use crate::feed::Turned;
use crate::feed::real::Real;
use crate::feed::table::Tables;
use crate::plan::Input;

/// Where the output's pixel (x, y) comes from, in the source's pixels: `[x, y, 1]` by rows.
#[derive(Debug, Clone, Copy)]
pub struct Map([f64; 6]);

impl Map {
    /// Of `theta`, which speaks of torch's normalised coordinates.
    pub fn new(theta: [f64; 6], [height, width]: [usize; 2], to: Input) -> Self {
        let row = |t: &[f64], side: f64| {
            let (w, h) = (to.width as f64, to.height as f64);
            let middle = t[0] * (1.0 / w - 1.0) + t[1] * (1.0 / h - 1.0) + t[2];
            [t[0] * side / w, t[1] * side / h, (middle * side + side - 1.0) / 2.0]
        };
        let ([a, b, c], [d, e, f]) = (row(&theta[..3], width as f64), row(&theta[3..], height as f64));
        Self([a, b, c, d, e, f])
    }
}

/// The source as numbers, in a frame of one pixel of what lies outside: whatever is farther away is sampled at its edge.
pub struct Framed<T> {
    values: Vec<T>,
    size: [usize; 2],
    channels: usize,
}

impl<T: Real> Framed<T> {
    /// `outside` holds a number for each channel.
    pub fn new([height, width]: [usize; 2], outside: &[T]) -> Self {
        Self { values: outside.repeat((height + 2) * (width + 2)), size: [height, width], channels: outside.len() }
    }

    pub fn draw(&mut self, image: &Turned, tables: &Tables<T>) {
        let [height, width] = self.size;
        let stride = (width + 2) * self.channels;
        for (y, line) in self.values.chunks_exact_mut(stride).skip(1).take(height).enumerate() {
            tables.read(image, y, 0, &mut line[self.channels..][..width * self.channels]);
        }
    }

    /// Samples every pixel of `into` (`[h, w, c]`).
    pub fn sample(&self, map: Map, to: Input, into: &mut [T]) {
        match self.channels {
            1 => self.sample_channels::<1>(map, to, into),
            3 => self.sample_channels::<3>(map, to, into),
            _ => self.sample_channels::<0>(map, to, into),
        }
    }

    /// `C` is the number of channels if the compiler is to know it, else 0.
    fn sample_channels<const C: usize>(&self, Map([a, b, c, d, e, f]): Map, to: Input, into: &mut [T]) {
        let channels = if C == 0 { self.channels } else { C };
        let [height, width] = self.size;
        let stride = (width + 2) * channels;
        let mut pixels = into.chunks_exact_mut(channels);
        for y in 0..to.height {
            let (left, top) = (b * y as f64 + c, e * y as f64 + f);
            for (x, pixel) in (0..to.width).zip(&mut pixels) {
                let (column, right) = place::<T>(a * x as f64 + left, width);
                let (row, below) = place::<T>(d * x as f64 + top, height);
                let upper = &self.values[row * stride + column * channels..][..2 * channels];
                let lower = &self.values[(row + 1) * stride + column * channels..][..2 * channels];
                for channel in 0..channels {
                    let mix = |ends: &[T]| ends[channel] + (ends[channel + channels] - ends[channel]) * right;
                    let (upper, lower) = (mix(upper), mix(lower));
                    pixel[channel] = upper + (lower - upper) * below;
                }
            }
        }
    }
}

/// Number of the pixel before `at` in a framed side, and the share of the one after it.
fn place<T: Real>(at: f64, side: usize) -> (usize, T) {
    // The frame stands at −1 and `side`. What is no number ends up at its beginning.
    let inside = (at + 1.0).max(0.0).min(side as f64 + 1.0);
    // Sides are below 2¹⁶, and 32 bits are the processor's own conversion.
    let before = (inside as i32).min(side as i32);
    (before as usize, T::of(inside - f64::from(before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_in_the_frame() {
        let at = |x: f64| place::<f64>(x, 4);
        assert_eq!([at(-9.0), at(-1.0), at(-0.5), at(0.0)], [(0, 0.0), (0, 0.0), (0, 0.5), (1, 0.0)]);
        assert_eq!([at(3.25), at(4.0), at(9.0)], [(4, 0.25), (4, 1.0), (4, 1.0)]);
        assert_eq!(at(f64::NAN), (0, 0.0));
    }
}
