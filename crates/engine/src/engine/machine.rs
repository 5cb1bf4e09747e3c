//! What the process has to compute with: threads, instruction set, GPUs and their memory.

use super::Engine;
use crate::error::{Code, Error, Result};
use npair_torch_ext::{DeviceMemory, device_memory, reset_peak_memory};
use tch::Device;

impl Engine {
    pub fn cuda_devices() -> i64 {
        tch::Cuda::device_count()
    }

    /// Memory of the first GPU; none where there is none.
    pub fn device_memory(reset_peak: bool) -> Result<Option<DeviceMemory>> {
        Ok(if reset_peak { reset_peak_memory(0)? } else { device_memory(0)? })
    }

    pub fn cpu_capability() -> String {
        npair_torch_ext::cpu_capability()
    }

    pub fn has_amx() -> bool {
        npair_torch_ext::has_amx()
    }

    /// From here on, on this thread.
    pub(super) fn use_threads(threads: i32) -> Result<()> {
        if threads < 1 {
            return Err(Error::new(Code::InvalidOption, format!("{threads} threads cannot compute anything")));
        }
        if threads != Self::threads() {
            tch::set_num_threads(threads);
        }
        Ok(())
    }

    pub fn threads() -> i32 {
        tch::get_num_threads()
    }
}

/// Whether a CUDA device is asked for that is not there; libtorch's own error is a page long.
pub(super) fn check_device(device: Device) -> Result<()> {
    match device {
        Device::Cuda(index) if (index as i64) >= Engine::cuda_devices() => {
            let text = format!("CUDA device {index} is asked for, but {} are visible", Engine::cuda_devices());
            Err(Error::new(Code::Engine, text))
        }
        _ => Ok(()),
    }
}
