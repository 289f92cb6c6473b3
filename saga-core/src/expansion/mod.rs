//! What generated code calls. Not for users: it changes with the macro, without notice.
#![allow(missing_docs, reason = "only expansions see it")]

mod calls;
pub mod checks;
#[cfg_attr(not(feature = "durable"), path = "not_journaled.rs")]
pub mod journaled;

use core::error::Error;
use core::fmt;
use core::marker::PhantomData;

use crate::definition::{Definition, Location, Source, Step};
pub use crate::drive::nested::{Nests, Ran, Unfinished, When, nest, nested_run};
use crate::executor::{Begin, Executor, Faults, Injected};
use crate::expansion::checks::{CompensationReturn, Field, View};
use crate::machine::{Failures, MISSING, Rollback, Saga, Slots, StepError};
use crate::outcome::{ErrorText, ErrorView, Failure, GaveUp, JsonForm, Value};
pub use crate::report::NestedRun;
use crate::util::foreign::Line;
use crate::util::panics;

/// A location in the source.
#[must_use]
pub const fn location(file: &'static str, line: u32) -> Location {
    Location::new(file, line)
}

/// The `Display` of an error enum.
///
/// # Errors
///
/// The error of the formatter.
pub fn display(error: &impl StepError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = error.text();
    let message = Line(text.message.trim());
    match error.step() {
        Some(step) => write!(f, "step `{}`: {message}", step.name),
        None => fmt::Display::fmt(&message, f),
    }
}

/// The value that an attempt borrows. The guard around every attempt catches the panic.
///
/// # Panics
///
/// If there is none: the executor reported a step as completed, but stored no output.
#[must_use]
#[expect(clippy::panic, reason = "an attempt has no error of its own to return")]
pub fn lent<T>(value: Option<T>) -> T {
    match value {
        Some(value) => value,
        None => panic!("{MISSING}"),
    }
}

/// The value that is moved into an attempt. There is no second attempt: the policies ensure that.
///
/// # Panics
///
/// Like [`lent`].
#[must_use]
pub fn given<T>(value: &mut Option<T>) -> T {
    lent(value.take())
}

/// The output of a step with a condition, if the step was not skipped.
pub fn ran<T>(slot: &Option<Option<T>>) -> Option<&T> {
    slot.as_ref()?.as_ref()
}

/// The answer of the condition of a step: the recorded one, or that of `ask`, which is called once.
pub fn condition_says(
    begin: &Begin<'_>,
    answer: &mut Option<bool>,
    condition: &str,
    ask: impl FnOnce() -> bool,
) -> bool {
    let describe = |message| format!("in the condition `{condition}`: {message}");
    *answer.get_or_insert_with(|| {
        let recorded = begin
            .run
            .memory()
            .and_then(|history| history.answered(begin.call));
        recorded.unwrap_or_else(|| panics::before_any_effect(describe, ask))
    })
}

/// The attempt of a step with a condition.
///
/// It is no `Option`: `clippy::restriction` reports an `if` that makes one, and the `if` has the span of the user's
/// method.
pub enum Conditional<F> {
    /// The condition returned `true`.
    Runs(F),
    /// It returned `false`.
    IsSkipped,
}

/// An attempt of a step with a condition.
///
/// # Errors
///
/// The error of the step.
pub async fn only_if<T, E>(
    begin: Begin<'_>,
    attempt: Conditional<impl Future<Output = Result<T, E>>>,
) -> Result<Option<T>, E> {
    let Begin {
        run,
        call,
        attempt: number,
    } = begin;
    run.set_skipped(call, matches!(attempt, Conditional::IsSkipped));
    let Conditional::Runs(attempt) = attempt else {
        return Ok(None);
    };
    let Step {
        condition, nested, ..
    } = call.step;
    // A step that runs a saga records its begin with the begin of that saga.
    let is_recorded_here = condition.is_some() && nested.is_none();
    let history = run.memory().filter(|_| is_recorded_here);
    if let Some(history) = history
        && history.answered(call).is_none()
    {
        history.record_begin(call, number).await;
    }
    attempt.await.map(Some)
}

