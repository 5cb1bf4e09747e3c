/// How a forward pass runs.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// Batch statistics and dropout; row `i` of the batch draws as row `first_row + i` of step `step`.
    Train { seed: u64, step: u32, first_row: u32 },
    /// Running statistics, no dropout.
    Evaluate,
}
