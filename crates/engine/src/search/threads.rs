use crate::worker::FEEDER_NAME;
use std::thread;

/// Shares `items` out among as many threads as libtorch uses, in order; `work` gets the index of its first item.
pub fn share<T: Send>(items: &mut [T], work: impl Fn(usize, &mut [T]) + Sync) {
    let share = items.len().div_ceil(tch::get_num_threads().max(1) as usize).max(1);
    thread::scope(|scope| {
        let mut shares = items.chunks_mut(share).enumerate();
        let own = shares.next();
        for (index, items) in shares {
            let work = &work;
            let spawned =
                thread::Builder::new().name(FEEDER_NAME.into()).spawn_scoped(scope, move || work(index * share, items));
            spawned.expect("the system starts a thread");
        }
        if let Some((_, items)) = own {
            work(0, items);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_once_and_with_its_index() {
        for count in [0, 1, 2, 7, 64] {
            let mut items = vec![0; count];
            share(&mut items, |first, items| items.iter_mut().enumerate().for_each(|(i, item)| *item += first + i));
            assert_eq!(items, (0..count).collect::<Vec<_>>());
        }
    }
}
