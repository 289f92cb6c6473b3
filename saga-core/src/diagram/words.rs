//! Texts for outcomes, which are understood without colour; and shortened foreign texts.

use core::iter;

use crate::diagram::model::{Due, Node, SagaUndo, UndoNode, UndoWent, Went};
use crate::outcome::{End, Outcome, Undo};
use crate::report::StepKind;
use crate::util::foreign::Line;

/// The longest line of a node, in characters.
const LONGEST: usize = 60;

/// The longest error in a table, which has more room, in characters.
const LONGEST_ERROR: usize = 120;

/// The first line of a text, cut if it is too long for a node.
pub(super) fn short(text: &str) -> String {
    first_line(text, LONGEST)
}

fn first_line(text: &str, longest: usize) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.unwrap_or_default();
    let line = Line(line).to_string();
    match line.char_indices().nth(longest) {
        None => line,
        Some(_) => {
            let kept: String = line.chars().take(longest - 1).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

/// The kind of a step, if it is worth showing.
pub(super) fn kind(node: &Node) -> Option<String> {
    match node.kind {
        StepKind::Compensatable => None,
        StepKind::ReadOnly => Some("read-only".to_owned()),
        StepKind::NoCompensation => {
            let reason = node.reason.as_deref().unwrap_or_default();
            Some(format!("cannot be undone: {reason}"))
        }
        StepKind::Pivot => Some("pivot".to_owned()),
        StepKind::Last => Some("last step, never undone".to_owned()),
        StepKind::Retriable => Some("↻ forward only, never undone".to_owned()),
    }
}

/// When a compensation runs, if not only after its step has completed.
pub(super) const fn due(undo: &UndoNode) -> Option<&'static str> {
    match undo.due {
        Due::AfterCompletion => None,
        Due::InDoubtToo => Some("in doubt too"),
        Due::OnlyInDoubt => Some("only in doubt"),
    }
}

/// The outcome of a step, in a few words.
const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotRun => "– not run",
        Outcome::Completed => "✓ completed",
        Outcome::Skipped => "↷ skipped",
        Outcome::Failed => "✗ failed",
        Outcome::InDoubt => "? in doubt",
    }
}

/// The outcome of a step with the number of attempts, and the error on a line of its own.
pub(super) fn step_went(node: &Node, went: &Went) -> Vec<String> {
    let mut first = outcome(went.outcome).to_owned();
    first.push_str(&after(went.attempts));
    if let (Outcome::Skipped, Some(asked)) = (went.outcome, &node.only_if) {
        first = format!("{first}: {asked} said no");
    }
    with_error(first, went.error.as_deref())
}

/// The outcome of a compensation, and the error on a line of its own.
pub(super) fn undo_went(went: &UndoWent) -> Vec<String> {
    let attempts = after(went.attempts);
    let first = match (went.undo, went.in_doubt) {
        (Undo::NotDue, _) => "– not due".to_owned(),
        (Undo::Done, _) => "↶ undone".to_owned(),
        (Undo::GaveUp, false) => format!("✗ gave up{attempts}: not undone"),
        (Undo::GaveUp, true) => format!("? in doubt{attempts}: perhaps not undone"),
    };
    with_error(first, went.error.as_deref())
}

/// How a nested saga was undone.
pub(super) const fn saga_undo(undo: SagaUndo) -> &'static str {
    match undo {
        SagaUndo::InItsRun(End::Compensated) => "↶ undone in its own run",
        SagaUndo::InItsRun(End::Stuck) => "✗ stuck: see its steps",
        SagaUndo::Afterwards(Undo::NotDue) => "– not due",
        SagaUndo::Afterwards(Undo::Done) => "↶ undone",
        SagaUndo::Afterwards(Undo::GaveUp) => "✗ not undone as a whole: see its steps",
    }
}

fn with_error(first: String, error: Option<&str>) -> Vec<String> {
    let error = error.map(|error| first_line(error, LONGEST_ERROR));
    iter::once(first).chain(error).collect()
}

fn after(attempts: Option<u32>) -> String {
    match attempts {
        Some(attempts @ 2..) => format!(" after {attempts} attempts"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_and_no_longer_than_a_diagram_has_room_for() {
        assert_eq!(short("\n  one \n two"), "one");
        assert_eq!(short(""), "");
        assert_eq!(short("a\tb\u{0}c\u{202e}d"), "a\\tb\\u{0}c\\u{202e}d");
        let long = "ü".repeat(60);
        assert_eq!(short(&long), long);
        let longer = short(&"ü".repeat(61));
        assert_eq!(longer.chars().count(), 60);
        assert!(longer.ends_with("ü…"));
    }
}
