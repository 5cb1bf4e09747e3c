//! How a batch goes through the network: at once, or in chunks with their gradients cached between two passes, so that one
//! chunk's activations are all the memory that a batch of any size takes (Gao et al. 2021, "Scaling Deep Contrastive Learning
//! Batch Size under Memory Limited Setup", arXiv 2101.06983).

use crate::augment::Rows;
use crate::error::Result;
use crate::feed::Job;
use crate::mode::Mode;
use crate::network::Network;
use crate::plan::TrainPlan;
use npair_torch_ext::backward;
use tch::{Tensor, no_grad_guard};

/// Gives the images of one job after the other.
pub type NextImages<'a> = &'a mut dyn FnMut() -> Result<Tensor>;

/// One batch of a step, chunk by chunk; a batch that is not in chunks is one.
pub struct Passes<'a>(Vec<Job<'a>>);

impl TrainPlan {
    /// The passes of a batch whose first image is row `first_row` of its step. Rows draw by their number, so that chunks draw
    /// what the whole batch does, in either pass. `labels` may be missing.
    pub fn passes<'a>(&self, step: u32, first_row: usize, ids: &'a [i32], labels: &'a [i32]) -> Passes<'a> {
        let chunk = self.chunk.unwrap_or(ids.len()).max(1);
        let job = |(i, ids): (usize, &'a [i32])| {
            let labels = labels.get(i * chunk..i * chunk + ids.len()).unwrap_or_default();
            Job { ids, labels, rows: Rows { seed: self.seed, step, first_row: (first_row + i * chunk) as u32 } }
        };
        Passes(ids.chunks(chunk).enumerate().map(job).collect())
    }
}

impl<'a> Passes<'a> {
    /// What the first pass takes from the feed.
    pub fn first(&self) -> &[Job<'a>] {
        &self.0
    }

    /// Where the draws of the batch begin.
    pub fn rows(&self) -> Rows {
        self.0.first().map_or(Rows { seed: 0, step: 0, first_row: 0 }, |job| job.rows)
    }

    /// What the second takes; none where the first kept its graph.
    pub fn second(&self) -> &[Job<'a>] {
        if self.whole() { &[] } else { &self.0 }
    }

    /// Both.
    pub fn jobs(&self) -> impl Iterator<Item = Job<'a>> {
        self.first().iter().chain(self.second()).copied()
    }

    fn whole(&self) -> bool {
        self.0.len() == 1
    }

    /// First pass: embeddings `[rows, d]`, with a graph only where the batch goes through at once.
    pub fn embed(&self, network: &Network, next_images: NextImages) -> Result<Tensor> {
        if let [job] = self.0[..] {
            return forward(network, &next_images()?, job.rows);
        }
        let _guard = no_grad_guard();
        let chunks = self.0.iter().map(|job| forward(network, &next_images()?, job.rows));
        Ok(Tensor::f_cat(&chunks.collect::<Result<Vec<_>>>()?, 0)?)
    }

    /// Second pass: from the embeddings' gradient `[rows, d]` to the weights', which are added to what is there. Where that needs
    /// the chunks once more, running statistics stay as the first pass left them.
    pub fn backward(
        &self,
        network: &Network,
        next_images: NextImages,
        embeddings: &Tensor,
        gradient: &Tensor,
    ) -> Result<()> {
        if self.whole() {
            return Ok(backward(embeddings, gradient)?);
        }
        let statistics = network.statistics().copy()?;
        let mut start = 0;
        for job in &self.0 {
            let rows = job.ids.len() as i64;
            let embeddings = forward(network, &next_images()?, job.rows)?;
            backward(&embeddings, &gradient.f_narrow(0, start, rows)?)?;
            start += rows;
        }
        network.statistics().set(&statistics)
    }
}

fn forward(network: &Network, images: &Tensor, Rows { seed, step, first_row }: Rows) -> Result<Tensor> {
    network.forward(images, Mode::Train { seed, step, first_row })
}