/// The source of an error enum.
pub fn source(error: &impl StepError) -> Option<&(dyn Error + 'static)> {
    error.failure()?.source()
}

/// The predicate that accepts every error, if none is written.
#[must_use]
pub fn always<E>(_: &E) -> bool {
    true
}

/// The predicate that accepts no error, if none is written.
#[must_use]
pub fn never<E>(_: &E) -> bool {
    false
}

/// The failure if the output of the last step is missing although the step completed. It has the message of [`lent`],
/// and is in doubt, because the executor reported an effect.
#[cold]
pub fn missing<E, S>(variant: fn(Failure<E>) -> S) -> GaveUp<S> {
    GaveUp::new(variant(Failure::Panicked(MISSING.to_owned())), 1, true)
}

/// Awaits a compensation whose return type the macro cannot see. Its error becomes text here, because the type of the
/// error has no name.
///
/// # Errors
///
/// The error of the compensation.
pub async fn undone<Fut>(
    undo: Fut,
    view: View<<Fut::Output as CompensationReturn>::Error>,
) -> Result<(), ErrorText>
where
    Fut: Future<Output: CompensationReturn>,
{
    let undone = undo.await.result();
    undone.map_err(|error| Failure::Error(error).into_text(view))
}

/// How the errors of [`undone`] are classified and viewed.
#[must_use]
pub fn recorded() -> Faults<ErrorText> {
    Faults {
        when: always,
        in_doubt: never,
        view: |text| ErrorView::Recorded(text),
        injected: Injected::of_type(),
        journal: JsonForm::none(),
    }
}

/// An error type, whose traits are detected where the generated code is: method resolution takes the first impl that
/// fits, in the order of the references that it needs. (The idea is David Tolnay's "autoref specialization", 2019.)
pub struct ErrorType<E>(PhantomData<fn() -> E>);

impl<E> Default for ErrorType<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> ErrorType<E> {
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// How an error is viewed.
pub mod error_type {
    use super::{Error, ErrorType, ErrorView, View, fmt};

    pub trait ViaError<E> {
        fn __saga_view(&self) -> View<E>;
    }

    impl<E: Error> ViaError<E> for &&&ErrorType<E> {
        fn __saga_view(&self) -> View<E> {
            |error| ErrorView::Error(error)
        }
    }

    pub trait ViaDyn<E> {
        fn __saga_view(&self) -> View<E>;
    }

    /// `Box<dyn Error>` and `anyhow::Error` do not implement `Error`, but convert to one.
    impl<E: fmt::Display + AsRef<dyn Error + Send + Sync>> ViaDyn<E> for &&ErrorType<E> {
        fn __saga_view(&self) -> View<E> {
            |error| ErrorView::Leads(error, error)
        }
    }

    pub trait ViaDisplay<E> {
        fn __saga_view(&self) -> View<E>;
    }

    impl<E: fmt::Display> ViaDisplay<E> for &ErrorType<E> {
        fn __saga_view(&self) -> View<E> {
            |error| ErrorView::Text(error)
        }
    }

    /// Only refused by [`DisplayedErrorOf`](crate::expansion::checks::DisplayedErrorOf).
    pub trait ViaNoError<E> {
        fn __saga_view(&self) -> View<E>;
    }

    impl<E> ViaNoError<E> for ErrorType<E> {
        fn __saga_view(&self) -> View<E> {
            |_| ErrorView::Text(&"an error")
        }
    }
}

/// Whether a journal can keep an error.
pub mod json_form {
    use super::{ErrorType, JsonForm};

    pub trait ViaSerde<E> {
        fn __saga_json(&self) -> JsonForm<E>;
    }

    #[cfg(feature = "durable")]
    impl<E: serde::Serialize + serde::Deserialize<'static>> ViaSerde<E> for &ErrorType<E> {
        fn __saga_json(&self) -> JsonForm<E> {
            JsonForm::json()
        }
    }

    /// Only its text is kept.
    pub trait ViaText<E> {
        fn __saga_json(&self) -> JsonForm<E>;
    }

