use crate::error::{Code, Error, Result};
use crate::feed::Turned;
use crate::pack::Pack;

/// Images by id, as bytes: of a pack, or some that lie in memory, whose ids are their numbers.
#[derive(Clone, Copy)]
pub enum Images<'a> {
    Pack(&'a Pack),
    Pixels { bytes: &'a [u8], shape: [usize; 3] },
}

impl<'a> Images<'a> {
    /// [height, width, channels]
    pub fn shape(&self) -> [usize; 3] {
        match self {
            Self::Pack(pack) => pack.image_shape(),
            Self::Pixels { shape, .. } => *shape,
        }
    }

    pub fn image(&self, id: i32) -> Result<Turned<'a>> {
        match *self {
            Self::Pack(pack) => pack.image(id),
            Self::Pixels { bytes, shape } => {
                let size: usize = shape.iter().product();
                let start = usize::try_from(id).ok().and_then(|id| id.checked_mul(size));
                let pixels = start.and_then(|start| bytes.get(start..start.checked_add(size)?));
                let none = || Error::new(Code::InvalidOption, format!("there is no image {id}"));
                Ok(Turned::new(pixels.ok_or_else(none)?, shape, 0))
            }
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
