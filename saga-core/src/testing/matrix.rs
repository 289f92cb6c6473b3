//! Runs a saga once for each cell, and reports what was not as expected.

use core::any::Any;
use core::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::cell_run::{CellRun, judged};
use super::clock;
use super::coverage::Coverage;
#[cfg(feature = "durable")]
use super::crashes::{Live, Probing, lives};
use super::ending::Ending;
use super::fault::Cell;
use super::inject::Injecting;
use super::injected_errors::GivenErrors;
use super::judge::Known;
use super::log::LoggedAttempt;
use super::matrix_failed::MatrixFailed;
use super::plan::Plan;
use super::snapshot::{Seen, Snapshots, differs};
use crate::definition::Definition;
use crate::drive::drive;
#[cfg(feature = "durable")]
use crate::durable::{Durable, Journalable};
use crate::machine::{Machine, Saga};
use crate::util::panics;

/// The seconds after which a long matrix prints its progress.
const SECONDS_OF_SILENCE: u64 = 2;

type Snapshot<S> = Box<dyn Fn(&<S as Saga>::Service) -> Box<dyn Seen>>;

/// A snapshot of a service, if the matrix has one.
type Look = Option<Box<dyn Seen>>;

type Invariant<S> = Box<dyn Fn(&<S as Saga>::Service, &Ending) -> Result<(), String>>;

/// A fault matrix of a saga: from [`fault_matrix`].
#[must_use = "nothing is run until `run` or `check`"]
pub struct FaultMatrix<S: Saga> {
    service: Box<dyn Fn() -> Arc<S::Service>>,
    pub(super) input: S::Input,
    pub(super) errors: GivenErrors,
    invariant: Option<Invariant<S>>,
    snapshot: Option<Snapshot<S>>,
    pub(super) only: Option<String>,
    /// Runs the processes of crash cells, if crashes are requested.
    #[cfg(feature = "durable")]
    live: Option<Live<S>>,
}

/// Breaks the saga `S` at every point where it can fail. See [the module](super).
///
/// `service` makes the service of one run, and is called once for each: a service must not contain effects of earlier
/// runs, which a [snapshot](FaultMatrix::snapshot) checks. It may panic; then the matrix fails with the reason. `input`
/// is cloned for each run. The saga must complete with it when nothing fails. Steps whose condition returns `false` for
/// this input are not broken: use another matrix with another input for them.
///
/// Every saga that `#[saga]` makes is a `Machine<Injecting>`.
pub fn fault_matrix<S>(
    service: impl Fn() -> S::Service + 'static,
    input: S::Input,
) -> FaultMatrix<S>
where
    S: Machine<Injecting>,
    S::Service: Sized,
    S::Input: Clone,
{
    FaultMatrix {
        service: Box::new(move || Arc::new(service())),
        input,
        errors: GivenErrors::default(),
        invariant: None,
        snapshot: None,
        only: None,
        #[cfg(feature = "durable")]
        live: None,
    }
}

/// The result of an invariant: nothing (it panics if it does not hold), whether it holds, or why it does not.
pub trait Holds {
    /// Whether the invariant holds.
    ///
    /// # Errors
    ///
    /// Why it does not hold.
    fn holds(self) -> Result<(), String>;
}

impl Holds for () {
    fn holds(self) -> Result<(), String> {
        Ok(())
    }
}

impl Holds for bool {
    fn holds(self) -> Result<(), String> {
        if self {
            Ok(())
        } else {
            Err("it is false".to_owned())
        }
    }
}

