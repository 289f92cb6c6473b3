//! Describes the records of a run in words, and computes what was in flight after the last one.
//!
//! Reads the heads of records according to `docs/journal.md`, independently of the engine that resumes from them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::definition::{Definition, Phase, Step};
use crate::testing::plan::undo_of;

/// The content of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Submitted,
    /// The condition of a step is called, or the input of its nested saga is made.
    Preparing,
    /// This attempt begins.
    Began(u32),
    /// This attempt begins, and is a run of a nested saga.
    NestedBegan(u32),
    /// An attempt failed, and this is the next one.
    Failed(u32),
    /// This attempt begins again.
    Interrupted(u32),
    Completed,
    /// Its condition returned `false`.
    Skipped,
    GaveUp,
    /// An orderly shutdown dropped what was in flight.
    Dropped,
    CancelRequested,
    Ended,
    Other,
}

/// The head of one record.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) what: What,
    /// The call that it is about, if it is about a call.
    pub(super) call: Option<String>,
    begins: Vec<String>,
    waits: bool,
}

impl Head {
    /// Parses a head. `None` if the text is not one.
    pub(super) fn of(head: &str) -> Option<Self> {
        let head: Value = serde_json::from_str(head).ok()?;
        let (kind, body) = head.as_object()?.iter().next()?;
        let number = |key: &str| {
            let number = body.get(key).and_then(Value::as_u64);
            number.and_then(|n| u32::try_from(n).ok()).unwrap_or(1)
        };
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let begins = body.get("begins").and_then(Value::as_array);
        let is_skipped = body.get("skipped") == Some(&Value::Bool(true));
        Some(Self {
            what: match kind.as_str() {
                "submitted" => What::Submitted,
                "preparing" => What::Preparing,
                "began" => What::Began(number("attempt")),
                "nested_began" => What::NestedBegan(number("attempt")),
                "failed" => What::Failed(number("next")),
                "interrupted" => What::Interrupted(number("attempt")),
                "completed" if is_skipped => What::Skipped,
                "completed" => What::Completed,
                "gave_up" => What::GaveUp,
                "dropped" => What::Dropped,
                "cancel_requested" => What::CancelRequested,
                "ended" => What::Ended,
                _ => What::Other,
            },
            call: body.get("call").and_then(text),
            begins: begins.into_iter().flatten().filter_map(text).collect(),
            waits: body.get("wait").is_some(),
        })
    }

    /// The words that follow "crash before".
    fn words(&self, saga: &Definition) -> String {
        let called = self.call.as_deref().and_then(path_of);
        let called = called.map(|(path, phase)| called_by(saga, &path, phase));
        match (self.what, called) {
            (What::Submitted, _) => "the saga is submitted".to_owned(),
            (What::Ended, _) => "the end is recorded".to_owned(),
            (What::Dropped, _) => "the shutdown is recorded".to_owned(),
            (What::CancelRequested, _) => "the cancellation is recorded".to_owned(),
            (What::Preparing, Some(call)) => format!("the preparation of {call} is recorded"),
            (What::Began(attempt) | What::NestedBegan(attempt), Some(call)) => {
                format!("{call}#{attempt} is begun")
            }
            (What::Failed(next), Some(call)) => {
                format!("the failure of {call}#{} is recorded", next.max(2) - 1)
            }
            (What::Interrupted(_), Some(call)) => format!("{call} is begun again"),
            (What::Completed, Some(call)) => format!("{call} is recorded"),
            (What::Skipped, Some(call)) => format!("the skip of {call} is recorded"),
            (What::GaveUp, Some(call)) => format!("the failure of {call} is recorded"),
            (_, _) => "something else is recorded".to_owned(),
        }
    }
}

/// The words for a write, as they follow "crash before".
pub(super) fn words(saga: &Definition, heads: &[String]) -> String {
    let heads = heads.iter().filter_map(|head| Head::of(head));
    let words: Vec<_> = heads.map(|head| head.words(saga)).collect();
    words.join(" and ")
}

