//! A clock that advances when no task can run before its next instant.

use core::cell::Cell;
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// Time as a number.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    now: Cell<u64>,
    next: Cell<Option<u64>>,
    again: Cell<bool>,
}

impl Clock {
    pub(crate) fn now(&self) -> u64 {
        self.now.get()
    }

    /// Wakes the tasks that wait for this instant.
    pub(crate) fn wake_at(&self, at: u64) {
        let next = self.next.get().into_iter().chain([at]).min();
        self.next.set(next);
    }

    pub(crate) async fn pass(&self, time: u64) {
        let at = self.now() + time;
        poll_fn(|_| {
            if self.now() >= at {
                return Poll::Ready(());
            }
            self.wake_at(at);
            Poll::Pending
        })
        .await;
    }

    /// Goes on at this instant, after everybody else's turn.
    pub(crate) async fn turn(&self) {
        let mut had = false;
        poll_fn(|_| {
            if had {
                return Poll::Ready(());
            }
            had = true;
            self.again.set(true);
            Poll::Pending
        })
        .await;
    }

    /// Runs this to its end.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            self.next.set(None);
            self.again.set(false);
            if let Poll::Ready(ended) = future.as_mut().poll(&mut context) {
                return ended;
            }
            if !self.again.get() {
                self.now.set(self.next.get().expect("a task that waits"));
            }
        }
    }
}
