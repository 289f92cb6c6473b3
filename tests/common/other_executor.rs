//! An executor of futures without a Tokio runtime.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};
use std::sync::Arc;
use std::task::Wake;
use std::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls a future to its end on its own thread.
///
/// # Panics
///
/// If the future panics.
pub fn block_on<F>(future: F) -> F::Output
where
    F: Future<Output: Send> + Send,
{
    let polling = || {
        let waker = Arc::new(Unpark(thread::current())).into();
        let (mut cx, mut future) = (Context::from_waker(&waker), pin!(future));
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            thread::park();
        }
    };
    thread::scope(|scope| match scope.spawn(polling).join() {
        Ok(output) => output,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
