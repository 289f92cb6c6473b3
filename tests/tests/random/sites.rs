//! The steps that run a saga: each is a type of its own to the library.

use core::marker::PhantomData;

use saga_core::__private::{Conditional, Ran, Unfinished, When, nest, only_if};
use saga_core::checks::StepOf;
use saga_core::{
    Failure, SagaError,
    executor::{Begin, Executor, Faults, Injected, JsonForm, Siblings},
    machine::{Failures, Rollback},
};

use crate::case::Kind;
use crate::definitions::definition;
use crate::errors::Broken;
use crate::machine::{Boxed, Outputs, Plan, Random, Runs, Slot, Stopped};
use crate::shapes::{BRANCHES, COUNT, SHAPES};

/// A step that runs a saga.
pub(crate) struct Site<X: Runs> {
    saga: usize,
    step: usize,
    pub(crate) carry: Carry<X>,
    /// Where it may have to be undone.
    pub(crate) undo: Option<Undo<X>>,
}

/// How it is executed.
pub(crate) enum Carry<X: Runs> {
    Alone(Alone<X>),
    Member(Member<X>),
}

type Halted<X> = Result<(), <X as Executor>::Halt>;

type Alone<X> =
    for<'b> fn(Plan<'b, X>, &'b mut Slot, &'b mut Failures<Broken>) -> Boxed<'b, Halted<X>>;

type Member<X> = for<'b> fn(
    Plan<'b, X>,
    &'b mut Slot,
    Option<&'b Siblings>,
) -> Boxed<'b, Result<(), Stopped<X>>>;

type Undo<X> = for<'b> fn(Plan<'b, X>, &'b mut Slot, &'b mut Rollback) -> Boxed<'b, Halted<X>>;

impl<X: Runs> Site<X> {
    pub(crate) fn of(saga: usize, step: usize) -> &'static Self {
        let sites = Sites::<X>::ALL.as_flattened();
        let found = sites.binary_search_by_key(&(saga, step), |site| (site.saga, site.step));
        &sites[found.expect("one of the sites")]
    }

    const fn new<const SAGA: usize, const STEP: usize, const RUNS: usize>() -> Self {
        let steps = SHAPES[SAGA].steps();
        let follows = STEP + 1 < steps.len() && steps[STEP + 1].joins;
        Self {
            saga: SAGA,
            step: STEP,
            carry: if steps[STEP].joins || follows {
                Carry::Member(member::<SAGA, STEP, RUNS, X>)
            } else {
                Carry::Alone(alone::<SAGA, STEP, RUNS, X>)
            },
            undo: if matches!(steps[STEP].kind, Kind::Compensatable) {
                Some(undo::<SAGA, STEP, RUNS, X>)
            } else {
                None
            },
        }
    }
}

/// The saga, the step, and what it runs.
type Place = (usize, usize, usize);

/// How many there are.
const MANY: usize = {
    let mut many = 0;
    while at(many).is_some() {
        many += 1;
    }
    many
};

/// Where this one is.
const fn at(site: usize) -> Option<Place> {
    let (mut saga, mut seen) = (BRANCHES.start, 0);
    while saga < COUNT {
        let steps = SHAPES[saga].steps();
        let mut step = 0;
        while step < steps.len() {
            if let Some(runs) = steps[step].runs {
                if seen == site {
                    return Some((saga, step, runs));
                }
                seen += 1;
            }
            step += 1;
        }
        saga += 1;
    }
    None
}

const PLACES: [Place; MANY] = {
    let mut places = [(0, 0, 0); MANY];
    let mut site = 0;
    while site < MANY {
        if let Some(place) = at(site) {
            places[site] = place;
        }
        site += 1;
    }
    places
};

/// The last again, where there is none of this number.
const fn place(site: usize) -> Place {
    PLACES[if site < MANY { site } else { MANY - 1 }]
}

const _: () = assert!(MANY <= 16 * 16, "more than there is room for");

/// The sites, for one executor.
struct Sites<X>(PhantomData<X>);

impl<X: Runs> Sites<X> {
    const ALL: &'static [[Site<X>; 16]; 16] = &{
        macro_rules! site {
            ($site:expr) => {
                Site::<X>::new::<{ place($site).0 }, { place($site).1 }, { place($site).2 }>()
            };
        }
        macro_rules! sixteen {
            ($each:ident, $digit:expr) => {
                [
                    $each!(16 * $digit),
                    $each!(16 * $digit + 1),
                    $each!(16 * $digit + 2),
                    $each!(16 * $digit + 3),
                    $each!(16 * $digit + 4),
                    $each!(16 * $digit + 5),
                    $each!(16 * $digit + 6),
                    $each!(16 * $digit + 7),
                    $each!(16 * $digit + 8),
                    $each!(16 * $digit + 9),
                    $each!(16 * $digit + 10),
                    $each!(16 * $digit + 11),
                    $each!(16 * $digit + 12),
                    $each!(16 * $digit + 13),
                    $each!(16 * $digit + 14),
                    $each!(16 * $digit + 15),
                ]
            };
        }
        macro_rules! row {
            ($digit:expr) => {
                sixteen!(site, ($digit))
            };
        }
        sixteen!(row, 0)
    };
}

