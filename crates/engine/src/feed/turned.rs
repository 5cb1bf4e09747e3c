/// One image of a pack, turned by strides: nothing is copied.
#[derive(Debug, Clone, Copy)]
pub struct Turned<'a> {
    pixels: &'a [u8],
    height: usize,
    width: usize,
    channels: usize,
    /// Where the first pixel stands, and how far it is to the next one below and to the right, in pixels.
    first: isize,
    down: isize,
    right: isize,
}

impl<'a> Turned<'a> {
    /// `turns` quarter turns counter-clockwise, as `numpy.rot90`; only square images are turned.
    pub fn new(pixels: &'a [u8], [height, width, channels]: [usize; 3], turns: usize) -> Self {
        let side = width as isize;
        let (first, down, right) = match turns {
            1 => (side - 1, -1, side),
            2 => (side * side - 1, -side, -1),
            3 => (side * (side - 1), 1, -side),
            _ => (0, side, 1),
        };
        Self { pixels, height, width, channels, first, down, right }
    }

    pub fn size(&self) -> [usize; 2] {
        [self.height, self.width]
    }

    /// The channels of `width` pixels of row `y`, from `left` on.
    pub fn row(&self, y: usize, left: usize, width: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let Self { pixels, channels, right, .. } = *self;
        let start = self.first + y as isize * self.down;
        (left as isize..(left + width) as isize).map(move |x| {
            let at = (start + x * right) as usize * channels;
            &pixels[at..at + channels]
        })
    }

    /// The same as they lie in memory, if they lie there one after the other.
    pub fn line(&self, y: usize, left: usize, width: usize) -> Option<&'a [u8]> {
        let start = (self.first + y as isize * self.down) as usize + left;
        (self.right == 1).then(|| &self.pixels[start * self.channels..][..width * self.channels])
    }

    /// Appends all of it, row by row.
    pub fn append(&self, into: &mut Vec<u8>) {
        if self.right == 1 {
            into.extend_from_slice(self.pixels);
            return;
        }
        for y in 0..self.height {
            self.row(y, 0, self.width).for_each(|pixel| into.extend_from_slice(pixel));
        }
    }
}
