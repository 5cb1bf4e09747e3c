//! Builds a network from its description and runs it forward. Parameters are named by their path: `block1.conv.weight`.

use crate::error::{Code, Error, Result};
use crate::init::{self, Fan};
use crate::mode::Mode;
use crate::module::{Module, Window, run};
use crate::plan::{Init, Input, Layer, Net, Precision, Size};
use crate::statistics::Statistics;
use npair_torch_ext::{Autocast, channels_last};
use tch::{Device, Kind, Tensor, no_grad_guard};

pub struct Network {
    modules: Vec<Module>,
    parameters: Vec<(String, Tensor)>,
    buffers: Vec<(String, Tensor)>,
    statistics: Statistics,
    pub input: Input,
    pub embedding_size: i64,
    pub kind: Kind,
    pub device: Device,
    /// Convolutions and products run in bfloat16.
    pub reduced: bool,
}

impl Network {
    /// A network with weights drawn from `seed`.
    pub fn build(net: &Net, seed: u64, kind: Kind, device: Device) -> Result<Self> {
        let _guard = no_grad_guard();
        let mut builder = Builder { seed, kind, device, parameters: vec![], buffers: vec![], drawn: 0, dropouts: 0 };
        let Input { channels, height, width } = net.input;
        let probe = Tensor::f_zeros([1, channels, height, width], (kind, device))?;
        let (modules, output) = builder.sequence(&net.layers, "", probe)?;
        let shape = output.size();
        let [1, embedding_size] = shape[..] else {
            return Err(Error::new(Code::LayerShape, format!("the last layer gives {shape:?}, not [1, d]")));
        };
        let Builder { parameters, buffers, .. } = builder;
        let statistics = Statistics::gather(&buffers, kind, device)?;
        let input = net.input;
        Ok(Self { modules, parameters, buffers, statistics, input, embedding_size, kind, device, reduced: false })
    }

    /// The network as a precision wants it.
    pub fn with_precision(net: &Net, seed: u64, precision: Precision, device: Device) -> Result<Self> {
        let network = Self::build(net, seed, precision.kind(), device)?;
        Ok(Self { reduced: precision == Precision::Bfloat16, ..network })
    }

    /// `[n, c, h, w]` → `[n, d]`, of the network's kind whatever it computes in.
    pub fn forward(&self, images: &Tensor, mode: Mode) -> Result<Tensor> {
        // The strides must say channels_last also for one channel, or the first convolution runs in the default layout.
        let images = channels_last(images)?;
        if !self.reduced {
            return run(&self.modules, images, mode);
        }
        let embeddings = {
            let _bfloat16 = Autocast::bfloat16(self.device)?;
            run(&self.modules, images, mode)?
        };
        Ok(embeddings.f_to_kind(self.kind)?)
    }

    /// The trainable tensors by name, in the order of the layers.
    pub fn parameters(&self) -> &[(String, Tensor)] {
        &self.parameters
    }

    /// The running statistics of all norms, which a forward pass in training mode changes.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Everything that a weights file holds: parameters, then running statistics.
    pub fn state(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.parameters.iter().chain(&self.buffers).map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// The same tensors by names of their own.
    pub fn named_state(&self) -> Vec<(String, Tensor)> {
        self.state().map(|(name, tensor)| (name.into(), tensor.shallow_clone())).collect()
    }
}

struct Builder {
    seed: u64,
    kind: Kind,
    device: Device,
    parameters: Vec<(String, Tensor)>,
    buffers: Vec<(String, Tensor)>,
    drawn: u32,
    dropouts: u32,
}

impl Builder {
    /// Builds the layers one by one and runs `probe` through them, so that each sees the shape that it will get.
    fn sequence(&mut self, layers: &[Layer], path: &str, mut probe: Tensor) -> Result<(Vec<Module>, Tensor)> {
        let mut modules: Vec<Module> = Vec::with_capacity(layers.len());
        for (index, layer) in pools_before_relus(layers) {
            let place = |name: &str| if path.is_empty() { name.into() } else { format!("{path}.{name}") };
            if let Layer::Sequence { name, layers } = layer {
                let (inner, output) = self.sequence(layers, &place(name), probe)?;
                modules.push(Module::Sequence(inner));
                probe = output;
                continue;
            }
            let name = match layer {
                Layer::Conv { name, .. } | Layer::BatchNorm { name, .. } | Layer::Linear { name, .. } => place(name),
                _ => place(&index.to_string()),
            };
            let misfit = |error: Error| {
                let message = format!("layer {name} does not take {:?}: {}", probe.size(), error.message);
                Error { code: Code::LayerShape, message, detail: error.detail }
            };
            let module = self.layer(layer, &name, &probe.size(), modules.last()).map_err(misfit)?;
            probe = module.forward(probe.shallow_clone(), Mode::Evaluate).map_err(misfit)?;
            modules.push(module);
        }
        Ok((modules, probe))
    }

