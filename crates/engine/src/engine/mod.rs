//! What the engine's thread owns, by handle: packs, trainers, models and galleries.

mod gallery;
mod loss;
mod machine;
mod mining;
mod model;
mod trainer;

pub use loss::{LossInput, LossValue};
pub use model::PackSample;

use crate::embed::Model;
use crate::error::{Code, Error, Result};
use crate::feed::Images;
use crate::pack::Pack;
use crate::search::Gallery;
use crate::trainer::Trainer;
use crate::worker::Caller;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use tch::Tensor;

pub struct Engine {
    objects: HashMap<u32, Owned>,
    last: u32,
    /// The environment that is being served
    owner: u32,
    /// Threads of a call that does not say how many
    usual_threads: i32,
}

struct Owned {
    owner: u32,
    object: Object,
}

enum Object {
    Pack(Rc<Pack>),
    Trainer(Box<Trainer>),
    Model(Rc<Model>),
    Gallery(Box<Gallery>),
}

impl Default for Engine {
    fn default() -> Self {
        Self { objects: HashMap::new(), last: 0, owner: 0, usual_threads: Self::threads() }
    }
}

impl Engine {
    /// What follows is asked by `caller`.
    pub fn serve(&mut self, caller: Caller) -> Result<()> {
        self.owner = caller.environment;
        Self::use_threads(caller.threads.unwrap_or(self.usual_threads))
    }

    pub fn pack_open(&mut self, path: &Path) -> Result<u32> {
        let pack = Pack::open(path)?;
        Ok(self.insert(Object::Pack(Rc::new(pack))))
    }

    /// Raw pixels `[n, h, w, c]`.
    pub fn pack_read(&self, pack: u32, images: &[i32]) -> Result<Vec<u8>> {
        Images::Pack(&*self.pack(pack)?).gather(images)
    }

    /// Frees the object behind a handle, and what computing with it took; a model outlives the trainer that it shares weights with.
    pub fn close(&mut self, handle: u32) -> Result<()> {
        self.objects.remove(&handle).map(drop).ok_or_else(|| closed(handle))?;
        npair_torch_ext::return_free_memory();
        Ok(())
    }

    /// Frees whatever an environment that has gone left open.
    pub fn close_all(&mut self, environment: u32) {
        let before = self.objects.len();
        self.objects.retain(|_, owned| owned.owner != environment);
        if self.objects.len() < before {
            npair_torch_ext::return_free_memory();
        }
    }

    fn insert(&mut self, object: Object) -> u32 {
        self.last += 1;
        self.objects.insert(self.last, Owned { owner: self.owner, object });
        self.last
    }

    fn object(&self, handle: u32) -> Option<&Object> {
        self.objects.get(&handle).map(|owned| &owned.object)
    }

    fn pack(&self, handle: u32) -> Result<Rc<Pack>> {
        match self.object(handle) {
            Some(Object::Pack(pack)) => Ok(pack.clone()),
            _ => Err(closed(handle)),
        }
    }

    fn gallery(&self, handle: u32) -> Result<&Gallery> {
        match self.object(handle) {
            Some(Object::Gallery(gallery)) => Ok(gallery),
            _ => Err(closed(handle)),
        }
    }

    fn trainer(&mut self, handle: u32) -> Result<&mut Trainer> {
        match self.objects.get_mut(&handle).map(|owned| &mut owned.object) {
            Some(Object::Trainer(trainer)) => Ok(trainer),
            _ => Err(closed(handle)),
        }
    }

    fn model(&self, handle: u32) -> Result<Rc<Model>> {
        match self.object(handle) {
            Some(Object::Model(model)) => Ok(model.clone()),
            _ => Err(closed(handle)),
        }
    }
}

fn closed(handle: u32) -> Error {
    Error::new(Code::Closed, format!("there is nothing open behind handle {handle}: it was closed, or never opened"))
}

/// `[rows, size]`
fn matrix<T: tch::kind::Element>(numbers: &[T], size: usize) -> Result<Tensor> {
    if size == 0 || !numbers.len().is_multiple_of(size) {
        let text = format!("{} numbers are no whole number of rows of {size}", numbers.len());
        return Err(Error::new(Code::InvalidOption, text));
    }
    Ok(Tensor::f_from_slice(numbers)?.f_reshape([(numbers.len() / size) as i64, size as i64])?)
}