impl<E: fmt::Display> Holds for Result<(), E> {
    fn holds(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}

impl<S> FaultMatrix<S>
where
    S: Machine<Injecting>,
    S::Input: Clone,
{
    /// Provides an error for a step or compensation to fail with. `name` is that of the step, or of the method that
    /// undoes it; for a nested saga, the names of the steps around it precede it, each with a `/`.
    ///
    /// Of several errors for one name, the first one that fits the fault is used: if the call must be repeated, the
    /// first one that `when` accepts. An error that `in_doubt` accepts is never used: faults in doubt are timeouts.
    pub fn error<E: Any + Send>(
        mut self,
        name: &str,
        error: impl Fn() -> E + Send + Sync + 'static,
    ) -> Self {
        self.errors.add(Some(name), error);
        self
    }

    /// Provides an error for every step and compensation that fails with this type, and has no [`error`](Self::error)
    /// of its own that fits.
    pub fn errors<E: Any + Send>(mut self, error: impl Fn() -> E + Send + Sync + 'static) -> Self {
        self.errors.add(None, error);
        self
    }

    /// Checks the service after every cell, however the run ended. The closure returns a `bool` or a `Result`, or
    /// asserts. A matrix needs an invariant or a [`snapshot`](Self::snapshot). A second invariant replaces the first.
    ///
    /// The steps in [`Ending::left`] are not undone, or only perhaps: the report leaves them for an operator.
    pub fn invariant<R: Holds>(
        self,
        invariant: impl Fn(&S::Service, &Ending) -> R + 'static,
    ) -> Self {
        let invariant = move |service: &S::Service, ending: &Ending| match panics::catch(|| {
            invariant(service, ending).holds()
        }) {
            Ok(held) => held,
            Err(panic) => Err(panic),
        };
        Self {
            invariant: Some(Box::new(invariant)),
            ..self
        }
    }

    /// Takes snapshots of the service. Before each run the snapshot must be the same. A run that is compensated must
    /// leave the service as it was, unless a step that cannot be undone took effect. A run that completes must leave it
    /// like the run in which nothing fails. So an undo right after its step must restore the snapshot, and a step that
    /// runs twice with one key must have one effect.
    pub fn snapshot<T: PartialEq + fmt::Debug + 'static>(
        self,
        snapshot: impl Fn(&S::Service) -> T + 'static,
    ) -> Self {
        Self {
            snapshot: Some(Box::new(move |service| Box::new(snapshot(service)))),
            ..self
        }
    }

    /// Also ends the process at each write of a durable engine, before it and after it. Another engine then continues
    /// from the journal with the same service, which stands for the world outside of the process. See "Crashes" in
    /// `docs/testing.md`.
    ///
    /// The process is crashed in the run without a fault, and in each run in which a step fails. The cells have names
    /// like `crash before charge is recorded`, or `ship fails; crash after refund is recorded`.
    ///
    /// The engine passes on values that it has read back from JSON. They must equal those that were returned: if one
    /// does not, the cell `nothing fails; over a journal` fails, with both values.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    /// use std::sync::Mutex;
    ///
    /// use saga_core::testing::fault_matrix;
    /// use saga_core::{Attempt, StepContext, saga};
    ///
    /// #[derive(Default)]
    /// struct Shop(Mutex<BTreeSet<String>>);
    ///
    /// #[saga]
    /// impl Shop {
    ///     #[step(compensate = refund)]
    ///     async fn charge(&self, run: &StepContext) -> Result<u32, String> {
    ///         self.0.lock().unwrap().insert(run.idempotency_key());
    ///         Ok(7)
    ///     }
    ///
    ///     #[step(pivot)]
    ///     async fn ship(&self) -> Result<(), String> {
    ///         Ok(())
    ///     }
    ///
    ///     async fn refund(&self, _: Attempt<&u32>, run: &StepContext) -> Result<(), String> {
    ///         self.0.lock().unwrap().remove(&run.step_idempotency_key());
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let coverage = fault_matrix::<ShopSaga>(Shop::default, ())
    ///     .errors(|| "refused".to_owned())
    ///     .snapshot(|shop| shop.0.lock().unwrap().clone())
    ///     .crashes()
    ///     .run()
    ///     .await;
    /// assert!(coverage.cells.contains(&"crash before charge is recorded".to_owned()));
    /// # }
    /// ```
    ///
    /// Only for a saga that an engine can run: a type that cannot be written to a journal is a compile error that names
    /// it.
    ///
    /// ```compile_fail,E0277
    /// # use saga_core::testing::fault_matrix;
    /// # use saga_core::saga;
    /// struct Receipt;
    ///
    /// struct Shop;
    ///
    /// #[saga]
    /// impl Shop {
    ///     #[step]
    ///     async fn charge(&self) -> Result<Receipt, String> {
    ///         Ok(Receipt)
    ///     }
    /// }
    ///
    /// fault_matrix::<ShopSaga>(|| Shop, ()).crashes();
    /// ```
    #[cfg(feature = "durable")]
    pub fn crashes(self) -> Self
    where
        S: Machine<Durable> + Machine<Injecting<Durable>> + Machine<Probing> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable + 'static,
        S::Output: crate::durable::Journalable + 'static,
    {
        Self {
            live: Some(lives::<S>()),
            ..self
        }
    }

