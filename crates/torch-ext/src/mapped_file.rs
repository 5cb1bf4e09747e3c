use memmap2::Mmap;
use std::fs::{File, TryLockError};
use std::io;
use std::ops::Deref;
use std::path::Path;

/// A file mapped read-only, holding a shared lock on it for as long as it lives.
///
/// A mapped file that another process truncates kills the reader with SIGBUS. npair's own writers never touch a file in
/// place (they write a new one and rename it), and the lock tells others to wait. A file system without locks, as some of
/// clusters are, is taken at that rule.
pub struct MappedFile {
    map: Mmap,
    _locked: File,
}

impl MappedFile {
    /// Never waits: a file that is locked for writing is an error of kind `WouldBlock`.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if let Some(error) = fatal(file.try_lock_shared()) {
            return Err(error);
        }
        // SAFETY: the file is locked where locks are, and by npair's own rule immutable once it has its name.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { map, _locked: file })
    }
}

/// What keeps a file from being opened, of the answer to asking for its lock: not that there are no locks.
fn fatal(answer: Result<(), TryLockError>) -> Option<io::Error> {
    match answer {
        Ok(()) => None,
        Err(TryLockError::WouldBlock) => {
            Some(io::Error::new(io::ErrorKind::WouldBlock, "another process has locked it to write it"))
        }
        Err(TryLockError::Error(error)) => {
            // NFS whose server keeps no locks says that there are none left.
            let none = error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(libc::ENOLCK);
            (!none).then_some(error)
        }
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

/// A mapped file of nothing but float32 numbers, as this machine writes them.
pub struct MappedFloats(MappedFile);

impl MappedFloats {
    /// An empty file holds no numbers; one whose length is no multiple of 4 is an error.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = MappedFile::open(path)?;
        if !file.len().is_multiple_of(4) {
            let text = format!("{} bytes are no whole number of float32", file.len());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(Self(file))
    }
}

impl AsRef<[f32]> for MappedFloats {
    fn as_ref(&self) -> &[f32] {
        // SAFETY: every pattern of bits is an f32.
        let (before, numbers, _) = unsafe { self.0.align_to::<f32>() };
        debug_assert!(before.is_empty(), "a map begins at a page");
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_what_the_file_holds() {
        let path = std::env::temp_dir().join(format!("npair-mapped-{}", std::process::id()));
        std::fs::write(&path, b"pixels").unwrap();
        let file = MappedFile::open(&path).unwrap();
        assert_eq!(&file[..], b"pixels");
        assert!(File::open(&path).unwrap().try_lock().is_err(), "a writer that asks for the lock has to wait");
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_file_that_is_being_written_is_an_error_and_no_wait() {
        let path = std::env::temp_dir().join(format!("npair-locked-{}", std::process::id()));
        std::fs::write(&path, b"half").unwrap();
        let writer = File::open(&path).unwrap();
        writer.lock().unwrap();
        assert_eq!(MappedFile::open(&path).err().map(|error| error.kind()), Some(io::ErrorKind::WouldBlock));
        drop(writer);
        assert_eq!(&MappedFile::open(&path).unwrap()[..], b"half");
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn only_that_there_are_no_locks_is_no_error() {
        let failed = |number| fatal(Err(TryLockError::Error(io::Error::from_raw_os_error(number))));
        assert!([libc::ENOLCK, libc::ENOSYS, libc::EOPNOTSUPP].into_iter().all(|number| failed(number).is_none()));
        assert_eq!(failed(libc::EIO).and_then(|error| error.raw_os_error()), Some(libc::EIO));
    }

    #[test]
    fn numbers_as_they_were_written() {
        let path = std::env::temp_dir().join(format!("npair-floats-{}", std::process::id()));
        let numbers = [1.5f32, -0.0, f32::MAX];
        std::fs::write(&path, numbers.iter().flat_map(|number| number.to_ne_bytes()).collect::<Vec<_>>()).unwrap();
        assert_eq!(MappedFloats::open(&path).unwrap().as_ref(), numbers);
        std::fs::write(&path, b"five!").unwrap();
        assert!(MappedFloats::open(&path).is_err());
        std::fs::write(&path, b"").unwrap();
        assert!(MappedFloats::open(&path).unwrap().as_ref().is_empty());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_missing_file_is_an_error() {
        assert!(MappedFile::open(Path::new("/no/such/file")).is_err());
    }
}
