use crate::error::{Result, check};
use std::ffi::c_char;

unsafe extern "C" {
    fn npair_device_memory(device: i64, reset_peak: bool, numbers: *mut i64) -> *mut c_char;
}

/// Memory of a GPU, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceMemory {
    pub total: u64,
    /// Of the device, whoever uses the rest, and what libtorch holds but does not use at the moment.
    pub free: u64,
    /// What tensors take now, and the most that they took since the last reset.
    pub allocated: u64,
    pub peak: u64,
    /// What libtorch took from the device.
    pub reserved: u64,
}

/// How a GPU's memory stands; none where there is no such device.
pub fn device_memory(device: usize) -> Result<Option<DeviceMemory>> {
    read(device, false)
}

/// The same, and from here on `peak` begins anew.
pub fn reset_peak_memory(device: usize) -> Result<Option<DeviceMemory>> {
    read(device, true)
}

fn read(device: usize, reset_peak: bool) -> Result<Option<DeviceMemory>> {
    let mut numbers = [-1i64; 5];
    // SAFETY: the shim writes five numbers, or none.
    check(unsafe { npair_device_memory(device as i64, reset_peak, numbers.as_mut_ptr()) })?;
    if numbers[0] < 0 {
        return Ok(None);
    }
    let [total, free, allocated, peak, reserved] = numbers.map(|number| number.max(0) as u64);
    Ok(Some(DeviceMemory { total, free: free + reserved.saturating_sub(allocated), allocated, peak, reserved }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_says_how_it_stands() {
        let Some(memory) = device_memory(0).unwrap() else {
            assert!(!tch::Cuda::is_available() && reset_peak_memory(0).unwrap().is_none());
            return;
        };
        assert!(memory.free <= memory.total && memory.allocated <= memory.peak);
    }

    #[test]
    fn there_is_no_hundredth_device() {
        assert_eq!(device_memory(99).unwrap(), None);
    }
}
