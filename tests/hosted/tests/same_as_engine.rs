//! Every fault at every step of a saga with all features, over records that this crate keeps: the calls and the end
//! must be those of the tables. Then the process ends at each write: the calls, keys, attempts, records and report
//! must be those of an engine whose journal is cut at the same write.

use core::future::pending;
use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::{
    Carried, Engine, Hosted, InFlight, InMemoryJournal, Journal as _, NoRequests, Record, Request,
    Requests,
};
use saga_core::{CancellationToken, End, Ended, Policy, RunOptions, SagaError};
use saga_hosted_tests::memory::Write;
use saga_hosted_tests::run::{Life, OneRun, runtime};
use saga_tests::cells::{By, Cell, When, cells, steps_and_end, without_keys};
use saga_tests::cut_journal::{CutJournal, Kill};
use saga_tests::ten_steps::{TIMEOUT, Works, WorksSaga};
use tokio::time::Instant;

const ID: &str = "run-1";

const LONG_WAIT: Duration = Duration::from_hours(24 * 1_000_000);

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

fn hosted(works: &Arc<Works>, deadline: Option<Duration>) -> Hosted<WorksSaga> {
    let options = options(works, deadline);
    let hosted = Hosted::new(Arc::clone(works), options, CancellationToken::new());
    // As an engine with a journal does.
    hosted.waits_up_to(Duration::MAX)
}

/// A request at the moment that the service chooses.
struct AtMoment(Option<Arc<Works>>);

impl Requests for AtMoment {
    async fn next(&mut self) -> Request {
        match &self.0 {
            Some(works) => works.reached().await,
            None => pending().await,
        }
        self.0 = None;
        Request::Cancel
    }
}

fn requests(cell: &Cell, works: &Arc<Works>) -> AtMoment {
    let cancels = matches!(cell.ended, Some((By::Cancelling, When::At(_))));
    AtMoment(cancels.then(|| Arc::clone(works)))
}

/// How long the run takes to reach the moment, if a deadline ends it then.
fn deadline(cell: &Cell) -> Option<Duration> {
    match cell.ended {
        None | Some((By::Cancelling, _)) => return None,
        Some((By::Deadline, When::Start)) => return Some(Duration::ZERO),
        Some((By::Deadline, When::At(_))) => {}
    }
    let works = Arc::new(cell.works());
    let hosted = hosted(&works, None);
    runtime().block_on(async {
        let (first, began) = (hosted.submitted(b"42").unwrap(), Instant::now());
        let kept = saga_hosted_tests::memory::Kept::of(first.clone());
        let sink = saga_hosted_tests::memory::MemoryRecords::new(&kept, &[]);
        let carried = hosted.carry(ID, vec![first], InFlight::NotBegun, sink, NoRequests);
        tokio::select! {
            biased;
            () = works.reached() => Some(began.elapsed()),
            carried = carried => panic!("before the moment: {carried:?}"),
        }
    })
}

/// The results of a life that are compared.
#[derive(Debug, PartialEq)]
struct LifeResult {
    calls: Vec<String>,
    mistakes: Vec<String>,
    end: Option<(String, String)>,
    state: Option<Result<(), End>>,
    report: String,
    records: Vec<(u64, String, String)>,
}

impl LifeResult {
    /// The results of a life after these.
    fn of(
        works: &Works,
        ended: Option<&Ended<WorksSaga>>,
        records: &[Record],
        before: &[Self],
    ) -> Self {
        let calls = works.calls.take();
        let all = before.iter().flat_map(|life| &life.calls).chain(&calls);
        let all = without_keys(ID, &all.cloned().collect::<Vec<_>>());
        let report = ended.and_then(|ended| ended.as_ref().err());
        let record = |record: &Record| {
            let value = String::from_utf8_lossy(&record.value).into_owned();
            (record.number, timeless(&record.entry.to_json()), value)
        };
        Self {
            // If an undo gave up after crashes, it is not known whether it was ever called.
            end: ended
                .filter(|_| before.len() < 2)
                .map(|ended| steps_and_end(ended, &all)),
            state: ended.map(|ended| ended.as_ref().map(|_| ()).map_err(SagaError::end)),
            mistakes: works.mistakes.lock().unwrap().clone(),
            report: report.map_or(String::new(), |error| error.report().to_string()),
            records: records.iter().map(record).collect(),
            calls,
        }
    }
}

