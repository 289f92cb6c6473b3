//! Catches panics of user code.

use core::any::Any;
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, resume_unwind};

use crate::util::foreign::{self, LONGEST_PART};

/// Calls `f`. A panic is returned as its message.
#[inline]
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    // Unwind safety: a panic can leave two things half-changed: the service, which is shared and must guard itself as
    // against any other task, and the future, which is dropped.
    catch_unwind(AssertUnwindSafe(f)).map_err(message)
}

/// Polls `future` to its end. A panic is returned as its message.
#[cfg(feature = "durable")]
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = core::pin::pin!(future);
    core::future::poll_fn(|cx| match catch(|| future.as_mut().poll(cx)) {
        Ok(polled) => polled.map(Ok),
        Err(message) => core::task::Poll::Ready(Err(message)),
    })
    .await
}

/// A panic of an attempt.
pub(crate) struct Panic {
    pub(crate) message: String,
    /// Whether it occurred before the step could take effect.
    pub(crate) is_clean: bool,
}

/// Like [`catch`], for an attempt. [`panic_of`] reads the payload.
#[inline]
pub(crate) fn catch_attempt<T>(f: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(f))
}

#[cold]
pub(crate) fn panic_of(payload: Box<dyn Any + Send>) -> Panic {
    match payload.downcast::<Clean>() {
        Ok(clean) => Panic {
            message: clean.0,
            is_clean: true,
        },
        Err(payload) => Panic {
            message: message(payload),
            is_clean: false,
        },
    }
}

/// The payload of a panic that occurred before the step could take effect: its message.
struct Clean(String);

/// Calls `f`, which is part of an attempt but runs before its step can take effect. If `f` panics, the panic goes on
/// with a payload that says so; `describe` makes its message from that of the original panic.
pub(crate) fn before_any_effect<T>(
    describe: impl FnOnce(String) -> String,
    f: impl FnOnce() -> T,
) -> T {
    match catch(f) {
        Ok(value) => value,
        // The panic hook has run already, so it does not run again.
        Err(message) => resume_unwind(Box::new(Clean(describe(message)))),
    }
}

/// Panics with this message without running the panic hook: for an attempt that must end before it takes effect and has
/// no error of its own to return.
#[cfg(feature = "durable")]
pub(crate) fn quietly(message: String) -> ! {
    resume_unwind(Box::new(message))
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
    foreign::kept(text, LONGEST_PART)
}

/// Drops a user value. Its `Drop` may panic, and so may dropping the payload of that panic.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        core::mem::forget(payload);
    }
}
