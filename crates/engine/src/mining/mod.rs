//! Hard negative class mining (Sohn 2016, §3.2.3): which classes make a batch hard, by their embeddings.

mod class_means;
mod select;

pub use class_means::ClassMeans;
pub use select::{Candidates, Score, Selection, require_finite};
