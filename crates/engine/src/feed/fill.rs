//! A batch in one pass: each image from its bytes to its place in the batch's memory.

use crate::augment::{Draw, keeps_light, moves_whole_pixels};
use crate::batch::Recipe;
use crate::error::Result;
use crate::feed::normalise::Normalise;
use crate::feed::real::Real;
use crate::feed::table::Tables;
use crate::feed::warp::{Framed, Map};
use crate::feed::{Images, Job, Turned};
use crate::plan::{Augment, Input, Preprocess};

pub struct Fill<'a, T> {
    augment: Option<&'a Augment>,
    /// Whether pixels have to be interpolated, and whether their light changes.
    warps: bool,
    lights: bool,
    from: [usize; 2],
    to: Input,
    /// What a byte becomes in each channel: normalised, unless the light changes in between.
    tables: Tables<T>,
    normalise: Vec<Normalise>,
    framed: Framed<T>,
}

impl<'a, T: Real> Fill<'a, T> {
    pub fn new(recipe: &Recipe<'a>, [height, width, channels]: [usize; 3]) -> Self {
        let Preprocess { invert, .. } = recipe.preprocess;
        let normalise = Normalise::each(recipe.preprocess, channels);
        let warps = recipe.augment.is_some_and(|options| !moves_whole_pixels(options));
        let lights = recipe.augment.is_some_and(|options| !keeps_light(options));
        let number = |c: usize, x: f64| if lights { x } else { normalise[c].of(x) };
        let tables = Tables::new(channels, |c, byte| {
            let x = f64::from(byte) / 255.0;
            number(c, if *invert { 1.0 - x } else { x })
        });
        let fill = recipe.augment.map_or(0.0, |options| options.fill);
        let outside: Vec<T> = (0..channels).map(|c| T::of(number(c, fill))).collect();
        let framed = Framed::new([height, width], &outside);
        Self {
            augment: recipe.augment,
            warps,
            lights,
            from: [height, width],
            to: recipe.input,
            tables,
            normalise,
            framed,
        }
    }

    /// `into`: `[n, h, w, c]`
    pub fn batch(&mut self, images: &Images, job: &Job, into: &mut [T]) -> Result<()> {
        let size = (self.to.height * self.to.width * self.to.channels) as usize;
        for ((row, &id), into) in job.ids.iter().enumerate().zip(into.chunks_exact_mut(size)) {
            let image = images.image(id)?;
            match self.augment {
                Some(options) => {
                    let label = job.labels.get(row).copied();
                    self.draw(&image, options, Draw::of(options, job.rows, row as u32, label), into);
                }
                None => {
                    let [height, width] = self.from;
                    let [h, w] = [self.to.height as usize, self.to.width as usize];
                    self.copy(&image, [(height - h) / 2, (width - w) / 2], false, into);
                }
            }
        }
        Ok(())
    }

    fn draw(&mut self, image: &Turned, options: &Augment, draw: Draw, into: &mut [T]) {
        let from = self.from.map(|side| side as f64);
        if self.warps {
            self.framed.draw(image, &self.tables);
            self.framed.sample(Map::new(draw.theta(options, from, self.to), self.from, self.to), self.to, into);
        } else {
            let corner = draw.corner(options, from, self.to).map(|side| side as usize);
            self.copy(image, corner, draw.mirrors(options), into);
        }
        if self.lights {
            self.light(draw, into);
        }
    }

    /// A window of the image, whole pixels.
    fn copy(&self, image: &Turned, [top, left]: [usize; 2], mirrored: bool, into: &mut [T]) {
        let channels = self.tables.channels();
        for (y, line) in into.chunks_exact_mut(self.to.width as usize * channels).enumerate() {
            self.tables.read(image, top + y, left, line);
            if mirrored {
                line.reverse();
                // The pixels, not their channels.
                line.chunks_exact_mut(channels).for_each(<[T]>::reverse);
            }
        }
    }

    /// Contrast about the image's mean, brightness, then normalised.
    fn light(&self, draw: Draw, into: &mut [T]) {
        let mean = mean(into);
        let (middle, contrast, lift) = (T::of(mean), T::of(draw.contrast), T::of(mean + draw.brightness));
        let (dark, bright) = (T::of(0.0), T::of(1.0));
        let normalise: Vec<(T, T)> = self.normalise.iter().map(|n| (T::of(n.mean), T::of(1.0 / n.std))).collect();
        for pixel in into.chunks_exact_mut(normalise.len()) {
            for (value, &(mean, scale)) in pixel.iter_mut().zip(&normalise) {
                let lit = (*value - middle) * contrast + lift;
                let lit = if lit < dark {
                    dark
                } else if lit > bright {
                    bright
                } else {
                    lit
                };
                *value = (lit - mean) * scale;
            }
        }
    }
}

/// In four sums, so that one addition need not wait for the other.
fn mean<T: Real>(values: &[T]) -> f64 {
    let mut sums = [0.0; 4];
    let (fours, rest) = values.as_chunks::<4>();
    for four in fours {
        for (sum, value) in sums.iter_mut().zip(four) {
            *sum += value.wide();
        }
    }
    let rest: f64 = rest.iter().map(|value| value.wide()).sum();
    (sums.iter().sum::<f64>() + rest) / values.len() as f64
}
