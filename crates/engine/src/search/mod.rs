//! Exact search among embeddings: nearest rows, ranks of a query's own class, all pairs.
//!
//! Everything works in two steps. Products of matrices, block by block, give scores that are nearly right, with a bound of
//! how far each may be off (float32 by the rounding of its sums, bytes by what rounding to them left over). Whatever the bound
//! leaves open is then computed in float64, in one fixed order of summation. So results are those of float64, whatever the
//! blocks, the threads and the processor, and nothing of the size of all pairs is ever held.

mod codes;
mod exact;
mod gallery;
mod k_means;
mod list;
mod nearest;
mod pairs;
mod queries;
mod ranks;
mod scores;
mod searches;
mod threads;
mod tile;

pub use gallery::{Gallery, Metric, Options, Rows};
pub use k_means::Step;
pub use nearest::{Found, Wanted};
pub use pairs::{AllPairs, Bins, Pairs};
pub use ranks::{Asked, Seen};
pub use searches::{Outcomes, Probes};
