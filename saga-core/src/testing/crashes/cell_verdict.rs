//! Judges whether a run whose process ended once continued as it must.

use std::collections::BTreeMap;

use super::cell::CrashCell;
use super::process_life::{Life, LifeEnd};
use super::record_text::{Recorded, path_of, step_at, words};
use crate::definition::Definition;
use crate::durable::SagaState;
use crate::observe::SagaOutcome;
use crate::testing::cell_run::call_lines;
use crate::testing::ending::Ending;
use crate::testing::judge::{Expected, Interrupted, Known};
use crate::testing::log::{CellLog, LoggedAttempt};
use crate::testing::matrix_failed::FailedCell;

/// The result of a cell.
pub(super) struct TwoLives {
    pub(super) first: Life,
    /// The heads of the records that existed when the second life began.
    pub(super) recorded: Vec<String>,
    pub(super) second: Life,
    /// The state of the saga in the journal.
    pub(super) state: Option<SagaState>,
    pub(super) invariant: Result<(), String>,
    pub(super) snapshot: Result<(), String>,
}

/// What was wrong in a cell, if anything was.
pub(super) fn judged(
    saga: &'static Definition,
    cell: &CrashCell,
    known: &mut Known,
    lives: &TwoLives,
) -> Option<FailedCell> {
    let TwoLives { first, second, .. } = lives;
    let recorded = Recorded::of(saga, lives.recorded.iter().map(String::as_str));
    known.accepted.clone_from(&first.log.accepted);
    known.accepted.extend(second.log.accepted.clone());
    known.interrupted = interrupted(&recorded, &first.log, &second.log);
    known.last_made = last_made(&first.log, &second.log);
    let expected = Expected::of(saga, &cell.second(), known);
    known.interrupted.clear();
    known.last_made.clear();

    let mut wrong = Vec::new();
    let at = first.writes.get(cell.cut.write - 1);
    let at = at.map(|heads| words(saga, heads));
    if !matches!(first.end, LifeEnd::Crash) || at.as_ref() != Some(&cell.write) {
        let instead = match at {
            Some(at) if at != cell.write => format!("when it was to be, {at}"),
            _ => "there are fewer writes".to_owned(),
        };
        wrong.push(format!("the crash was not reached: {instead}"));
    }
    let before = cell.cut.write - usize::from(!cell.cut.is_after);
    let written = first.writes.iter().take(before).flatten();
    if wrong.is_empty() && !written.eq(&lives.recorded) {
        wrong.push("the crash was not reached: something else is in the journal".to_owned());
    }
    // No attempt of a step runs before it is recorded that its condition returned `true`.
    let has_condition = |call: &str| {
        let step = path_of(call).and_then(|(path, _)| step_at(saga, &path));
        step.is_some_and(|step| step.condition.is_some())
    };
    let again = made_again(&recorded, &first.log, &second.log, has_condition);
    wrong.extend(again);
    let attempts = once(&first.log, &second.log);
    let is_expected = expected.is(&attempts);
    if !is_expected {
        wrong.push("the calls are not those that had to be made".to_owned());
    }
    match &second.end {
        LifeEnd::Saga(ending, _) if lives.state != Some(state_of(ending)) => {
            let state = lives.state.map_or("nothing", SagaState::as_str);
            wrong.push(format!(
                "the run ended {ending}, and the journal says {state}"
            ));
        }
        LifeEnd::Saga(ending, _) if *ending == expected.ending => {}
        LifeEnd::Saga(ending, _) => wrong.push(format!(
            "the run ended {ending}, and had to end {}",
            expected.ending
        )),
        LifeEnd::Stopped(why) => {
            wrong.push(format!("the saga does not go on after the crash: {why}"));
        }
        LifeEnd::Never | LifeEnd::Crash => {
            wrong.push("the run never ends: something is waited for that never comes".to_owned());
        }
    }
    if let Err(why) = &lives.invariant {
        wrong.push(format!("the invariant does not hold: {why}"));
    }
    if let Err(why) = &lives.snapshot {
        wrong.push(why.clone());
    }
    if wrong.is_empty() {
        return None;
    }
    let name = cell.to_string();
    let expected = (!is_expected).then_some(&expected);
    let description = description(saga, &wrong, cell, (lives, expected));
    Some(FailedCell {
        name,
        wrong,
        description,
    })
}

