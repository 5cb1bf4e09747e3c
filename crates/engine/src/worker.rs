//! One thread owns every tensor: the event loop and its pool stay free, grad mode and random state are not shared.

use crate::engine::Engine;
use crate::error::{Code, Error, Result};
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::thread;

type Task = Box<dyn FnOnce(&mut Engine) + Send>;

/// Who asks, and how it is to be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// A JavaScript environment: whatever it opens is its own.
    pub environment: u32,
    /// With so many threads; with libtorch's own choice where it says nothing
    pub threads: Option<i32>,
}

/// The queue in front of the engine's thread. Tasks run one after the other, in the order of submission.
pub struct Worker {
    tasks: Sender<Task>,
}

thread_local! {
    /// Where the last panic of this thread happened; the hook writes it, the worker reads it.
    static PANIC_PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// After so many tasks libtorch has created what it creates on first use.
const FIRST_TASKS: usize = 32;

const THREAD_NAME: &str = "npair-engine";
pub(crate) const FEEDER_NAME: &str = "npair-feeder";

impl Worker {
    /// Starts the engine's thread. `tune_allocator` is process-wide, hence a switch.
    pub fn start(tune_allocator: bool) -> std::io::Result<Self> {
        keep_panics_quiet();
        let (tasks, queue) = channel::<Task>();
        if tune_allocator {
            // Before the thread takes its first memory: where that comes from is settled by then.
            npair_torch_ext::tune_allocator();
        }
        thread::Builder::new().name(THREAD_NAME.into()).spawn(move || {
            npair_torch_ext::set_flush_denormal(true);
            let mut engine = Engine::default();
            for (count, task) in queue.iter().enumerate() {
                if count < FIRST_TASKS {
                    npair_torch_ext::skip_destructors_while_computing();
                }
                task(&mut engine);
                npair_torch_ext::end_computing();
            }
        })?;
        Ok(Self { tasks })
    }

    /// Runs `task` on the engine's thread and hands its result to `done` there; a panic is an error like others.
    pub fn submit<T: 'static>(
        &self,
        caller: Caller,
        task: impl FnOnce(&mut Engine) -> Result<T> + Send + 'static,
        done: impl FnOnce(Result<T>) + Send + 'static,
    ) {
        let job: Task = Box::new(move |engine| {
            let result = catch_unwind(AssertUnwindSafe(|| {
                engine.serve(caller)?;
                task(engine)
            }))
            .unwrap_or_else(|panic| Err(panicked(&*panic)));
            // Whoever waits for the result may fail too: that is not the thread's end either.
            let _ = catch_unwind(AssertUnwindSafe(|| done(result)));
        });
        // Here and not when the thread comes to it: between two tasks the process would exit with the second one running.
        npair_torch_ext::begin_computing();
        // The receiver lives as long as the process: the thread never ends by itself.
        if let Err(unsent) = self.tasks.send(job) {
            npair_torch_ext::end_computing();
            drop(unsent);
        }
    }
}

/// A panic of this thread as an error.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into());
    let place = PANIC_PLACE.take().unwrap_or_default();
    Error::new(Code::EnginePanic, format!("the engine panicked{place}: {text}"))
}

/// Panics of the engine's threads become errors, so they print nothing; those of other threads are left as they were.
fn keep_panics_quiet() {
    let inherited = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if matches!(thread::current().name(), Some(THREAD_NAME | FEEDER_NAME)) {
            PANIC_PLACE.set(info.location().map(|place| format!(" at {}:{}", place.file(), place.line())));
        } else {
            inherited(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: Caller = Caller { environment: 1, threads: None };

    fn run<T: Send + 'static>(
        worker: &Worker,
        task: impl FnOnce(&mut Engine) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (send, receive) = channel();
        worker.submit(CALLER, task, move |result| send.send(result).unwrap());
        receive.recv().unwrap()
    }

    #[test]
    fn a_panic_is_an_error_and_the_thread_lives_on() {
        let worker = Worker::start(false).unwrap();
        let error = run::<()>(&worker, |_| panic!("broken {}", 7)).unwrap_err();
        assert_eq!(error.code, Code::EnginePanic);
        assert!(error.message.contains("worker.rs") && error.message.ends_with("broken 7"), "{}", error.message);
        worker.submit(CALLER, |_| Ok(()), |_| panic!("broken in the answer"));
        assert_eq!(run(&worker, |_| Ok(1)).unwrap(), 1);
    }

    /// No moment between two tasks looks like one without any: the process could exit in it with the second one running.
    #[test]
    fn what_is_queued_counts_as_computing() {
        let worker = Worker::start(false).unwrap();
        let finished = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let (open, gate) = channel::<()>();
        worker.submit(CALLER, move |_| Ok(gate.recv()), |_| ());
        let count = 20_000;
        for _ in 0..count {
            let finished = finished.clone();
            let task = move |_: &mut Engine| {
                finished.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Ok(())
            };
            worker.submit(CALLER, task, |_| ());
        }
        open.send(()).unwrap();
        let mut idle = 0;
        loop {
            let computing = npair_torch_ext::is_computing();
            if finished.load(std::sync::atomic::Ordering::SeqCst) == count {
                break;
            }
            idle += usize::from(!computing);
        }
        assert_eq!(idle, 0);
    }

    #[test]
    fn tasks_run_in_order() {
        let worker = Worker::start(false).unwrap();
        let (send, receive) = channel();
        for i in 0..20 {
            let send = send.clone();
            worker.submit(CALLER, move |_| Ok(i), move |result| send.send(result.unwrap()).unwrap());
        }
        drop(send);
        assert_eq!(receive.iter().collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
    }

    /// The bits depend on it, so no other call may come between the number and what is computed with it.
    #[test]
    fn a_call_is_computed_with_its_own_number_of_threads() {
        let worker = Worker::start(false).unwrap();
        let (send, receive) = channel();
        let usual = run(&worker, |_| Ok(Engine::threads())).unwrap();
        for threads in [Some(3), None, Some(1), Some(2), None] {
            let send = send.clone();
            let caller = Caller { threads, ..CALLER };
            worker.submit(caller, |_| Ok(Engine::threads()), move |result| send.send(result.unwrap()).unwrap());
        }
        drop(send);
        assert_eq!(receive.iter().collect::<Vec<_>>(), [3, usual, 1, 2, usual]);
        let (send, receive) = channel();
        let nobody = Caller { threads: Some(0), ..CALLER };
        worker.submit(nobody, |_| Ok(()), move |result| send.send(result).unwrap());
        assert_eq!(receive.recv().unwrap().unwrap_err().code, Code::InvalidOption);
    }

    #[test]
    fn what_an_environment_left_open_is_closed_without_touching_others() {
        let worker = Worker::start(false).unwrap();
        let open = |environment| {
            let (send, receive) = channel();
            let options = r#"{"size":1,"metric":"dot","shortlist":"float32"}"#;
            let caller = Caller { environment, ..CALLER };
            worker.submit(
                caller,
                |engine| engine.gallery_open(Box::new(vec![1.0]), options),
                move |result| {
                    send.send(result.unwrap()).unwrap();
                },
            );
            receive.recv().unwrap()
        };
        let (first, second) = (open(1), open(2));
        run(&worker, |engine| {
            engine.close_all(1);
            Ok(())
        })
        .unwrap();
        assert_eq!(run(&worker, move |engine| engine.close(first)).unwrap_err().code, Code::Closed);
        run(&worker, move |engine| engine.close(second)).unwrap();
    }
}
