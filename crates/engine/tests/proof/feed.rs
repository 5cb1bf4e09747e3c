//! The pass over bytes in plain Rust against the operations of libtorch: the same pixels, whatever the options.

use crate::setup::{damaged_pack, images, pack, plan_with, weights};
use npair_engine::augment::Rows;
use npair_engine::batch::Recipe;
use npair_engine::feed::{Feed, Images, Job, RESIDENT_SHARE, Resident, fits};
use npair_engine::pack::Pack;
use npair_engine::plan::{Augment, ClassAugment, Crop, Input, Preprocess};
use npair_engine::random::{Purpose, Random};
use npair_engine::trainer::Trainer;
use npair_engine::{Code, Error};
use std::rc::Rc;
use tch::{Device, Kind, Tensor};

const COUNT: i32 = 3;

/// Images, options and sizes drawn at random.
struct Case {
    pack: Rc<Pack>,
    preprocess: Preprocess,
    augment: Option<Augment>,
    input: Input,
    ids: Vec<i32>,
    labels: Vec<i32>,
    rows: Rows,
}

impl Case {
    fn draw(number: u32) -> Self {
        let mut random = Random::new(11, Purpose::Init, number, 0);
        let mut below = |n: i64| random.below(n);
        let channels = [1, 3, 2][[0, 0, 0, 1, 1, 1, 2][below(7) as usize]];
        let (height, width) = (3 + below(30), 3 + below(30));
        let width = if below(2) == 0 { height } else { width };
        let input = Input { channels, height: 1 + below(height), width: 1 + below(width) };
        let turns = if height == width { 4 } else { 1 };
        let ids: Vec<i32> = (0..1 + below(4)).map(|_| below(i64::from(turns * COUNT)) as i32).collect();
        let pixels: Vec<u8> = (0..i64::from(COUNT) * height * width * channels).map(|_| below(256) as u8).collect();
        let each = |from: f64, random: &mut Random| -> Vec<f64> {
            (0..if random.below(2) == 0 { 1 } else { channels }).map(|_| from + 0.5 * random.uniform()).collect()
        };
        let invert = random.below(2) == 0;
        let preprocess = Preprocess { invert, mean: each(0.2, &mut random), std: each(0.4, &mut random) };
        let mut limit = |most: f64| if random.below(2) == 0 { 0.0 } else { most * random.uniform() };
        let augment = Augment {
            rotation: limit(180.0),
            scale: limit(0.5),
            shear: limit(0.5),
            shift: limit(1.5),
            fill: limit(1.0),
            brightness: limit(0.5),
            contrast: limit(0.9),
            crop: if random.below(2) == 0 { Crop::Random } else { Crop::Centre },
            flip: random.below(2) == 0,
            classes: None,
        };
        let augment = Augment { classes: (random.below(2) == 0).then(|| class_augment(&mut random)), ..augment };
        // One in four moves whole pixels only, unless classes are deformed.
        let augment = match random.below(4) {
            0 => Augment { rotation: 0.0, scale: 0.0, shear: 0.0, shift: 0.0, ..augment },
            _ => augment,
        };
        let rows = Rows { seed: 5, step: number, first_row: random.below(3) as u32 };
        let shape = [height, width, channels].map(|side| side as usize);
        let augment = (random.below(8) > 0).then_some(augment);
        let labels = ids.iter().map(|id| id % 3).collect();
        Self { pack: pack(shape, &pixels), preprocess, augment, input, ids, labels, rows }
    }

    fn feed(&self, kind: Kind) -> Feed<'_> {
        let recipe = Recipe {
            preprocess: &self.preprocess,
            augment: self.augment.as_ref(),
            input: self.input,
            kind,
            device: Device::Cpu,
        };
        Feed { images: Images::Pack(&self.pack), resident: None, recipe }
    }

    fn job(&self) -> Job<'_> {
        Job { ids: &self.ids, labels: &self.labels, rows: self.rows }
    }

    fn fed(&self, kind: Kind) -> Tensor {
        self.feed(kind).batches(&[self.job()], |next| next()).unwrap()
    }
}

fn class_augment(random: &mut Random) -> ClassAugment {
    let mut limit = |most: f64| most * random.uniform();
    ClassAugment { share: limit(1.0), rotation: limit(180.0), stretch: limit(0.9), shear: limit(0.9) }
}

fn difference(a: &Tensor, b: &Tensor) -> f64 {
    assert_eq!(a.size(), b.size());
    f64::try_from((a.to_kind(Kind::Double) - b.to_kind(Kind::Double)).abs().max()).unwrap()
}

