//! The reading side of a pack: uint8 images, or rows of float32 features, in one memory-mapped file. `src/data/pack.ts` writes them
//! and documents the format; both check the header's hash, and every block of images is checked here when it is first touched.

use crate::error::{Code, Error, Result};
use crate::feed::Turned;
use npair_torch_ext::MappedFile;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const MAGIC: &[u8; 8] = b"NPAIRPAK";
/// Of packs of images, and of features.
const VERSIONS: [u32; 2] = [1, 2];
/// Magic, version, length of the header, SHA-256 of the header.
const PREFIX: usize = 8 + 4 + 4 + 32;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    count: usize,
    height: usize,
    width: usize,
    channels: usize,
    #[serde(default)]
    numbers: Numbers,
    images: Section,
    labels: Section,
    names: Section,
    block_bytes: usize,
    blocks: Vec<String>,
}

/// What a pack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Numbers {
    /// Pixels.
    #[default]
    Uint8,
    /// Features, little-endian: a row of them is an image of one pixel with as many channels.
    Float32,
}

impl Numbers {
    pub fn bytes(self) -> usize {
        match self {
            Self::Uint8 => 1,
            Self::Float32 => size_of::<f32>(),
        }
    }
}

#[derive(Deserialize)]
struct Section {
    offset: usize,
    bytes: usize,
}

pub struct Pack {
    path: PathBuf,
    file: MappedFile,
    header: Header,
    /// Which blocks were found whole already.
    verified: Vec<AtomicBool>,
}

impl Pack {
    pub fn open(path: &Path) -> Result<Self> {
        let file = MappedFile::open(path).map_err(|error| Error::unreadable(path, &error))?;
        let corrupt = |place: &str| Error::new(Code::PackCorrupt, format!("{}: {place}", path.display()));
        if file.len() < PREFIX || &file[..8] != MAGIC {
            return Err(corrupt("this is no pack (its first bytes are not NPAIRPAK)"));
        }
        let version = u32::from_le_bytes([file[8], file[9], file[10], file[11]]);
        if !VERSIONS.contains(&version) {
            let [one, other] = VERSIONS;
            let text = format!("this pack has version {version}, and this npair reads versions {one} and {other}");
            return Err(corrupt(&text));
        }
        let length = u32::from_le_bytes([file[12], file[13], file[14], file[15]]) as usize;
        let json = file.get(PREFIX..PREFIX + length).ok_or_else(|| corrupt("the header is cut off"))?;
        if Sha256::digest(json).as_slice() != &file[16..48] {
            return Err(corrupt("the header does not match its checksum"));
        }
        let header: Header = serde_json::from_slice(json).map_err(|error| corrupt(&format!("the header: {error}")))?;
        let end = [&header.images, &header.labels, &header.names].map(|s| s.offset.saturating_add(s.bytes));
        let expected = end.into_iter().max().unwrap_or(0);
        if file.len() < expected {
            return Err(corrupt(&format!("the file is cut off at {} of {expected} bytes", file.len())));
        }
        let blocks = header.images.bytes.div_ceil(header.block_bytes.max(1));
        let image = header.height * header.width * header.channels * header.numbers.bytes();
        if header.images.bytes != header.count * image
            || header.blocks.len() != blocks
            || image == 0
            || header.block_bytes == 0
            || version != VERSIONS[usize::from(header.numbers == Numbers::Float32)]
        {
            return Err(corrupt("the header contradicts itself"));
        }
        let verified = (0..blocks).map(|_| AtomicBool::new(false)).collect();
        Ok(Self { path: path.into(), verified, file, header })
    }

    pub fn count(&self) -> usize {
        self.header.count
    }

    /// [height, width, channels]
    pub fn image_shape(&self) -> [usize; 3] {
        [self.header.height, self.header.width, self.header.channels]
    }

    pub fn numbers(&self) -> Numbers {
        self.header.numbers
    }

    /// Bytes of all images.
    pub fn image_bytes(&self) -> usize {
        self.header.images.bytes
    }

    /// Refuses ids that are none of this pack's.
    pub fn check(&self, ids: &[i32]) -> Result<()> {
        ids.iter().try_for_each(|&id| self.place(id).map(drop))
    }

    /// Row and number of quarter turns.
    fn place(&self, id: i32) -> Result<(usize, usize)> {
        let count = self.count();
        let turns = self.header.height == self.header.width && self.numbers() == Numbers::Uint8;
        let valid = usize::try_from(id).ok().filter(|&id| id < 4 * count && (id < count || turns));
        valid.map(|id| (id % count, id / count)).ok_or_else(|| {
            let text = format!("{}: there is no image {id} among {count}", self.path.display());
            Error::new(Code::InvalidOption, text)
        })
    }

