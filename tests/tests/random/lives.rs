//! Random sagas with an engine over a journal. Without a crash they do what the model says. With crashes and
//! shutdowns at random writes, and cancellations and deadlines in several lives, they follow the rules of the
//! design.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::Arc;

use saga_core::RunOptions;
use saga_core::durable::{Entry, SagaState};
use saga_tests::cut_journal::Kill;
use saga_tests::history::{Event, History};
use saga_tests::judge::written;
use saga_tests::lives::{CancelAt, Life, Outcome, Runs, Subject, Typed};

use crate::case::{Case, Phase};
use crate::dice::Dice;
use crate::generate::drawn_of;
use crate::machine::Random;
use crate::service::Service;
use crate::shapes::{BRANCHES, TREES};
use crate::summary::{Called, End};
use crate::{journaled, model};

/// The id of the run in the model.
const ID: &str = "1";

/// How many of the sagas an engine runs here: each of them is a type to compile.
const MANY: usize = 64;

/// The saga of this number among those.
const fn saga(number: usize) -> usize {
    match number {
        0..32 => number * 9,
        32..52 => BRANCHES.start + (number - 32) * 2,
        _ => TREES.start + (number - 52) * 2,
    }
}

type Of = fn(&Case, Arc<Service>) -> Box<dyn Runs>;

fn of<const SAGA: usize>(case: &Case, service: Arc<Service>) -> Box<dyn Runs> {
    Box::new(Typed::<Random<SAGA>> {
        service,
        options: RunOptions::new(),
        input: journaled::runs(case),
    })
}

static SAGAS: [[Of; 8]; MANY / 8] = {
    macro_rules! eight {
        ($digit:expr) => {
            [
                of::<{ saga(8 * $digit) }>,
                of::<{ saga(8 * $digit + 1) }>,
                of::<{ saga(8 * $digit + 2) }>,
                of::<{ saga(8 * $digit + 3) }>,
                of::<{ saga(8 * $digit + 4) }>,
                of::<{ saga(8 * $digit + 5) }>,
                of::<{ saga(8 * $digit + 6) }>,
                of::<{ saga(8 * $digit + 7) }>,
            ]
        };
    }
    [
        eight!(0),
        eight!(1),
        eight!(2),
        eight!(3),
        eight!(4),
        eight!(5),
        eight!(6),
        eight!(7),
    ]
};

/// A random case of the saga of this number. Its policies are those of the definition.
fn drawn(dice: &mut Dice, number: usize) -> Case {
    let mut case = drawn_of(dice, saga(number));
    for script in &mut case.scripts {
        script.policy = None;
        script.undo_policy = None;
    }
    case
}

struct LifeResult {
    outcome: Option<Outcome>,
    calls: Vec<Called>,
    events: Vec<Event>,
}

fn live(case: &Case, number: usize, lives: &[Life]) -> LifeResult {
    let history = Arc::new(History::new(ID));
    let mut service = Service::default();
    service.history = Some(Arc::clone(&history));
    let service = Arc::new(service);
    let saga = SAGAS.as_flattened()[number](case, Arc::clone(&service));
    let subject = Subject {
        saga: &*saga,
        deadline: case.deadline().map(Duration::from_millis),
        history: Arc::clone(&history),
        moment: &|| Box::pin(core::future::pending()),
    };
    let outcome = subject.live(lives);
    let (calls, events) = (service.take_calls(), history.events());
    LifeResult {
        outcome,
        calls,
        events,
    }
}

/// What is wrong with it by the rules of its definition.
fn judged(case: &Case, lives: &[Life], lived: &LifeResult) -> Option<String> {
    let wrong = match &lived.outcome {
        None => "it has no end".to_owned(),
        Some(outcome) if outcome.wrong.is_empty() => return None,
        Some(outcome) => outcome.wrong.join("; "),
    };
    let events = written(&lived.events);
    Some(format!("{wrong}\n{case:?}\n{lives:?}\n{events}"))
}

/// That of the case, in the first life.
fn first(case: &Case, life: Life) -> Life {
    match case.cancel {
        None => life,
        Some(0) => life.cancel(CancelAt::Start),
        Some(at) => life.cancel(CancelAt::After(Duration::from_millis(at))),
    }
}

const fn state_of(end: End) -> SagaState {
    match end {
        End::Completed => SagaState::Completed,
        End::Compensated => SagaState::Compensated,
        End::Stuck => SagaState::Stuck,
    }
}

fn check(wrong: &[String], of: usize) {
    let few = &wrong[..wrong.len().min(3)];
    assert!(
        wrong.is_empty(),
        "{} wrong of {of}:\n{}",
        wrong.len(),
        few.join("\n")
    );
}

/// How many cases, unless `RANDOM_LIVES` asks for more.
fn cases(few: usize) -> usize {
    let asked = std::env::var("RANDOM_LIVES").ok();
    asked.map_or(few, |asked| asked.parse().expect("a number of cases"))
}

