//! What tch lacks of libtorch, as safe functions, and the memory map. All `unsafe` of the engine lives here.

mod activation;
mod autocast;
mod autograd;
mod error;
mod exit;
mod filling;
mod foreach;
mod fused_adam;
mod fused_sgd;
mod layout;
mod mapped_file;
mod memory;
mod panels;
mod process;
mod products;
mod upload;

pub use activation::{leaky_relu, leaky_relu_in_place};
pub use autocast::Autocast;
pub use autograd::{backward, clear_gradients};
pub use error::{Result, TorchError};
pub use exit::{begin_computing, end_computing, is_computing, skip_destructors_while_computing};
pub use filling::Filling;
pub use foreach::{add, lerp, norms, scale};
pub use fused_adam::{AdamStep, fused_adam};
pub use fused_sgd::{SgdStep, fused_sgd};
pub use layout::channels_last;
pub use mapped_file::{MappedFile, MappedFloats};
pub use memory::{DeviceMemory, device_memory, reset_peak_memory};
pub use panels::{Panels, Scaled, has_panels};
pub use process::{cpu_capability, has_amx, has_vnni, return_free_memory, set_flush_denormal, tune_allocator};
pub use products::{integer_products, products};
pub use upload::upload;

use tch::Tensor;
use torch_sys::C_tensor;

/// The pointers behind tensors, in order; valid while the tensors are.
fn pointers(tensors: &[Tensor]) -> Vec<*mut C_tensor> {
    tensors.iter().map(|t| t.as_ptr().cast_mut()).collect()
}