/// What is judged of a run that did not complete.
fn faults<const RUNS: usize, X: Runs>() -> Faults<Unfinished<Random<RUNS>, X::Halt>> {
    Faults {
        when: |ended| {
            let when = When {
                when: |error: &SagaError<Random<RUNS>>| error.error().is_worth_another(),
            };
            ended.is_worth_another(&when)
        },
        in_doubt: |ended| ended.is_stuck(),
        view: |ended| ended.view(),
        injected: Injected::none(),
        journal: JsonForm::none(),
    }
}

type Attempt<'b, const RUNS: usize, X> = Boxed<
    'b,
    Result<Option<(Outputs, Ran<Random<RUNS>>)>, Unfinished<Random<RUNS>, <X as Executor>::Halt>>,
>;

/// The attempts of a step.
fn attempts<'b, const RUNS: usize, X: Runs>(
    plan: Plan<'b, X>,
    step: usize,
) -> impl FnMut(Begin<'b>) -> Attempt<'b, RUNS, X> + Send {
    let mut answer = None;
    move |begin| {
        let Plan {
            service,
            place,
            executor,
            ..
        } = plan;
        let runs = plan.runs(step, &mut answer, begin);
        let context = begin.context();
        let attempt = if runs {
            let input = move || service.begins(place, step, &context);
            Conditional::Runs(nest::<Random<RUNS>, X>(executor, begin, || service, input))
        } else {
            Conditional::IsSkipped
        };
        Box::pin(only_if(begin, attempt))
    }
}

fn broken<const SAGA: usize, const STEP: usize, const RUNS: usize>(
    failure: Failure<SagaError<Random<RUNS>>>,
) -> Broken {
    Broken::run(&definition(SAGA).steps[STEP], failure)
}

fn alone<'b, const SAGA: usize, const STEP: usize, const RUNS: usize, X: Runs>(
    plan: Plan<'b, X>,
    slot: &'b mut Slot,
    failures: &'b mut Failures<Broken>,
) -> Boxed<'b, Halted<X>> {
    Box::pin(async move {
        let mut kept = None;
        let kept_in = (&mut slot.run, &mut kept);
        let variant = broken::<SAGA, STEP, RUNS>;
        let attempts = attempts::<RUNS, X>(plan, STEP);
        let run = StepOf::<Random<SAGA>, STEP>::nested(
            plan.executor,
            faults::<RUNS, X>,
            attempts,
            kept_in,
            failures,
            variant,
        );
        let ended = run.await;
        slot.kept = Some(Box::new(kept));
        ended.map(drop)
    })
}

fn member<'b, const SAGA: usize, const STEP: usize, const RUNS: usize, X: Runs>(
    plan: Plan<'b, X>,
    slot: &'b mut Slot,
    siblings: Option<&'b Siblings>,
) -> Boxed<'b, Result<(), Stopped<X>>> {
    Box::pin(async move {
        let mut kept = None;
        let kept_in = (&mut slot.run, &mut kept);
        let variant = broken::<SAGA, STEP, RUNS>;
        let attempts = attempts::<RUNS, X>(plan, STEP);
        let run = StepOf::<Random<SAGA>, STEP>::nested_member(
            plan.executor,
            faults::<RUNS, X>,
            attempts,
            kept_in,
            siblings,
            variant,
        );
        let ended = run.await;
        slot.kept = Some(Box::new(kept));
        ended
    })
}

fn undo<'b, const SAGA: usize, const STEP: usize, const RUNS: usize, X: Runs>(
    plan: Plan<'b, X>,
    slot: &'b mut Slot,
    rollback: &'b mut Rollback,
) -> Boxed<'b, Halted<X>> {
    Box::pin(async move {
        let kept = slot.kept.as_deref_mut().expect("a run that completed");
        let kept: &mut dyn core::any::Any = kept;
        let kept = kept.downcast_mut().expect("a run of this saga");
        let service = plan.service;
        let undone = StepOf::<Random<SAGA>, STEP>::undo_nested::<X, Random<RUNS>>(
            plan.executor,
            &mut slot.run,
            kept,
            rollback,
            || service,
        );
        undone.await
    })
}
