use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a thread is inside libtorch.
static COMPUTING: AtomicBool = AtomicBool::new(false);

/// Says that the engine's thread is about to compute, or has done so.
pub fn set_computing(on: bool) {
    COMPUTING.store(on, Ordering::SeqCst);
}

/// From here on the process, when it exits while the engine computes, ends without destructors, with the status it was
/// to have: they would take libtorch's objects away from under the running thread, which ends in SIGSEGV.
///
/// Destructors run in the reverse order of what they destroy, and libtorch creates some objects on first use: what is
/// called again after first uses covers those too.
pub fn skip_destructors_while_computing() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::ffi::{c_int, c_void};
        unsafe extern "C" {
            fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
        }
        extern "C" fn at_exit(status: c_int, _: *mut c_void) {
            if COMPUTING.load(Ordering::SeqCst) {
                // SAFETY: ends the process; nothing of it is used afterwards.
                unsafe { libc::_exit(status) };
            }
        }
        // SAFETY: the function stays loaded for the life of the process and ignores its argument. Where the list of
        // handlers cannot grow, the process exits as it did without.
        unsafe { on_exit(at_exit, std::ptr::null_mut()) };
    }
}
