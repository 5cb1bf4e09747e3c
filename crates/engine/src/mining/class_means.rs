//! A running mean of each class's embeddings, out of the batches that are trained on anyway.

use crate::error::{Code, Error, Result};
use crate::loss::Labels;
use crate::plan;
use npair_torch_ext::upload;
use std::collections::HashMap;
use tch::{Device, Kind, Tensor, no_grad_guard};

pub struct ClassMeans {
    decay: f64,
    /// `[classes, d]` float32
    means: Tensor,
    /// `[classes, 1]` float32: 1 where there is a mean
    seen: Tensor,
    /// Batches of the present step
    noted: Vec<(Tensor, Labels)>,
}

/// The mean of each class of a batch: labels and `[labels, d]`.
struct Means {
    labels: Tensor,
    rows: Tensor,
}

impl ClassMeans {
    pub fn new(options: &plan::ClassMeans, d: i64, device: Device) -> Result<Self> {
        let zeros = |d: i64| Tensor::f_zeros([options.classes, d], (Kind::Float, device));
        Ok(Self { decay: options.decay, means: zeros(d)?, seen: zeros(1)?, noted: vec![] })
    }

    /// A batch of a step whose verdict is still to come; `embeddings` `[rows, d]`.
    pub fn note(&mut self, embeddings: &Tensor, labels: &Labels) {
        self.noted.push((embeddings.shallow_clone(), labels.clone()));
    }

    /// Forgets the batches of a step that has no end.
    pub fn give_up(&mut self) {
        self.noted.clear();
    }

    /// mean ← decay · mean + (1 − decay) · (the batch's mean), the first one as it is, for each batch of a step that ended.
    /// Nothing moves where `skip` (0-d float32) is 1.
    pub fn follow(&mut self, skip: &Tensor) -> Result<()> {
        let _guard = no_grad_guard();
        let skip = skip.f_gt(0.5)?;
        for (embeddings, labels) in std::mem::take(&mut self.noted) {
            let Means { labels, rows } = self.by_class(&embeddings, labels.one(embeddings.size()[0])?)?;
            let old = self.means.f_index_select(0, &labels)?;
            let was = self.seen.f_index_select(0, &labels)?;
            let moved = old.f_mul_scalar(self.decay)?.f_add(&rows.f_mul_scalar(1.0 - self.decay)?)?;
            let new = moved.f_where_self(&was.f_gt(0.5)?, &rows)?;
            let _ = self.means.f_index_copy_(0, &labels, &old.f_where_self(&skip, &new)?)?;
            let _ = self.seen.f_index_copy_(0, &labels, &was.f_where_self(&skip, &was.f_ones_like()?)?)?;
        }
        Ok(())
    }

    /// Which of `labels` have no mean yet, by their places.
    pub fn missing(&self, labels: &[i32]) -> Result<Vec<usize>> {
        let seen = self.seen.f_index_select(0, &self.index(labels)?)?.f_to_device(Device::Cpu)?;
        let seen = Vec::<f32>::try_from(seen.f_view(-1)?)?;
        Ok((0..labels.len()).filter(|&i| seen[i] < 0.5).collect())
    }

    /// Gives classes their first mean: that of their rows of `embeddings`.
    pub fn begin(&mut self, embeddings: &Tensor, labels: &[i32]) -> Result<()> {
        let _guard = no_grad_guard();
        let Means { labels, rows } = self.by_class(embeddings, labels)?;
        let _ = self.means.f_index_copy_(0, &labels, &rows)?;
        let _ = self.seen.f_index_fill_(0, &labels, 1.0)?;
        Ok(())
    }

    /// `[labels, d]`
    pub fn rows(&self, labels: &[i32]) -> Result<Tensor> {
        Ok(self.means.f_index_select(0, &self.index(labels)?)?)
    }

