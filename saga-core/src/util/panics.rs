//! Panics of the user's code end here.

use core::any::Any;
use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, resume_unwind};

use crate::util::foreign::{self, LONGEST_PART};

/// Calls `f`; a panic becomes its message.
#[inline]
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    // Unwind safety: what a panic may leave half-changed is the service, which is only shared
    // (so it guards itself, as against any other task), and the future, which is dropped.
    catch_unwind(AssertUnwindSafe(f)).map_err(message)
}

/// Polls `future` to its end; a panic becomes its message.
#[cfg(feature = "durable")]
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = core::pin::pin!(future);
    core::future::poll_fn(|cx| match catch(|| future.as_mut().poll(cx)) {
        Ok(polled) => polled.map(Ok),
        Err(message) => core::task::Poll::Ready(Err(message)),
    })
    .await
}

/// What an attempt panicked with.
pub(crate) struct Panic {
    pub(crate) message: String,
    /// Whether that was before the step could take effect.
    pub(crate) is_clean: bool,
}

/// As [`catch`], of an attempt: [`panic_of`] says what the panic was.
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

/// The message of a panic that came before the step could take effect.
struct Clean(String);

/// Calls `f`, in an attempt and before its step can take effect: a panic says so. `told` makes of its
/// message what is told of it.
pub(crate) fn before_any_effect<T>(
    told: impl FnOnce(String) -> String,
    f: impl FnOnce() -> T,
) -> T {
    match catch(f) {
        Ok(value) => value,
        // Told to the user's hook already.
        Err(message) => resume_unwind(Box::new(Clean(told(message)))),
    }
}

/// Panics with this message, of which the hook of the process hears nothing: for an attempt that has to end before
/// it takes effect, and has no error of its own to return.
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

/// Drops what is the user's: dropping it may panic, and so may dropping the payload of that panic.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        core::mem::forget(payload);
    }
}