/// An entry without its waits and its deadline: the length of a wait is random.
fn timeless(entry: &str) -> String {
    let mut entry: serde_json::Value = serde_json::from_str(entry).unwrap();
    for of in entry.as_object_mut().unwrap().values_mut() {
        for time in ["wait", "deadline"] {
            if let Some(time) = of.get_mut(time) {
                *time = "some".into();
            }
        }
    }
    entry.to_string()
}

/// Runs lives that end at these writes, and a last one, with an engine over a journal.
fn by_engine(cell: &Cell, kills: &[Kill]) -> Vec<LifeResult> {
    let kept = InMemoryJournal::new();
    let lives = kills.iter().copied().chain([Kill::Never]);
    let mut lived = Vec::new();
    for (nth, kill) in lives.enumerate() {
        let is_first = nth == 0;
        let (works, journal) = (Arc::new(cell.works()), CutJournal::new(kept.clone(), kill));
        let ended = runtime().block_on(async {
            let options = options(&works, None);
            let builder = Engine::builder().register_with::<WorksSaga>(Arc::clone(&works), options);
            let engine = builder.open(journal.clone()).await.unwrap();
            let run = async {
                if is_first {
                    engine.submit::<WorksSaga>(ID, 42).await.unwrap();
                }
                let mut requests = requests(cell, &works);
                let cancels = async {
                    requests.next().await;
                    engine.cancel(ID).await.unwrap();
                    pending::<()>().await;
                };
                tokio::select! {
                    biased;
                    ended = engine.outcome::<WorksSaga>(ID) => ended.unwrap(),
                    () = cancels => unreachable!("never ready"),
                }
            };
            tokio::select! {
                biased;
                () = journal.over() => None,
                ended = run => Some(ended),
            }
        });
        let records = runtime().block_on(async {
            let saga = kept.find(&ID.into()).await.unwrap().unwrap();
            kept.records(saga.key).await.unwrap()
        });
        lived.push(LifeResult::of(&works, ended.as_ref(), &records, &lived));
        if ended.is_some() {
            break;
        }
    }
    lived
}

/// The same with `Hosted`. The first write of an engine is the first record, which exists before a run is carried.
fn by_host(cell: &Cell, kills: &[Kill]) -> Vec<LifeResult> {
    let works = Arc::new(cell.works());
    let run = OneRun::of(&hosted(&works, None), ID, "42");
    let mut lived = Vec::new();
    let lives = kills.iter().copied().chain([Kill::Never]);
    for (nth, kill) in lives.enumerate() {
        let is_first = nth == 0;
        let plan = match kill {
            Kill::After(1) if is_first => {
                lived.push(LifeResult::of(&works, None, &run.kept.all(), &[]));
                continue;
            }
            Kill::Before(at) => vec![(at - usize::from(is_first), Write::EndsBefore)],
            Kill::After(at) => vec![(at - usize::from(is_first), Write::EndsAfter)],
            Kill::Never | Kill::Shutdown(_) => Vec::new(),
        };
        let works = Arc::new(cell.works());
        let life = if is_first {
            Life::in_order()
        } else {
            Life::after_crash()
        };
        let life = life.plan(&plan).requests(requests(cell, &works));
        let ended = match run.carried(&hosted(&works, None), life).0 {
            Some(Ok(Carried::Ended(ended))) => Some(ended),
            None => None,
            Some(other) => panic!("{cell} {kill:?}: {other:?}"),
        };
        lived.push(LifeResult::of(
            &works,
            ended.as_ref(),
            &run.kept.all(),
            &lived,
        ));
        if ended.is_some() {
            break;
        }
    }
    lived
}

