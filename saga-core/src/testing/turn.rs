//! In which order the members of a parallel group do what they do.

use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who of a group has ended, and who waits for that.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    ended: usize,
    waiting: Vec<Waker>,
}

impl Turns {
    /// Waits until so many members have ended.
    pub(super) async fn wait_for(&self, rank: usize) {
        poll_fn(|cx| {
            let mut state = self.lock();
            if state.ended >= rank {
                return Poll::Ready(());
            }
            // Not at once again: a paused clock only goes on while everybody waits.
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// A member of a group of so many has ended.
    pub(super) fn ended(&self, of: usize) {
        let mut state = self.lock();
        // A group in a saga that is run again begins again.
        state.ended = (state.ended + 1) % of.max(1);
        let waiting = core::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for everybody else once.
pub(super) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
