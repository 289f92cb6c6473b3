//! Ends the process at each write of a journal, and continues with a second one.
//!
//! A run over a journal in memory shows the writes. Then the run is repeated for each write twice: the process ends
//! before the write took effect, and after it took effect but before its caller was notified. The service is the same
//! in both processes: it stands for the world outside, which a crash does not change.

mod cell;
mod cell_verdict;
mod cut_journal;
mod debug_text;
mod probing;
mod process_life;
mod record_text;
mod values;

use std::sync::Arc;

use self::cell::{CrashCell, END, SUBMISSION};
use self::cell_verdict::TwoLives;
use self::cut_journal::Cut;
pub use self::probing::Probing;
use self::process_life::{Decorator, Life, LifeEnd, heads, state};
pub(super) use self::process_life::{Live, lives};
use self::values::{ValueProbe, ValueSite, difference};
use super::cell_run::{CellRun, judged};
use super::coverage::Coverage;
use super::fault::{Cell, Fault, FaultAt};
use super::inject::{Injecting, Running};
use super::judge::Known;
use super::matrix::{FaultMatrix, Faultless, ProgressNotice};
use super::matrix_failed::{MatrixFailed, OVER_A_JOURNAL};
use super::plan::LeftOut;
use crate::definition::Definition;
use crate::durable::InMemoryJournal;
use crate::machine::Machine;

/// The cells of a matrix in which the process ends.
#[derive(Default)]
pub(super) struct Crashes {
    /// The names of the runs in which the process does not end.
    whole: Vec<String>,
    cells: Vec<CrashCell>,
    left_out: Vec<LeftOut>,
    /// The names of all cells, also of those that are not wanted.
    pub(super) names: Vec<String>,
}

impl Crashes {
    /// Whether any cell is wanted.
    pub(super) fn is_any(&self) -> bool {
        !self.whole.is_empty() || !self.cells.is_empty()
    }
}

/// The name of the cell of a run whose process does not end.
fn name_of_whole(run: &Cell) -> String {
    format!("{run}; {OVER_A_JOURNAL}")
}

/// Whether a cell of this name belongs to this run.
fn is_of(name: &str, run: &Cell) -> bool {
    let is_run = name == name_of_whole(run);
    let rest = match run.step {
        None => Some(name),
        Some(_) => name.strip_prefix(&format!("{run}; ")),
    };
    is_run || rest.is_some_and(|rest| rest.starts_with("crash "))
}

/// The runs that are crashed: the one without a fault, and those in which a step fails.
fn runs(planned: &[Cell]) -> Vec<Cell> {
    let is_one = |cell: &&Cell| {
        let is_natural = cell.order.as_ref().is_none_or(|order| order.is_natural);
        let fault = cell.step.as_ref().map(|at| at.fault);
        let fails = matches!(fault, Some(Fault::Error | Fault::ErrorThenSuccess));
        fails && is_natural && cell.undo.is_none()
    };
    let broken = planned.iter().filter(is_one).map(|cell| Cell {
        step: cell.step.clone(),
        ..Cell::default()
    });
    core::iter::once(Cell::default()).chain(broken).collect()
}

/// The steps that fail when they are called again after a crash. Those that cannot are left out.
fn failing(
    saga: &Definition,
    runs: &[Cell],
    planned: &[LeftOut],
    left_out: &mut Vec<LeftOut>,
) -> Vec<FaultAt> {
    let mut leave_out = |step: &str, reason: &str| {
        left_out.push(LeftOut {
            step: step.to_owned(),
            fault: Fault::CrashThenError,
            undo: None,
            reason: reason.to_owned(),
        });
    };
    for other in planned {
        if other.fault == Fault::Error && other.undo.is_none() {
            leave_out(&other.step, &other.reason);
        }
    }
    let mut failing = Vec::new();
    for at in runs.iter().filter_map(|run| run.step.as_ref()) {
        if at.fault != Fault::Error {
            continue;
        }
        match CrashCell::cannot_fail(saga, &at.step) {
            Some(reason) => leave_out(&at.step, reason),
            None => failing.push(at.clone()),
        }
    }
    failing
}

