//! The order in which the members of a parallel group run.

use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of members of a group that have ended, and the tasks that wait for it.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    ended: usize,
    waiting: Vec<Waker>,
}

impl Turns {
    /// Waits until this many members have ended.
    pub(super) async fn wait_for(&self, rank: usize) {
        poll_fn(|cx| {
            let mut state = self.lock();
            if state.ended >= rank {
                return Poll::Ready(());
            }
            // Does not wake itself: a paused clock only advances while all tasks wait.
            state.waiting.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Records that a member of a group of this size has ended.
    pub(super) fn ended(&self, of: usize) {
        let mut state = self.lock();
        // A nested saga may run again, and its group then begins again.
        state.ended = (state.ended + 1) % of.max(1);
        let waiting = core::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Yields once to all other tasks.
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
