//! A contestant of bench/loss.mjs: `loss step|gemms N D THREADS`; for each line `k` it computes value and gradient of the
//! N-pair loss k times, or just the three products of matrices that cannot be avoided, and prints the seconds.

use npair_engine::Result;
use npair_engine::augment::Rows;
use npair_engine::loss::{Batch, Labels};
use npair_engine::plan::{Loss, parse};
use std::time::Instant;
use tch::{Device, Kind, Tensor};

/// Rows of the logits at a time, in both modes.
const BLOCK: i64 = 1024;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, mode, n, d, threads] = &arguments[..] else { return Err("loss step|gemms N D THREADS".into()) };
    let (n, d): (i64, i64) = (n.parse()?, d.parse()?);
    // As the engine's thread begins.
    npair_torch_ext::tune_allocator();
    npair_torch_ext::set_flush_denormal(true);
    tch::set_num_threads(threads.parse()?);
    tch::manual_seed(1);
    let embeddings = Tensor::f_randn([2 * n, d], (Kind::Float, Device::Cpu))?.f_mul_scalar(0.2)?;
    let plan = r#"{ "type": "nPairMc", "l2": 0.005, "l2Convention": "mean", "temperature": 1, "normalize": false }"#;
    let loss: Loss = parse("the loss", plan)?;
    let labels = Labels::none();
    println!("npair");
    for line in std::io::stdin().lines() {
        let count: usize = line?.trim().parse()?;
        let start = Instant::now();
        for _ in 0..count {
            match mode.as_str() {
                "step" => drop(loss.evaluate(&Batch {
                    embeddings: &embeddings,
                    labels: &labels,
                    parameters: &[],
                    rows: Rows::default(),
                })?),
                _ => gemms(&embeddings, n)?,
            }
        }
        println!("{}", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Logits, and their product with the embeddings on either side, into memory that is there already.
fn gemms(embeddings: &Tensor, n: i64) -> Result<()> {
    let (anchors, positives) = (embeddings.f_narrow(0, 0, n)?, embeddings.f_narrow(0, n, n)?);
    let mut gradient = positives.f_zeros_like()?;
    for start in (0..n).step_by(BLOCK as usize) {
        let block = anchors.f_narrow(0, start, BLOCK.min(n - start))?;
        let logits = block.f_mm(&positives.f_transpose(0, 1)?)?;
        drop(logits.f_mm(&positives)?);
        gradient = gradient.f_addmm_(&logits.f_transpose(0, 1)?, &block)?;
    }
    Ok(())
}
