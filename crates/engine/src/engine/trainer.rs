use super::machine::check_device;
use super::{Engine, Object};
use crate::embed::Model;
use crate::error::Result;
use crate::plan::{TrainPlan, parse};
use crate::trainer::{Block, Trainer};
use std::path::Path;
use std::rc::Rc;

impl Engine {
    pub fn trainer_create(&mut self, plan: &str, pack: u32) -> Result<u32> {
        let plan: TrainPlan = parse("the training plan", plan)?;
        check_device(plan.device.device())?;
        let trainer = Trainer::new(plan, self.pack(pack)?)?;
        Ok(self.insert(Object::Trainer(Box::new(trainer))))
    }

    /// `labels`: one an image, or none for batches in the order of pairs whose loss needs none.
    pub fn trainer_steps(
        &mut self,
        trainer: u32,
        first: u32,
        images: &[i32],
        labels: &[i32],
        rates: &[f64],
    ) -> Result<Block> {
        self.trainer(trainer)?.labelled_steps(first, images, labels, rates)
    }

    /// The first half of a step: its embeddings.
    pub fn trainer_forward(&mut self, trainer: u32, step: u32, images: &[i32], labels: &[i32]) -> Result<Vec<f64>> {
        self.trainer(trainer)?.forward(step, images, labels)
    }

    /// The second half: what a loss that was computed elsewhere says.
    pub fn trainer_backward(
        &mut self,
        trainer: u32,
        [loss, l2]: [f64; 2],
        gradient: &[f64],
        rate: f64,
    ) -> Result<Block> {
        self.trainer(trainer)?.backward(loss, l2, gradient, rate)
    }

    pub fn trainer_save(&mut self, trainer: u32, folder: &Path) -> Result<()> {
        self.trainer(trainer)?.save(folder)
    }

    pub fn trainer_load(&mut self, trainer: u32, folder: &Path) -> Result<()> {
        self.trainer(trainer)?.load(folder)
    }

    /// A model that shares the trainer's weights (their average, where it keeps one), now and later.
    pub fn trainer_model(&mut self, trainer: u32) -> Result<u32> {
        let trainer = self.trainer(trainer)?;
        let model = Model { network: trainer.model(), preprocess: trainer.plan().preprocess.clone() };
        Ok(self.insert(Object::Model(Rc::new(model))))
    }
}
