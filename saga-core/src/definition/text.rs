//! The `Display` of a definition: one line per step, followed by indented lines for its policies.

use core::fmt;

use super::{Definition, Kind, Parameter, Source, Step};
use crate::definition::Policy;
use crate::util::foreign::Line;

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = match self.steps.len() {
            1 => "step",
            _ => "steps",
        };
        write!(
            f,
            "saga {}, {} {steps} ({})",
            Line(self.name),
            self.steps.len(),
            Line(self.location)
        )?;
        if let Some(deadline) = self.deadline {
            write!(f, ", deadline {deadline:?}")?;
        }
        write_steps(f, self, "", "  ")
    }
}

/// Writes the steps of a saga. The steps of a nested saga follow the step that runs it.
fn write_steps(
    f: &mut fmt::Formatter<'_>,
    saga: &Definition,
    within: &str,
    indent: &str,
) -> fmt::Result {
    for (number, step) in (1..).zip(saga.steps) {
        // Indents the lines of a step after the first one as far as the first one.
        let deeper = indent.strip_prefix("  ").unwrap_or_default();
        let text = step.to_string().replace('\n', &format!("\n{deeper}"));
        write!(f, "\n{indent}{within}{number}. {text}")?;
        if let Some(nested) = step.nested {
            let indent = format!("{indent}     ");
            write_steps(f, nested, &format!("{within}{number}."), &indent)?;
        }
    }
    Ok(())
}

/// Writes the call and how it is undone; the policies follow on lines of their own.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", Line(self.name), Names(self.parameters))?;
        if self.name != self.method {
            write!(f, "  by {}", Line(self.method))?;
        }
        match self.kind {
            Kind::Compensatable | Kind::Last => {}
            Kind::ReadOnly => f.write_str("  read-only")?,
            Kind::NoCompensation { reason } => write!(f, "  cannot be undone: {}", Line(reason))?,
            Kind::Pivot => f.write_str("  pivot")?,
            Kind::Retriable => f.write_str("  after the pivot")?,
        }
        if let Some(nested) = self.nested {
            write!(f, "  runs {}", Line(nested.name))?;
        }
        if let Some(group) = self.group {
            write!(f, "  parallel {}", Line(group))?;
        }
        if let Some(condition) = &self.condition {
            let parameters = Names(condition.parameters);
            write!(f, "  only if {}({parameters})", Line(condition.method))?;
        }
        if let Some(undo) = &self.compensation {
            let parameters = Names(undo.parameters);
            write!(f, "  undone by {}({parameters})", Line(undo.method))?;
            match self.kind {
                Kind::Pivot => f.write_str(", only in doubt")?,
                _ if undo.takes_attempt() => f.write_str(", in doubt too")?,
                _ => {}
            }
        }
        write_policy(f, "", &self.policy, self.when)?;
        if self.at_most_once {
            f.write_str("\n       at most once: no other attempt after doubt")?;
        }
        if let Some(in_doubt) = self.in_doubt {
            write!(f, "\n       in doubt after {}", Line(in_doubt))?;
        }
        match &self.compensation {
            Some(undo) => write_policy(f, undo.method, &undo.policy, undo.when),
            None => Ok(()),
        }
    }
}

fn write_policy(
    f: &mut fmt::Formatter<'_>,
    whose: &str,
    policy: &Policy,
    when: Option<&str>,
) -> fmt::Result {
    if *policy == Policy::ONCE && when.is_none() {
        return Ok(());
    }
    f.write_str("\n       ")?;
    if !whose.is_empty() {
        write!(f, "{}: ", Line(whose))?;
    }
    write!(f, "{policy}")?;
    match when {
        Some(when) => write!(f, ", when {}", Line(when)),
        None => Ok(()),
    }
}

/// The names of the parameters, without the context.
struct Names(&'static [Parameter]);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().filter(|p| p.source != Source::Context);
        for (index, parameter) in shown.enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", Line(parameter.name))?;
        }
        Ok(())
    }
}
