use std::ffi::{CStr, c_char};
use std::fmt;

/// An error text of libtorch, split where people stop reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TorchError {
    /// The first line.
    pub message: String,
    /// Everything after it: the C++ backtrace or a dispatch table, often 60 lines.
    pub detail: String,
}

impl TorchError {
    pub fn new(text: &str) -> Self {
        let text = text.strip_prefix("Internal torch error: ").unwrap_or(text);
        let (message, detail) = text.split_once('\n').unwrap_or((text, ""));
        Self { message: message.trim().to_string(), detail: detail.trim_end().to_string() }
    }
}

impl fmt::Display for TorchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TorchError {}

impl From<tch::TchError> for TorchError {
    fn from(error: tch::TchError) -> Self {
        match error {
            tch::TchError::Torch(text) => Self::new(&text),
            other => Self::new(&other.to_string()),
        }
    }
}

pub type Result<T> = std::result::Result<T, TorchError>;

/// Takes ownership of what a shim function returned: null, or a text made by `strdup`.
pub(crate) fn check(text: *mut c_char) -> Result<()> {
    if text.is_null() {
        return Ok(());
    }
    // SAFETY: the shim returns either null or a NUL-terminated string from strdup, handed over to us.
    let message = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    unsafe { libc::free(text.cast()) };
    Err(TorchError::new(&message))
}
