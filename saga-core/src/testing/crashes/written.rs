//! What is written of a run, in the words of the saga; and what was in hand when nothing else was written.
//!
//! Reads the heads of records after `docs/journal.md`, apart from the engine that goes on from them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::definition::{Definition, Phase, Step};
use crate::testing::plan::undo_of;

/// What stands for the compensation that comes next.
const NEXT_UNDO: &str = "undo";

/// What one record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Submitted,
    /// This attempt begins.
    Began(u32),
    /// An attempt failed, and this is the next.
    Failed(u32),
    /// This attempt is carried out again.
    Interrupted(u32),
    Completed,
    GaveUp,
    Ended,
    Other,
}

/// One record.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) what: What,
    /// What it is about, if that is a call.
    pub(super) call: Option<String>,
    begins: Vec<String>,
    waits: bool,
}

impl Said {
    /// What this head says; nothing if it is none.
    pub(super) fn of(head: &str) -> Option<Self> {
        let head: Value = serde_json::from_str(head).ok()?;
        let (kind, body) = head.as_object()?.iter().next()?;
        let number = |key: &str| {
            let number = body.get(key).and_then(Value::as_u64);
            number.and_then(|n| u32::try_from(n).ok()).unwrap_or(1)
        };
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let begins = body.get("begins").and_then(Value::as_array);
        Some(Self {
            what: match kind.as_str() {
                "submitted" => What::Submitted,
                "began" => What::Began(number("attempt")),
                "failed" => What::Failed(number("next")),
                "interrupted" => What::Interrupted(number("attempt")),
                "completed" => What::Completed,
                "gave_up" => What::GaveUp,
                "ended" => What::Ended,
                _ => What::Other,
            },
            call: body.get("call").and_then(text),
            begins: begins.into_iter().flatten().filter_map(text).collect(),
            waits: body.get("wait").is_some(),
        })
    }

    /// As it follows "crash before".
    fn words(&self, saga: &Definition) -> String {
        let called = self.call.as_deref().and_then(path_of);
        let called = called.map(|(path, phase)| called_by(saga, &path, phase));
        match (self.what, called) {
            (What::Submitted, _) => "the saga is submitted".to_owned(),
            (What::Ended, _) => "the end is recorded".to_owned(),
            (What::Began(attempt), Some(call)) => format!("{call}#{attempt} is begun"),
            (What::Failed(next), Some(call)) => {
                format!("the failure of {call}#{} is recorded", next.max(2) - 1)
            }
            (What::Interrupted(_), Some(call)) => format!("{call} is begun again"),
            (What::Completed, Some(call)) => format!("{call} is recorded"),
            (What::GaveUp, Some(call)) => format!("the failure of {call} is recorded"),
            (_, _) => "something else is recorded".to_owned(),
        }
    }
}

/// What a write says, as it follows "crash before".
pub(super) fn words(saga: &Definition, heads: &[String]) -> String {
    let said = heads.iter().filter_map(|head| Said::of(head));
    let words: Vec<_> = said.map(|said| said.words(saga)).collect();
    words.join(" and ")
}

/// The names of the steps around it and its own, and whether it is carried out or undone: from what a journal
/// calls it, where each step that runs a saga is followed by how often it was begun.
pub(super) fn path_of(call: &str) -> Option<(String, Phase)> {
    let (steps, phase) = call.rsplit_once('/')?;
    let phase = match phase {
        "do" => Phase::Step,
        "undo" => Phase::Compensation,
        _ => return None,
    };
    let names: Vec<_> = steps.split('/').step_by(2).collect();
    Some((names.join("/"), phase))
}

pub(super) fn step_at<'d>(saga: &'d Definition, path: &str) -> Option<&'d Step> {
    match path.split_once('/') {
        None => saga.step(path),
        Some((name, inner)) => step_at(saga.step(name)?.nested?, inner),
    }
}

fn called_by(saga: &Definition, path: &str, phase: Phase) -> String {
    if phase == Phase::Step {
        return path.to_owned();
    }
    let undo = step_at(saga, path).and_then(|step| step.compensation.as_ref());
    let Some(undo) = undo else {
        return format!("the undo of {path}");
    };
    let called = match path.rsplit_once('/') {
        Some((around, _)) => format!("{around}/{}", undo.method),
        None => undo.method.to_owned(),
    };
    undo_of(saga, path, &called)
}