    /// An image by id. An id is `rotation * count + row`: rotations of 0, 90, 180 and 270 degrees counter-clockwise are
    /// classes of their own.
    pub fn image(&self, id: i32) -> Result<Turned<'_>> {
        if self.numbers() != Numbers::Uint8 {
            return Err(Error::new(Code::Engine, format!("{} holds features and no images", self.path.display())));
        }
        let (row, turns) = self.place(id)?;
        let [height, width, channels] = self.image_shape();
        Ok(Turned::new(self.rows(row..row + 1)?, [height, width, channels], turns))
    }

    /// Reads a row of features.
    pub fn features(&self, id: i32, into: &mut [f32]) -> Result<()> {
        if self.numbers() != Numbers::Float32 {
            return Err(Error::new(Code::Engine, format!("{} holds images and no features", self.path.display())));
        }
        let (row, _) = self.place(id)?;
        let (numbers, _) = self.rows(row..row + 1)?.as_chunks();
        for (into, &number) in into.iter_mut().zip(numbers) {
            *into = f32::from_le_bytes(number);
        }
        Ok(())
    }

    /// Images as they stand in the file, after a look at the checksums of the blocks that they touch.
    pub fn rows(&self, rows: Range<usize>) -> Result<&[u8]> {
        let bytes = self.image_shape().iter().product::<usize>() * self.numbers().bytes();
        let images = &self.file[self.header.images.offset..][..self.header.images.bytes];
        let (start, end) = (rows.start * bytes, rows.end * bytes);
        let block = self.header.block_bytes;
        for index in start / block..=(end - 1) / block {
            if !self.verified[index].load(Ordering::Relaxed) {
                let content = &images[index * block..images.len().min((index + 1) * block)];
                if hex(&Sha256::digest(content)) != self.header.blocks[index] {
                    let text =
                        format!("{}: block {index} of the images does not match its checksum", self.path.display());
                    return Err(Error::new(Code::PackCorrupt, text));
                }
                self.verified[index].store(true, Ordering::Relaxed);
            }
        }
        Ok(&images[start..end])
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::feed::Images;

    /// The bytes of a pack, made by hand as the format says.
    pub(crate) fn pack_bytes(count: usize, [h, w, c]: [usize; 3], pixels: &[u8], block: usize) -> Vec<u8> {
        let blocks: Vec<String> = pixels.chunks(block).map(|b| hex(&Sha256::digest(b))).collect();
        let bytes = pixels.len();
        let header = serde_json::json!({
            "count": count, "height": h, "width": w, "channels": c,
            "images": { "offset": 4096, "bytes": bytes }, "labels": { "offset": 4096 + bytes, "bytes": 0 },
            "names": { "offset": 4096 + bytes, "bytes": 0 }, "blockBytes": block, "blocks": blocks,
        })
        .to_string();
        let mut file = MAGIC.to_vec();
        file.extend(VERSIONS[0].to_le_bytes());
        file.extend((header.len() as u32).to_le_bytes());
        file.extend(Sha256::digest(&header));
        file.extend(header.as_bytes());
        file.resize(4096, 0);
        file.extend(pixels);
        file
    }

    fn open(bytes: &[u8]) -> Result<Pack> {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&path, bytes).unwrap();
        Pack::open(&path)
    }

    #[test]
    fn images_and_their_rotations() {
        let pack = open(&pack_bytes(2, [2, 2, 1], &[1, 2, 3, 4, 5, 6, 7, 8], 4)).unwrap();
        let gather = |ids: &[i32]| Images::Pack(&pack).gather(ids);
        assert_eq!(gather(&[1, 0]).unwrap(), [5, 6, 7, 8, 1, 2, 3, 4]);
        // numpy.rot90([[1, 2], [3, 4]], k) for k = 1, 2, 3
        assert_eq!(gather(&[2, 4, 6]).unwrap(), [2, 4, 1, 3, 4, 3, 2, 1, 3, 1, 4, 2]);
        assert!(gather(&[8]).is_err() && gather(&[-1]).is_err());
    }

    #[test]
    fn every_damage_is_named() {
        let whole = pack_bytes(2, [2, 2, 1], &[1, 2, 3, 4, 5, 6, 7, 8], 4);
        let damaged = |at: usize, value: u8| {
            let mut bytes = whole.clone();
            bytes[at] = value;
            bytes
        };
        for (bytes, text) in [
            (damaged(0, 0), "no pack"),
            (damaged(8, 9), "version 9, and this npair reads versions 1 and 2"),
            (damaged(8, 2), "header contradicts itself"),
            (damaged(60, 0), "header does not match"),
            (whole[..40].to_vec(), "no pack"),
            (whole[..100].to_vec(), "header is cut off"),
            (whole[..whole.len() - 1].to_vec(), "cut off at 4103 of 4104"),
        ] {
            let error = open(&bytes).err().unwrap();
            assert_eq!(error.code, Code::PackCorrupt);
            assert!(error.message.contains(text), "{}", error.message);
        }
    }

    #[test]
    fn a_flipped_bit_is_found_when_its_block_is_touched() {
        let mut bytes = pack_bytes(2, [2, 2, 1], &[1, 2, 3, 4, 5, 6, 7, 8], 4);
        bytes[4096 + 5] ^= 1;
        let pack = open(&bytes).unwrap();
        assert!(pack.image(0).is_ok());
        assert!(pack.image(1).err().unwrap().message.contains("block 1 of the images"));
    }
}