    /// Runs only this cell, which is named as it is printed: `"charge panics; refund fails"`. The run in which nothing
    /// fails is made in any case.
    pub fn only(self, cell: impl Into<String>) -> Self {
        Self {
            only: Some(cell.into()),
            ..self
        }
    }

    /// Runs every cell. Returns the coverage if nothing was wrong.
    ///
    /// # Panics
    ///
    /// If anything was wrong, with everything that [`check`](Self::check) returns.
    #[expect(clippy::panic, reason = "an assertion, for tests")]
    pub async fn run(self) -> Coverage {
        match self.check().await {
            Ok(coverage) => coverage,
            Err(failed) => panic!("{failed}"),
        }
    }

    /// Runs every cell. Returns the coverage if nothing was wrong.
    ///
    /// # Errors
    ///
    /// Everything that was wrong: the cells that failed, and what keeps the matrix from proving anything.
    pub async fn check(self) -> Result<Coverage, Box<MatrixFailed>> {
        let saga = S::DEFINITION;
        let mut failed = MatrixFailed {
            saga: saga.name,
            problems: unknown_names(saga, &self.errors),
            cells: Vec::new(),
            coverage: None,
        };
        if self.invariant.is_none() && self.snapshot.is_none() {
            let problem = "there is no invariant and no snapshot, so the service would not be checked: \
                           `.snapshot(|service| ..)`, `.invariant(|service, end| ..)`";
            failed.problems.push(problem.to_owned());
        }
        failed.problems.extend(clock::problem().await);
        if !failed.problems.is_empty() {
            return Err(Box::new(failed));
        }

        // The run without a fault: without it there is nothing to break.
        let whole = Cell::default();
        let (ran, seen) = match self.run_cell(&whole, &Faultless::default()).await {
            Ok(ran) => ran,
            Err(problem) => {
                failed.problems.push(problem);
                return Err(Box::new(failed));
            }
        };
        let mut known = Known::default();
        skipped(saga, "", &ran.log.attempts, &mut known);
        if !ran.log.attempts.iter().any(|attempt| !attempt.skipped) {
            let problem = "no method of the service is called when nothing fails";
            failed.problems.push(problem.to_owned());
        }
        let mut plan = Plan::of(saga, &known);
        if plan.cells.is_empty() {
            failed.problems.push("there is no cell".to_owned());
        }
        let cells = core::mem::take(&mut plan.cells);
        #[cfg(feature = "durable")]
        let left_out = plan.left_out.clone();
        let mut coverage = Coverage::of(saga.name, plan);
        let is_wanted = |cell: &&Cell| {
            let only = self.only.as_ref();
            only.is_none_or(|only| *only == cell.to_string())
        };
        let wanted: Vec<_> = cells.iter().filter(is_wanted).collect();
        let mut is_found = !wanted.is_empty();
        if is_wanted(&&whole) {
            coverage.add(&whole);
            is_found = true;
        }
        let wrong = judged(saga, whole.to_string(), &whole, &mut known, &ran);
        failed.cells.extend(wrong);
        // If the saga cannot complete, every fault would fail in the same way.
        let can_break = failed.cells.is_empty() && failed.problems.is_empty();
        let names: Vec<_> = cells.iter().map(Cell::to_string).collect();
        #[cfg(feature = "durable")]
        let mut names = names;
        if can_break {
            self.break_in(&wanted, (&mut known, &seen), &mut coverage, &mut failed)
                .await;
        }
        #[cfg(feature = "durable")]
        if let Some(live) = self.live
            && can_break
            && failed.problems.is_empty()
            && (self.only.is_none() || !is_found)
        {
            let planned = (&*cells, &*left_out);
            let mut crashes = self
                .learn_crashes(live, planned, (&mut known, &seen), &mut failed)
                .await;
            names.append(&mut crashes.names);
            is_found |= crashes.is_any();
            self.crash(
                live,
                crashes,
                (&mut known, &seen),
                &mut coverage,
                &mut failed,
            )
            .await;
        }
        if can_break && !is_found && failed.cells.is_empty() && failed.problems.is_empty() {
            let only = self.only.as_deref().unwrap_or_default();
            failed.problems.push(no_such_cell(only, &names));
        }
        if failed.cells.is_empty() && failed.problems.is_empty() {
            return Ok(coverage);
        }
        failed.coverage = Some(coverage);
        Err(Box::new(failed))
    }

