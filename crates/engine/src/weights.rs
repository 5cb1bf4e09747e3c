//! Named tensors in safetensors files: written whole or not at all, read only where names and shapes agree.

use crate::error::{Code, Error, Result};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use tch::{Device, Kind, Tensor, no_grad_guard};

/// Writes `tensors` to `path` through a temporary file beside it, synced before it gets its name. Two of one name are an error:
/// the file would hold one of them.
pub fn save<'a>(path: &Path, tensors: impl Iterator<Item = (&'a str, &'a Tensor)>) -> Result<()> {
    let mut bytes = BTreeMap::new();
    for (name, tensor) in tensors {
        let tensor = (dtype(tensor.kind())?, shape(tensor), to_bytes(tensor)?);
        if bytes.insert(name.to_string(), tensor).is_some() {
            let text = format!("two tensors are called {name}: {} cannot hold both", path.display());
            return Err(Error::new(Code::Engine, text));
        }
    }
    let views = bytes.iter().map(|(name, (dtype, shape, bytes))| {
        TensorView::new(*dtype, shape.clone(), bytes)
            .map(|view| (name.as_str(), view))
            .map_err(|error| Error::new(Code::Engine, format!("{name}: {error}")))
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    let metadata = HashMap::from([("format".to_string(), "pt".to_string())]);
    let file = safetensors::serialize(views, Some(metadata))
        .map_err(|error| Error::new(Code::Engine, format!("safetensors: {error}")))?;
    let temporary = path.with_extension(format!("tmp-{}", std::process::id()));
    write_synced(&temporary, &file).and_then(|()| fs::rename(&temporary, path)).map_err(|error| {
        // Best effort: the error that matters is the one reported.
        let _ = fs::remove_file(&temporary);
        Error::unwritable(path, &error)
    })
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What a file holds for the tensors that it was read for; nothing has changed yet.
pub struct Loaded<'a> {
    pending: Vec<(&'a Tensor, Tensor)>,
}

impl Loaded<'_> {
    /// Copies everything to where it belongs.
    pub fn apply(self) -> Result<()> {
        let _guard = no_grad_guard();
        for (target, source) in self.pending {
            target.shallow_clone().f_copy_(&source)?;
        }
        Ok(())
    }
}

/// Fills `targets` from `path`: all of them, or none.
pub fn load(path: &Path, targets: &[(String, Tensor)]) -> Result<()> {
    read(path, targets)?.apply()
}

/// Reads all of `targets` from `path`, each with the shape it has. `num_batches_tracked`, which torchvision's files carry
/// and nothing here needs, is passed over; any other name too many is an error.
pub fn read<'a>(path: &Path, targets: &'a [(String, Tensor)]) -> Result<Loaded<'a>> {
    let bytes = fs::read(path).map_err(|error| Error::unreadable(path, &error))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| {
        Error::new(Code::CheckpointCorrupt, format!("{} is no whole safetensors file: {error}", path.display()))
    })?;
    let mismatch = |text: String| Error::new(Code::WeightsMismatch, format!("{}: {text}", path.display()));
    let mut pending = Vec::with_capacity(targets.len());
    for (name, target) in targets {
        let view = file.tensor(name).map_err(|_| mismatch(format!("{name} is missing")))?;
        if view.shape() != shape(target) {
            let (got, expected) = (view.shape(), shape(target));
            return Err(mismatch(format!("{name} has shape {got:?}, but the network's has {expected:?}")));
        }
        pending.push((target, from_view(&view).map_err(|error| mismatch(format!("{name}: {}", error.message)))?));
    }
    let known: std::collections::HashSet<&str> = targets.iter().map(|(name, _)| name.as_str()).collect();
    if let Some(name) = file.names().into_iter().find(|n| !known.contains(n) && !n.ends_with("num_batches_tracked")) {
        return Err(mismatch(format!("{name} is not a tensor of this network")));
    }
    Ok(Loaded { pending })
}

fn shape(tensor: &Tensor) -> Vec<usize> {
    tensor.size().into_iter().map(|n| n as usize).collect()
}

fn dtype(kind: Kind) -> Result<Dtype> {
    match kind {
        Kind::Float => Ok(Dtype::F32),
        Kind::Double => Ok(Dtype::F64),
        other => Err(Error::new(Code::Engine, format!("weights of kind {other:?} are not written"))),
    }
}

fn to_bytes(tensor: &Tensor) -> Result<Vec<u8>> {
    let tensor = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?;
    let count = tensor.numel();
    let mut bytes = vec![0; count * tensor.kind().elt_size_in_bytes()];
    tensor.f_copy_data_u8(&mut bytes, count)?;
    Ok(bytes)
}

fn from_view(view: &TensorView) -> Result<Tensor> {
    let kind = match view.dtype() {
        Dtype::F32 => Kind::Float,
        Dtype::F64 => Kind::Double,
        Dtype::F16 => Kind::Half,
        Dtype::BF16 => Kind::BFloat16,
        other => return Err(Error::new(Code::WeightsMismatch, format!("numbers of type {other:?} are not read"))),
    };
    let size: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
    Ok(Tensor::f_from_data_size(view.data(), &size, kind)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, values: &[f32], size: &[i64]) -> (String, Tensor) {
        (name.to_string(), Tensor::from_slice(values).reshape(size))
    }

    fn borrow(tensors: &[(String, Tensor)]) -> impl Iterator<Item = (&str, &Tensor)> {
        tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let saved = [named("a", &[1.0, 2.0], &[2]), named("b", &[3.0, 4.0, 5.0, 6.0], &[2, 2])];
        save(&path, borrow(&saved)).unwrap();
        let loaded = [named("a", &[0.0; 2], &[2]), named("b", &[0.0; 4], &[2, 2])];
        load(&path, &loaded).unwrap();
        assert!(loaded[1].1.equal(&saved[1].1));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn other_networks_and_broken_files_are_named_and_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        save(&path, borrow(&[named("a", &[1.0, 2.0], &[2])])).unwrap();
        let cases = [
            (vec![named("a", &[0.0; 2], &[2]), named("b", &[0.0], &[1])], "b is missing"),
            (vec![named("a", &[0.0; 3], &[3])], "a has shape [2]"),
            (vec![], "a is not a tensor of this network"),
        ];
        for (targets, text) in cases {
            let error = load(&path, &targets).unwrap_err();
            assert_eq!(error.code, Code::WeightsMismatch);
            assert!(error.message.contains(text), "{}", error.message);
            assert!(targets.iter().all(|(_, tensor)| f64::try_from(tensor.abs().sum(Kind::Float)).unwrap() == 0.0));
        }
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let error = load(&path, &[named("a", &[0.0; 2], &[2])]).unwrap_err();
        assert_eq!(error.code, Code::CheckpointCorrupt);
    }

    #[test]
    fn two_tensors_of_one_name_are_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let error = save(&path, borrow(&[named("a", &[1.0], &[1]), named("a", &[2.0], &[1])])).unwrap_err();
        assert!(error.message.contains("two tensors are called a"), "{}", error.message);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_parent_that_is_a_file_is_not_writable() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = save(&folder.path().join("file/weights"), std::iter::empty()).unwrap_err();
        assert_eq!(error.code, Code::NotWritable);
    }
}