/// The names of the steps around a call and its own, and its phase, from its name in a journal: there each step that
/// runs a saga is followed by the number of its attempt.
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

/// The nested run that a call is part of, as `pay/1`; empty for a call of the outermost saga.
pub(super) fn run_of(call: &str) -> &str {
    let mut parts = call.rmatch_indices('/');
    // Without its phase and its step.
    parts
        .nth(1)
        .map_or("", |(at, _)| call.get(..at).unwrap_or_default())
}

/// The step of which a nested run is an attempt: `pay/do` for `pay/1`.
fn step_of_run(run: &str) -> String {
    let step = run.rsplit_once('/').map_or(run, |(step, _)| step);
    format!("{step}/do")
}

/// The recorded state of a saga whose process has ended.
#[derive(Debug)]
pub(super) struct Recorded {
    saga: &'static Definition,
    in_flight: BTreeSet<String>,
    /// The runs whose next compensation is in flight; empty for the outermost saga.
    undoing: BTreeSet<String>,
    attempts: BTreeMap<String, u32>,
    /// The calls of which an attempt has begun: a condition returned `true`, or a nested run began.
    begun: BTreeSet<String>,
    /// How calls ended.
    ended: BTreeMap<String, What>,
}

impl Recorded {
    pub(super) fn of<'h>(
        saga: &'static Definition,
        heads: impl IntoIterator<Item = &'h str>,
    ) -> Self {
        let mut recorded = Self {
            saga,
            in_flight: BTreeSet::new(),
            undoing: BTreeSet::new(),
            attempts: BTreeMap::new(),
            begun: BTreeSet::new(),
            ended: BTreeMap::new(),
        };
        for head in heads.into_iter().filter_map(Head::of) {
            recorded.take_in(head);
        }
        recorded
    }

    fn take_in(&mut self, head: Head) {
        let Head {
            what,
            call,
            begins,
            waits,
        } = head;
        if let Some(call) = call {
            if call.ends_with("/undo") {
                let run = self.rolled_back_by(&call).to_owned();
                self.undoing.remove(&run);
            }
            match what {
                What::Preparing => {
                    self.in_flight.insert(call);
                }
                What::Began(attempt) => {
                    self.in_flight.insert(call.clone());
                    self.begun.insert(call.clone());
                    self.attempts.insert(call, attempt);
                }
                What::NestedBegan(attempt) => {
                    self.forget_runs_of(&call);
                    self.in_flight.remove(&call);
                    self.begun.insert(call.clone());
                    self.attempts.insert(call, attempt);
                }
                What::Interrupted(attempt) => {
                    self.in_flight.insert(call.clone());
                    self.attempts.insert(call, attempt);
                }
                What::Failed(next) => {
                    self.stop_undoing_runs_of(&call);
                    if waits {
                        self.in_flight.remove(&call);
                    } else {
                        self.in_flight.insert(call.clone());
                    }
                    self.attempts.insert(call, next);
                }
                What::Completed | What::Skipped | What::GaveUp => {
                    self.stop_undoing_runs_of(&call);
                    self.in_flight.remove(&call);
                    self.ended.insert(call, what);
                }
                _ => {}
            }
        }
        for begun in begins {
            match begun.strip_suffix("undo") {
                Some(run) if is_run(run) => {
                    self.undoing.insert(run.trim_end_matches('/').to_owned());
                }
                _ => {
                    self.in_flight.insert(begun);
                }
            }
        }
        if what == What::Ended {
            self.in_flight.clear();
            self.undoing.clear();
        }
    }

    /// The run that is rolled back when this compensation runs: its own run or, if that completed and is undone as a
    /// step of an outer run, the outer one.
    fn rolled_back_by<'c>(&self, call: &'c str) -> &'c str {
        let mut run = run_of(call);
        while !run.is_empty() {
            let step = step_of_run(run);
            if self.ended.get(&step) != Some(&What::Completed) {
                break;
            }
            let (around, _) = run.rsplit_once('/').unwrap_or_default();
            run = around.rsplit_once('/').map_or("", |(around, _)| around);
        }
        run
    }

    fn stop_undoing_runs_of(&mut self, call: &str) {
        if let Some(step) = call.strip_suffix("do").filter(|step| step.ends_with('/')) {
            self.undoing.retain(|run| !run.starts_with(step));
        }
    }

    /// Discards the earlier runs of the step whose run begins.
    fn forget_runs_of(&mut self, call: &str) {
        self.stop_undoing_runs_of(call);
        let Some(step) = call.strip_suffix("do") else {
            return;
        };
        let is_of_another = |other: &String| other == call || !other.starts_with(step);
        self.in_flight.retain(is_of_another);
        self.begun.retain(is_of_another);
        self.attempts.retain(|other, _| is_of_another(other));
        self.ended.retain(|other, _| is_of_another(other));
    }

    /// Whether the end of this call is recorded.
    pub(super) fn has_ended(&self, call: &str) -> bool {
        self.ended.contains_key(call)
    }

    /// Whether this call was in flight, so that it may be made again.
    pub(super) fn is_in_flight(&self, call: &str) -> bool {
        let is_next = call.ends_with("/undo") && self.undoing.contains(self.rolled_back_by(call));
        self.in_flight.contains(call) || (is_next && !self.has_ended(call))
    }

    /// The steps that were interrupted, and the attempt of each. A step with a condition is only interrupted once an
    /// attempt of it has begun: before that, its condition was being called. A step that runs a saga is never
    /// interrupted: the steps of that saga are.
    pub(super) fn interrupted_steps(&self) -> impl Iterator<Item = (&str, u32)> {
        let steps = self.in_flight.iter().filter(|call| {
            let step = path_of(call).filter(|(_, phase)| *phase == Phase::Step);
            let step = step.and_then(|(path, _)| step_at(self.saga, &path));
            step.is_some_and(|step| {
                step.nested.is_none() && (step.condition.is_none() || self.begun.contains(*call))
            })
        });
        steps.map(|call| (&**call, self.attempts.get(call).copied().unwrap_or(1)))
    }
}