/// What is recorded of a saga whose process has ended.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    hand: BTreeSet<String>,
    attempts: BTreeMap<String, u32>,
    ended: BTreeSet<String>,
}

impl Recorded {
    pub(super) fn of<'h>(heads: impl IntoIterator<Item = &'h str>) -> Self {
        let mut recorded = Self::default();
        for said in heads.into_iter().filter_map(Said::of) {
            recorded.take_in(said);
        }
        recorded
    }

    fn take_in(&mut self, said: Said) {
        let Said {
            what,
            call,
            begins,
            waits,
        } = said;
        self.hand.remove(NEXT_UNDO);
        if let Some(call) = call {
            match what {
                What::Began(attempt) | What::Interrupted(attempt) => {
                    if begins.is_empty() {
                        self.hand.insert(call.clone());
                    }
                    self.attempts.insert(call, attempt);
                }
                What::Failed(next) => {
                    if waits {
                        self.hand.remove(&call);
                    }
                    self.attempts.insert(call, next);
                }
                What::Completed | What::GaveUp => {
                    self.hand.remove(&call);
                    self.ended.insert(call);
                }
                What::Submitted | What::Ended | What::Other => {}
            }
        }
        self.hand.extend(begins);
    }

    /// Whether this call is recorded to have ended.
    pub(super) fn has_ended(&self, call: &str) -> bool {
        self.ended.contains(call)
    }

    /// Whether this call was in hand, and so may be carried out again.
    pub(super) fn has_in_hand(&self, call: &str) -> bool {
        let is_next = call.ends_with("/undo") && self.hand.contains(NEXT_UNDO);
        self.hand.contains(call) || (is_next && !self.has_ended(call))
    }

    /// The steps that were in hand, each in which attempt.
    pub(super) fn steps_in_hand(&self) -> impl Iterator<Item = (&str, u32)> {
        let steps = self.hand.iter().filter(|call| call.ends_with("/do"));
        steps.map(|call| (&**call, self.attempts.get(call).copied().unwrap_or(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Recorded, path_of};
    use crate::definition::Phase;

    #[test]
    fn what_is_in_hand_is_what_is_recorded_to_have_begun_and_not_to_have_ended() {
        let hand = |heads: &[&str]| {
            let recorded = Recorded::of(heads.iter().copied());
            let hand: Vec<_> = recorded.steps_in_hand().collect();
            let hand: Vec<_> = hand
                .iter()
                .map(|(call, attempt)| format!("{call}#{attempt}"))
                .collect();
            (hand.join(" "), recorded.has_in_hand("take/undo"))
        };
        let submitted = r#"{"submitted":{"begins":["take/do","look/do"]}}"#;
        let took = r#"{"completed":{"call":"take/do"}}"#;
        let waits = r#"{"failed":{"call":"look/do","next":2,"in_doubt":false,"wait":10}}"#;
        let began = r#"{"began":{"call":"look/do","attempt":2}}"#;
        let gave_up =
            r#"{"gave_up":{"call":"look/do","attempts":2,"in_doubt":false,"begins":["undo"]}}"#;
        let undone = r#"{"completed":{"call":"take/undo","begins":["undo"]}}"#;
        assert_eq!(
            hand(&[submitted]),
            ("look/do#1 take/do#1".to_owned(), false)
        );
        assert_eq!(hand(&[submitted, took]), ("look/do#1".to_owned(), false));
        assert_eq!(hand(&[submitted, took, waits]), (String::new(), false));
        let begun = [submitted, took, waits, began];
        assert_eq!(hand(&begun), ("look/do#2".to_owned(), false));
        let failed = [submitted, took, waits, began, gave_up];
        assert_eq!(hand(&failed), (String::new(), true));
        let all = [submitted, took, waits, began, gave_up, undone];
        assert_eq!(hand(&all), (String::new(), false));
    }

    #[test]
    fn the_way_to_a_call_is_the_names_of_the_steps() {
        assert_eq!(
            path_of("pay/2/charge/undo"),
            Some(("pay/charge".to_owned(), Phase::Compensation))
        );
        assert_eq!(path_of("ship/do"), Some(("ship".to_owned(), Phase::Step)));
        assert_eq!(path_of("undo"), None);
    }
}
