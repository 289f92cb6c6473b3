//! Every fault at every step of [`five_steps`](crate::five_steps), and the expected result.

use saga_core::{End, SagaError};

use crate::five_steps::Act::{Fail, FailTransiently, Hang, LoseConnection, Panic};
use crate::five_steps::{Act, Shop, ShopSaga};

/// One row: what the methods do, and the expected result.
#[derive(Debug)]
pub struct Row {
    /// What the attempts of each method do, in order.
    pub script: &'static [(&'static str, &'static [Act])],
    /// The expected calls, for [`with_keys`](crate::five_steps::with_keys).
    pub calls: &'static str,
    /// The expected end.
    pub end: Expected,
}

impl Row {
    /// Creates a service that follows the row.
    #[must_use]
    pub fn shop(&self) -> Shop {
        let script = self.script.iter();
        script.fold(Shop::default(), |shop, (method, acts)| {
            shop.script(method, acts)
        })
    }
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The run completes with its output.
    Completed,
    /// The step that failed, its attempts, and whether it is in doubt.
    Compensated(&'static str, u32, bool),
    /// The same, with the steps whose compensations gave up.
    Stuck(&'static str, u32, bool, &'static [&'static str]),
}
use Expected::{Compensated, Completed, Stuck};

const ALL: &str = "look_up#1 reserve#1 charge#1 ship#1 notify#1";

/// A row for each fault at each step.
#[rustfmt::skip]
pub const STEPS: &[Row] = &[
    // A read-only step is never in doubt.
    Row { script: &[("look_up", &[Fail])], calls: "look_up#1", end: Compensated("look_up", 1, false) },
    Row { script: &[("look_up", &[FailTransiently])], calls: "look_up#1 look_up#2 reserve#1 charge#1 ship#1 notify#1", end: Completed },
    Row { script: &[("look_up", &[Hang, Hang, Hang])], calls: "look_up#1 look_up#2 look_up#3", end: Compensated("look_up", 3, false) },
    Row { script: &[("look_up", &[Hang, Fail])], calls: "look_up#1 look_up#2", end: Compensated("look_up", 2, false) },
    Row { script: &[("look_up", &[Panic])], calls: "look_up#1", end: Compensated("look_up", 1, false) },
    Row { script: &[("look_up", &[LoseConnection])], calls: "look_up#1", end: Compensated("look_up", 1, false) },
    // Its undo takes the output, so it cannot run if the step is in doubt.
    Row { script: &[("reserve", &[Fail])], calls: "look_up#1 reserve#1", end: Compensated("reserve", 1, false) },
    Row { script: &[("reserve", &[FailTransiently])], calls: "look_up#1 reserve#1 reserve#2 charge#1 ship#1 notify#1", end: Completed },
    Row { script: &[("reserve", &[Hang, Hang, Hang])], calls: "look_up#1 reserve#1 reserve#2 reserve#3", end: Stuck("reserve", 3, true, &[]) },
    Row { script: &[("reserve", &[Hang, Fail])], calls: "look_up#1 reserve#1 reserve#2", end: Stuck("reserve", 2, true, &[]) },
    Row { script: &[("reserve", &[Panic])], calls: "look_up#1 reserve#1", end: Stuck("reserve", 1, true, &[]) },
    Row { script: &[("reserve", &[LoseConnection])], calls: "look_up#1 reserve#1", end: Stuck("reserve", 1, true, &[]) },
    // Its undo takes an `Attempt`, so it also runs if the step is in doubt, in its usual place.
    Row { script: &[("charge", &[Fail])], calls: "look_up#1 reserve#1 charge#1 release#1(reserve)", end: Compensated("charge", 1, false) },
    Row { script: &[("charge", &[FailTransiently])], calls: "look_up#1 reserve#1 charge#1 charge#2 ship#1 notify#1", end: Completed },
    Row { script: &[("charge", &[Hang, Hang, Hang])], calls: "look_up#1 reserve#1 charge#1 charge#2 charge#3 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 3, true) },
    Row { script: &[("charge", &[Hang, Fail])], calls: "look_up#1 reserve#1 charge#1 charge#2 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 2, true) },
    Row { script: &[("charge", &[Panic])], calls: "look_up#1 reserve#1 charge#1 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 1, true) },
    Row { script: &[("charge", &[LoseConnection])], calls: "look_up#1 reserve#1 charge#1 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 1, true) },
    // The pivot: in doubt, so neither way is safe.
    Row { script: &[("ship", &[Fail])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) release#1(reserve)", end: Compensated("ship", 1, false) },
    Row { script: &[("ship", &[FailTransiently])], calls: "look_up#1 reserve#1 charge#1 ship#1 ship#2 notify#1", end: Completed },
    Row { script: &[("ship", &[Hang, Hang, Hang])], calls: "look_up#1 reserve#1 charge#1 ship#1 ship#2 ship#3", end: Stuck("ship", 3, true, &[]) },
    Row { script: &[("ship", &[Hang, Fail])], calls: "look_up#1 reserve#1 charge#1 ship#1 ship#2", end: Stuck("ship", 2, true, &[]) },
    Row { script: &[("ship", &[Panic])], calls: "look_up#1 reserve#1 charge#1 ship#1", end: Stuck("ship", 1, true, &[]) },
    Row { script: &[("ship", &[LoseConnection])], calls: "look_up#1 reserve#1 charge#1 ship#1", end: Stuck("ship", 1, true, &[]) },
    // After the pivot nothing is undone.
    Row { script: &[("notify", &[Fail])], calls: ALL, end: Stuck("notify", 1, false, &[]) },
    Row { script: &[("notify", &[FailTransiently])], calls: "look_up#1 reserve#1 charge#1 ship#1 notify#1 notify#2", end: Completed },
    Row { script: &[("notify", &[Hang, Hang, Hang])], calls: "look_up#1 reserve#1 charge#1 ship#1 notify#1 notify#2 notify#3", end: Stuck("notify", 3, true, &[]) },
    Row { script: &[("notify", &[Hang, Fail])], calls: "look_up#1 reserve#1 charge#1 ship#1 notify#1 notify#2", end: Stuck("notify", 2, true, &[]) },
    Row { script: &[("notify", &[Panic])], calls: ALL, end: Stuck("notify", 1, true, &[]) },
    Row { script: &[("notify", &[LoseConnection])], calls: ALL, end: Stuck("notify", 1, true, &[]) },
];

/// Rows in which the pivot fails and the compensations do this.
#[rustfmt::skip]
pub const COMPENSATIONS: &[Row] = &[
    Row { script: &[("ship", &[Fail]), ("refund", &[Fail])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) release#1(reserve)", end: Stuck("ship", 1, false, &["charge"]) },
    Row { script: &[("ship", &[Fail]), ("refund", &[FailTransiently])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) refund#2(charge) release#1(reserve)", end: Compensated("ship", 1, false) },
    Row { script: &[("ship", &[Fail]), ("refund", &[FailTransiently, FailTransiently])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) refund#2(charge) release#1(reserve)", end: Stuck("ship", 1, false, &["charge"]) },
    Row { script: &[("ship", &[Fail]), ("refund", &[Panic, Panic])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) refund#2(charge) release#1(reserve)", end: Stuck("ship", 1, false, &["charge"]) },
    Row { script: &[("ship", &[Fail]), ("refund", &[Panic])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) refund#2(charge) release#1(reserve)", end: Compensated("ship", 1, false) },
    Row { script: &[("ship", &[Fail]), ("refund", &[Hang, Hang])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) refund#2(charge) release#1(reserve)", end: Stuck("ship", 1, false, &["charge"]) },
    Row { script: &[("ship", &[Fail]), ("refund", &[Hang])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) refund#2(charge) release#1(reserve)", end: Compensated("ship", 1, false) },
    Row { script: &[("ship", &[Fail]), ("release", &[Fail])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) release#1(reserve)", end: Stuck("ship", 1, false, &["reserve"]) },
    Row { script: &[("ship", &[Fail]), ("release", &[Panic, Hang])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) release#1(reserve) release#2(reserve)", end: Stuck("ship", 1, false, &["reserve"]) },
    Row { script: &[("ship", &[Fail]), ("refund", &[Fail]), ("release", &[Hang, Panic])], calls: "look_up#1 reserve#1 charge#1 ship#1 refund#1(charge) release#1(reserve) release#2(reserve)", end: Stuck("ship", 1, false, &["charge", "reserve"]) },
    // The step is in doubt, and its compensation gives up.
    Row { script: &[("charge", &[Panic]), ("refund", &[Fail])], calls: "look_up#1 reserve#1 charge#1 refund#1(in~doubt) release#1(reserve)", end: Stuck("charge", 1, true, &["charge"]) },
];

/// Both tables.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    STEPS.iter().chain(COMPENSATIONS)
}

/// How the run ended.
///
/// # Panics
///
/// If a saga was compensated although a compensation gave up.
pub fn outcome<T>(run: &Result<T, SagaError<ShopSaga>>) -> Expected {
    let Err(error) = run else {
        return Completed;
    };
    let (step, attempts) = (error.step().unwrap().name, error.attempts());
    let gave_up: Vec<_> = error
        .compensation_failures()
        .iter()
        .map(|f| f.step.name)
        .collect();
    match error.end() {
        End::Stuck => Stuck(step, attempts, error.in_doubt(), gave_up.leak()),
        _ => {
            assert_eq!(
                gave_up, [""; 0],
                "a compensated saga has no compensation that gave up"
            );
            Compensated(step, attempts, error.in_doubt())
        }
    }
}