const fn state_of(ending: &Ending) -> SagaState {
    match ending.outcome {
        SagaOutcome::Completed => SagaState::Completed,
        SagaOutcome::Compensated => SagaState::Compensated,
        SagaOutcome::Stuck => SagaState::Stuck,
    }
}

/// An attempt, its name in the journal, and whether it returned an output.
type Attempt<'t> = (&'t LoggedAttempt, &'t str, Option<bool>);

fn attempts(log: &CellLog) -> impl DoubleEndedIterator<Item = Attempt<'_>> {
    let all = log.attempts.iter().zip(&log.calls);
    all.map(|(made, (name, returned))| (made, &**name, *returned))
}

/// The steps that the crash interrupted.
fn interrupted(
    recorded: &Recorded,
    first: &CellLog,
    second: &CellLog,
) -> BTreeMap<String, Interrupted> {
    let steps = recorded.interrupted_steps().map(|(call, attempt)| {
        let is_it = |(made, name, _): Attempt<'_>| name == call && made.attempt == attempt;
        let last = attempts(second).rev().find(|(_, name, _)| *name == call);
        let failed = last.and_then(|(made, _, returned)| {
            let is_by_itself = made.fault.is_none() && returned != Some(true);
            is_by_itself.then_some(made.attempt)
        });
        let interrupted = Interrupted {
            attempt,
            is_called: attempts(first).any(is_it),
            failed,
        };
        (call.to_owned(), interrupted)
    });
    steps.collect()
}

/// The last attempt that was made of each step.
fn last_made(first: &CellLog, second: &CellLog) -> BTreeMap<String, u32> {
    let mut last = BTreeMap::new();
    for (made, name, _) in attempts(first).chain(attempts(second)) {
        let attempt = last.entry(name.to_owned()).or_insert(made.attempt);
        *attempt = made.attempt.max(*attempt);
    }
    last
}

/// The attempts of both lives, with those that were interrupted only once.
fn once(first: &CellLog, second: &CellLog) -> Vec<LoggedAttempt> {
    let is_again = |(made, name, _): &Attempt<'_>| {
        attempts(second).any(|(again, other, _)| other == *name && again.attempt == made.attempt)
    };
    let first = attempts(first).filter(|attempt| !is_again(attempt));
    let all = first.chain(attempts(second));
    all.map(|(made, ..)| made.clone()).collect()
}

/// Attempts that were made again although they must not be.
fn made_again(
    recorded: &Recorded,
    first: &CellLog,
    second: &CellLog,
    has_condition: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, (made, name, _)) in attempts(second).enumerate() {
        let is_it = |(other, of, _): Attempt<'_>| of == name && other.attempt == made.attempt;
        let had_begun = |(made, _, returned): &Attempt<'_>| {
            (returned.is_some() && !made.skipped) || !has_condition(name)
        };
        let before = attempts(first).filter(|attempt| is_it(*attempt) && had_begun(attempt));
        let before = before.count();
        let in_this = attempts(second).take(index);
        if recorded.has_ended(name) {
            wrong.push(format!(
                "`{made}` was made after the crash, and is recorded to have ended before"
            ));
        } else if before > 0 && !recorded.is_in_flight(name) {
            wrong.push(format!(
                "`{made}` was made again after the crash, and was not in flight"
            ));
        } else if before > 0 && in_this.filter(|attempt| is_it(*attempt)).count() > 0 {
            wrong.push(format!("`{made}` was made more than once again"));
        }
    }
    wrong
}

/// The attempts as lines, with a note if the method returned an error.
fn calls_with_errors(log: &CellLog) -> Vec<String> {
    let mut lines = Vec::new();
    let mut from = 0;
    for (index, (_, _, returned)) in attempts(log).enumerate() {
        if returned == Some(false) {
            lines.extend(call_lines(
                log.attempts.get(from..=index).unwrap_or_default(),
            ));
            if let Some(last) = lines.last_mut() {
                last.push_str(": returns an error");
            }
            from = index + 1;
        }
    }
    lines.extend(call_lines(log.attempts.get(from..).unwrap_or_default()));
    lines
}

