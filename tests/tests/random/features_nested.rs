//! What has to be among the cases of sagas that run sagas.

use crate::case::{Kind, Phase, Shape};
use crate::features::{Feature, feature};
use crate::seen::Seen;
use crate::shapes::SHAPES;
use crate::summary::{Because, Call, Called, Cause, End, Failure, Nested, Outcome, Undo};

pub(crate) const NESTED: &[&[Feature]] = &[RUNS, PLACES, UNDONE, ENDED];

/// A step that runs a saga, and what became of it.
struct Site<'a> {
    shape: &'a Shape,
    step: usize,
    /// In how many other sagas.
    depth: usize,
    outcome: Outcome,
    undo: Undo,
    run: Option<&'a Nested>,
    /// Why the saga around it did not complete.
    cause: Option<Cause>,
}

impl Site<'_> {
    fn kind(&self) -> Kind {
        self.shape.steps()[self.step].kind
    }

    fn is_in_group(&self) -> bool {
        self.shape.stage_of(self.step).len() > 1
    }

    fn is_last(&self) -> bool {
        self.step + 1 == self.shape.steps().len()
    }

    fn is(&self, kind: Kind, outcome: Outcome) -> bool {
        (self.kind(), self.outcome) == (kind, outcome)
    }

    fn run_ended_by(&self, cause: Cause) -> bool {
        self.run.is_some_and(|run| run.cause == Some(cause))
    }
}

impl Seen {
    fn sites(&self) -> Vec<Site<'_>> {
        let mut all = Vec::new();
        let steps: Vec<_> = self.summary.steps.clone();
        let of = (&self.case.shape, self.summary.cause);
        add_sites(&mut all, of, &steps, &self.summary.nested, 0);
        all
    }

    fn any_site(&self, like: impl Fn(&Site<'_>) -> bool) -> bool {
        self.sites().iter().any(like)
    }

    fn became_nested(&self, kind: Kind, outcome: Outcome) -> bool {
        self.any_site(|site| site.is(kind, outcome))
    }

    fn any_call(&self, like: impl Fn(&Called) -> bool) -> bool {
        self.summary.calls.iter().any(like)
    }

    /// Whether a run was in flight in a step that is like this when it was cancelled, if no step heeded that.
    fn cancelled_in_run(&self, like: impl Fn(usize) -> bool) -> bool {
        let mut in_flight = self.cancelled.iter();
        in_flight.any(|span| span.depth > 0 && span.phase == Phase::Do && like(span.top))
    }
}

fn add_sites<'a>(
    all: &mut Vec<Site<'a>>,
    (shape, cause): (&'a Shape, Option<Cause>),
    steps: &[(Outcome, Undo)],
    nested: &'a [Option<Nested>],
    depth: usize,
) {
    for (step, declared) in shape.steps().iter().enumerate() {
        let Some(saga) = declared.runs else {
            continue;
        };
        let run = nested[step].as_ref();
        let (outcome, undo) = steps[step];
        all.push(Site {
            shape,
            step,
            depth,
            outcome,
            undo,
            run,
            cause,
        });
        if let Some(run) = run {
            let steps: Vec<_> = run.steps.iter().map(|step| (step.0, step.1)).collect();
            add_sites(
                all,
                (&SHAPES[saga], run.cause),
                &steps,
                &run.runs,
                depth + 1,
            );
        }
    }
}

