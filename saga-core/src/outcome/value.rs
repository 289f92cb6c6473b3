//! A value of a run, for a report.

use core::fmt;

/// A value that a report may show.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// There is no value: the step has not completed.
    Missing,
    /// There is no value: the step was skipped.
    Skipped,
    /// There was a value, and it was moved into a step.
    Moved,
    /// There is a value, of a type that is not `Debug`.
    Opaque,
    /// There is a value.
    Shown(&'a (dyn fmt::Debug + 'a)),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("..."),
            Self::Skipped => f.write_str("None"),
            Self::Moved => f.write_str("(moved)"),
            Self::Opaque => f.write_str("_"),
            Self::Shown(value) => value.fmt(f),
        }
    }
}
