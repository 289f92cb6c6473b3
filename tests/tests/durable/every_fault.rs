//! Every fault at every step of a saga with all features, and a cancellation and a deadline at every moment, with
//! an engine over a journal. The calls and the end must be those in memory. Then the same with a process that ends
//! before and after each write, and another one that continues; and with each write failing for a while, with and
//! without effect.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use saga_core::durable::{Engine, InMemoryJournal, Journal as _, JournalErrorKind, OutcomeError};
use saga_core::{Ended, Policy, RunOptions};
use saga_tests::cells::{By, Cell, When, cells, method_of, steps_and_end, without_keys};
use saga_tests::cut_journal::{CutJournal, Kill};
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use saga_tests::ten_steps::{TIMEOUT, Works, WorksSaga};
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep};

const ID: &str = "run-1";

/// As in `every_cell`.
const LONG_WAIT: Duration = Duration::from_hours(24 * 1_000_000);

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

fn options(works: &Works, deadline: Option<Duration>) -> RunOptions<WorksSaga> {
    let options = RunOptions::new().deadline(deadline.unwrap_or(Duration::MAX));
    works.patient().fold(options, |options, method| {
        let policy = |attempts| {
            Policy::attempts(attempts)
                .backoff(LONG_WAIT, LONG_WAIT)
                .timeout(TIMEOUT)
        };
        let changed = match method.strip_prefix("un") {
            Some(step) => options.compensation_policy(step, policy(2)),
            None => options.policy(method, policy(3)),
        };
        changed.expect("a method of the saga")
    })
}