const RUNS: &[Feature] = &[
    feature("nested, completed", 2300, |seen| seen.ends(End::Completed)),
    feature("nested, compensated", 2800, |seen| {
        seen.ends(End::Compensated)
    }),
    feature("nested, stuck", 1500, |seen| seen.ends(End::Stuck)),
    feature("nested twice", 1500, |seen| {
        seen.any_call(|called| called.within.len() == 2)
    }),
    feature("a run failed", 1600, |seen| {
        seen.any_site(|site| site.outcome == Outcome::Failed && site.run.is_some())
    }),
    feature("a run is stuck", 1100, |seen| {
        seen.any_site(|site| site.outcome == Outcome::InDoubt)
    }),
    feature("a run in a run failed", 500, |seen| {
        seen.any_site(|site| site.outcome == Outcome::Failed && site.depth == 1)
    }),
    feature("a run in a run is stuck", 350, |seen| {
        seen.any_site(|site| site.outcome == Outcome::InDoubt && site.depth == 1)
    }),
    feature("a second run", 680, |seen| {
        seen.any_call(|called| called.within.iter().any(|(_, attempt)| *attempt == 2))
    }),
    feature("a third run", 50, |seen| {
        seen.any_call(|called| called.within.iter().any(|(_, attempt)| *attempt == 3))
    }),
    feature("a run not worth another", 100, |seen| {
        seen.gave_up().iter().any(|gave_up| {
            gave_up.failure == Failure::Run
                && !gave_up.in_doubt
                && seen.has_attempts_left(gave_up)
                && matches!(seen.summary.cause, Some(Cause::Step(first)) if first == *gave_up)
                && !seen.is_in_group(gave_up.step)
        })
    }),
    feature("skipped", 410, |seen| {
        seen.any_site(|site| site.outcome == Outcome::Skipped)
    }),
    feature("panicked before it was begun", 40, |seen| {
        seen.gave_up().iter().any(|gave_up| {
            matches!(gave_up.failure, Failure::Panicked(1..))
                && seen.steps()[gave_up.step].runs.is_some()
        })
    }),
    feature("a condition panicked", 80, |seen| {
        seen.gave_up().iter().any(|gave_up| {
            gave_up.failure == Failure::Panicked(0) && seen.steps()[gave_up.step].runs.is_some()
        })
    }),
];

const PLACES: &[Feature] = &[
    feature("before the pivot, in doubt", 510, |seen| {
        seen.any_site(|site| site.is(Kind::Compensatable, Outcome::InDoubt) && !site.is_last())
    }),
    feature("in a group, in doubt", 270, |seen| {
        seen.any_site(|site| site.is_in_group() && site.outcome == Outcome::InDoubt)
    }),
    feature("in a group, failed", 310, |seen| {
        seen.any_site(|site| site.is_in_group() && site.outcome == Outcome::Failed)
    }),
    feature(
        "in a group, completed while a sibling gave up",
        50,
        |seen| {
            seen.any_site(|site| {
            site.is_in_group()
                && site.outcome == Outcome::Completed
                && matches!(site.cause, Some(Cause::Step(first)) if site.shape.stage_of(site.step).contains(&first.step))
        })
        },
    ),
    feature("in a group, cancelled", 120, |seen| {
        seen.any_site(|site| site.is_in_group() && site.run_ended_by(Cause::Cancelled))
    }),
    feature("the pivot, completed", 880, |seen| {
        seen.became_nested(Kind::Pivot, Outcome::Completed)
    }),
    feature("the pivot, failed", 480, |seen| {
        seen.became_nested(Kind::Pivot, Outcome::Failed)
    }),
    feature("the pivot, in doubt", 320, |seen| {
        seen.became_nested(Kind::Pivot, Outcome::InDoubt)
    }),
    feature("after the pivot, completed", 440, |seen| {
        seen.became_nested(Kind::Retriable, Outcome::Completed)
    }),
    feature("after the pivot, failed", 70, |seen| {
        seen.became_nested(Kind::Retriable, Outcome::Failed)
    }),
    feature("after the pivot, in doubt", 120, |seen| {
        seen.became_nested(Kind::Retriable, Outcome::InDoubt)
    }),
    feature("the last, that cannot be undone, completed", 90, |seen| {
        seen.became_nested(Kind::Last, Outcome::Completed)
    }),
    feature("the last, that cannot be undone, failed", 40, |seen| {
        seen.became_nested(Kind::Last, Outcome::Failed)
    }),
    feature("the last, that cannot be undone, in doubt", 30, |seen| {
        seen.became_nested(Kind::Last, Outcome::InDoubt)
    }),
    feature("the last, that can be undone, in doubt", 360, |seen| {
        seen.any_site(|site| site.is(Kind::Compensatable, Outcome::InDoubt) && site.is_last())
    }),
];

