//! What is stored while a saga runs.

use crate::definition::Source;
use crate::machine::Saga;
use crate::outcome::{GaveUp, JsonForm, Value};
use crate::report::NestedRun;
/// The message if an executor that completed a step stored no output.
pub(crate) const MISSING: &str =
    "an output is missing: the executor said that its step completed, and left none";

/// What is stored while a saga runs: its input and the outputs so far.
pub trait Slots<S: Saga> {
    /// The slots before the first step.
    fn begin(input: S::Input) -> Self;

    /// Whether two inputs are equal by `==`. `false` if their type is not known to be `PartialEq`.
    #[must_use]
    fn is_same_input(one: &S::Input, other: &S::Input) -> bool {
        let _ = (one, other);
        false
    }

    /// The state enum for the point that the saga has reached.
    fn state(&self) -> S::State<'_>;

    /// The input or an output, or one field of it, for a report. `output` is what [`finish`](Self::finish) took out, if
    /// the caller has it.
    fn value<'s>(
        &'s self,
        source: Source,
        part: Option<usize>,
        output: Option<&'s S::Output>,
    ) -> Value<'s>;

    /// Takes the output of the last step out.
    ///
    /// # Errors
    ///
    /// If the last step has not completed.
    fn finish(&mut self) -> Result<S::Output, GaveUp<S::Error>>;

    /// Puts back the output that [`finish`](Self::finish) took out, for the compensations of a nested run.
    fn put_back(&mut self, output: S::Output);

    /// How the saga's output is written to a journal and read again, if its type allows that.
    #[must_use]
    fn output_json() -> JsonForm<S::Output> {
        JsonForm::none()
    }

    /// If the step at this position, counted from 0, runs a saga and completed, the run of that saga. `output` as for
    /// [`value`](Self::value).
    fn nested<'s>(
        &'s self,
        step: usize,
        output: Option<&'s S::Output>,
    ) -> Option<Box<dyn NestedRun + 's>> {
        let _ = (step, output);
        None
    }
}