/// Whether the text before `undo` names a run whose next compensation runs: it is empty, or consists of steps that run
/// sagas, each with its attempt. For a compensation, its own step is there.
fn is_run(before: &str) -> bool {
    before.matches('/').count().is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::{Recorded, path_of, run_of, words};
    use crate::definition::{Condition, Definition, Kind, Location, Phase, Step};

    const HERE: Location = Location::new("", 0);

    const fn step(name: &'static str, index: usize) -> Step {
        Step::new(name, Kind::Compensatable, HERE).at(index)
    }

    static PAYMENT: Definition =
        Definition::new("payment", HERE, &[step("hold", 0), step("charge", 1)]);

    static SHOP: Definition = Definition::new(
        "shop",
        HERE,
        &[
            step("take", 0),
            step("look", 1),
            step("wrap", 2).condition(Condition::new("wants", HERE)),
            step("pay", 3).nested(&PAYMENT),
        ],
    );

    /// The steps that were interrupted after these records.
    fn interrupted(heads: &[&str]) -> String {
        let recorded = Recorded::of(&SHOP, heads.iter().copied());
        let steps = recorded.interrupted_steps();
        let steps: Vec<_> = steps
            .map(|(call, attempt)| format!("{call}#{attempt}"))
            .collect();
        steps.join(" ")
    }

    fn is_in_flight(heads: &[&str], call: &str) -> bool {
        Recorded::of(&SHOP, heads.iter().copied()).is_in_flight(call)
    }

    const SUBMITTED: &str = r#"{"submitted":{"begins":["take/do","look/do"]}}"#;
    const TOOK: &str = r#"{"completed":{"call":"take/do"}}"#;
    const WAITS: &str = r#"{"failed":{"call":"look/do","next":2,"in_doubt":false,"wait":10}}"#;
    const BEGAN: &str = r#"{"began":{"call":"look/do","attempt":2}}"#;

    #[test]
    fn what_is_in_flight_is_what_is_recorded_to_have_begun_and_not_to_have_ended() {
        let gave_up =
            r#"{"gave_up":{"call":"look/do","attempts":2,"in_doubt":false,"begins":["undo"]}}"#;
        let undone = r#"{"completed":{"call":"take/undo","begins":["undo"]}}"#;
        let all = [SUBMITTED, TOOK, WAITS, BEGAN, gave_up, undone];
        for (count, steps, undo) in [
            (1, "look/do#1 take/do#1", false),
            (2, "look/do#1", false),
            (3, "", false),
            (4, "look/do#2", false),
            (5, "", true),
            (6, "", false),
        ] {
            let heads: Vec<_> = all.iter().copied().take(count).collect();
            assert_eq!(interrupted(&heads), steps, "after {count} records");
            let is_undo = is_in_flight(&heads, "take/undo");
            assert_eq!(is_undo, undo, "after {count} records");
        }
    }

    #[test]
    fn a_step_with_a_condition_is_asked_again_and_not_interrupted_before_its_attempt_begins() {
        let begun = r#"{"completed":{"call":"look/do","begins":["wrap/do"]}}"#;
        let asked_again = r#"{"preparing":{"call":"wrap/do"}}"#;
        let began = r#"{"began":{"call":"wrap/do","attempt":1}}"#;
        for asked in [begun, asked_again] {
            assert_eq!(interrupted(&[asked]), "");
            assert!(is_in_flight(&[asked], "wrap/do"));
            assert_eq!(interrupted(&[asked, began]), "wrap/do#1");
        }
        let failed = r#"{"failed":{"call":"wrap/do","next":2,"in_doubt":false}}"#;
        assert_eq!(interrupted(&[begun, began, failed]), "wrap/do#2");
    }

    #[test]
    fn of_a_step_that_runs_a_saga_the_steps_of_that_are_interrupted() {
        let asked = r#"{"completed":{"call":"wrap/do","begins":["pay/do"]}}"#;
        let began = r#"{"nested_began":{"call":"pay/do","attempt":1,"begins":["pay/1/hold/do"]}}"#;
        let held = r#"{"completed":{"call":"pay/1/hold/do","begins":["pay/1/charge/do"]}}"#;
        assert_eq!(interrupted(&[asked]), "");
        assert!(is_in_flight(&[asked], "pay/do"));
        assert_eq!(interrupted(&[asked, began]), "pay/1/hold/do#1");
        assert!(!is_in_flight(&[asked, began], "pay/do"));
        assert_eq!(interrupted(&[asked, began, held]), "pay/1/charge/do#1");

        // Of its first run nothing is left when the second begins.
        let failed = r#"{"failed":{"call":"pay/do","next":2,"in_doubt":false}}"#;
        let again = r#"{"nested_began":{"call":"pay/do","attempt":2,"begins":["pay/2/hold/do"]}}"#;
        let twice = [asked, began, held, failed, again];
        assert_eq!(interrupted(&twice), "pay/2/hold/do#1");
        let recorded = Recorded::of(&SHOP, twice);
        assert!(!recorded.has_ended("pay/1/hold/do"));
    }

    #[test]
    fn the_next_undo_is_that_of_the_run_that_is_rolled_back() {
        let began = r#"{"nested_began":{"call":"pay/do","attempt":1,"begins":["pay/1/hold/do"]}}"#;
        let held = r#"{"completed":{"call":"pay/1/hold/do","begins":["pay/1/charge/do"]}}"#;
        let failed = r#"{"gave_up":{"call":"pay/1/charge/do","attempts":1,"in_doubt":false,"begins":["pay/1/undo"]}}"#;
        let rolled_back = [TOOK, began, held, failed];
        assert!(is_in_flight(&rolled_back, "pay/1/hold/undo"));
        assert!(!is_in_flight(&rolled_back, "take/undo"));

        // One that completed is undone with the saga around it.
        let charged = r#"{"completed":{"call":"pay/1/charge/do"}}"#;
        let paid = r#"{"completed":{"call":"pay/do","begins":["ship/do"]}}"#;
        let stopped =
            r#"{"gave_up":{"call":"ship/do","attempts":1,"in_doubt":false,"begins":["undo"]}}"#;
        let undone = [TOOK, began, held, charged, paid, stopped];
        assert!(is_in_flight(&undone, "pay/1/hold/undo"));
        assert!(is_in_flight(&undone, "take/undo"));

        // What ends the run of a step ends what is undone of it.
        let gave_up =
            r#"{"gave_up":{"call":"pay/do","attempts":1,"in_doubt":false,"begins":["undo"]}}"#;
        let over = [TOOK, began, held, failed, gave_up];
        assert!(!is_in_flight(&over, "pay/1/hold/undo"));
        assert!(is_in_flight(&over, "take/undo"));
        let ended = r#"{"ended":{"end":"compensated"}}"#;
        assert!(!is_in_flight(
            &[TOOK, began, held, failed, gave_up, ended],
            "take/undo"
        ));
    }

    #[test]
    fn each_record_has_words() {
        let heads = [
            SUBMITTED,
            r#"{"preparing":{"call":"wrap/do"}}"#,
            BEGAN,
            r#"{"nested_began":{"call":"pay/do","attempt":1,"begins":["pay/1/hold/do"]}}"#,
            r#"{"interrupted":{"call":"take/do","attempt":1,"times":1,"in_doubt":true}}"#,
            WAITS,
            TOOK,
            r#"{"completed":{"call":"wrap/do","skipped":true}}"#,
            r#"{"completed":{"call":"pay/1/hold/do"}}"#,
            r#"{"gave_up":{"call":"pay/1/charge/do","attempts":1,"in_doubt":false}}"#,
            r#"{"completed":{"call":"take/undo"}}"#,
            r#"{"dropped":{"calls":["take/do"]}}"#,
            r#"{"cancel_requested":{}}"#,
            r#"{"ended":{"end":"completed"}}"#,
            r#"{"unheard_of":{}}"#,
        ];
        let words = |head: &&str| words(&SHOP, &[(*head).to_owned()]);
        let words: Vec<_> = heads.iter().map(words).collect();
        assert_eq!(
            words,
            [
                "the saga is submitted",
                "the preparation of wrap is recorded",
                "look#2 is begun",
                "pay#1 is begun",
                "take is begun again",
                "the failure of look#1 is recorded",
                "take is recorded",
                "the skip of wrap is recorded",
                "pay/hold is recorded",
                "the failure of pay/charge is recorded",
                "the undo of take is recorded",
                "the shutdown is recorded",
                "the cancellation is recorded",
                "the end is recorded",
                "something else is recorded",
            ]
        );
    }

    #[test]
    fn the_way_to_a_call_is_the_names_of_the_steps() {
        assert_eq!(
            path_of("pay/2/charge/undo"),
            Some(("pay/charge".to_owned(), Phase::Compensation))
        );
        assert_eq!(path_of("ship/do"), Some(("ship".to_owned(), Phase::Step)));
        assert_eq!(path_of("undo"), None);
        assert_eq!(run_of("pay/2/charge/undo"), "pay/2");
        assert_eq!(run_of("order/1/pay/2/charge/do"), "order/1/pay/2");
        assert_eq!(run_of("ship/do"), "");
    }
}
