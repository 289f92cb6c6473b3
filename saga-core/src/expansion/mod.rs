//! What expansions call. Not for users: it changes with the macro, whenever that does.
#![allow(missing_docs, reason = "only expansions see it")]

mod calls;
pub mod checks;
#[cfg_attr(not(feature = "durable"), path = "not_journaled.rs")]
pub mod journaled;

use core::error::Error;
use core::fmt;
use core::marker::PhantomData;

use crate::attempt::notify;
use crate::definition::{Definition, Location, Source, Step};
pub use crate::drive::nested::{Nests, Ran, Unfinished, When, nest, nested_run};
use crate::executor::{Begin, Executor, Faults, Injected};
use crate::expansion::checks::{CompensationReturn, Field, View};
use crate::machine::{Failures, MISSING, Rollback, Saga, Slots, StepError};
use crate::outcome::{ErrorText, ErrorView, Failure, GaveUp, JsonForm, Value};
pub use crate::report::NestedRun;
use crate::util::foreign::Line;
use crate::util::panics;

/// A place in the source.
#[must_use]
pub const fn location(file: &'static str, line: u32) -> Location {
    Location::new(file, line)
}

/// The `Display` of an error enum.
///
/// # Errors
///
/// The formatter's.
pub fn display(error: &impl StepError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = error.text();
    let message = Line(text.message.trim());
    match error.step() {
        Some(step) => write!(f, "step `{}`: {message}", step.name),
        None => fmt::Display::fmt(&message, f),
    }
}

/// What an attempt is lent. The guard around every attempt catches the panic.
///
/// # Panics
///
/// When there is nothing: what an executor said had completed left no output.
#[must_use]
#[expect(clippy::panic, reason = "an attempt has no error of its own to return")]
pub fn lent<T>(value: Option<T>) -> T {
    match value {
        Some(value) => value,
        None => panic!("{MISSING}"),
    }
}

/// What an attempt is given, and no other after it: the policies see to that.
///
/// # Panics
///
/// As [`lent`].
#[must_use]
pub fn given<T>(value: &mut Option<T>) -> T {
    lent(value.take())
}

/// The output of a step that has a condition, where it did run.
pub fn ran<T>(slot: &Option<Option<T>>) -> Option<&T> {
    slot.as_ref()?.as_ref()
}

/// What the condition of a step says: the answer that is recorded, or that of `ask`, which is called once.
pub fn condition_says(
    begin: &Begin<'_>,
    answer: &mut Option<bool>,
    condition: &str,
    ask: impl FnOnce() -> bool,
) -> bool {
    let text = |message| format!("in the condition `{condition}`: {message}");
    *answer.get_or_insert_with(|| {
        let recorded = begin
            .run
            .memory()
            .and_then(|history| history.answered(begin.call));
        recorded.unwrap_or_else(|| panics::before_any_effect(text, ask))
    })
}

/// An attempt of a step that has a condition: none, if the condition said no.
///
/// # Errors
///
/// The step's own.
pub async fn only_if<T, E>(
    begin: Begin<'_>,
    attempt: Option<impl Future<Output = Result<T, E>>>,
) -> Result<Option<T>, E> {
    let Some(attempt) = attempt else {
        notify::set_skipped(true);
        return Ok(None);
    };
    let Begin {
        run,
        call,
        attempt: number,
    } = begin;
    let Step {
        condition, nested, ..
    } = call.step;
    // A step that runs a saga begins with the record of that.
    let is_recorded_here = condition.is_some() && nested.is_none();
    let history = run.memory().filter(|_| is_recorded_here);
    if let Some(history) = history
        && history.answered(call).is_none()
    {
        history.begins(call, number).await;
    }
    let output = attempt.await.map(Some);
    // A saga within it may have said otherwise.
    notify::set_skipped(false);
    output
}

/// The source of an error enum.
pub fn source(error: &impl StepError) -> Option<&(dyn Error + 'static)> {
    error.failure()?.source()
}

/// What every predicate is that was not given.
#[must_use]
pub fn always<E>(_: &E) -> bool {
    true
}

/// What every predicate is that was not given.
#[must_use]
pub fn never<E>(_: &E) -> bool {
    false
}

/// For the last step's output, when it is missing although the step completed: told as [`lent`] tells
/// it, and in doubt, for the executor says that there was an effect.
#[cold]
pub fn missing<E, S>(variant: fn(Failure<E>) -> S) -> GaveUp<S> {
    GaveUp::new(variant(Failure::Panicked(MISSING.to_owned())), 1, true)
}

/// A closure that undoes this output, whatever the macro knows of it.
pub fn undo_of<T, F, Fut>(_output: Option<T>, undo: F) -> F
where
    F: Fn(T) -> Fut,
{
    undo
}

/// What a compensation returns that the macro cannot see; its error is text here already, for its type
/// has no name.
///
/// # Errors
///
/// The compensation's own.
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

/// How [`undone`]'s errors are judged and told.
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

/// The error type of a compensation that the macro cannot see.
pub fn error_type_of<T, F, Fut>(_undo: &F) -> ErrorType<<Fut::Output as CompensationReturn>::Error>
where
    F: Fn(T) -> Fut,
    Fut: Future<Output: CompensationReturn>,
{
    ErrorType::new()
}

/// A type of error, and what is known of it where the macro stands: method resolution takes the
/// first rung that fits, by how often it has to take a reference. (The idea is David Tolnay's
/// "autoref specialization", 2019.)
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

/// What of an error can be told.
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

    /// `Box<dyn Error>` and `anyhow::Error` are no errors themselves; they lead to one.
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

    /// Refused by [`StepErrorType`](crate::expansion::checks::StepErrorType), and by nothing else.
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

    /// Its text can always be kept.
    pub trait ViaText<E> {
        fn __saga_json(&self) -> JsonForm<E>;
    }

    impl<E> ViaText<E> for ErrorType<E> {
        fn __saga_json(&self) -> JsonForm<E> {
            JsonForm::none()
        }
    }
}

/// A value, and what is known of its type where the macro stands: as [`ErrorType`].
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// One field of a value: as [`Probe`].
pub struct FieldProbe<'a, T, const FIELD: usize, const ARITY: usize>(pub &'a T);

/// What of a value can be shown.
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

/// Two values, and what is known of their type where the macro stands: as [`ErrorType`].
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

    /// That is not known.
    pub trait ViaUnknown {
        fn __saga_is_same(&self) -> bool;
    }

    impl<T> ViaUnknown for Pair<'_, T> {
        fn __saga_is_same(&self) -> bool {
            false
        }
    }
}

/// A saga that is marked `durable`: that its types can be kept in a journal is checked where it is defined.
pub trait MarkedDurable: Saga {}

/// What a machine does, of a saga that is marked `durable`: apart from [`Machine`](crate::Machine), so that what is
/// wrong with how values are handed over is told even where one of them cannot be kept.
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

/// Stands for the service and its parameters, and is `Send` and `Sync` whatever they are.
pub type Marker<Service> = PhantomData<fn() -> Service>;

/// Stands in for what is not written of a saga with a mistake in it. Such a saga does not compile,
/// so nothing of this ever runs.
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
