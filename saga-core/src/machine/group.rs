//! The members of a parallel group, carried out at the same time on one task.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;

use crate::machine::{Failures, StepError};
use crate::outcome::Stop;
use crate::run::Siblings;

/// A member of a group: its position in the definition, counted from 0, and its future, as
/// [`Execute::execute`](crate::executor::Execute::execute) gave it. For [`join`].
///
/// The future is borrowed and without its type: so a group of any length is carried out by one function,
/// and nothing of it is on the heap.
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

/// Carries out the members of a group to the end of each, on the task of whoever awaits it, and records
/// in `failures`, in the order of time, why those stopped that did. For a generated machine; an executor has
/// nothing to do with it.
///
/// All are begun, in order, before any is waited for; none is dropped before its end. Once one gives up,
/// or is told that the run was cancelled, its `siblings` begin no further attempt; there are none after
/// the pivot, where every member goes on to its own end.
///
/// Every member is polled whenever one wakes: groups are short, and a member that is waiting is polled in
/// nanoseconds.
///
/// # Errors
///
/// The first halt, once all members have ended.
///
/// # Cancellation
///
/// Dropping the future drops the attempts in flight where they are.
pub async fn join<E, H>(
    failures: &mut Failures<E>,
    siblings: Option<&Siblings>,
    members: &mut [Option<Member<'_, E, H>>],
) -> Result<(), H>
where
    E: StepError + Send,
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
                    siblings.give_up();
                    stopped = true;
                }
                if let Err(halt) = failures.note(step, stop, |failure| failure)
                    && halted.is_ok()
                {
                    halted = Err(halt);
                }
            }
            // Those that were polled before it stopped may be waiting for another attempt.
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
