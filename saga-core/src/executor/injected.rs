//! Converts an error that a test injects into the error type of a step.
//!
//! An executor does not know that type, which may borrow. Generated code does, and makes an [`Injected`] for each error
//! type.

use core::any::Any;
use core::fmt;

/// Downcasts an error to `E`, if it is one.
type Take<E> = fn(Box<dyn Any + Send>) -> Option<E>;

/// Whether a test can inject an error of type `E`: part of [`Faults`](crate::executor::Faults).
pub struct Injected<E> {
    take: Option<Take<E>>,
}

impl<E> Injected<E> {
    /// It cannot: for an error type that borrows, or that no test would inject.
    #[must_use]
    pub const fn none() -> Self {
        Self { take: None }
    }

    /// It can, as a value of type `E`.
    #[must_use]
    pub const fn of_type() -> Self
    where
        E: Any,
    {
        Self {
            take: Some(|error| error.downcast().ok().map(|error| *error)),
        }
    }

    /// The injected error, if it is an `E`.
    #[must_use]
    pub fn take(self, error: Box<dyn Any + Send>) -> Option<E> {
        self.take?(error)
    }

    /// Whether any error can be injected.
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
