//! The queue of calls for a thread of the journal, which takes them in groups.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    enough: Condvar,
}

struct Inner<T> {
    waiting: Vec<T>,
    // The thread is woken when this many calls wait: once for a group, not for each call.
    wanted: usize,
    open: bool,
}

impl<T> Queue<T> {
    pub(crate) const fn new() -> Self {
        Self {
            inner: Mutex::new(Inner {
                waiting: Vec::new(),
                wanted: usize::MAX,
                open: true,
            }),
            enough: Condvar::new(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner<T>> {
        // No code panics while it is locked.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a call, or drops it if the queue is closed and no call is taken from it any more.
    pub(crate) fn push(&self, one: T) {
        let mut inner = self.inner();
        if !inner.open {
            return;
        }
        inner.waiting.push(one);
        let enough = inner.waiting.len() == inner.wanted;
        drop(inner);
        if enough {
            self.enough.notify_one();
        }
    }

    /// Takes all waiting calls, at least one. After the first call, waits until there are `wanted`, but not longer
    /// than `patience`. Returns `None` if the queue is closed and empty.
    pub(crate) fn take(&self, wanted: usize, patience: Duration) -> Option<Vec<T>> {
        let mut inner = self.inner();
        if inner.waiting.is_empty() {
            inner.wanted = 1;
            let none = |inner: &mut Inner<T>| inner.waiting.is_empty() && inner.open;
            let waited = self.enough.wait_while(inner, none);
            inner = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if inner.waiting.len() < wanted && inner.open && !patience.is_zero() {
            inner.wanted = wanted;
            let few = |inner: &mut Inner<T>| inner.waiting.len() < wanted && inner.open;
            let waited = self.enough.wait_timeout_while(inner, patience, few);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        inner.wanted = usize::MAX;
        let next = Vec::with_capacity(inner.waiting.len());
        let taken = mem::replace(&mut inner.waiting, next);
        (!taken.is_empty()).then_some(taken)
    }

    /// Closes the queue. Calls that already wait are still taken.
    pub(crate) fn close(&self) {
        self.inner().open = false;
        self.enough.notify_one();
    }

    /// Closes the queue and drops its calls when the thread that takes them ends, however it ends.
    pub(crate) const fn ends(&self) -> Ends<'_, T> {
        Ends(self)
    }
}

pub(crate) struct Ends<'a, T>(&'a Queue<T>);

impl<T> Drop for Ends<'_, T> {
    fn drop(&mut self) {
        self.0.close();
        let left = mem::take(&mut self.0.inner().waiting);
        drop(left);
    }
}