fn description(
    saga: &Definition,
    wrong: &[String],
    cell: &CrashCell,
    (lives, expected): (&TwoLives, Option<&Expected>),
) -> String {
    let TwoLives {
        first,
        second,
        recorded,
        ..
    } = lives;
    let name = cell.to_string();
    let mut lines = vec![format!("cell: {name}")];
    // The message of an invariant may have several lines.
    let indented = |wrong: &String| format!("  {}", wrong.replace('\n', "\n    "));
    lines.extend(wrong.iter().map(indented));
    lines.push(
        "  the calls as they were made, by the process that ends and by the next:".to_owned(),
    );
    lines.extend(calls_with_errors(&first.log));
    let when = if cell.cut.is_after { "after" } else { "before" };
    lines.push(format!("    --- the process ends {when} {}", cell.write));
    lines.extend(calls_with_errors(&second.log));
    if let Some(expected) = expected {
        lines.push("  the calls that had to be made, those in flight perhaps twice:".to_owned());
        lines.extend(call_lines(&expected.calls));
    }
    let recorded: Vec<_> = recorded
        .iter()
        .map(|head| words(saga, core::slice::from_ref(head)))
        .collect();
    let recorded = match recorded.as_slice() {
        [] => "nothing".to_owned(),
        some => some.join(", "),
    };
    lines.push(format!("  recorded when it ended: {recorded}"));
    if let LifeEnd::Saga(ending, report) = &second.end {
        lines.push(format!("  the run ended {ending}"));
        if let Some(report) = report {
            lines.push("  its report:".to_owned());
            lines.extend(report.lines().map(|line| format!("    {line}")));
        }
    }
    lines.push(format!("  only this cell again: .only({name:?})"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{made_again, once};
    use crate::definition::{Definition, Kind, Location, Phase, Step};
    use crate::testing::crashes::record_text::Recorded;
    use crate::testing::log::{CellLog, LoggedAttempt};

    const HERE: Location = Location::new("", 0);

    static TILL: Definition = Definition::new(
        "till",
        HERE,
        &[
            Step::new("take", Kind::Compensatable, HERE),
            Step::new("spend", Kind::Pivot, HERE).at(1),
        ],
    );

    /// A life in which these calls were made, once each.
    fn life(calls: &str) -> CellLog {
        let mut log = CellLog::default();
        for call in calls.split_whitespace() {
            let (step, phase) = call.split_once('/').unwrap();
            log.attempts.push(LoggedAttempt {
                step: step.to_owned(),
                called: call.to_owned(),
                phase: match phase {
                    "do" => Phase::Step,
                    _ => Phase::Compensation,
                },
                attempt: 1,
                fault: None,
                skipped: false,
            });
            log.calls.push((call.to_owned(), Some(true)));
        }
        log
    }

    fn wrong(recorded: &[&str], first: &str, second: &str) -> Vec<String> {
        let recorded = Recorded::of(&TILL, recorded.iter().copied());
        made_again(&recorded, &life(first), &life(second), |_| false)
    }

    const SUBMITTED: &str = r#"{"submitted":{"begins":["take/do"]}}"#;
    const TOOK: &str = r#"{"completed":{"call":"take/do","begins":["spend/do"]}}"#;
    const FAILED: &str =
        r#"{"gave_up":{"call":"spend/do","attempts":1,"in_doubt":false,"begins":["undo"]}}"#;

    #[test]
    fn what_was_in_flight_may_be_made_once_more() {
        assert_eq!(wrong(&[SUBMITTED], "take/do", "take/do spend/do"), [""; 0]);
        let undoing = [SUBMITTED, TOOK, FAILED];
        let first = "take/do spend/do take/undo";
        assert_eq!(wrong(&undoing, first, "take/undo"), [""; 0]);
        assert_eq!(
            wrong(&[SUBMITTED], "take/do", "take/do take/do"),
            ["`take/do#1` was made more than once again"]
        );
    }

    #[test]
    fn what_is_recorded_to_have_ended_must_not_be_made_again() {
        assert_eq!(
            wrong(&[SUBMITTED, TOOK], "take/do", "take/do spend/do"),
            ["`take/do#1` was made after the crash, and is recorded to have ended before"]
        );
    }

    #[test]
    fn what_was_not_in_flight_must_not_be_made_again() {
        assert_eq!(
            wrong(&[], "take/do", "take/do"),
            ["`take/do#1` was made again after the crash, and was not in flight"]
        );
    }

    #[test]
    fn an_attempt_that_was_interrupted_counts_once() {
        let calls = |first, second| {
            let made = once(&life(first), &life(second));
            let called: Vec<_> = made.into_iter().map(|made| made.called).collect();
            called.join(" ")
        };
        assert_eq!(
            calls("take/do spend/do", "spend/do send/do"),
            "take/do spend/do send/do"
        );
    }
}
