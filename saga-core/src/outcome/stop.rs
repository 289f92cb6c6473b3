//! Why a call has no output.

use crate::outcome::{Cancellation, Prevention};

/// The failure of a step or compensation that makes no other attempt.
#[derive(Debug)]
#[non_exhaustive]
pub struct GaveUp<F> {
    /// How the last attempt ended.
    pub failure: F,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether any of them may have taken effect.
    pub in_doubt: bool,
    /// What prevented another attempt, if one was allowed. A failure of the last attempt allowed has none, whatever
    /// happened meanwhile.
    pub prevented_by: Option<Prevention>,
    /// Since when it may have taken effect, if that is known.
    pub doubt: Option<Doubt>,
}

/// The first attempt of a call that may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Doubt {
    /// Its number, counted from 1.
    pub attempt: u32,
    /// Whether that is because the process ended while it was in flight. It was then made again under the same number.
    pub is_interrupted: bool,
}

impl Doubt {
    /// An attempt that ended in doubt by itself.
    #[must_use]
    pub const fn of(attempt: u32) -> Self {
        Self {
            attempt,
            is_interrupted: false,
        }
    }

    /// An attempt during which the process ended.
    #[must_use]
    pub const fn interrupted(attempt: u32) -> Self {
        Self {
            attempt,
            is_interrupted: true,
        }
    }
}

impl<F> GaveUp<F> {
    /// The failure after this many attempts, of which the last one ended with `failure`.
    #[must_use]
    pub const fn new(failure: F, attempts: u32, in_doubt: bool) -> Self {
        Self {
            failure,
            attempts,
            in_doubt,
            prevented_by: None,
            doubt: None,
        }
    }

    /// The same, with the attempt since which it is in doubt.
    #[must_use]
    pub fn in_doubt_since(self, doubt: Option<Doubt>) -> Self {
        Self { doubt, ..self }
    }

    /// The same, with what prevented another attempt.
    #[must_use]
    pub fn prevented_by(self, prevention: Option<Prevention>) -> Self {
        Self {
            prevented_by: prevention,
            ..self
        }
    }

    /// The same, with the failure mapped by `f`.
    ///
    /// # Errors
    ///
    /// The error of `f`.
    pub fn try_map<G, X>(self, f: impl FnOnce(F) -> Result<G, X>) -> Result<GaveUp<G>, X> {
        Ok(GaveUp {
            failure: f(self.failure)?,
            attempts: self.attempts,
            in_doubt: self.in_doubt,
            prevented_by: self.prevented_by,
            doubt: self.doubt,
        })
    }

    /// The same, with the failure mapped by `f`.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> GaveUp<G> {
        GaveUp {
            failure: f(self.failure),
            attempts: self.attempts,
            in_doubt: self.in_doubt,
            prevented_by: self.prevented_by,
            doubt: self.doubt,
        }
    }
}

/// Why a step or compensation has no output.
#[derive(Debug)]
pub enum Stop<F, H> {
    /// It makes no other attempt, and that is not because the run was ended from outside.
    GaveUp(GaveUp<F>),
    /// It makes no other attempt because the run was ended from outside, for this reason: an attempt was allowed, and
    /// this prevented it. If one was made before, this has the failure of the last one.
    Cancelled(Cancellation, Option<GaveUp<F>>),
    /// The run stops where it is: nothing is decided, and nothing is undone.
    Halted(H),
}

/// A call that gave up is cancelled if a cancellation or a deadline prevented another attempt.
impl<F, H> From<GaveUp<F>> for Stop<F, H> {
    fn from(gave_up: GaveUp<F>) -> Self {
        match gave_up.prevented_by.and_then(Cancellation::of) {
            Some(why) => Self::Cancelled(why, Some(gave_up)),
            None => Self::GaveUp(gave_up),
        }
    }
}

impl<F, H> Stop<F, H> {
    /// Why the run was ended from outside, if that prevented an attempt.
    pub(crate) const fn cancellation(&self) -> Option<Cancellation> {
        match self {
            Self::Cancelled(why, _) => Some(*why),
            Self::GaveUp(_) | Self::Halted(_) => None,
        }
    }

    /// The same, with the failure mapped by `f`.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> Stop<G, H> {
        match self {
            Self::GaveUp(gave_up) => Stop::GaveUp(gave_up.map(f)),
            Self::Cancelled(why, gave_up) => Stop::Cancelled(why, gave_up.map(|g| g.map(f))),
            Self::Halted(halt) => Stop::Halted(halt),
        }
    }
}
