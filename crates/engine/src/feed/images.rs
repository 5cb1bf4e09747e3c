use crate::error::{Code, Error, Result};
use crate::feed::Turned;
use crate::pack::{Numbers, Pack};

/// Images by id, as bytes: of a pack, or some that lie in memory, whose ids are their numbers. Or rows of features, which stand
/// for images of one pixel with as many channels.
#[derive(Clone, Copy)]
pub enum Images<'a> {
    Pack(&'a Pack),
    Pixels { bytes: &'a [u8], shape: [usize; 3] },
    Features { numbers: &'a [f32], size: usize },
}

impl<'a> Images<'a> {
    /// [height, width, channels]
    pub fn shape(&self) -> [usize; 3] {
        match self {
            Self::Pack(pack) => pack.image_shape(),
            Self::Pixels { shape, .. } => *shape,
            Self::Features { size, .. } => [1, 1, *size],
        }
    }

    pub fn numbers(&self) -> Numbers {
        match self {
            Self::Pack(pack) => pack.numbers(),
            Self::Pixels { .. } => Numbers::Uint8,
            Self::Features { .. } => Numbers::Float32,
        }
    }

    /// Reads a row of features.
    pub fn features(&self, id: i32, into: &mut [f32]) -> Result<()> {
        match *self {
            Self::Pack(pack) => pack.features(id, into),
            Self::Features { numbers, size } => {
                into.copy_from_slice(piece(numbers, id, size)?);
                Ok(())
            }
            Self::Pixels { .. } => Err(Error::new(Code::Engine, "images are no features")),
        }
    }

    pub fn image(&self, id: i32) -> Result<Turned<'a>> {
        match *self {
            Self::Pack(pack) => pack.image(id),
            Self::Pixels { bytes, shape } => Ok(Turned::new(piece(bytes, id, shape.iter().product())?, shape, 0)),
            Self::Features { .. } => Err(Error::new(Code::Engine, "features are no images")),
        }
    }

    /// `[n, h, w, c]`
    pub fn gather(&self, ids: &[i32]) -> Result<Vec<u8>> {
        let mut pixels = Vec::with_capacity(ids.len() * self.shape().iter().product::<usize>());
        for &id in ids {
            self.image(id)?.append(&mut pixels);
        }
        Ok(pixels)
    }
}

/// Number `id` of the pieces of `size` that lie one after the other.
fn piece<T>(all: &[T], id: i32, size: usize) -> Result<&[T]> {
    let start = usize::try_from(id).ok().and_then(|id| id.checked_mul(size));
    let piece = start.and_then(|start| all.get(start..start.checked_add(size)?));
    piece.ok_or_else(|| Error::new(Code::InvalidOption, format!("there is no image {id}")))
}