    impl<E> ViaText<E> for ErrorType<E> {
        fn __saga_json(&self) -> JsonForm<E> {
            JsonForm::none()
        }
    }
}

/// A value, whose traits are detected like those of [`ErrorType`].
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// One field of a value: like [`Probe`].
pub struct FieldProbe<'a, T, const FIELD: usize, const ARITY: usize>(pub &'a T);

/// Whether a value can be shown.
pub mod value {
    use super::{Field, FieldProbe, Probe, Value, fmt};

    pub trait ViaDebug<'a> {
        fn __saga_value(&self) -> Value<'a>;
    }

    impl<'a, T: fmt::Debug> ViaDebug<'a> for &Probe<'a, T> {
        fn __saga_value(&self) -> Value<'a> {
            Value::Shown(self.0)
        }
    }

    impl<'a, T, const FIELD: usize, const ARITY: usize> ViaDebug<'a>
        for &FieldProbe<'a, T, FIELD, ARITY>
    where
        T: Field<FIELD, ARITY>,
        T::Type: fmt::Debug,
    {
        fn __saga_value(&self) -> Value<'a> {
            Value::Shown(self.0.field())
        }
    }

    impl<'a, T, const FIELD: usize, const ARITY: usize> ViaOpaque<'a>
        for FieldProbe<'a, T, FIELD, ARITY>
    {
        fn __saga_value(&self) -> Value<'a> {
            Value::Opaque
        }
    }

    pub trait ViaOpaque<'a> {
        fn __saga_value(&self) -> Value<'a>;
    }

    impl<'a, T> ViaOpaque<'a> for Probe<'a, T> {
        fn __saga_value(&self) -> Value<'a> {
            Value::Opaque
        }
    }
}

/// Two values, whose traits are detected like those of [`ErrorType`].
pub struct Pair<'a, T>(pub &'a T, pub &'a T);

/// Whether two values are equal.
pub mod pair {
    use super::Pair;

    pub trait ViaEq {
        fn __saga_is_same(&self) -> bool;
    }

    impl<T: PartialEq> ViaEq for &Pair<'_, T> {
        fn __saga_is_same(&self) -> bool {
            self.0 == self.1
        }
    }

    /// The type has no `==`.
    pub trait ViaUnknown {
        fn __saga_is_same(&self) -> bool;
    }

    impl<T> ViaUnknown for Pair<'_, T> {
        fn __saga_is_same(&self) -> bool {
            false
        }
    }
}

/// A saga that is marked `durable`: it is checked at its definition that a journal can keep its types.
pub trait MarkedDurable: Saga {}

/// The steps of a machine, for a saga that is marked `durable`. Separate from [`Machine`](crate::Machine), so that
/// errors in bindings are also reported if a journal cannot keep a value.
pub trait Steps<X: Executor>: Saga {
    fn advance<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        failures: &'a mut Failures<Self::Error>,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;

    fn rewind<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        rollback: &'a mut Rollback,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;
}

/// Stands for the service and its parameters. It is `Send` and `Sync`, whatever these are.
pub type Marker<Service> = PhantomData<fn() -> PhantomData<Service>>;

/// Replaces code that is not generated for a saga with an error in it. Such a saga does not compile, so this never
/// runs.
///
/// # Panics
///
/// Always.
#[must_use]
#[expect(clippy::panic, reason = "never called")]
pub fn stub<T>() -> T {
    panic!("a saga that does not compile was run")
}

/// See [`stub`].
pub struct StubSlots;

impl<S: Saga> Slots<S> for StubSlots {
    fn put_back(&mut self, _: S::Output) {
        let () = stub();
    }

    fn begin(_: S::Input) -> Self {
        stub()
    }

    fn state(&self) -> S::State<'_> {
        stub()
    }

    fn value<'s>(&'s self, _: Source, _: Option<usize>, _: Option<&'s S::Output>) -> Value<'s> {
        stub()
    }

    fn finish(&mut self) -> Result<S::Output, GaveUp<S::Error>> {
        stub()
    }
}

/// See [`stub`].
pub static STUB_DEFINITION: Definition = Definition::new("stub", Location::new("", 0), &[]);
