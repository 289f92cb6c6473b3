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
    /// For a nested run, whether the deadline is its own, and not that of the run around it.
    pub(crate) is_own_deadline: bool,
}

impl Limits {
    /// Whether there is a limit.
    pub(crate) const fn is_any(&self) -> bool {
        self.token.is_some() || self.deadline.is_some()
    }

    /// Limits with this token and this deadline.
    pub(crate) const fn new(token: Option<CancellationToken>, deadline: Option<Instant>) -> Self {
        Self {
            token,
            deadline,
            is_own_deadline: false,
        }
    }

    /// The same, with a deadline of its own this long from now if it has none that is as early. A deadline beyond the
    /// range of the clock is none.
    pub(crate) fn no_later_than(self, after: Duration) -> Self {
        match Instant::now().checked_add(after) {
            Some(then) if self.deadline.is_none_or(|deadline| then < deadline) => {
                self.with_own_deadline(then)
            }
            _ => self,
        }
    }

    /// The same, with this deadline of its own.
    pub(crate) fn with_own_deadline(self, deadline: Instant) -> Self {
        Self {
            deadline: Some(deadline),
            is_own_deadline: true,
            ..self
        }
    }

    /// The deadline, if it is not that of the run around.
    #[cfg(feature = "durable")]
    pub(crate) fn own_deadline(&self) -> Option<Instant> {
        self.deadline.filter(|_| self.is_own_deadline)
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