    fn layer(&mut self, layer: &Layer, name: &str, shape: &[i64], before: Option<&Module>) -> Result<Module> {
        let rank = |needed: usize| {
            let text = format!("it needs {needed} dimensions");
            if shape.len() == needed { Ok(()) } else { Err(Error::new(Code::LayerShape, text)) }
        };
        let window = |kernel: Size, stride: Size, padding: Size, ceil| Window {
            kernel: kernel.pair(),
            stride: stride.pair(),
            padding: padding.pair(),
            ceil,
        };
        Ok(match *layer {
            Layer::Conv { out, kernel, stride, padding, groups, bias, init, .. } => {
                rank(4)?;
                if groups < 1 {
                    return Err(Error::new(Code::LayerShape, format!("{groups} groups")));
                }
                let [height, width] = kernel.pair();
                let (weight, bias) = self.weights(name, &[out, shape[1] / groups, height, width], bias, init)?;
                Module::Conv { weight, bias, stride: stride.pair(), padding: padding.pair(), groups }
            }
            Layer::BatchNorm { momentum, eps, .. } => {
                if shape.len() != 2 {
                    rank(4)?;
                }
                let channels = shape[1];
                Module::BatchNorm {
                    weight: self.parameter(format!("{name}.weight"), &vec![1.0; channels as usize], &[channels])?,
                    bias: self.parameter(format!("{name}.bias"), &vec![0.0; channels as usize], &[channels])?,
                    mean: self.buffer(format!("{name}.running_mean"), 0.0, channels)?,
                    variance: self.buffer(format!("{name}.running_var"), 1.0, channels)?,
                    momentum,
                    eps,
                }
            }
            Layer::InstanceNorm { eps } => {
                rank(4)?;
                Module::InstanceNorm { eps }
            }
            Layer::Relu => Module::Relu { in_place: before.is_some_and(Module::frees_output) },
            // Backward tells the sides by the sign of the output, which a negative slope would turn.
            Layer::LeakyRelu { slope } => {
                Module::LeakyRelu { slope, in_place: slope >= 0.0 && before.is_some_and(Module::frees_output) }
            }
            Layer::MaxPool { kernel, stride, padding, ceil } => {
                rank(4)?;
                Module::MaxPool { window: window(kernel, stride, padding, ceil) }
            }
            Layer::AvgPool { kernel, stride, padding, ceil } => {
                rank(4)?;
                Module::AvgPool { window: window(kernel, stride, padding, ceil) }
            }
            Layer::GlobalPool { mode } => {
                rank(4)?;
                Module::GlobalPool { mode }
            }
            Layer::Flatten => Module::Flatten,
            Layer::Linear { out, bias, init, .. } => {
                rank(2)?;
                let (weight, bias) = self.weights(name, &[out, shape[1]], bias, init)?;
                Module::Linear { weight, bias }
            }
            Layer::Dropout { p } => {
                self.dropouts += 1;
                Module::Dropout { p, lane: self.dropouts }
            }
            Layer::Sequence { .. } => return Err(Error::new(Code::Engine, "a sequence is built layer by layer")),
        })
    }

    fn weights(&mut self, name: &str, shape: &[i64], biased: bool, init: Init) -> Result<(Tensor, Option<Tensor>)> {
        let fan = Fan::of(shape);
        let count = shape.iter().product::<i64>() as usize;
        let values = init::weight(init, &fan, count, self.seed, self.next());
        let weight = self.parameter(format!("{name}.weight"), &values, shape)?;
        if !biased {
            return Ok((weight, None));
        }
        let values = init::bias(init, &fan, shape[0] as usize, self.seed, self.next());
        Ok((weight, Some(self.parameter(format!("{name}.bias"), &values, &shape[..1])?)))
    }

    fn next(&mut self) -> u32 {
        self.drawn += 1;
        self.drawn - 1
    }

    fn parameter(&mut self, name: String, values: &[f64], shape: &[i64]) -> Result<Tensor> {
        let tensor = Tensor::f_from_slice(values)?.f_reshape(shape)?.f_to_kind(self.kind)?.f_to_device(self.device)?;
        let tensor = if shape.len() == 4 { channels_last(&tensor)? } else { tensor };
        let tensor = tensor.f_set_requires_grad(true)?;
        self.parameters.push((name, tensor.shallow_clone()));
        Ok(tensor)
    }

    fn buffer(&mut self, name: String, value: f64, channels: i64) -> Result<Tensor> {
        let tensor = Tensor::f_full([channels], value, (self.kind, self.device))?;
        self.buffers.push((name, tensor.shallow_clone()));
        Ok(tensor)
    }
}

/// The layers with their places, each ReLU behind the max pool that follows it. The two commute, in value and in gradient
/// (where a window's largest is not positive its gradient is dropped by either), and a ReLU behind the pool has a quarter to do.
fn pools_before_relus(layers: &[Layer]) -> Vec<(usize, &Layer)> {
    let mut order: Vec<(usize, &Layer)> = layers.iter().enumerate().collect();
    for i in 1..order.len() {
        if matches!((order[i - 1].1, order[i].1), (Layer::Relu, Layer::MaxPool { .. })) {
            order.swap(i - 1, i);
        }
    }
    order
}
