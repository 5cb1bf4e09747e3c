use std::sync::atomic::{AtomicUsize, Ordering};

/// Tasks that were handed to a thread that computes, and are not finished.
static COMPUTING: AtomicUsize = AtomicUsize::new(0);

/// Says that a task is about to be queued: from then on a thread may be inside libtorch at any moment.
pub fn begin_computing() {
    COMPUTING.fetch_add(1, Ordering::SeqCst);
}

/// Says that a task is finished, or was never queued.
pub fn end_computing() {
    COMPUTING.fetch_sub(1, Ordering::SeqCst);
}

/// Whether a thread is inside libtorch, or may be so soon.
pub fn is_computing() -> bool {
    COMPUTING.load(Ordering::SeqCst) > 0
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
            if is_computing() {
                // SAFETY: ends the process; nothing of it is used afterwards.
                unsafe { libc::_exit(status) };
            }
        }
        // SAFETY: the function stays loaded for the life of the process and ignores its argument. Where the list of
        // handlers cannot grow, the process exits as it did without.
        unsafe { on_exit(at_exit, std::ptr::null_mut()) };
    }
}
