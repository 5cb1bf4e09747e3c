use crate::error::Result;
use tch::{Device, Tensor};

/// A CPU tensor on `device`, without waiting for it: a copy from pageable memory waits until the device has done all that
/// was asked of it before; one from pinned memory is queued, and the pinned memory is kept until it is done.
pub fn upload(tensor: &Tensor, device: Device) -> Result<Tensor> {
    if !device.is_cuda() {
        return Ok(tensor.shallow_clone());
    }
    Ok(tensor.f_pin_memory(device)?.f_internal_to_copy((tensor.kind(), device), true)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    #[test]
    fn what_arrives_is_what_was_sent() {
        let devices = [Some(Device::Cpu), tch::Cuda::is_available().then_some(Device::Cuda(0))];
        for device in devices.into_iter().flatten() {
            let sent = Tensor::arange(12, (Kind::Uint8, Device::Cpu)).reshape([3, 4]);
            let arrived = upload(&sent, device).unwrap();
            assert_eq!(arrived.device(), device);
            assert!(arrived.to_device(Device::Cpu).equal(&sent));
        }
    }
}