    /// Runs each of these cells.
    async fn break_in(
        &self,
        cells: &[&Cell],
        (known, seen): (&mut Known, &Faultless),
        coverage: &mut Coverage,
        failed: &mut MatrixFailed,
    ) {
        let saga = S::DEFINITION;
        let mut progress = ProgressNotice::of(saga.name, cells.len());
        for cell in cells {
            progress.notify();
            let ran = match self.run_cell(cell, seen).await {
                Ok((ran, _)) => ran,
                Err(problem) => {
                    // Every other cell would have the same problem.
                    failed.problems.push(problem);
                    break;
                }
            };
            coverage.add(cell);
            if ran.log.missing.is_empty() {
                let wrong = judged(saga, cell.to_string(), cell, known, &ran);
                failed.cells.extend(wrong);
            } else {
                failed.miss(ran.log.missing);
            }
        }
    }

    /// Runs one cell, and returns snapshots of its service. An error concerns every cell.
    async fn run_cell(
        &self,
        cell: &Cell,
        faultless: &Faultless,
    ) -> Result<(CellRun, Faultless), String> {
        let (service, before) = self.fresh(&cell.to_string(), faultless)?;
        let executor = Injecting::in_memory(S::DEFINITION, cell.clone(), self.errors.clone());
        // Boxed, because otherwise the future of every test is as large as a run.
        let run = Box::pin(drive::<S, _>(&service, &executor, self.input.clone()));
        let ended = clock::end_of(run).await.map(|Ok(ended)| ended);
        let log = executor.log().contents();
        let ending = ended.as_ref().map(Ending::of::<S>);
        let seen = (before.as_deref(), faultless);
        let After {
            invariant,
            snapshot,
            seen: after,
        } = self.look_after(&service, ending.as_ref(), seen, &log.attempts);
        let ran = CellRun {
            log,
            ending,
            report: ended.and_then(|ended| Some(ended.err()?.report().to_string())),
            invariant,
            snapshot,
            values: Vec::new(),
        };
        Ok((ran, Faultless { before, after }))
    }

    /// A fresh service, whose snapshot must be that of the first run, and the snapshot.
    pub(super) fn fresh(
        &self,
        cell: &str,
        faultless: &Faultless,
    ) -> Result<(Arc<S::Service>, Look), String> {
        let service = panics::catch(|| (self.service)());
        let service = service.map_err(|why| format!("no service is made for `{cell}`: {why}"))?;
        let before = self.look(&service);
        let before =
            before.map_err(|why| format!("the snapshot of a fresh service panicked: {why}"))?;
        if let (Some(before), Some(first)) = (&before, &faultless.before)
            && !before.is(&**first)
        {
            let differs = differs(&**before, &**first);
            return Err(format!(
                "the service of `{cell}` is not a fresh one, as that of the first run was: {differs}"
            ));
        }
        Ok((service, before))
    }

    fn look(&self, service: &S::Service) -> Result<Look, String> {
        match &self.snapshot {
            Some(snapshot) => panics::catch(|| Some(snapshot(service))),
            None => Ok(None),
        }
    }

    /// Checks the invariant and the snapshot of a service after a run.
    pub(super) fn look_after(
        &self,
        service: &S::Service,
        ending: Option<&Ending>,
        (before, faultless): (Option<&dyn Seen>, &Faultless),
        attempts: &[LoggedAttempt],
    ) -> After {
        let after = self.look(service);
        let mut invariant = Ok(());
        if let (Some(ending), Some(holds)) = (ending, &self.invariant) {
            invariant = holds(service, ending);
        }
        let after = match after {
            Ok(after) => after,
            Err(why) => {
                let why = format!("the snapshot of the service panicked after the run: {why}");
                return After {
                    invariant,
                    snapshot: Err(why),
                    seen: None,
                };
            }
        };
        let mut snapshot = Ok(());
        if let (Some(ending), Some(before), Some(after)) = (ending, before, &after) {
            let snapshots = Snapshots {
                before,
                after: &**after,
                completed: faultless.after.as_deref(),
            };
            snapshot = snapshots.judged(S::DEFINITION, ending, attempts);
        }
        After {
            invariant,
            snapshot,
            seen: after,
        }
    }
}

