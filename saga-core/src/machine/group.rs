//! Runs the members of a parallel group at the same time, on one task.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

use crate::machine::{Failures, StepError};
use crate::outcome::Stop;
use crate::run::Siblings;

/// A member of a group: its position in the definition, counted from 0, and the future that
/// [`Execute::execute`](crate::executor::Execute::execute) returned. For [`join`].
///
/// The future is borrowed and its type is erased: one function runs groups of any length, without an allocation.
pub struct Member<'a, E, H> {
    step: usize,
    future: Pin<&'a mut (dyn Future<Output = Result<(), Stop<E, H>>> + Send + 'a)>,
}

impl<'a, E, H> Member<'a, E, H> {
    /// The member at this position.
    #[must_use]
    pub fn new(
        step: usize,
        future: Pin<&'a mut (dyn Future<Output = Result<(), Stop<E, H>>> + Send + 'a)>,
    ) -> Self {
        Self { step, future }
    }
}

impl<E, H> fmt::Debug for Member<'_, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// Runs all members of a group to the end, on the task that awaits it, and records in `failures`, in order of time, why
/// members stopped. For generated machines; an executor does not need it.
///
/// All members begin, in order, before any is waited for, and none is dropped before its end. Once a member gives up or
/// stops because the run was cancelled, its `siblings` begin no further attempt. After the pivot there are no
/// `siblings`, and every member goes on to its own end.
///
/// Every member is polled whenever one wakes. Groups are short, and polling a waiting member takes nanoseconds.
///
/// # Errors
///
/// The first halt, after all members have ended.
///
/// # Cancellation
///
/// Dropping the future drops the attempts in flight at their last `await`.
pub async fn join<E, H>(
    failures: &mut Failures<E>,
    siblings: Option<&Siblings>,
    members: &mut [Option<Member<'_, E, H>>],
) -> Result<(), H>
where
    E: StepError,
    H: Send,
{
    let mut halted = Ok(());
    poll_fn(|cx| {
        loop {
            let (mut waiting, mut stopped) = (false, false);
            for slot in &mut *members {
                let Some(member) = slot else {
                    continue;
                };
                let Poll::Ready(outcome) = member.future.as_mut().poll(cx) else {
                    waiting = true;
                    continue;
                };
                let step = member.step;
                *slot = None;
                let Err(stop) = outcome else {
                    continue;
                };
                if let Some(siblings) = siblings {
                    siblings.stop(stop.cancellation());
                    stopped = true;
                }
                if let Err(halt) = failures.note(step, stop, |failure| failure)
                    && halted.is_ok()
                {
                    halted = Err(halt);
                }
            }
            // Members that were polled before one stopped may be waiting for another attempt: poll them again.
            if !waiting || !stopped {
                return if waiting {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                };
            }
        }
    })
    .await;
    halted
}