impl<S> FaultMatrix<S>
where
    S: Machine<Injecting>,
    S::Input: Clone,
{
    /// Makes the runs that are to be crashed, to learn their writes.
    pub(super) async fn learn_crashes(
        &self,
        live: Live<S>,
        (planned, left_out): (&[Cell], &[LeftOut]),
        (known, seen): (&mut Known, &Faultless),
        failed: &mut MatrixFailed,
    ) -> Crashes {
        let saga = S::DEFINITION;
        // Methods may take time, which depends on the journal too, so the order in a group is not fixed.
        known.any_order = true;
        let mut crashes = Crashes::default();
        let only = self.only.as_deref();
        let runs = runs(planned);
        let failing = failing(saga, &runs, left_out, &mut crashes.left_out);
        for run in runs {
            let name = name_of_whole(&run);
            if only.is_some_and(|only| !is_of(only, &run)) {
                continue;
            }
            let (mut ran, writes) = match self.run_whole(live, &run, &name, seen).await {
                Ok(ran) => ran,
                Err(problem) => {
                    failed.problems.push(problem);
                    break;
                }
            };
            if run.step.is_none() {
                match self.differences(live, &writes, seen).await {
                    Ok(differences) => ran.values = differences,
                    Err(problem) => {
                        failed.problems.push(problem);
                        break;
                    }
                }
            }
            if !ran.log.missing.is_empty() {
                failed.miss(ran.log.missing);
                break;
            }
            let is_wrong = match judged(saga, name.clone(), &run, known, &ran) {
                Some(cell) => {
                    failed.cells.push(cell);
                    if run.step.is_none() {
                        crashes.whole.push(name);
                        break;
                    }
                    true
                }
                None => false,
            };
            crashes.whole.push(name);
            // If the run is wrong, its crash cells would fail in the same way.
            if !is_wrong {
                let failing = match run.step {
                    None => &*failing,
                    Some(_) => &[],
                };
                let cells = CrashCell::of(saga, &run, &writes, failing);
                crashes.cells.extend(cells);
            }
        }
        if crashes.cells.is_empty() && failed.cells.is_empty() && failed.problems.is_empty() {
            failed.problems.push("there is no crash".to_owned());
        }
        let cells = crashes.cells.iter().map(CrashCell::to_string);
        crashes.names = crashes.whole.iter().cloned().chain(cells).collect();
        if let Some(only) = only {
            crashes.whole.retain(|name| name == only);
            crashes.cells.retain(|cell| cell.to_string() == only);
        }
        crashes
    }

    /// A run whose process does not end.
    async fn run_whole(
        &self,
        live: Live<S>,
        run: &Cell,
        name: &str,
        seen: &Faultless,
    ) -> Result<(CellRun, Vec<Vec<String>>), String> {
        let (service, before) = self.fresh(name, seen)?;
        let kept = InMemoryJournal::new();
        let life = self.life(live, &service, &kept, None, run).await;
        let (ending, report) = match life.end {
            LifeEnd::Saga(ending, report) => (Some(ending), report),
            LifeEnd::Stopped(why) => return Err(format!("`{name}` does not go on: {why}")),
            LifeEnd::Never | LifeEnd::Crash => (None, None),
        };
        let seen = (before.as_deref(), seen);
        let after = self.look_after(&service, ending.as_ref(), seen, &life.log.attempts);
        let ran = CellRun {
            log: life.log,
            ending,
            report,
            invariant: after.invariant,
            snapshot: after.snapshot,
            values: Vec::new(),
        };
        Ok((ran, life.writes))
    }

    /// The values of a run with these writes that were passed on and differ from those that were returned.
    async fn differences(
        &self,
        live: Live<S>,
        writes: &[Vec<String>],
        seen: &Faultless,
    ) -> Result<Vec<String>, String> {
        let mut differences = Vec::new();
        for site in ValueSite::all(S::DEFINITION, &writes.concat()) {
            let values = match &site {
                ValueSite::Input(run) if run.is_empty() => (live.input)(self.input.clone()),
                _ => {
                    let (service, _) = self.fresh(&name_of_whole(&Cell::default()), seen)?;
                    let kept = InMemoryJournal::new();
                    let mut values = [None, None];
                    for (value, keeps_returned) in values.iter_mut().zip([true, false]) {
                        let probe = Arc::new(ValueProbe::new(site.clone(), keeps_returned));
                        let probe = Decorator::ValueProbe(probe);
                        let life = self.life_of(live, &service, &kept, None, probe).await;
                        *value = life.seen;
                    }
                    let [returned, read] = values;
                    returned.zip(read).map(<[_; 2]>::from)
                }
            };
            differences.extend(values.and_then(|values| difference(S::DEFINITION, &site, &values)));
        }
        Ok(differences)
    }

    /// Ends the process in each of these cells, and continues with a second one.
    pub(super) async fn crash(
        &self,
        live: Live<S>,
        crashes: Crashes,
        (known, seen): (&mut Known, &Faultless),
        coverage: &mut Coverage,
        failed: &mut MatrixFailed,
    ) {
        coverage.with_crashes([SUBMISSION, END], crashes.left_out);
        for name in crashes.whole {
            coverage.add_crash(name, &[], Fault::CrashAfter);
        }
        let mut progress = ProgressNotice::of(S::DEFINITION.name, crashes.cells.len());
        for cell in &crashes.cells {
            progress.notify();
            let lives = match self.crash_in(live, cell, seen).await {
                Ok(lives) => lives,
                Err(problem) => {
                    failed.problems.push(problem);
                    break;
                }
            };
            coverage.add_crash(cell.to_string(), &cell.rows, cell.fault());
            let wrong = cell_verdict::judged(S::DEFINITION, cell, known, &lives);
            failed.cells.extend(wrong);
        }
    }

    async fn crash_in(
        &self,
        live: Live<S>,
        cell: &CrashCell,
        seen: &Faultless,
    ) -> Result<TwoLives, String> {
        let (service, before) = self.fresh(&cell.to_string(), seen)?;
        let kept = InMemoryJournal::new();
        let cut = Some(cell.cut);
        let first = self.life(live, &service, &kept, cut, &cell.run).await;
        let recorded = heads(&kept).await;
        let second = cell.second();
        let second = self.life(live, &service, &kept, None, &second).await;
        let ending = match &second.end {
            LifeEnd::Saga(ending, _) => Some(ending),
            _ => None,
        };
        let attempts = [&*first.log.attempts, &*second.log.attempts].concat();
        let after = self.look_after(&service, ending, (before.as_deref(), seen), &attempts);
        Ok(TwoLives {
            first,
            recorded,
            second,
            state: state(&kept).await,
            invariant: after.invariant,
            snapshot: after.snapshot,
        })
    }

    async fn life(
        &self,
        live: Live<S>,
        service: &Arc<S::Service>,
        kept: &InMemoryJournal,
        cut: Option<Cut>,
        run: &Cell,
    ) -> Life {
        let running = Running::new(run.clone(), self.errors.clone());
        let faults = Decorator::Faults(Arc::new(running));
        self.life_of(live, service, kept, cut, faults).await
    }

    async fn life_of(
        &self,
        live: Live<S>,
        service: &Arc<S::Service>,
        kept: &InMemoryJournal,
        cut: Option<Cut>,
        decorator: Decorator,
    ) -> Life {
        let input = self.input.clone();
        Life::of::<S>(live, (service, input), (kept, cut), decorator).await
    }
}