/// The number of writes of a run without a cut.
fn writes(cell: &Cell) -> usize {
    let works = Arc::new(cell.works());
    let hosted = hosted(&works, None);
    let run = OneRun::of(&hosted, ID, "42");
    let life = Life::in_order().requests(requests(cell, &works));
    1 + run.carried(&hosted, life).1
}

/// The cells in which no token is cancelled before the run begins.
fn all() -> impl Iterator<Item = Cell> {
    let at_start = |cell: &Cell| matches!(cell.ended, Some((By::Cancelling, When::Start)));
    cells().into_iter().filter(move |cell| !at_start(cell))
}

fn none_is(wrong: &[String], of: usize) {
    let some: Vec<_> = wrong.iter().take(3).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} of {of} wrong:\n{}",
        wrong.len(),
        some.join("\n")
    );
}

fn differ(cell: &Cell, kills: &[Kill], wrong: &mut Vec<String>) {
    let (engine, host) = (by_engine(cell, kills), by_host(cell, kills));
    if engine != host {
        wrong.push(format!(
            "{cell} {kills:?}\n  engine {engine:#?}\n  host {host:#?}"
        ));
    }
}

#[test]
fn every_fault_cancellation_and_deadline_has_the_calls_and_the_end_of_its_table() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for cell in all() {
        let works = Arc::new(cell.works());
        let hosted = hosted(&works, deadline(&cell));
        let run = OneRun::of(&hosted, ID, "42");
        let ended = run.end(&hosted, Life::in_order().requests(requests(&cell, &works)));
        assert_eq!(works.mistakes.lock().unwrap().clone(), [""; 0]);
        let calls = without_keys(ID, &works.calls.take());
        let (steps, end) = steps_and_end(&ended, &calls);
        if (&calls, &steps, &end) != (&cell.calls, &cell.steps, &cell.end) {
            wrong.push(format!("{cell}\n  {} | {steps} | {end}", calls.join(" ")));
        }
        count += 1;
    }
    none_is(&wrong, count);
    assert_eq!(count, 529);
}

#[test]
fn a_process_that_ends_at_any_write_leaves_what_an_engine_leaves_and_goes_on_as_one() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for cell in all().filter(|cell| cell.ended.is_none()) {
        for at in 1..=writes(&cell) {
            if at > 1 {
                differ(&cell, &[Kill::Before(at)], &mut wrong);
            }
            differ(&cell, &[Kill::After(at)], &mut wrong);
            count += 1;
        }
    }
    none_is(&wrong, count);
    assert!(count > 2_000, "{count}");
}

#[test]
fn the_same_of_a_run_that_is_cancelled() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    let cancelled = |cell: &Cell| matches!(cell.ended, Some((By::Cancelling, _)));
    // Every third moment of each table.
    for cell in all().filter(cancelled).step_by(3) {
        for at in 1..=writes(&cell) {
            differ(&cell, &[Kill::After(at)], &mut wrong);
            count += 1;
        }
    }
    none_is(&wrong, count);
    assert!(count > 300, "{count}");
}

#[test]
fn the_same_over_many_lives_that_end_soon() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for cell in all().filter(|cell| cell.ended.is_none()).step_by(7) {
        for soon in [
            [Kill::After(1); 9],
            [Kill::Before(2); 9],
            [Kill::After(2); 9],
            [Kill::Before(3); 9],
            [Kill::After(3); 9],
        ] {
            let mut kills = soon.to_vec();
            kills[0] = Kill::After(2);
            kills.extend([soon[0]; 40]);
            differ(&cell, &kills, &mut wrong);
            count += 1;
        }
    }
    none_is(&wrong, count);
    assert!(count > 100, "{count}");
}
