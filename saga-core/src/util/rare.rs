//! A value that most owners do not have.

use crate::util::panics;

/// An optional value on the heap. Without a value, dropping it calls no function.
#[derive(Debug)]
pub(crate) struct Rare<T>(pub(crate) Option<Box<T>>);

impl<T> Rare<T> {
    pub(crate) const fn none() -> Self {
        Self(None)
    }
}

impl<T: Default> Rare<T> {
    /// The value, which is created if there is none.
    pub(crate) fn get(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Clone> Clone for Rare<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Drop for Rare<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            drop_it(self.0.take());
        }
    }
}

#[cold]
#[inline(never)]
fn drop_it<T>(value: T) {
    // It may contain a user value, whose `Drop` may panic.
    panics::discard(value);
}