/// One life of the process. It ends when the saga or the process has ended.
fn live(
    cell: &Cell,
    works: &Arc<Works>,
    journal: &CutJournal,
    deadline: Option<Duration>,
) -> Option<Ended<WorksSaga>> {
    runtime().block_on(async {
        let options = options(works, deadline);
        let builder = Engine::builder().register_with::<WorksSaga>(Arc::clone(works), options);
        let engine = builder.open(journal.clone()).await.unwrap();
        let cancels = matches!(cell.ended, Some((By::Cancelling, When::At(_))));
        let run = async {
            let mut handle = engine.submit::<WorksSaga>(ID, 42).await.unwrap();
            let reached = async {
                if cancels {
                    works.reached().await;
                    engine.cancel(ID).await.unwrap();
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                biased;
                ended = handle.outcome() => ended.unwrap(),
                () = reached => unreachable!("never ready"),
            }
        };
        tokio::select! {
            biased;
            () = journal.over() => None,
            ended = run => Some(ended),
        }
    })
}

/// How long the run takes to reach the moment, if a deadline ends it then.
fn deadline(cell: &Cell) -> Option<Duration> {
    match cell.ended {
        None | Some((By::Cancelling, _)) => return None,
        Some((By::Deadline, When::Start)) => return Some(Duration::ZERO),
        Some((By::Deadline, When::At(_))) => {}
    }
    let works = Arc::new(cell.works());
    runtime().block_on(async {
        let builder =
            Engine::builder().register_with::<WorksSaga>(Arc::clone(&works), options(&works, None));
        let engine = builder.open(InMemoryJournal::new()).await.unwrap();
        let began = Instant::now();
        let handle = engine.submit::<WorksSaga>(ID, 42).await.unwrap();
        works.reached().await;
        drop(handle);
        Some(began.elapsed())
    })
}

struct LifeResult {
    calls: Vec<String>,
    steps: String,
    end: String,
    report: String,
}

impl LifeResult {
    fn of(works: &Works, ended: &Ended<WorksSaga>) -> Self {
        assert_eq!(works.mistakes.lock().unwrap().clone(), [""; 0]);
        let calls = without_keys(ID, &works.calls.take());
        let (steps, end) = steps_and_end(ended, &calls);
        let report = ended.as_ref().err().map(|error| error.report().to_string());
        Self {
            calls,
            steps,
            end,
            report: report.unwrap_or_default(),
        }
    }
}

/// The cells in which no token is cancelled before the run begins: a submitted saga has begun.
fn all() -> impl Iterator<Item = Cell> {
    let at_start = |cell: &Cell| matches!(cell.ended, Some((By::Cancelling, When::Start)));
    cells().into_iter().filter(move |cell| !at_start(cell))
}

#[test]
fn every_fault_cancellation_and_deadline_has_the_same_calls_and_the_same_end_as_in_memory() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for cell in all() {
        let works = Arc::new(cell.works());
        let journal = CutJournal::new(InMemoryJournal::new(), Kill::Never);
        let ended = live(&cell, &works, &journal, deadline(&cell)).unwrap();
        let lived = LifeResult::of(&works, &ended);
        let mut compare = |what: &str, is: &str, should_be: &str| {
            if is != should_be {
                wrong.push(format!(
                    "{cell}\n  {what} are {is}\n  {what} to be {should_be}"
                ));
            }
        };
        compare("calls", &lived.calls.join(" "), &cell.calls.join(" "));
        compare("steps", &lived.steps, &cell.steps);
        compare("end", &lived.end, &cell.end);
        count += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(count, 529);
}

/// A report without what it says of calls during which the process ended.
fn without_interruptions(report: &str) -> String {
    let lines = report.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with("the process ended ") && !line.starts_with("in doubt")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is wrong with a run whose process ended once, compared with one whose process did not.
fn compare(whole: &LifeResult, cut: &LifeResult, kill: Kill, recorded: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::<&str, (usize, usize)>::new();
    for call in &whole.calls {
        counts.entry(call).or_default().0 += 1;
    }
    for call in &cut.calls {
        counts.entry(call).or_default().1 += 1;
    }
    let again: Vec<_> = counts
        .iter()
        .filter(|(_, (_, cut))| *cut > 1)
        .map(|(call, _)| *call)
        .collect();
    let methods: Vec<_> = again.iter().filter(|call| **call != "wants").collect();
    let most = if methods
        .iter()
        .all(|call| "look hold pay".contains(method_of(call)))
    {
        3
    } else if methods
        .iter()
        .all(|call| "mail log".contains(method_of(call)))
    {
        2
    } else {
        1
    };
    if methods.len() > most || counts.values().any(|(_, cut)| *cut > 2) {
        wrong.push(format!("called again: {again:?}"));
    }
    // Never executed again: `at_most_once`.
    let stamp_interrupted = cut
        .report
        .contains("interrupted: the process ended meanwhile");
    let same_end = whole.steps == cut.steps && whole.end == cut.end && !stamp_interrupted;
    if same_end {
        // An undo that gives up after an interruption may have undone its step.
        let left = whole.end.split_once("; left ").map_or("", |(_, left)| left);
        let interrupted = |step: &str| !recorded.contains(&format!("{step}/undo"));
        let without = |report: &str| without_interruptions(report);
        let same_report =
            without(&whole.report) == without(&cut.report) || left.split(' ').any(interrupted);
        if counts.values().any(|(whole, cut)| whole > cut) || !same_report {
            wrong.push("calls are missing, or the report differs".to_owned());
        }
    } else {
        // An interrupted call is in doubt, whatever the repeated call returns.
        let steps: Vec<_> = "open look hold pay gift stamp ship mail log close"
            .split(' ')
            .collect();
        let marks = |lived: &LifeResult| lived.steps.replace(' ', "").chars().collect::<Vec<_>>();
        let pairs = steps.iter().zip(marks(whole).into_iter().zip(marks(cut)));
        let doubtful: Vec<_> = pairs
            .filter(|(_, (whole, cut))| *cut == '?' && *whole != '?')
            .map(|(step, _)| *step)
            .collect();
        let was_interrupted = |step: &str| !recorded.contains(&format!("{step}/do"));
        let is_other = doubtful.is_empty() && !stamp_interrupted;
        if is_other || !doubtful.iter().all(|step| was_interrupted(step)) {
            wrong.push(format!("in doubt: {doubtful:?}, called again: {again:?}"));
        }
    }
    if wrong.is_empty() {
        return wrong;
    }
    vec![format!(
        "{kill:?}: {}\n  whole {} | {} | {}\n  cut   {} | {} | {}\n{}\n{}",
        wrong.join("; "),
        whole.calls.join(" "),
        whole.steps,
        whole.end,
        cut.calls.join(" "),
        cut.steps,
        cut.end,
        whole.report,
        cut.report,
    )]
}

/// The calls that are recorded to have ended.
fn recorded(journal: &InMemoryJournal) -> Vec<String> {
    runtime().block_on(async {
        let Some(saga) = journal.find(&ID.into()).await.unwrap() else {
            return Vec::new();
        };
        let records = journal.records(saga.key).await.unwrap();
        let heads = records.iter().map(|record| {
            let head: serde_json::Value = serde_json::from_str(&record.entry.to_json()).unwrap();
            let ended = head.get("completed").or_else(|| head.get("gave_up"))?;
            Some(ended["call"].as_str()?.to_owned())
        });
        heads.flatten().collect()
    })
}

#[test]
fn a_process_that_ends_at_any_write_leaves_a_saga_that_goes_on_to_the_same_end() {
    let (mut wrong, mut lives) = (Vec::new(), 0);
    for cell in all().filter(|cell| cell.ended.is_none()) {
        let works = Arc::new(cell.works());
        let journal = CutJournal::new(InMemoryJournal::new(), Kill::Never);
        let ended = live(&cell, &works, &journal, None).unwrap();
        let whole = LifeResult::of(&works, &ended);
        for kill in (1..=journal.writes()).flat_map(|nth| [Kill::Before(nth), Kill::After(nth)]) {
            let (works, kept) = (Arc::new(cell.works()), InMemoryJournal::new());
            let first = CutJournal::new(kept.clone(), kill);
            assert!(
                live(&cell, &works, &first, None).is_none(),
                "{cell} {kill:?}"
            );
            let recorded = recorded(&kept);
            let second = CutJournal::new(kept, Kill::Never);
            let ended = live(&cell, &works, &second, None).unwrap();
            let cut = LifeResult::of(&works, &ended);
            wrong.extend(
                compare(&whole, &cut, kill, &recorded)
                    .into_iter()
                    .map(|wrong| format!("{cell} {wrong}")),
            );
            lives += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong of {lives}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(lives, 4_528);
}

/// A life on a journal that may fail for a while.
fn live_through(works: &Arc<Works>, journal: &Troubled) -> Ended<WorksSaga> {
    runtime().block_on(async {
        let options = options(works, None);
        let builder = Engine::builder().register_with::<WorksSaga>(Arc::clone(works), options);
        let engine = builder.open(journal.clone()).await.unwrap();
        let mut handle = engine.submit::<WorksSaga>(ID, 42).await.unwrap();
        loop {
            match handle.outcome().await {
                Ok(ended) => return ended,
                Err(OutcomeError::Journal { .. }) => sleep(Duration::from_secs(1)).await,
                Err(other) => panic!("{other}"),
            }
        }
    })
}

#[test]
fn a_journal_that_fails_for_a_while_at_any_write_changes_neither_the_calls_nor_the_end() {
    let (mut wrong, mut lives) = (Vec::new(), 0);
    for cell in all().filter(|cell| cell.ended.is_none()) {
        let lived = |journal: &Troubled| {
            let works = Arc::new(cell.works());
            let ended = live_through(&works, journal);
            let mut lived = LifeResult::of(&works, &ended);
            // One member of a group may continue while another waits for the journal.
            lived.calls.sort();
            lived
        };
        let journal = Troubled::new(&[]);
        let whole = lived(&journal);
        for nth in 1..=journal.calls(Method::Append) {
            let unavailable = JournalErrorKind::Unavailable;
            for trouble in [Trouble::Before(unavailable), Trouble::After(unavailable)] {
                let troubles = [0, 1, 2].map(|more| (Method::Append, nth + more, trouble));
                let lived = lived(&Troubled::new(&troubles));
                let same = (&lived.calls, &lived.steps, &lived.end, &lived.report)
                    == (&whole.calls, &whole.steps, &whole.end, &whole.report);
                if !same {
                    wrong.push(format!(
                        "{cell} {nth} {trouble:?}:\n  whole {} | {} | {}\n  is    {} | {} | {}\n{}\n{}",
                        whole.calls.join(" "),
                        whole.steps,
                        whole.end,
                        lived.calls.join(" "),
                        lived.steps,
                        lived.end,
                        whole.report,
                        lived.report,
                    ));
                }
                lives += 1;
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong of {lives}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(lives, 4_124);
}
