//! What bytes become: a table for each channel, so that nothing is computed twice.

use crate::feed::Turned;
use crate::feed::real::Real;

pub struct Tables<T>(Vec<[T; 256]>);

impl<T: Real> Tables<T> {
    pub fn new(channels: usize, number: impl Fn(usize, u8) -> f64) -> Self {
        let table = |channel| std::array::from_fn(|byte| T::of(number(channel, byte as u8)));
        Self((0..channels).map(table).collect())
    }

    pub fn channels(&self) -> usize {
        self.0.len()
    }

    /// Writes pixels of row `y` of an image, from `left` on, as many as there is room for.
    pub fn read(&self, image: &Turned, y: usize, left: usize, into: &mut [T]) {
        match *self.0.as_slice() {
            [ref table] => read_channels(&[table], image, y, left, into),
            [ref red, ref green, ref blue] => read_channels(&[red, green, blue], image, y, left, into),
            ref tables => {
                let room = into.chunks_exact_mut(tables.len());
                for (pixel, into) in image.row(y, left, room.len()).zip(room) {
                    for ((into, &byte), table) in into.iter_mut().zip(pixel).zip(tables) {
                        *into = table[usize::from(byte)];
                    }
                }
            }
        }
    }
}

/// The same for a number of channels that the compiler knows.
fn read_channels<T: Real, const C: usize>(
    tables: &[&[T; 256]; C],
    image: &Turned,
    y: usize,
    left: usize,
    into: &mut [T],
) {
    let (room, _) = into.as_chunks_mut::<C>();
    let write = |into: &mut [T; C], pixel: &[u8; C]| {
        for ((into, byte), table) in into.iter_mut().zip(pixel).zip(tables) {
            *into = table[usize::from(*byte)];
        }
    };
    let width = room.len();
    match image.line(y, left, width) {
        Some(line) => room.iter_mut().zip(line.as_chunks::<C>().0).for_each(|(into, pixel)| write(into, pixel)),
        None => {
            for (into, pixel) in room.iter_mut().zip(image.row(y, left, width)) {
                // `row` gives all channels of a pixel.
                if let Ok(pixel) = pixel.try_into() {
                    write(into, pixel);
                }
            }
        }
    }
}
