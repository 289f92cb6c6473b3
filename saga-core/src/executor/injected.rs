//! How an error that a test gives becomes one of the type that a step fails with.
//!
//! An executor knows nothing of that type, which may borrow: where it is known is the function that an
//! expansion has for each type of error. Without the feature `testing` nothing is kept of it.

use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

/// An error of a type that nothing is known of.
#[cfg(feature = "testing")]
pub(crate) type AnyError = Box<dyn Any + Send>;

/// Whether an error that a test gives can be one of type `E`: part of [`Faults`](crate::Faults).
pub struct Injected<E> {
    #[cfg(feature = "testing")]
    take: Option<fn(AnyError) -> Option<E>>,
    error: PhantomData<fn() -> E>,
}

impl<E> Injected<E> {
    /// It cannot: for an error that borrows, and one that no test would give.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            #[cfg(feature = "testing")]
            take: None,
            error: PhantomData,
        }
    }

    /// It can, if it is of that type.
    #[must_use]
    pub const fn of_type() -> Self
    where
        E: Any,
    {
        Self {
            #[cfg(feature = "testing")]
            take: Some(|error| error.downcast().ok().map(|error| *error)),
            error: PhantomData,
        }
    }

    /// The error, if it is of that type.
    #[cfg(feature = "testing")]
    pub(crate) fn take(self, error: AnyError) -> Option<E> {
        self.take?(error)
    }

    /// Whether any error can be.
    #[cfg(feature = "testing")]
    pub(crate) const fn is_possible(self) -> bool {
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
