//! Panics of the user's code end here.

use core::any::Any;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// Calls `f`; a panic becomes its message.
#[inline]
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    // Unwind safety: what a panic may leave half-changed is the service, which is only shared
    // (so it guards itself, as against any other task), and the future, which is dropped.
    catch_unwind(AssertUnwindSafe(f)).map_err(message)
}

#[cold]
fn message(payload: Box<dyn Any + Send>) -> String {
    let text = if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is not text".to_owned()
    };
    discard(payload);
    text
}

/// Drops what is the user's: dropping it may panic, and so may dropping the payload of that panic.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        core::mem::forget(payload);
    }
}
