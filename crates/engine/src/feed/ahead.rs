//! A thread that makes the next batch while the present one is used.

use crate::error::{Code, Error, Result};
use crate::feed::real::Real;
use crate::worker::{FEEDER_NAME, panicked};
use npair_torch_ext::Filling;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use tch::Tensor;

/// Calls `work` with a function that gives one batch after the other, `[n, h, w, c]` in memory and `[n, c, h, w]` by name.
///
/// `fill(index, values)` runs on the feeder's thread, at most one batch before it is asked for; whatever it fails or panics
/// with is what the batch's taker gets.
pub fn one_ahead<T: Real, R>(
    counts: &[i64],
    shape: impl Fn(i64) -> [i64; 4],
    fill: impl FnMut(usize, &mut [T]) -> Result<()> + Send,
    work: impl FnOnce(&mut dyn FnMut() -> Result<Tensor>) -> Result<R>,
) -> Result<R> {
    thread::scope(|scope| {
        // Orders carry the memory to fill, so there is never more ahead than was ordered.
        let (order, orders) = channel();
        let (finish, finished) = channel();
        let feeder = thread::Builder::new().name(FEEDER_NAME.into());
        feeder.spawn_scoped(scope, move || feed(&orders, &finish, fill)).map_err(|error| {
            Error::new(Code::Engine, format!("cannot start the thread that feeds the engine: {error}"))
        })?;
        let mut counts = counts.iter();
        let mut order = Some(order);
        let mut order_next = move || -> Result<()> {
            match (&order, counts.next()) {
                // A feeder that failed has said so already, and takes no more.
                (Some(orders), Some(&n)) => drop(orders.send(Filling::<T>::new(&shape(n))?)),
                // Then the feeder ends.
                _ => order = None,
            }
            Ok(())
        };
        order_next()?;
        let mut next = move || {
            let filled = finished.recv().map_err(|_| no_more())??;
            order_next()?;
            Ok(filled.finish().f_permute([0, 3, 1, 2])?)
        };
        work(&mut next)
    })
}

fn feed<T: Real>(
    orders: &Receiver<Filling<T>>,
    finish: &Sender<Result<Filling<T>>>,
    mut fill: impl FnMut(usize, &mut [T]) -> Result<()>,
) {
    for (index, mut filling) in orders.iter().enumerate() {
        let filled = catch_unwind(AssertUnwindSafe(|| fill(index, filling.values())));
        let filled = filled.unwrap_or_else(|panic| Err(panicked(&*panic)));
        let failed = filled.is_err();
        if finish.send(filled.map(|()| filling)).is_err() || failed {
            return;
        }
    }
}

/// Asked for a batch after the last one.
pub fn no_more() -> Error {
    Error::new(Code::Engine, "all batches of the block were taken")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    const ONE: fn(i64) -> [i64; 4] = |n| [n, 1, 1, 1];

    fn value(batch: &Tensor) -> f64 {
        batch.double_value(&[0, 0, 0, 0])
    }

    #[test]
    fn one_batch_is_made_ahead_and_no_more() {
        let made = AtomicUsize::new(0);
        let fill = |index: usize, values: &mut [f64]| {
            values.fill(index as f64);
            made.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        one_ahead(&[1; 6], ONE, fill, |next| {
            for index in 0..4 {
                assert_eq!(value(&next()?), index as f64);
                // Time enough for a feeder that does not stop.
                std::thread::sleep(Duration::from_millis(20));
                assert_eq!(made.load(Ordering::SeqCst), index + 2);
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(made.load(Ordering::SeqCst), 5, "none is made after the last that was taken, but the one ahead");
    }

    #[test]
    fn a_panic_is_the_error_of_its_batch() {
        let fill = |index: usize, _: &mut [f32]| if index == 1 { panic!("broken {index}") } else { Ok(()) };
        let error = one_ahead::<f32, ()>(&[1; 3], ONE, fill, |next| {
            drop(next()?);
            next().map(drop)
        });
        let error = error.unwrap_err();
        assert_eq!(error.code, Code::EnginePanic);
        assert!(error.message.ends_with("broken 1"), "{}", error.message);
    }

    #[test]
    fn who_asks_for_too_many_is_told() {
        let error = one_ahead::<f32, ()>(
            &[1],
            ONE,
            |_, _| Ok(()),
            |next| {
                drop(next()?);
                next().map(drop)
            },
        );
        assert!(error.unwrap_err().message.contains("all batches"));
        assert!(one_ahead::<f32, ()>(&[], ONE, |_, _| Ok(()), |next| next().map(drop)).is_err());
    }

    #[test]
    fn whoever_fails_while_a_batch_is_made_leaves() {
        let error = one_ahead::<f32, ()>(
            &[1; 3],
            ONE,
            |_, _| Ok(()),
            |next| {
                drop(next()?);
                Err(Error::new(Code::Engine, "mine"))
            },
        );
        assert_eq!(error.unwrap_err().message, "mine");
    }
}
