//! How an error that a test injects becomes one of the type that a step fails with.
//!
//! An executor knows nothing of that type, which may borrow: where it is known is the function that an expansion has
//! for each type of error.

use core::any::Any;
use core::fmt;

/// Makes the error of the type that it is, if it is of that.
type Take<E> = fn(Box<dyn Any + Send>) -> Option<E>;

/// Whether an error that a test injects can be one of type `E`: part of [`Faults`](crate::executor::Faults).
pub struct Injected<E> {
    take: Option<Take<E>>,
}

impl<E> Injected<E> {
    /// It cannot: for an error that borrows, and one that no test would inject.
    #[must_use]
    pub const fn none() -> Self {
        Self { take: None }
    }

    /// It can, if it is of that type.
    #[must_use]
    pub const fn of_type() -> Self
    where
        E: Any,
    {
        Self {
            take: Some(|error| error.downcast().ok().map(|error| *error)),
        }
    }

    /// The error, if it is of that type.
    #[must_use]
    pub fn take(self, error: Box<dyn Any + Send>) -> Option<E> {
        self.take?(error)
    }

    /// Whether any error can be.
    #[must_use]
    pub const fn is_possible(self) -> bool {
        self.take.is_some()
    }
}

impl<E> Clone for Injected<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Injected<E> {}

impl<E> fmt::Debug for Injected<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injected").finish_non_exhaustive()
    }
}
