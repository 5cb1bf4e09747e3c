use npair_torch_ext::TorchError;
use std::fmt;
use std::path::Path;

/// The engine's share of npair's error codes; `as_str` is what TypeScript sees as `error.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    InvalidOption,
    LayerShape,
    NotFound,
    NotWritable,
    PackCorrupt,
    CheckpointCorrupt,
    WeightsMismatch,
    Closed,
    NonFinite,
    Engine,
    EnginePanic,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "INVALID_OPTION",
            Self::LayerShape => "LAYER_SHAPE",
            Self::NotFound => "NOT_FOUND",
            Self::NotWritable => "NOT_WRITABLE",
            Self::PackCorrupt => "PACK_CORRUPT",
            Self::CheckpointCorrupt => "CHECKPOINT_CORRUPT",
            Self::WeightsMismatch => "WEIGHTS_MISMATCH",
            Self::Closed => "CLOSED",
            Self::NonFinite => "NON_FINITE",
            Self::Engine => "ENGINE",
            Self::EnginePanic => "ENGINE_PANIC",
        }
    }
}

/// What went wrong: a code for programs, a sentence for people, and text too long for the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub code: Code,
    pub message: String,
    pub detail: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), detail: String::new() }
    }

    /// A file that cannot be read, with the reason of the system.
    pub fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(Code::NotFound, format!("cannot read {}: {error}", path.display()))
    }

    /// A file or folder that cannot be written, with the reason of the system.
    pub fn unwritable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(Code::NotWritable, format!("cannot write {}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Error {}

impl From<TorchError> for Error {
    fn from(error: TorchError) -> Self {
        Self { code: Code::Engine, message: error.message, detail: error.detail }
    }
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Self {
        TorchError::from(error).into()
    }
}
