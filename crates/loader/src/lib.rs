//! Opens libtorch by absolute path before the addon is loaded, and says which ABI it has.
//!
//! The addon names `libtorch_cpu.so` and `libc10.so` without a path. glibc matches such names against what the
//! process has mapped already, so an addon without any search path finds the libtorch that was opened here.
//! This crate knows nothing of torch and is the only one besides torch-ext that holds `unsafe`; so it also locks files,
//! which Node cannot.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use napi_derive::napi;

/// Opened libraries by path. They stay open for ever: tensors, threads and the addon refer to their code.
static OPENED: Mutex<Option<HashMap<String, &'static Library>>> = Mutex::new(None);

/// Opens a shared library by absolute path and keeps it for the life of the process; again is free.
///
/// All symbols are bound now, so that a missing one is an error here and not the end of the process later.
/// The message of a failure is the system loader's own.
#[napi(catch_unwind)]
pub fn open(path: String) -> napi::Result<()> {
    library(&path).map(|_| ())
}

/// What `aoti_torch_abi_version()` of a `libtorch_cpu.so` returns, for example `0x020b000000000000` for 2.11.0
#[napi(catch_unwind)]
pub fn abi_version(path: String) -> napi::Result<String> {
    let library = library(&path)?;
    // SAFETY: torch declares `uint64_t aoti_torch_abi_version()` with C linkage in every version that has it,
    // and the function does nothing but return a constant.
    let version = unsafe {
        let function = library.get::<unsafe extern "C" fn() -> u64>(b"aoti_torch_abi_version\0").map_err(refused)?;
        function()
    };
    Ok(format!("0x{version:016x}"))
}

/// Takes the exclusive lock of an open file without waiting; false where another opening of it has it.
///
/// The lock is the opening's: it goes when the descriptor is closed, and with the process, however that ends.
#[napi(catch_unwind)]
pub fn lock(descriptor: i32) -> napi::Result<bool> {
    if descriptor < 0 {
        return Err(napi::Error::from_reason(format!("{descriptor} is no descriptor of a file")));
    }
    // SAFETY: only borrowed, to duplicate it; a number behind which nothing is open gives an error then.
    let shared = unsafe { BorrowedFd::borrow_raw(descriptor) }.try_clone_to_owned();
    match File::from(shared.map_err(|error| napi::Error::from_reason(error.to_string()))?).try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(napi::Error::from_reason(error.to_string())),
    }
}

fn library(path: &str) -> napi::Result<&'static Library> {
    let mut opened = opened();
    let opened = opened.get_or_insert_default();
    if let Some(library) = opened.get(path) {
        return Ok(library);
    }
    if !path.starts_with('/') {
        return Err(napi::Error::from_reason(format!("{path} is not an absolute path")));
    }
    // SAFETY: opening runs the library's initialisers. The caller has checked that the file is a whole shared
    // library of the libtorch that was asked for; its initialisers are those that every program using torch runs.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(refused)?;
    let library: &'static Library = Box::leak(Box::new(library));
    opened.insert(path.to_owned(), library);
    Ok(library)
}

fn opened() -> MutexGuard<'static, Option<HashMap<String, &'static Library>>> {
    // The map is whole whenever the lock is free: nothing between two writes to it can panic.
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused(error: libloading::Error) -> napi::Error {
    napi::Error::from_reason(error.to_string())
}
