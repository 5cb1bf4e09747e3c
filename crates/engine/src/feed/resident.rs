//! A pack kept on the device: a batch is gathered there by number, and no pixel crosses the bus again.

use crate::error::Result;
use crate::pack::{Numbers, Pack};
use npair_torch_ext::{device_memory, upload};
use tch::{Device, Kind, Tensor};

/// What share of the device's free memory a pack may take when a trainer is made. The rest is for the network's activations,
/// which nobody knows before the first step.
pub const RESIDENT_SHARE: f64 = 0.25;

/// Bytes that cross at once while a pack is copied to the device.
const PORTION: usize = 64 << 20;

/// Whether a pack of so many bytes is kept on a device with so many free.
pub fn fits(pack: usize, free: u64) -> bool {
    pack as f64 <= RESIDENT_SHARE * free as f64
}

pub struct Resident {
    /// `[count, h, w, c]` uint8, or `[count, 1, 1, size]` float32
    images: Tensor,
    count: usize,
}

impl Resident {
    /// The pack on `device`, if that is a GPU with room for it.
    pub fn where_it_fits(pack: &Pack, device: Device) -> Result<Option<Self>> {
        let Device::Cuda(index) = device else { return Ok(None) };
        match device_memory(index)? {
            Some(memory) if fits(pack.image_bytes(), memory.free) => Self::new(pack, device).map(Some),
            _ => Ok(None),
        }
    }

    /// Copies all images; every block's checksum is looked at.
    pub fn new(pack: &Pack, device: Device) -> Result<Self> {
        let ([height, width, channels], count) = (pack.image_shape().map(|side| side as i64), pack.count());
        let kind = match pack.numbers() {
            Numbers::Uint8 => Kind::Uint8,
            Numbers::Float32 => Kind::Float,
        };
        let images = Tensor::f_empty([count as i64, height, width, channels], (kind, device))?;
        let portion = (PORTION * count / pack.image_bytes().max(1)).max(1);
        for start in (0..count).step_by(portion) {
            let rows = start..count.min(start + portion);
            let size = [rows.len() as i64, height, width, channels];
            let bytes = Tensor::f_from_data_size(pack.rows(rows)?, &size, kind)?;
            images.f_narrow(0, start as i64, size[0])?.f_copy_(&bytes)?;
        }
        Ok(Self { images, count })
    }

    /// As [`Pack::gather`], `[n, h, w, c]` on the device.
    pub fn gather(&self, ids: &[i32]) -> Result<Tensor> {
        let device = self.images.device();
        let count = self.count as i64;
        let numbers = |numbers: &[i64]| upload(&Tensor::f_from_slice(numbers)?, device);
        let rows: Vec<i64> = ids.iter().map(|&id| i64::from(id) % count).collect();
        let mut images = self.images.f_index_select(0, &numbers(&rows)?)?;
        for turns in 1..4 {
            let turned: Vec<i64> =
                (0..).zip(ids).filter(|&(_, &id)| i64::from(id) / count == turns).map(|(place, _)| place).collect();
            if !turned.is_empty() {
                let places = numbers(&turned)?;
                let rotated = images.f_index_select(0, &places)?.f_rot90(turns, [1, 2])?;
                images = images.f_index_copy_(0, &places, &rotated)?;
            }
        }
        Ok(images)
    }
}
