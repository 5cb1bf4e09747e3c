//! A contestant of bench/feed.mjs: `feed PACK RECIPE BATCH`; for each line `k` it makes k batches, takes them as they come,
//! and prints the seconds. One thread makes them; the other only waits.

use npair_engine::augment::Rows;
use npair_engine::batch::Recipe;
use npair_engine::feed::{Feed, Images, Job};
use npair_engine::pack::Pack;
use npair_engine::plan::{Augment, Crop, Input, Preprocess};
use std::path::Path;
use std::time::Instant;
use tch::{Device, Kind};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, path, recipe, batch] = &arguments[..] else { return Err("feed PACK RECIPE BATCH".into()) };
    let (pack, batch): (Pack, usize) = (Pack::open(Path::new(path))?, batch.parse()?);
    let none = Augment {
        crop: Crop::Random,
        flip: true,
        rotation: 0.0,
        scale: 0.0,
        shear: 0.0,
        shift: 0.0,
        fill: 0.0,
        brightness: 0.0,
        contrast: 0.0,
        classes: None,
    };
    let (augment, side, turns) = match recipe.as_str() {
        "everything" => {
            let moved = Augment { rotation: 15.0, scale: 0.2, shear: 0.2, shift: 0.1, ..none };
            (Augment { brightness: 0.2, contrast: 0.2, ..moved }, 28, 4)
        }
        "crop" => (none, 100, 1),
        other => return Err(format!("no recipe {other}").into()),
    };
    let preprocess = Preprocess { invert: true, mean: vec![0.5], std: vec![0.25] };
    let recipe = Recipe {
        preprocess: &preprocess,
        augment: Some(&augment),
        input: Input { channels: 1, height: side, width: side },
        kind: Kind::Float,
        device: Device::Cpu,
    };
    let feed = Feed { images: Images::Pack(&pack), resident: None, recipe };
    let ids: Vec<i32> = (0..batch).map(|i| (7919 * i % (turns * pack.count())) as i32).collect();
    println!("npair");
    let mut step = 0;
    for line in std::io::stdin().lines() {
        let count: u32 = line?.trim().parse()?;
        let jobs: Vec<Job> = (step..step + count)
            .map(|step| Job { ids: &ids, labels: &[], rows: Rows { seed: 1, step, first_row: 0 } })
            .collect();
        step += count;
        let start = Instant::now();
        feed.batches(&jobs, |next| jobs.iter().try_for_each(|_| next().map(drop)))?;
        println!("{}", start.elapsed().as_secs_f64());
    }
    Ok(())
}