#[test]
fn one_pass_gives_what_the_operations_give() {
    let mut worst = [0.0f64; 3];
    for number in 0..400 {
        let case = Case::draw(number);
        let exact = case.feed(Kind::Double).on_device(&case.job()).unwrap();
        let double = difference(&case.fed(Kind::Double), &exact);
        let single = case.fed(Kind::Float);
        let by_operations = difference(&single, &case.feed(Kind::Float).on_device(&case.job()).unwrap());
        for (worst, one) in worst.iter_mut().zip([double, difference(&single, &exact), by_operations]) {
            *worst = worst.max(one);
        }
        let [h, w, c] = [case.input.height, case.input.width, case.input.channels];
        assert_eq!((single.kind(), single.stride()), (Kind::Float, vec![h * w * c, 1, w * c, c]));
        assert!(double <= 1e-12, "{number}: {double:e} in float64");
        assert!(by_operations <= 1e-5, "{number}: {by_operations:e} in float32");
    }
    let [double, exact, operations] = worst;
    println!("feed: float64 {double:.1e}; float32 {exact:.1e} from float64, {operations:.1e} from the operations");
}

#[test]
fn batches_come_in_order_and_do_not_depend_on_what_is_ahead() {
    let case = Case::draw(3);
    let rows = |step| Rows { step, ..case.rows };
    let jobs: Vec<Job> = (0..5).map(|step| Job { rows: rows(step), ..case.job() }).collect();
    let feed = case.feed(Kind::Float);
    let together: Vec<Tensor> = feed.batches(&jobs, |next| jobs.iter().map(|_| next()).collect()).unwrap();
    for (job, batch) in jobs.iter().zip(&together) {
        assert!(feed.batches(&[*job], |next| next()).unwrap().equal(batch));
    }
    assert!(!together[0].equal(&together[1]));
}

#[test]
fn rows_of_their_own_images_in_memory_are_those_of_a_pack() {
    let case = Case { ids: vec![2, 0, 1], ..Case::draw(8) };
    let bytes = Images::Pack(&case.pack).gather(&[0, 1, 2]).unwrap();
    let images = Images::Pixels { bytes: &bytes, shape: case.pack.image_shape() };
    let feed = Feed { images, ..case.feed(Kind::Float) };
    assert!(feed.batches(&[case.job()], |next| next()).unwrap().equal(&case.fed(Kind::Float)));
    for id in [-1, 3, i32::MAX] {
        let job = Job { ids: &[id], ..case.job() };
        assert_eq!(feed.batches(&[job], |next| next()).unwrap_err().code, Code::InvalidOption);
    }
}

/// An error is that of the batch it belongs to; the ones before it were given.
#[test]
fn a_broken_batch_is_its_takers_error() {
    let case = Case::draw(4);
    let bad = [0, 4 * COUNT];
    let jobs = [case.job(), Job { ids: &bad, ..case.job() }, case.job()];
    let mut taken = 0;
    let error = case.feed(Kind::Float).batches(&jobs, |next| -> Result<(), Error> {
        loop {
            drop(next()?);
            taken += 1;
        }
    });
    assert!(error.unwrap_err().message.contains("there is no image 12"));
    assert_eq!(taken, 1);
}

#[test]
fn a_pack_on_the_device_gives_the_same_bytes() {
    for number in 0..40 {
        let case = Case::draw(number);
        let resident = Resident::new(&case.pack, Device::Cpu).unwrap();
        let ids = case.ids.repeat(3);
        let bytes = Vec::<u8>::try_from(resident.gather(&ids).unwrap().flatten(0, -1)).unwrap();
        assert_eq!(bytes, Images::Pack(&case.pack).gather(&ids).unwrap());
        let feed = case.feed(Kind::Double);
        let apart = feed.on_device(&case.job()).unwrap();
        let kept = Feed { resident: Some(&resident), ..feed }.on_device(&case.job()).unwrap();
        assert!(kept.equal(&apart));
    }
}

#[test]
fn a_pack_stays_on_a_device_that_has_room() {
    let free = 80 << 30;
    let limit = (free as f64 * RESIDENT_SHARE) as usize;
    assert!(fits(limit, free) && !fits(limit + 1, free));
    assert!(!fits(1, 0) && fits(0, 0));
    let case = Case::draw(1);
    assert!(Resident::where_it_fits(&case.pack, Device::Cpu).unwrap().is_none(), "the CPU has it already");
}

/// Found by the thread that feeds, told by the step.
#[test]
fn a_damaged_pack_is_the_steps_error() {
    let mut trainer = Trainer::new(plan_with(&serde_json::json!({})), damaged_pack([8, 8, 1], &[7; 12 * 64])).unwrap();
    let before = weights(&trainer);
    let error = trainer.steps(0, &images(0..2), &[1e-3; 2]).unwrap_err();
    assert_eq!(error.code, Code::PackCorrupt);
    assert!(error.message.contains("block 0 of the images"), "{}", error.message);
    crate::setup::assert_same(&before, &weights(&trainer));
}
