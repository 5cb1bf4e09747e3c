// What tch 0.24 lacks of libtorch 2.11, as plain C functions over at::Tensor*, the pointer that tch holds too.
// Every function returns null, or an error text that the caller frees.
#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <ATen/cpu/Utils.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <vector>

namespace {

std::vector<at::Tensor> list(at::Tensor* const* tensors, int64_t count) {
  std::vector<at::Tensor> result;
  result.reserve(count);
  for (int64_t i = 0; i < count; ++i) result.push_back(*tensors[i]);
  return result;
}

// Fused kernels walk memory without looking at strides: a gradient in another layout would be applied to wrong elements.
void same_layout(const std::vector<at::Tensor>& parameters, const std::vector<at::Tensor>& gradients) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto &p = parameters[i], &g = gradients[i];
    TORCH_CHECK(g.defined() && g.sizes() == p.sizes() &&
                    (g.strides() == p.strides() || (g.is_contiguous() && p.is_contiguous()) ||
                     (g.is_contiguous(at::MemoryFormat::ChannelsLast) &&
                      p.is_contiguous(at::MemoryFormat::ChannelsLast))),
                "gradient ", i, " is laid out differently from its parameter");
  }
}

bool capable(const char* name) {
  auto capabilities = at::cpu::get_cpu_capabilities();
  auto found = capabilities.find(name);
  return found != capabilities.end() && found->second.isBool() && found->second.toBool();
}

template <typename Body>
char* guarded(Body body) {
  try {
    body();
    return nullptr;
  } catch (const std::exception& error) {
    return strdup(error.what());
  } catch (...) {
    return strdup("an exception that is no std::exception");
  }
}

}  // namespace

extern "C" {

// Accumulates into .grad of the leaves, starting from the gradients given instead of from ones.
char* npair_backward(at::Tensor* const* outputs, at::Tensor* const* gradients, int64_t count) {
  return guarded([&] { torch::autograd::backward(list(outputs, count), list(gradients, count)); });
}

// Forgets the gradients, so that the next backward stores instead of adding.
char* npair_clear_gradients(at::Tensor* const* parameters, int64_t count) {
  return guarded([&] {
    for (int64_t i = 0; i < count; ++i) parameters[i]->mutable_grad() = at::Tensor();
  });
}

// torch.optim.Adam, or where `decoupled` AdamW, with fused=True. found_inf = 1 leaves everything as it is.
char* npair_fused_adam(bool decoupled, at::Tensor* const* parameters, at::Tensor* const* gradients,
                       at::Tensor* const* averages, at::Tensor* const* squares, at::Tensor* const* steps, int64_t count,
                       double learning_rate, double beta1, double beta2, double weight_decay, double epsilon,
                       at::Tensor* found_inf) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto ps = list(parameters, count);
    auto gs = list(gradients, count);
    same_layout(ps, gs);
    auto as = list(averages, count);
    auto ss = list(squares, count);
    auto counts = list(steps, count);
    if (decoupled)
      at::_fused_adamw_(ps, gs, as, ss, {}, counts, learning_rate, beta1, beta2, weight_decay, epsilon,
                        /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{}, *found_inf);
    else
      at::_fused_adam_(ps, gs, as, ss, {}, counts, learning_rate, beta1, beta2, weight_decay, epsilon,
                       /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{}, *found_inf);
  });
}

// torch.optim.SGD with fused=True, but for its first step: buffers begin at zero. Without momentum there are none.
char* npair_fused_sgd(at::Tensor* const* parameters, at::Tensor* const* gradients, at::Tensor* const* buffers,
                      int64_t count, double learning_rate, double momentum, double dampening, bool nesterov,
                      double weight_decay, at::Tensor* found_inf) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    auto ps = list(parameters, count);
    auto gs = list(gradients, count);
    same_layout(ps, gs);
    auto bs = momentum == 0 ? std::vector<at::Tensor>() : list(buffers, count);
    at::_fused_sgd_(ps, gs, bs, weight_decay, momentum, learning_rate, dampening, nesterov, /*maximize=*/false,
                    /*is_first_step=*/false, /*grad_scale=*/{}, *found_inf);
  });
}

// Euclidean norm of each tensor; `norms` receives a new 1-d tensor of `count` numbers.
char* npair_norms(at::Tensor* const* tensors, int64_t count, at::Tensor** norms) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    *norms = new at::Tensor(at::stack(at::_foreach_norm(list(tensors, count), 2)));
  });
}

