use crate::plan::Preprocess;

/// (x − mean) / std
#[derive(Clone, Copy)]
pub struct Normalise {
    pub mean: f64,
    pub std: f64,
}

impl Normalise {
    /// For each of so many channels; a plan has one number for all of them or one for each.
    pub fn each(Preprocess { mean, std, .. }: &Preprocess, channels: usize) -> Vec<Self> {
        let of =
            |numbers: &[f64], channel: usize, none| numbers.get(channel).or(numbers.first()).copied().unwrap_or(none);
        (0..channels).map(|channel| Self { mean: of(mean, channel, 0.0), std: of(std, channel, 1.0) }).collect()
    }

    pub fn of(self, x: f64) -> f64 {
        (x - self.mean) / self.std
    }
}
