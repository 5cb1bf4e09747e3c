use std::ffi::{CStr, c_char};

unsafe extern "C" {
    fn npair_set_flush_denormal(on: bool) -> bool;
    fn npair_has_amx() -> bool;
    fn npair_has_vnni() -> bool;
    fn npair_cpu_capability() -> *mut c_char;
}

/// Flushes denormal floats to zero on this thread and on those that it starts later; false where the CPU cannot.
///
/// Gradients of unnormalised embeddings are full of denormals: 54 times slower without. Call it before the first
/// parallel operation, or OpenMP's workers will not have it.
pub fn set_flush_denormal(on: bool) -> bool {
    // SAFETY: sets a flag of the calling thread.
    unsafe { npair_set_flush_denormal(on) }
}

/// The instruction set that ATen's kernels use, for example `AVX512`.
pub fn cpu_capability() -> String {
    // SAFETY: the shim returns a string from strdup, handed over to us.
    unsafe {
        let text = npair_cpu_capability();
        let capability = CStr::from_ptr(text).to_string_lossy().into_owned();
        libc::free(text.cast());
        capability
    }
}

/// Whether the processor multiplies matrices of bfloat16 in tiles (AMX): with it bfloat16 is several times faster than
/// float32, without it slower.
pub fn has_amx() -> bool {
    // SAFETY: asks the processor.
    unsafe { npair_has_amx() }
}

/// Whether the processor adds up products of bytes in one instruction (AVX-512 VNNI): with it whole numbers are multiplied
/// several times faster than float32.
pub fn has_vnni() -> bool {
    // SAFETY: asks the processor.
    unsafe { npair_has_vnni() }
}

/// Keeps large blocks in the process instead of returning them to the kernel after every step (glibc only): the page
/// faults of a step go from 28,000 to none, and it takes 0.8 of the time. Process-wide.
///
/// To be called before the thread that computes is started: threads get heaps of their own, of at most 64 MB, and larger
/// blocks would go back to the kernel all the same (1.3 times the time where images of 100 × 100 are embedded). Threads
/// that start later share the first heap, which grows as far as it must.
pub fn tune_allocator() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets parameters of malloc.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 2_000_000_000);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Returns to the kernel what is free among the blocks that `tune_allocator` keeps (glibc only). Process-wide; whoever
/// computes on pays once for the pages that it takes again.
pub fn return_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc's own function, which any thread may call.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A denormal product is zero on a thread that flushes, and not on one that does not.
    #[test]
    fn denormals_are_flushed() {
        let tiny = || {
            let x = tch::Tensor::from_slice(&[1e-30f32]);
            f64::try_from((&x * 1e-10).squeeze()).unwrap()
        };
        let (flushed, kept) = std::thread::spawn(move || {
            if !set_flush_denormal(true) {
                return (0.0, 1.0);
            }
            let flushed = tiny();
            set_flush_denormal(false);
            (flushed, tiny())
        })
        .join()
        .unwrap();
        assert_eq!(flushed, 0.0);
        assert!(kept > 0.0);
    }

    #[test]
    fn tuning_the_allocator_leaves_it_working() {
        tune_allocator();
        let tensor = tch::Tensor::ones([1 << 20], (tch::Kind::Float, tch::Device::Cpu));
        assert_eq!(f64::try_from(tensor.sum(tch::Kind::Float)).unwrap(), f64::from(1 << 20));
    }

    /// Blocks that are kept for a next step go back when asked for, also where something still lives above them.
    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn free_memory_goes_back() {
        let resident = || {
            let told = std::fs::read_to_string("/proc/self/statm").unwrap();
            told.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4 / 1024
        };
        tune_allocator();
        let mut blocks: Vec<_> =
            (0..65).map(|_| tch::Tensor::ones([1 << 20], (tch::Kind::Float, tch::Device::Cpu))).collect();
        let last = blocks.pop().unwrap();
        let full = resident();
        drop(blocks);
        let kept = resident();
        return_free_memory();
        let left = resident();
        assert!(
            kept > full - 100 && left < full - 200,
            "{full} MB with 256 MB of blocks, {kept} MB without, {left} MB in the end"
        );
        assert_eq!(last.numel(), 1 << 20);
    }

    /// As the kernel lists the processor's flags.
    #[test]
    #[cfg(target_os = "linux")]
    fn amx_and_vnni_as_the_kernel_says() {
        let told = std::fs::read_to_string("/proc/cpuinfo").unwrap();
        assert_eq!(has_amx(), told.contains("amx_bf16"));
        assert_eq!(has_vnni(), told.contains("avx512_vnni"));
    }

    #[test]
    fn capability_has_a_name() {
        assert!(!cpu_capability().is_empty());
    }
}
