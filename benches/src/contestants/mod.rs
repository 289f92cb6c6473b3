//! The contestants: ways to run the steps of a service, and to undo them.
//!
//! Each is in a file of its own and does the same: every step gets the output of the one before it
//! by reference; when one refuses, those before it are undone in reverse, each with its own output;
//! the end says the output of the last step, or which one refused. `tests/same_work.rs` holds them to it.

pub mod boxed;
pub mod by_hand;
pub mod nested;
pub mod position;
pub mod sagas;
pub mod steno;

use std::sync::Arc;

use crate::case::{Case, Length, Output};
use crate::steps::{Block, Notes, Service, Value, fifty, ten, three};

/// A way to run the steps of the service `S`.
pub trait Contestant<S: Service> {
    /// What is made once for many runs.
    type Prepared;
    /// The result of a run.
    type Ended;

    /// How many runs may share what is prepared.
    const RUNS: u64 = 10_000;

    /// Makes what is made once. Within a runtime, and not timed.
    fn prepare(service: &Arc<S>, input: &S::Value) -> Self::Prepared;

    /// Runs the steps once. This is what is timed, together with dropping its result.
    fn run(
        service: &Arc<S>,
        prepared: &Self::Prepared,
        input: S::Value,
    ) -> impl Future<Output = Self::Ended>;

    /// How a run ended: the number of the last step's output.
    ///
    /// # Errors
    ///
    /// The position of the step that refused.
    fn number_or_step(ended: Self::Ended) -> Result<u64, usize>;
}

/// The contestants in Rust, in the order of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// [`nested::Bare`].
    NestedBare,
    /// [`nested::Caught`]: what all others are compared with.
    Nested,
    /// [`position::Position`].
    Position,
    /// [`sagas::Drive`].
    Drive,
    /// [`sagas::Run`].
    Run,
    /// [`boxed::Boxed`].
    Boxed,
    /// [`steno::Steno`].
    Steno,
}

impl Name {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::NestedBare,
        Self::Nested,
        Self::Position,
        Self::Drive,
        Self::Run,
        Self::Boxed,
        Self::Steno,
    ];

    /// What all are compared with: how fast the same can be by hand, panics included.
    pub const BASELINE: Self = Self::Nested;

    /// For files and for what is passed from program to program.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NestedBare => "nested_bare",
            Self::Nested => "nested",
            Self::Position => "position",
            Self::Drive => "drive",
            Self::Run => "run",
            Self::Boxed => "boxed",
            Self::Steno => "steno",
        }
    }

    /// Whether all that a run keeps is in its future.
    #[must_use]
    pub const fn boxes_nothing(self) -> bool {
        !matches!(self, Self::Boxed | Self::Steno)
    }
}

/// What is done with a contestant, once it is known which it is and which service it runs.
pub trait Visitor<N> {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<S, C>(self) -> Self::Output
    where
        S: Service<Notes = N>,
        C: Contestant<S>;
}

/// Finds the contestant of this name for this case.
pub fn visit<N: Notes, T: Visitor<N>>(name: Name, case: Case, visitor: T) -> T::Output {
    match case.output {
        Output::Number => with_output::<u64, N, T>(name, case.length, visitor),
        Output::Block => with_output::<Block, N, T>(name, case.length, visitor),
    }
}

fn with_output<V: Value, N: Notes, T: Visitor<N>>(
    name: Name,
    length: Length,
    visitor: T,
) -> T::Output {
    match name {
        Name::NestedBare => with_length::<V, N, T, nested::Bare>(length, visitor),
        Name::Nested => with_length::<V, N, T, nested::Caught>(length, visitor),
        Name::Position => with_length::<V, N, T, position::Position>(length, visitor),
        Name::Drive => with_length::<V, N, T, sagas::Drive>(length, visitor),
        Name::Run => with_length::<V, N, T, sagas::Run>(length, visitor),
        Name::Boxed => with_length::<V, N, T, boxed::Boxed>(length, visitor),
        Name::Steno => with_length::<V, N, T, steno::Steno>(length, visitor),
    }
}

fn with_length<V, N, T, C>(length: Length, visitor: T) -> T::Output
where
    V: Value,
    N: Notes,
    T: Visitor<N>,
    C: Contestant<three::Steps<V, N>>
        + Contestant<ten::Steps<V, N>>
        + Contestant<fifty::Steps<V, N>>,
{
    match length {
        Length::Three => visitor.visit::<three::Steps<V, N>, C>(),
        Length::Ten => visitor.visit::<ten::Steps<V, N>, C>(),
        Length::Fifty => visitor.visit::<fifty::Steps<V, N>, C>(),
    }
}
