//! The contestants: ways to run the steps of a service, and to undo them.
//!
//! Each has its own file and does the same. Every step gets the output of the step before it by reference. When one
//! refuses, those before it are undone in reverse, each with its own output. The result is the output of the last
//! step, or the step that refused. `tests/same_work.rs` checks this.

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
    /// What is prepared once for many runs.
    type Prepared;
    /// The result of a run.
    type Ended;

    /// How many runs may share one preparation.
    const RUNS: u64 = 10_000;

    /// Prepares the runs. Called within a runtime, and not timed.
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
    /// [`nested::Caught`]: the baseline of all comparisons.
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

    /// The baseline: how fast the same can be by hand, with panics caught.
    pub const BASELINE: Self = Self::Nested;

    /// The name in files and in arguments of programs.
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

    /// Whether everything that a run keeps is in its future.
    #[must_use]
    pub const fn boxes_nothing(self) -> bool {
        !matches!(self, Self::Boxed | Self::Steno)
    }
}

/// An operation on a contestant that is generic over its type and the service.
pub trait Visitor<N> {
    /// The result.
    type Output;

    /// Executes the operation.
    fn visit<S, C>(self) -> Self::Output
    where
        S: Service<Notes = N>,
        C: Contestant<S>;
}

/// Executes the operation on the contestant with this name, in this case.
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
