//! The runs within a run, as the model has them.

use crate::model::Run;
use crate::summary::Nested;

impl Run<'_> {
    /// For each step the run that it was.
    pub(crate) fn nested(&self) -> Vec<Option<Nested>> {
        let runs = self.steps.iter().map(|step| step.run.as_ref());
        runs.map(|run| Some(run?.as_nested())).collect()
    }

    fn as_nested(&self) -> Nested {
        let steps = self.steps.iter();
        Nested {
            id: self.id.clone(),
            end: self.end(),
            undo: self.undo,
            cause: self.cause,
            secondary: self.secondary(),
            steps: steps
                .map(|step| (step.outcome, step.undo, step.not_undone))
                .collect(),
            runs: self.nested(),
        }
    }
}
