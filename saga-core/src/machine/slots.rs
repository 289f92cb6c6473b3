//! What is kept while a saga runs.

use crate::definition::Source;
use crate::machine::Saga;
use crate::outcome::{GaveUp, JsonForm, Value};
use crate::report::NestedRun;
/// What is said where an executor that completed a step left no output.
pub(crate) const MISSING: &str =
    "an output is missing: the executor said that its step completed, and left none";

/// What is kept while a saga runs: its input and the outputs it has so far.
pub trait Slots<S: Saga> {
    /// Before the first step.
    fn begin(input: S::Input) -> Self;

    /// Whether two inputs are equal by `==`; not, where it is not known that their type has it.
    #[must_use]
    fn is_same_input(one: &S::Input, other: &S::Input) -> bool {
        let _ = (one, other);
        false
    }

    /// The state enum for the point that the saga has reached.
    fn state(&self) -> S::State<'_>;

    /// The input or an output, or one field of it, to be shown. `output` is what [`finish`](Self::finish)
    /// took out, if that is at hand.
    fn value<'s>(
        &'s self,
        source: Source,
        part: Option<usize>,
        output: Option<&'s S::Output>,
    ) -> Value<'s>;

    /// Takes the last step's output out.
    ///
    /// # Errors
    ///
    /// When the last step has not completed.
    fn finish(&mut self) -> Result<S::Output, GaveUp<S::Error>>;

    /// Puts back what [`finish`](Self::finish) took out: for the compensations of a run that is a step of
    /// another saga.
    fn put_back(&mut self, output: S::Output);

    /// How the saga's output is written to a journal and read again, if its type can be.
    #[must_use]
    fn output_json() -> JsonForm<S::Output> {
        JsonForm::none()
    }

    /// The run of the saga that the step at this position, counted from 0, runs, if that completed;
    /// `output` as for [`value`](Self::value).
    fn nested<'s>(
        &'s self,
        step: usize,
        output: Option<&'s S::Output>,
    ) -> Option<Box<dyn NestedRun + 's>> {
        let _ = (step, output);
        None
    }
}
