//! All that a run goes on from, in the files of a folder.

use super::Trainer;
use crate::error::Result;
use crate::mining::ClassMeans;
use crate::weights;
use std::path::Path;
use tch::Tensor;

impl Trainer {
    /// Writes weights and optimiser state into an existing folder, and the parameters of a loss that has some.
    pub fn save(&self, folder: &Path) -> Result<()> {
        weights::save(&folder.join("weights.safetensors"), self.network.state())?;
        if let Some(average) = &self.average {
            weights::save(&folder.join("average.safetensors"), average.network().state())?;
        }
        if !self.loss_parameters.is_empty() {
            let own = self.loss_parameters.iter().map(|(name, tensor)| (name.as_str(), tensor));
            weights::save(&folder.join("loss.safetensors"), own)?;
        }
        if let Some(means) = &self.class_means {
            let means = means.state();
            let means = means.iter().map(|(name, tensor)| (name.as_str(), tensor));
            weights::save(&folder.join("mining.safetensors"), means)?;
        }
        let state = self.moments();
        let state = state.iter().map(|(name, tensor)| (name.as_str(), tensor));
        weights::save(&folder.join("optimizer.safetensors"), state)
    }

    /// Reads what `save` wrote; where a part does not fit, nothing changes.
    pub fn load(&mut self, folder: &Path) -> Result<()> {
        self.give_up()?;
        let (state, moments) = (self.network.named_state(), self.moments());
        let averaged = self.average.as_ref().map(|average| average.network().named_state());
        let state = weights::read(&folder.join("weights.safetensors"), &state)?;
        let moments = weights::read(&folder.join("optimizer.safetensors"), &moments)?;
        let average = folder.join("average.safetensors");
        let averaged = averaged.as_ref().map(|averaged| weights::read(&average, averaged)).transpose()?;
        let has_own = !self.loss_parameters.is_empty();
        let own =
            has_own.then(|| weights::read(&folder.join("loss.safetensors"), &self.loss_parameters)).transpose()?;
        let means = self.class_means.as_ref().map(ClassMeans::state);
        let mining = folder.join("mining.safetensors");
        let means = means.as_ref().map(|means| weights::read(&mining, means)).transpose()?;
        state.apply()?;
        moments.apply()?;
        means.map_or(Ok(()), weights::Loaded::apply)?;
        own.map_or(Ok(()), weights::Loaded::apply)?;
        averaged.map_or(Ok(()), weights::Loaded::apply)
    }

    /// What optimiser and guard remember.
    fn moments(&self) -> Vec<(String, Tensor)> {
        self.optimizer.state().into_iter().chain(self.guard.state()).collect()
    }
}
