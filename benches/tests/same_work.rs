//! Every contestant makes the same calls, in the same order, with the same values, and ends the same, so that a
//! ratio compares ways of doing one thing.

use std::sync::Arc;

use saga_benches::case::{Case, End};
use saga_benches::contestants::{Contestant, Name, Visitor, visit};
use saga_benches::exercise::{INPUT, runtime};
use saga_benches::python;
use saga_benches::steps::{Call, Log, Service, Value};

/// What a run did, and how it ended.
#[derive(Debug, PartialEq)]
struct Done {
    calls: Vec<Call>,
    ended: Result<u64, usize>,
}

/// What it has to be, derived from the case alone: a step adds one to its input.
fn due(case: Case) -> Done {
    let steps = case.length.steps();
    let number = |step: usize| INPUT + step as u64;
    let forwards = (0..steps).map(|step| Call::Step(step, number(step)));
    let backwards = (0..steps - 1).rev();
    let backwards = backwards.map(|step| Call::Undo(step, number(step + 1)));
    match case.end {
        End::Success => Done {
            calls: forwards.collect(),
            ended: Ok(number(steps)),
        },
        End::Failure => Done {
            calls: forwards.chain(backwards).collect(),
            ended: Err(steps - 1),
        },
    }
}

struct Watch(Case);

impl Visitor<Log> for Watch {
    type Output = [Done; 2];

    /// Two runs with one preparation.
    fn visit<S: Service<Notes = Log>, C: Contestant<S>>(self) -> [Done; 2] {
        assert_eq!(S::STEPS, self.0.length.steps());
        let input = S::Value::of(INPUT);
        let service = Arc::new(S::new(self.0.refuses()));
        runtime().block_on(async {
            let prepared = C::prepare(&service, &input);
            let mut seen = 0;
            let mut done = async || {
                let ended = C::number_or_step(C::run(&service, &prepared, input.clone()).await);
                let calls = service.notes().calls().split_off(seen);
                seen += calls.len();
                Done { calls, ended }
            };
            [done().await, done().await]
        })
    }
}

fn does_the_same_work(name: Name) {
    for case in Case::all() {
        let [first, second] = visit::<Log, _>(name, case, Watch(case));
        assert_eq!(first, due(case), "{} {case}", name.key());
        assert_eq!(second, due(case), "{} {case}, again", name.key());
    }
}

#[test]
fn nested_matches_do_the_same_work_with_and_without_catching() {
    does_the_same_work(Name::NestedBare);
    does_the_same_work(Name::Nested);
}

#[test]
fn a_loop_over_a_position_does_the_same_work() {
    does_the_same_work(Name::Position);
}

#[test]
fn a_saga_does_the_same_work_driven_and_run() {
    does_the_same_work(Name::Drive);
    does_the_same_work(Name::Run);
}

#[test]
fn boxed_closures_do_the_same_work() {
    does_the_same_work(Name::Boxed);
}

#[test]
fn steno_does_the_same_work() {
    does_the_same_work(Name::Steno);
}

#[test]
fn the_python_peer_does_the_same_work() {
    if python::version(python::INTERPRETER).unwrap().is_none() {
        // The table then has no such row and says why, and the contestant cannot be run by mistake.
        for case in Case::all() {
            let error = python::calls(case).unwrap_err();
            assert!(
                format!("{error:#}").contains(python::INTERPRETER),
                "{error:#}"
            );
        }
        return;
    }
    for case in Case::all() {
        let mut lines = vec![format!("case {case}")];
        let Done { calls, ended } = due(case);
        lines.extend(calls.into_iter().map(|call| match call {
            Call::Step(index, given) => format!("step {index} {given}"),
            Call::Undo(index, given) => format!("undo {index} {given}"),
        }));
        lines.push(match ended {
            Ok(number) => format!("completed {number}"),
            Err(step) => format!("failed {step}"),
        });
        let printed = python::calls(case).unwrap();
        assert_eq!(printed.lines().collect::<Vec<_>>(), lines, "{case}");
    }
}

#[test]
fn an_interpreter_that_is_not_there_is_no_error() {
    assert_eq!(python::version("no-such-python").unwrap(), None);
}
