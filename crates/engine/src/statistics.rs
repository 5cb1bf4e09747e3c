//! Running statistics of all norms in one piece of memory, so that a step that went wrong can be undone in two operations
//! and without asking the device.

use crate::error::Result;
use tch::{Device, Kind, Tensor, no_grad_guard};

pub struct Statistics {
    /// `[c₁ + c₂ + …]`; every buffer is a view of it.
    all: Tensor,
}

impl Statistics {
    /// Moves the buffers into one; whoever holds them sees the same numbers as before.
    pub fn gather(buffers: &[(String, Tensor)], kind: Kind, device: Device) -> Result<Self> {
        let _guard = no_grad_guard();
        let count = buffers.iter().map(|(_, tensor)| tensor.numel() as i64).sum::<i64>();
        let all = Tensor::f_zeros([count], (kind, device))?;
        let mut start = 0;
        for (_, buffer) in buffers {
            let length = buffer.numel() as i64;
            let mut view = all.f_narrow(0, start, length)?;
            view.f_copy_(buffer)?;
            buffer.shallow_clone().f_set_data(&view)?;
            start += length;
        }
        Ok(Self { all })
    }

    /// As they are now.
    pub fn copy(&self) -> Result<Tensor> {
        Ok(self.all.f_detach_copy()?)
    }

    /// To `numbers`, as `copy` gave them.
    pub fn set(&self, numbers: &Tensor) -> Result<()> {
        let _guard = no_grad_guard();
        self.all.shallow_clone().f_copy_(numbers)?;
        Ok(())
    }

    /// Back to `before`, if `undo` (0-d float32, on the device) is 1.
    pub fn restore(&self, before: &Tensor, undo: &Tensor) -> Result<()> {
        let _guard = no_grad_guard();
        self.all.shallow_clone().f_copy_(&before.f_where_self(&undo.f_gt(0.5)?, &self.all)?)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_views_and_come_back() {
        let floats = |values: &[f64]| Tensor::from_slice(values);
        let buffers = [("a".to_string(), floats(&[1.0, 2.0])), ("b".to_string(), floats(&[3.0]))];
        let statistics = Statistics::gather(&buffers, Kind::Double, Device::Cpu).unwrap();
        assert!(buffers[0].1.equal(&floats(&[1.0, 2.0])) && buffers[1].1.equal(&floats(&[3.0])));
        let before = statistics.copy().unwrap();
        for (undo, expected) in [(0.0f32, [9.0, 9.0]), (1.0, [1.0, 2.0])] {
            let _ = buffers[0].1.shallow_clone().fill_(9.0);
            statistics.restore(&before, &Tensor::from(undo)).unwrap();
            assert!(buffers[0].1.equal(&floats(&expected)) && buffers[1].1.equal(&floats(&[3.0])));
        }
    }
}
