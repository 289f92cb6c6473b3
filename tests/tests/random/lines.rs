//! A case as text, for debugging.

use core::fmt;

use crate::case::{Attempt, Case, Phase, Takes};

/// One line a step.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_lines(f, "")?;
        if let Some(at) = self.cancel {
            write!(f, "\ncancelled at {at}")?;
        }
        if let Some(at) = self.deadline() {
            write!(f, "\ndeadline at {at}")?;
        }
        Ok(())
    }
}

impl Case {
    /// The steps, with those of the runs in them.
    fn write_lines(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        let steps = self.shape.steps().iter();
        for (index, (step, script)) in steps.zip(&self.scripts).enumerate() {
            write!(f, "\n{indent}{index}. {:?}", step.kind)?;
            if let Some(saga) = step.runs {
                write!(f, ", runs saga {saga}")?;
            }
            match step.undo {
                Takes::Nothing => {}
                Takes::Output => f.write_str(", undone by its output")?,
                Takes::Attempt => f.write_str(", undone by `Attempt`")?,
            }
            if step.joins {
                f.write_str(", beside the one above")?;
            }
            if step.at_most_once {
                f.write_str(", at most once")?;
            }
            if step.conditional {
                write!(f, ", only if: {:?}", script.condition)?;
            }
            self.write_attempts(f, index, Phase::Do, indent)?;
            if step.undo != Takes::Nothing {
                self.write_attempts(f, index, Phase::Undo, indent)?;
            }
            for attempt in (1..).take(step.runs.map_or(0, |_| script.runs.len().max(1))) {
                let run = self.run(index, attempt);
                write!(f, "\n{indent}     run {attempt}:")?;
                if let Some(deadline) = run.shape.deadline() {
                    write!(f, " deadline after {deadline}")?;
                }
                run.write_lines(f, &format!("{indent}       "))?;
            }
        }
        Ok(())
    }

    fn write_attempts(
        &self,
        f: &mut fmt::Formatter<'_>,
        step: usize,
        phase: Phase,
        indent: &str,
    ) -> fmt::Result {
        let script = &self.scripts[step];
        let (attempts, changed) = match phase {
            Phase::Do => (&script.attempts, script.policy),
            Phase::Undo => (&script.undo, script.undo_policy),
        };
        let policy = self.policy(step, phase);
        let (most, limit) = (policy.attempts, policy.limit(step));
        if attempts.is_empty() && most == 1 && limit.is_none() && changed.is_none() {
            return Ok(());
        }
        write!(f, "\n{indent}     {phase:?}: {most} attempts")?;
        if let Some(limit) = limit {
            write!(f, " of {limit}")?;
        }
        if policy.waits {
            f.write_str(" with waits")?;
        }
        if changed.is_some() {
            f.write_str(" (by the run's options)")?;
        }
        for attempt in (1..).take(attempts.len()) {
            let takes = self.takes(step, phase, attempt);
            let Attempt { ends, .. } = self.attempt(step, phase, attempt);
            write!(f, "; {ends:?} after {takes}")?;
        }
        Ok(())
    }
}