    /// What a checkpoint holds.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let named = [("mining.means", &self.means), ("mining.seen", &self.seen)];
        named.into_iter().map(|(name, tensor)| (name.to_string(), tensor.shallow_clone())).collect()
    }

    fn by_class(&self, embeddings: &Tensor, labels: &[i32]) -> Result<Means> {
        let mut order: Vec<i32> = vec![];
        let mut places: HashMap<i32, i64> = HashMap::new();
        let mut counts: Vec<f32> = vec![];
        let mut place = |label: i32| {
            let place = *places.entry(label).or_insert_with(|| {
                order.push(label);
                counts.push(0.0);
                order.len() as i64 - 1
            });
            counts[place as usize] += 1.0;
            place
        };
        let groups: Vec<i64> = labels.iter().map(|&label| place(label)).collect();
        let groups = upload(&Tensor::f_from_slice(&groups)?, self.means.device())?;
        let counts = upload(&Tensor::f_from_slice(&counts)?.f_unsqueeze(1)?, self.means.device())?;
        let rows = embeddings.f_to_kind(Kind::Float)?.f_to_device(self.means.device())?;
        let sums = Tensor::f_zeros([order.len() as i64, rows.size()[1]], (Kind::Float, rows.device()))?;
        let sums = sums.f_index_add(0, &groups, &rows)?;
        Ok(Means { labels: self.index(&order)?, rows: sums.f_div(&counts)? })
    }

    fn index(&self, labels: &[i32]) -> Result<Tensor> {
        let classes = self.means.size()[0];
        if let Some(label) = labels.iter().find(|&&label| !(0..classes).contains(&i64::from(label))) {
            return Err(Error::new(Code::InvalidOption, format!("there is no class {label} among {classes}")));
        }
        let labels: Vec<i64> = labels.iter().map(|&label| i64::from(label)).collect();
        Ok(upload(&Tensor::f_from_slice(&labels)?, self.means.device())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(means: &ClassMeans, labels: &[i32]) -> Vec<f32> {
        Vec::try_from(means.rows(labels).unwrap().view(-1)).unwrap()
    }

    #[test]
    fn the_first_mean_as_it_is_then_a_share_of_each_batch() {
        let options = plan::ClassMeans { classes: 4, decay: 0.75 };
        let mut kept = ClassMeans::new(&options, 1, Device::Cpu).unwrap();
        let batch = |values: &[f32]| Tensor::from_slice(values).unsqueeze(1);
        let labels = Labels::One(vec![2, 0, 2]);
        let [done, skipped] = [0f32, 1.0].map(Tensor::from);
        assert_eq!(kept.missing(&[0, 1, 2]).unwrap(), [0, 1, 2]);
        kept.note(&batch(&[1.0, 5.0, 3.0]), &labels);
        kept.follow(&skipped).unwrap();
        assert_eq!((kept.missing(&[0, 1, 2]).unwrap(), means(&kept, &[0, 2])), (vec![0, 1, 2], vec![0.0, 0.0]));
        kept.note(&batch(&[1.0, 5.0, 3.0]), &labels);
        kept.follow(&done).unwrap();
        assert_eq!((kept.missing(&[0, 1, 2]).unwrap(), means(&kept, &[2, 0])), (vec![1], vec![2.0, 5.0]));
        // Two batches of one step, one after the other.
        kept.note(&batch(&[10.0, 5.0, 10.0]), &labels);
        kept.note(&batch(&[0.0, 5.0, 0.0]), &labels);
        kept.follow(&done).unwrap();
        assert_eq!(means(&kept, &[2, 0]), [3.0, 5.0]);
        // What is not finite in a step that is skipped leaves no trace, nor does a step without an end.
        kept.note(&batch(&[f32::NAN; 3]), &labels);
        kept.follow(&skipped).unwrap();
        kept.note(&batch(&[9.0; 3]), &labels);
        kept.give_up();
        kept.follow(&done).unwrap();
        assert_eq!(means(&kept, &[2, 0]), [3.0, 5.0]);
        kept.begin(&batch(&[1.0, 7.0, 3.0]), &[1, 3, 1]).unwrap();
        assert_eq!((kept.missing(&[0, 1, 2, 3]).unwrap(), means(&kept, &[1, 3])), (vec![], vec![2.0, 7.0]));
        assert!(kept.rows(&[4]).is_err() && kept.rows(&[-1]).is_err());
    }
}