const UNDONE: &[Feature] = &[
    feature("undone", 500, |seen| {
        seen.any_site(|site| site.undo == Undo::Done)
    }),
    feature("not undone", 120, |seen| {
        seen.any_site(|site| site.undo == Undo::GaveUp)
    }),
    feature("a run in a run undone with that", 70, |seen| {
        seen.any_site(|site| {
            let within = site.run.map_or(&[][..], |run| &run.runs);
            let mut within = within.iter().flatten();
            site.undo == Undo::Done && within.any(|run| run.undo == Undo::Done)
        })
    }),
    feature("a run in a run not undone with that", 30, |seen| {
        seen.any_site(|site| {
            let within = site.run.map_or(&[][..], |run| &run.runs);
            let mut within = within.iter().flatten();
            site.undo == Undo::GaveUp && within.any(|run| run.undo == Undo::GaveUp)
        })
    }),
    feature("a step after one that was not undone", 40, |seen| {
        seen.any_site(|site| {
            let steps = site.run.map_or(&[][..], |run| &run.steps);
            let gave_up = steps.iter().rposition(|step| step.1 == Undo::GaveUp);
            gave_up.is_some_and(|at| steps[..at].iter().any(|step| step.1 == Undo::Done))
                && site.undo == Undo::GaveUp
        })
    }),
    feature("a second run undone", 14, |seen| {
        seen.any_call(|called| {
            matches!(called.within[..], [(_, 2..)])
                && matches!(called.call, Call::Undo(.., Because::Step { depth, .. }) if depth == seen.case.shape.depth)
        })
    }),
    feature("undone because of a cancellation", 170, |seen| {
        seen.any_site(|site| site.undo == Undo::Done && site.cause == Some(Cause::Cancelled))
    }),
    feature("undone because of the deadline", 190, |seen| {
        seen.any_site(|site| site.undo == Undo::Done && site.cause == Some(Cause::DeadlineExceeded))
    }),
    feature("its compensation repeated", 30, |seen| {
        seen.any_call(|called| {
            !called.within.is_empty() && matches!(called.call, Call::Undo(_, 2.., ..))
        })
    }),
];

const ENDED: &[Feature] = &[
    feature("cancelled in a run", 770, |seen| {
        seen.any_site(|site| site.run_ended_by(Cause::Cancelled))
    }),
    feature("cancelled in a run in a run", 160, |seen| {
        seen.any_site(|site| site.depth == 1 && site.run_ended_by(Cause::Cancelled))
    }),
    feature("cancelled in a run that failed by itself", 40, |seen| {
        seen.stopped()
            && seen.any_site(|site| {
                site.depth == 0
                    && site.outcome == Outcome::Failed
                    && site
                        .run
                        .is_some_and(|run| matches!(run.cause, Some(Cause::Step(_))))
            })
    }),
    feature("cancelled in a run that is stuck", 115, |seen| {
        seen.stopped() && seen.any_site(|site| site.outcome == Outcome::InDoubt && site.depth == 0)
    }),
    feature("cancelled in a run past its pivot", 130, |seen| {
        seen.ends(End::Completed)
            && seen
                .cancelled_in_run(|top| matches!(seen.steps()[top].kind, Kind::Pivot | Kind::Last))
    }),
    feature("cancelled in a run after the pivot", 100, |seen| {
        seen.cancelled_in_run(|top| seen.is_after_pivot(top))
    }),
    feature("cancelled while a run is undone", 90, |seen| {
        seen.cancelled
            .iter()
            .any(|span| span.depth > 0 && span.phase == Phase::Undo)
    }),
    feature("the deadline in a run", 690, |seen| {
        seen.caused_by(Cause::DeadlineExceeded)
            && seen.any_site(|site| site.run_ended_by(Cause::DeadlineExceeded))
    }),
    feature("its own deadline, and it failed", 155, |seen| {
        seen.any_site(|site| {
            site.run_ended_by(Cause::DeadlineExceeded)
                && matches!(site.cause, Some(Cause::Step(first)) if first.step == site.step)
        })
    }),
    feature("its own deadline after the pivot", 5, |seen| {
        seen.any_site(|site| {
            site.kind() == Kind::Retriable && site.run_ended_by(Cause::DeadlineExceeded)
        })
    }),
    feature("the deadline of the saga, and no time limit", 20, |seen| {
        seen.any_site(|site| {
            site.depth == 0
                && site.run_ended_by(Cause::DeadlineExceeded)
                && !seen.caused_by(Cause::DeadlineExceeded)
                && seen.case.policy(site.step, Phase::Do).limit == 0
        })
    }),
    feature("repeated after its own deadline", 20, |seen| {
        seen.any_call(|called| {
            called.within.is_empty()
                && matches!(called.call, Call::Do(step, 2..) if seen.any_call(|undo| {
                    undo.within == [(step, 1)]
                        && matches!(undo.call, Call::Undo(.., Because::DeadlineExceeded))
                }))
        })
    }),
];