/// The results of the invariant and the snapshot after a run.
pub(super) struct After {
    pub(super) invariant: Result<(), String>,
    pub(super) snapshot: Result<(), String>,
    pub(super) seen: Look,
}

/// Prints the progress of a matrix from time to time.
pub(super) struct ProgressNotice {
    saga: &'static str,
    done: usize,
    all: usize,
    notified: Instant,
}

impl ProgressNotice {
    pub(super) fn of(saga: &'static str, all: usize) -> Self {
        Self {
            saga,
            done: 0,
            all,
            notified: Instant::now(),
        }
    }

    /// Call it before each cell.
    pub(super) fn notify(&mut self) {
        let Self {
            saga, done, all, ..
        } = *self;
        if self.notified.elapsed().as_secs() >= SECONDS_OF_SILENCE {
            eprintln!("fault matrix of saga `{saga}`: {done} of {all} cells");
            self.notified = Instant::now();
        }
        self.done += 1;
    }
}

/// The snapshots of the run in which nothing fails.
#[derive(Default)]
pub(super) struct Faultless {
    before: Option<Box<dyn Seen>>,
    after: Option<Box<dyn Seen>>,
}

/// Reports that there is no cell of this name, with the cells whose names begin in the same way.
fn no_such_cell(only: &str, names: &[String]) -> String {
    const MOST: usize = 10;
    let step = only.split(' ').next().unwrap_or_default();
    let is_alike = |name: &&String| name.split(' ').next() == Some(step) && !name.contains("; ");
    let alike = names.iter().filter(is_alike).take(MOST);
    let alike: Vec<_> = alike.map(|name| format!("`{name}`")).collect();
    if alike.is_empty() {
        return format!("there is no cell `{only}`");
    }
    format!("there is no cell `{only}`; there are {}", alike.join(", "))
}

impl<S: Saga> fmt::Debug for FaultMatrix<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultMatrix")
            .field("saga", &S::DEFINITION.name)
            .field("errors", &self.errors)
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}

/// Records which steps were skipped when nothing failed.
fn skipped(saga: &Definition, prefix: &str, attempts: &[LoggedAttempt], known: &mut Known) {
    for step in saga.steps {
        let path = format!("{prefix}{}", step.name);
        let inner = format!("{path}/");
        let is_skipped = match step.nested {
            // For a step that runs a saga, only the steps of that saga are in the log.
            Some(_) => {
                step.condition.is_some()
                    && !attempts
                        .iter()
                        .any(|attempt| attempt.step.starts_with(&inner))
            }
            None => attempts
                .iter()
                .any(|attempt| attempt.step == path && attempt.skipped),
        };
        if is_skipped {
            known.skipped.insert(path);
        } else if let Some(nested) = step.nested {
            skipped(nested, &inner, attempts, known);
        }
    }
}

/// Errors whose names the saga does not have.
fn unknown_names(saga: &Definition, errors: &GivenErrors) -> Vec<String> {
    let mut known = Vec::new();
    names(saga, "", &mut known);
    let unknown = errors
        .names()
        .filter(|name| !known.iter().any(|k| k == name));
    unknown
        .map(|name| {
            format!(
                "an error is provided for `{name}`, which saga `{}` does not have; it has `{}`",
                saga.name,
                known.join("`, `")
            )
        })
        .collect()
}

fn names(saga: &Definition, prefix: &str, known: &mut Vec<String>) {
    for step in saga.steps {
        let path = format!("{prefix}{}", step.name);
        if let Some(nested) = step.nested {
            names(nested, &format!("{path}/"), known);
        } else {
            known.push(path);
        }
        if let Some(undo) = &step.compensation {
            known.push(format!("{prefix}{}", undo.method));
        }
    }
}
