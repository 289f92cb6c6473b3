//! Snapshots of the service, before a run and after it.

use core::any::Any;
use core::fmt::Debug;

use super::difference::difference;
use super::ending::Ending;
use super::fault::Fault;
use super::log::LoggedAttempt;
use crate::definition::{Definition, Kind, Phase};

/// A snapshot whose type is erased.
pub(super) trait Seen {
    fn as_any(&self) -> &dyn Any;

    fn is(&self, other: &dyn Seen) -> bool;

    /// As text in one line, and in several.
    fn text(&self) -> [String; 2];
}

impl<T: PartialEq + Debug + 'static> Seen for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn Seen) -> bool {
        other.as_any().downcast_ref() == Some(self)
    }

    fn text(&self) -> [String; 2] {
        [format!("{self:?}"), format!("{self:#?}")]
    }
}

/// The difference between a snapshot and the expected one.
pub(super) fn differs(is: &dyn Seen, had_to_be: &dyn Seen) -> String {
    let (is, had_to_be) = (is.text(), had_to_be.text());
    difference(
        is.each_ref().map(String::as_str),
        had_to_be.each_ref().map(String::as_str),
    )
}

/// The snapshots of the service of one cell.
pub(super) struct Snapshots<'s> {
    pub(super) before: &'s dyn Seen,
    pub(super) after: &'s dyn Seen,
    /// The snapshot after the run in which nothing failed.
    pub(super) completed: Option<&'s dyn Seen>,
}

impl Snapshots<'_> {
    /// A run that was compensated must leave the service as it was, unless a step that cannot be undone took effect. A
    /// run that completes must leave it like the run in which nothing fails.
    pub(super) fn judged(
        &self,
        saga: &Definition,
        ending: &Ending,
        attempts: &[LoggedAttempt],
    ) -> Result<(), String> {
        let (what, expected) = if ending.is_compensated() && !leaves_effects(saga, attempts) {
            ("before the run", self.before)
        } else if let (true, Some(completed)) = (ending.is_completed(), self.completed) {
            ("after a run in which nothing fails", completed)
        } else {
            return Ok(());
        };
        if expected.is(self.after) {
            return Ok(());
        }
        let differs = differs(self.after, expected);
        Err(format!("the service is not as it was {what}: {differs}"))
    }
}

/// Whether a step that cannot be undone took effect.
fn leaves_effects(saga: &Definition, attempts: &[LoggedAttempt]) -> bool {
    let steps = attempts
        .iter()
        .filter(|attempt| attempt.phase == Phase::Step);
    let has_effect = |attempt: &&LoggedAttempt| {
        !attempt.skipped
            && !matches!(
                attempt.fault,
                Some(Fault::Error | Fault::InDoubtWithoutEffect)
            )
    };
    let mut paths = steps
        .filter(has_effect)
        .map(|attempt| attempt.step.as_str());
    paths.any(|path| cannot_be_undone(saga, path))
}

fn cannot_be_undone(saga: &Definition, path: &str) -> bool {
    let (name, inner) = path.split_once('/').unwrap_or((path, ""));
    saga.step(name).is_some_and(|step| match step.nested {
        Some(nested) => cannot_be_undone(nested, inner),
        None => matches!(step.kind, Kind::NoCompensation { .. }),
    })
}
