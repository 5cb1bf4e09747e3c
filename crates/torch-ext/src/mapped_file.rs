use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

/// A file mapped read-only, holding a shared lock on it for as long as it lives.
///
/// A mapped file that another process truncates kills the reader with SIGBUS. npair's own writers never touch a file in
/// place (they write a new one and rename it), and the lock tells others to wait.
pub struct MappedFile {
    map: Mmap,
    _locked: File,
}

impl MappedFile {
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        file.lock_shared()?;
        // SAFETY: the file is locked, and by npair's own rule immutable once it has its name.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { map, _locked: file })
    }
}

impl Deref for MappedFile {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
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
    fn a_missing_file_is_an_error() {
        assert!(MappedFile::open(Path::new("/no/such/file")).is_err());
    }
}