// Multiplies every tensor by the same 0-d tensor, in place.
char* npair_scale(at::Tensor* const* tensors, int64_t count, at::Tensor* factor) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    at::_foreach_mul_(list(tensors, count), *factor);
  });
}

// Adds the same 0-d tensor to every tensor, in place.
char* npair_add(at::Tensor* const* tensors, int64_t count, at::Tensor* summand) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    at::_foreach_add_(list(tensors, count), *summand);
  });
}

// Every tensor goes towards its target by the same share of the way, a 0-d tensor.
char* npair_lerp(at::Tensor* const* tensors, at::Tensor* const* targets, int64_t count, at::Tensor* share) {
  return guarded([&] {
    c10::NoGradGuard no_grad;
    at::_foreach_lerp_(list(tensors, count), list(targets, count), std::vector<at::Tensor>(count, *share));
  });
}

// Turns bfloat16 autocast on for this thread and tells what was before, for `exit`.
char* npair_autocast_enter(bool cuda, bool* enabled, int32_t* dtype) {
  return guarded([&] {
    auto device = cuda ? at::kCUDA : at::kCPU;
    *enabled = at::autocast::is_autocast_enabled(device);
    *dtype = static_cast<int32_t>(at::autocast::get_autocast_dtype(device));
    at::autocast::set_autocast_dtype(device, at::kBFloat16);
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::increment_nesting();
  });
}

// Casts of weights are kept within the outermost region only: an update in place would leave them stale.
void npair_autocast_exit(bool cuda, bool enabled, int32_t dtype) {
  auto device = cuda ? at::kCUDA : at::kCPU;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device, enabled);
  at::autocast::set_autocast_dtype(device, static_cast<at::ScalarType>(dtype));
}

// Strides that say channels_last even where one channel makes the question ambiguous (there contiguous() does nothing and
// convolutions silently run in the default layout): the tensor itself where it has them, else a copy, through which gradients go.
char* npair_channels_last(at::Tensor* tensor, at::Tensor** result) {
  return guarded([&] {
    const int64_t c = tensor->size(1), h = tensor->size(2), w = tensor->size(3);
    if (tensor->strides() == at::IntArrayRef({h * w * c, 1, w * c, c})) {
      *result = new at::Tensor(*tensor);
      return;
    }
    auto copy = at::empty({tensor->size(0), tensor->size(2), tensor->size(3), tensor->size(1)}, tensor->options())
                    .permute({0, 3, 1, 2});
    copy.copy_(*tensor);
    *result = new at::Tensor(copy);
  });
}

// tch's own take no slope. In place, backward tells the sides by the sign of the output: no negative slope there.
char* npair_leaky_relu(at::Tensor* tensor, double slope, at::Tensor** result) {
  return guarded([&] { *result = new at::Tensor(at::leaky_relu(*tensor, slope)); });
}

char* npair_leaky_relu_(at::Tensor* tensor, double slope) {
  return guarded([&] { at::leaky_relu_(*tensor, slope); });
}

// Denormals flushed to zero on the calling thread and on the threads that it starts later.
bool npair_set_flush_denormal(bool on) { return at::globalContext().setFlushDenormal(on); }

// Whether the processor multiplies matrices of bfloat16 in tiles.
bool npair_has_amx() { return capable("amx_bf16"); }

// Whether it adds up products of bytes in one instruction.
bool npair_has_vnni() { return capable("avx512_vnni"); }

// Total, free, allocated, peak of allocated, reserved: bytes of a device; untouched where there is no such device. Without a
// device everything else that asks for one throws, hence the count first.
char* npair_device_memory(int64_t device, bool reset_peak, int64_t* numbers) {
  return guarded([&] {
    if (device >= at::accelerator::deviceCount()) return;
    // The allocator refuses to speak before it was started.
    at::globalContext().lazyInitDevice(at::accelerator::getAccelerator(true).value());
    const auto index = static_cast<c10::DeviceIndex>(device);
    if (reset_peak) at::accelerator::resetPeakStats(index);
    const auto [free, total] = at::accelerator::getMemoryInfo(index);
    const auto stats = at::accelerator::getDeviceStats(index);
    // The first of each is the sum over small and large blocks.
    const auto& allocated = stats.allocated_bytes[0];
    numbers[0] = static_cast<int64_t>(total);
    numbers[1] = static_cast<int64_t>(free);
    numbers[2] = allocated.current;
    numbers[3] = allocated.peak;
    numbers[4] = stats.reserved_bytes[0].current;
  });
}

char* npair_cpu_capability() { return strdup(at::get_cpu_capability().c_str()); }

}  // extern "C"
