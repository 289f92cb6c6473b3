//! A future whose output is mapped by a function.
//!
//! Written by hand instead of `async { f(future.await) }`, which would move the future once more before it runs
//! (`docs/performance.md`).

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

/// Awaits `future` and maps its output by `f`.
pub(crate) fn map<F, M, T>(future: F, f: M) -> Map<F, M>
where
    F: Future,
    M: FnOnce(F::Output) -> T,
{
    Map { future, f: Some(f) }
}

pin_project! {
    /// The future of [`map`].
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Map<F, M> {
        #[pin]
        future: F,
        f: Option<M>,
    }
}

impl<F, M, T> Future for Map<F, M>
where
    F: Future,
    M: FnOnce(F::Output) -> T,
{
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.project();
        let output = ready!(this.future.poll(cx));
        // `None` only if it is polled after it has completed.
        this.f
            .take()
            .map_or(Poll::Pending, |f| Poll::Ready(f(output)))
    }
}
