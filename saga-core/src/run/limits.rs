//! What may end a run from outside, and how the run notices it.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::outcome::Cancellation;

/// What may end a run from outside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limits {
    pub(crate) token: Option<CancellationToken>,
    pub(crate) deadline: Option<Instant>,
}

impl Limits {
    /// Whether there is a limit.
    pub(crate) const fn is_any(&self) -> bool {
        self.token.is_some() || self.deadline.is_some()
    }

    /// The same, with a deadline no later than this long from now. A deadline beyond the range of the clock is none.
    pub(crate) fn no_later_than(self, after: Duration) -> Self {
        let then = Instant::now().checked_add(after);
        Self {
            deadline: self.deadline.into_iter().chain(then).min(),
            ..self
        }
    }

    /// Why the run has ended, if it has. If both happened, the cancellation is reported.
    pub(crate) fn ended(&self) -> Option<Cancellation> {
        let requested = self
            .token
            .as_ref()
            .is_some_and(CancellationToken::is_cancelled);
        let passed = || {
            self.deadline
                .is_some_and(|deadline| deadline <= Instant::now())
        };
        if requested {
            Some(Cancellation::Requested)
        } else if passed() {
            Some(Cancellation::DeadlineExceeded)
        } else {
            None
        }
    }
}

/// Wakes the task that polls it when a run is cancelled.
pub(crate) struct TokenWatch(Pin<Box<dyn Future<Output = ()> + Send>>);

impl TokenWatch {
    pub(crate) fn of(token: &CancellationToken) -> Self {
        Self(Box::pin(token.clone().cancelled_owned()))
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}
