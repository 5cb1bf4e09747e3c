//! What the process has to compute with: threads, instruction set, GPUs and their memory.

use crate::promise::promise;
use napi::Env;
use napi::bindgen_prelude::PromiseRaw;
use napi_derive::napi;
use npair_engine::Engine;

#[napi(object)]
pub struct BindingEnvironment {
    pub threads: i32,
    pub cuda_devices: i32,
    /// The instruction set of ATen's kernels
    pub cpu_capability: String,
    /// Whether the processor has bfloat16 matrix tiles
    pub amx: bool,
}

#[napi]
pub fn environment(env: &Env) -> napi::Result<PromiseRaw<'_, BindingEnvironment>> {
    let task = |_: &mut Engine| {
        Ok(BindingEnvironment {
            threads: Engine::threads(),
            cuda_devices: Engine::cuda_devices() as i32,
            cpu_capability: Engine::cpu_capability(),
            amx: Engine::has_amx(),
        })
    };
    promise(env, task, |environment| environment)
}

/// Bytes of the first GPU
#[napi(object)]
pub struct BindingDeviceMemory {
    pub total: f64,
    /// Of the device, and what libtorch holds without using it
    pub free: f64,
    /// What tensors take now, and the most since the last reset
    pub allocated: f64,
    pub peak: f64,
    /// What libtorch took from the device
    pub reserved: f64,
}

/// How the first GPU's memory stands, null without one; `resetPeak` lets `peak` begin anew
#[napi]
pub fn device_memory(env: &Env, reset_peak: bool) -> napi::Result<PromiseRaw<'_, Option<BindingDeviceMemory>>> {
    promise(
        env,
        move |_| Engine::device_memory(reset_peak),
        |memory| {
            memory.map(|memory| BindingDeviceMemory {
                total: memory.total as f64,
                free: memory.free as f64,
                allocated: memory.allocated as f64,
                peak: memory.peak as f64,
                reserved: memory.reserved as f64,
            })
        },
    )
}