#[test]
fn an_engine_does_what_the_model_says() {
    let (mut wrong, mut compared) = (Vec::new(), 0);
    let all = cases(2_000);
    for nth in 0..all {
        let mut dice = Dice::new(nth as u64);
        let number = nth % MANY;
        let case = drawn(&mut dice, number);
        let model = model::run(&case);
        // A token that is cancelled before the run: what is submitted has begun.
        if model.is_race || case.cancel == Some(0) {
            continue;
        }
        let lives = [first(&case, Life::last())];
        let lived = live(&case, number, &lives);
        wrong.extend(judged(&case, &lives, &lived));
        let Some(outcome) = &lived.outcome else {
            continue;
        };
        if outcome.state != state_of(model.summary.end) || lived.calls != model.summary.calls {
            let calls = |calls: &[Called]| -> String {
                let lines: Vec<_> = calls.iter().map(|call| format!("  {call}")).collect();
                lines.join("\n") + "\n"
            };
            wrong.push(format!(
                "{case:?}\nengine: {}\n{}model: {:?}\n{}{}",
                outcome.state,
                calls(&lived.calls),
                model.summary.end,
                calls(&model.summary.calls),
                written(&lived.events)
            ));
        }
        compared += 1;
    }
    check(&wrong, compared);
    if all == 2_000 {
        assert_eq!(compared, 1_920);
    }
}

/// Whether nothing in a case depends on timing: a crash delays what is executed again.
fn is_timeless(case: &Case) -> bool {
    let steps = case.shape.steps().iter().enumerate();
    let mut steps = steps.map(|(index, step)| {
        let is_alone = case.shape.stage_of(index).len() == 1;
        let runs = step.runs.is_none_or(|_| {
            let policy = case.policy(index, Phase::Do);
            policy.limit == 0
                && (1..=policy.attempts).all(|attempt| is_timeless(&case.run(index, attempt)))
        });
        is_alone && runs
    });
    case.cancel.is_none() && case.deadline().is_none() && steps.all(|is_so| is_so)
}

/// Whether an interruption left a call in doubt that did not complete then.
fn is_doubtful(recorded: &[Entry]) -> bool {
    let gave_up: BTreeSet<_> = recorded
        .iter()
        .filter_map(|entry| match entry {
            Entry::GaveUp { call, .. } => Some(call.to_string()),
            _ => None,
        })
        .collect();
    recorded.iter().any(|entry| match entry {
        Entry::Interrupted {
            call,
            in_doubt: true,
            ..
        } => gave_up.contains(&call.to_string()),
        // At most once.
        Entry::GaveUp { in_doubt: true, .. } => true,
        _ => false,
    })
}

/// Lives that end at random writes.
fn drawn_lives(dice: &mut Dice, case: &Case, writes: usize) -> Vec<Life> {
    let many = 1 + dice.below(3);
    let mut lives = Vec::new();
    for nth in 0..many {
        let left = if nth == 0 { writes } else { 1 + writes / 2 };
        let at = 1 + dice.below(left);
        let mut life = match dice.below(10) {
            0..4 => Life::until(Kill::Before(at)),
            4..8 => Life::until(Kill::After(at)),
            8 => Life::until(Kill::Shutdown(at)),
            _ => Life::until(Kill::Shutdown(at)).grace(Duration::ZERO),
        };
        if nth == 0 {
            life = first(case, life);
        }
        lives.push(life);
    }
    lives.push(Life::last());
    for life in &mut lives {
        // A third of the cases has requests from outside, which the model does not know.
        if dice.percent(12) && life.cancel.is_none() {
            let cancel = if dice.percent(50) {
                CancelAt::Start
            } else {
                CancelAt::Call(1 + dice.below(3))
            };
            *life = life.cancel(cancel);
        }
        if dice.percent(15)
            && let Some(deadline) = case.deadline()
        {
            *life = life.pause(Duration::from_millis(deadline + 1_000));
        }
    }
    lives
}

#[test]
fn random_lives_leave_what_the_design_says() {
    let (mut wrong, mut runs, mut compared) = (Vec::new(), 0, 0);
    let all = cases(4_000);
    for nth in 0..all {
        let mut dice = Dice::new(1_000_000 + nth as u64);
        let number = nth % MANY;
        let case = drawn(&mut dice, number);
        let whole = live(&case, number, &[first(&case, Life::last())]);
        let writes = whole.outcome.map_or(0, |outcome| outcome.writes[0]);
        let lives = drawn_lives(&mut dice, &case, writes.max(1));
        let lived = live(&case, number, &lives);
        wrong.extend(judged(&case, &lives, &lived));
        runs += 1;
        let Some(outcome) = &lived.outcome else {
            continue;
        };
        let recorded = lived.events.iter().rev().find_map(|event| match event {
            Event::LifeOver { recorded, .. } => Some(recorded),
            _ => None,
        });
        let is_cancelled = lives.iter().any(|life| life.cancel.is_some());
        if is_cancelled || !is_timeless(&case) || recorded.is_none_or(|all| is_doubtful(all)) {
            continue;
        }
        // The interrupted calls completed in the end, so nothing shows of the interruption.
        let model = model::run(&case).summary;
        let keys = |calls: &[Called]| -> BTreeSet<_> {
            calls
                .iter()
                .map(|call| (call.key.clone(), call.to_string()))
                .collect()
        };
        if outcome.state != state_of(model.end) || keys(&lived.calls) != keys(&model.calls) {
            wrong.push(format!(
                "another end than {:?}\n{case:?}\n{lives:?}\n{}\n{model:?}",
                model.end,
                written(&lived.events)
            ));
        }
        compared += 1;
    }
    check(&wrong, runs);
    if all == 4_000 {
        assert_eq!((runs, compared), (4_000, 411));
    }
}
