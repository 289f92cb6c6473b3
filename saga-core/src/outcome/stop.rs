//! Why a call has no output.

use crate::outcome::Cancellation;

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
}

impl<F> GaveUp<F> {
    /// The failure after this many attempts, of which the last one ended with `failure`.
    #[must_use]
    pub const fn new(failure: F, attempts: u32, in_doubt: bool) -> Self {
        Self {
            failure,
            attempts,
            in_doubt,
        }
    }

    /// The same, with the failure mapped by `f`.
    ///
    /// # Errors
    ///
    /// The error of `f`.
    pub fn try_map<G, X>(self, f: impl FnOnce(F) -> Result<G, X>) -> Result<GaveUp<G>, X> {
        Ok(GaveUp::new(f(self.failure)?, self.attempts, self.in_doubt))
    }

    /// The same, with the failure mapped by `f`.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> GaveUp<G> {
        GaveUp::new(f(self.failure), self.attempts, self.in_doubt)
    }
}

/// Why a step or compensation has no output.
#[derive(Debug)]
pub enum Stop<F, H> {
    /// It has used up its attempts, or makes no other one because a sibling gave up.
    GaveUp(GaveUp<F>),
    /// It makes no other attempt because the run was ended from outside, for this reason. If an attempt was made, this
    /// has the failure of the last one.
    Cancelled(Cancellation, Option<GaveUp<F>>),
    /// The run stops where it is: nothing is decided, and nothing is undone.
    Halted(H),
}

impl<F, H> Stop<F, H> {
    /// The same, with the failure mapped by `f`.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> Stop<G, H> {
        match self {
            Self::GaveUp(gave_up) => Stop::GaveUp(gave_up.map(f)),
            Self::Cancelled(why, gave_up) => Stop::Cancelled(why, gave_up.map(|g| g.map(f))),
            Self::Halted(halt) => Stop::Halted(halt),
        }
    }
}
