//! Every fault at every step of a saga with one step of each kind: the exact calls with their
//! attempt numbers and idempotency keys, which step failed, and how the saga ended.
//!
//! Then the same through an executor that records and replays, cut after every record: the
//! combined calls and the end are those of the run that was not cut.

use saga_core::{End, Phase, RunOptions, Saga, SagaError, StepError, drive};
use saga_tests::five_steps::Act::{Fail, FailTransiently, Hang, LoseConnection, Panic};
use saga_tests::five_steps::{Act, Shop, ShopSaga, ShopSagaError, with_keys};
use saga_tests::replay::{Cut, Replay};

const ID: &str = "run-1";

/// One row: what the methods do, and what must come of it.
struct Row {
    script: &'static [(&'static str, &'static [Act])],
    calls: &'static str,
    end: Expected,
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Completed,
    /// The failing step, its attempts, whether it is in doubt.
    Compensated(&'static str, u32, bool),
    /// The same, and the steps whose compensations gave up.
    Stuck(&'static str, u32, bool, &'static [&'static str]),
}
use Expected::{Compensated, Completed, Stuck};

const ALL: &str = "look_up#1 reserve#1 charge#1 ship#1 notify#1";

#[rustfmt::skip]
const STEPS: &[Row] = &[
    // A read-only step is never in doubt.
    Row { script: &[("look_up", &[Fail])], calls: "look_up#1", end: Compensated("look_up", 1, false) },
    Row { script: &[("look_up", &[FailTransiently])], calls: "look_up#1 look_up#2 reserve#1 charge#1 ship#1 notify#1", end: Completed },
    Row { script: &[("look_up", &[Hang, Hang, Hang])], calls: "look_up#1 look_up#2 look_up#3", end: Compensated("look_up", 3, false) },
    Row { script: &[("look_up", &[Hang, Fail])], calls: "look_up#1 look_up#2", end: Compensated("look_up", 2, false) },
    Row { script: &[("look_up", &[Panic])], calls: "look_up#1", end: Compensated("look_up", 1, false) },
    Row { script: &[("look_up", &[LoseConnection])], calls: "look_up#1", end: Compensated("look_up", 1, false) },
    // Undone with its output, so in doubt it cannot be.
    Row { script: &[("reserve", &[Fail])], calls: "look_up#1 reserve#1", end: Compensated("reserve", 1, false) },
    Row { script: &[("reserve", &[FailTransiently])], calls: "look_up#1 reserve#1 reserve#2 charge#1 ship#1 notify#1", end: Completed },
    Row { script: &[("reserve", &[Hang, Hang, Hang])], calls: "look_up#1 reserve#1 reserve#2 reserve#3", end: Stuck("reserve", 3, true, &[]) },
    Row { script: &[("reserve", &[Hang, Fail])], calls: "look_up#1 reserve#1 reserve#2", end: Stuck("reserve", 2, true, &[]) },
    Row { script: &[("reserve", &[Panic])], calls: "look_up#1 reserve#1", end: Stuck("reserve", 1, true, &[]) },
    Row { script: &[("reserve", &[LoseConnection])], calls: "look_up#1 reserve#1", end: Stuck("reserve", 1, true, &[]) },
    // Undone with an `Attempt`, so in doubt too, in its place.
    Row { script: &[("charge", &[Fail])], calls: "look_up#1 reserve#1 charge#1 release#1(reserve)", end: Compensated("charge", 1, false) },
    Row { script: &[("charge", &[FailTransiently])], calls: "look_up#1 reserve#1 charge#1 charge#2 ship#1 notify#1", end: Completed },
    Row { script: &[("charge", &[Hang, Hang, Hang])], calls: "look_up#1 reserve#1 charge#1 charge#2 charge#3 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 3, true) },
    Row { script: &[("charge", &[Hang, Fail])], calls: "look_up#1 reserve#1 charge#1 charge#2 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 2, true) },
    Row { script: &[("charge", &[Panic])], calls: "look_up#1 reserve#1 charge#1 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 1, true) },
    Row { script: &[("charge", &[LoseConnection])], calls: "look_up#1 reserve#1 charge#1 refund#1(in~doubt) release#1(reserve)", end: Compensated("charge", 1, true) },
    // The pivot: in doubt, nobody knows which way to go.
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

/// The pivot fails, and the compensations do this.
#[rustfmt::skip]
const COMPENSATIONS: &[Row] = &[
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
    // In doubt, and the compensation that is run for that gives up.
    Row { script: &[("charge", &[Panic]), ("refund", &[Fail])], calls: "look_up#1 reserve#1 charge#1 refund#1(in~doubt) release#1(reserve)", end: Stuck("charge", 1, true, &["charge"]) },
];

fn rows() -> impl Iterator<Item = &'static Row> {
    STEPS.iter().chain(COMPENSATIONS)
}

fn shop(row: &Row) -> Shop {
    let shop = Shop::default();
    row.script
        .iter()
        .fold(shop, |shop, (method, acts)| shop.script(method, acts))
}

fn outcome<T>(run: &Result<T, SagaError<ShopSaga>>) -> Expected {
    let Err(error) = run else {
        return Completed;
    };
    let (step, attempts) = (error.step().name, error.attempts());
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

#[tokio::test(start_paused = true)]
async fn every_fault_at_every_step_gives_exactly_these_calls_and_this_end() {
    assert_eq!(
        (STEPS.len(), COMPENSATIONS.len()),
        (30, 11),
        "no row got lost"
    );
    for row in rows() {
        let shop = shop(row);
        let options = RunOptions::new().id(ID);
        let run = ShopSaga::run_with(&shop, 7, options).await;
        assert_eq!(
            shop.calls.take(),
            with_keys(ID, row.calls),
            "calls of {:?}",
            row.script
        );
        assert_eq!(outcome(&run), row.end, "end of {:?}", row.script);
        if let Err(error) = run {
            assert_eq!(
                variant(error.error()),
                error.step().name,
                "the typed error's step"
            );
        }
    }
}

fn variant(error: &ShopSagaError) -> &'static str {
    match error {
        ShopSagaError::LookUp(_) => "look_up",
        ShopSagaError::Reserve(_) => "reserve",
        ShopSagaError::Charge(_) => "charge",
        ShopSagaError::Ship(_) => "ship",
        ShopSagaError::Notify(_) => "notify",
        _ => "another",
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_cut_after_any_record_goes_on_to_the_same_end_and_repeats_no_recorded_step() {
    let mut cuts = 0;
    for row in rows() {
        let whole = Replay::new(ID, Vec::new(), Cut::Never);
        let reference = shop(row);
        let run = drive::<ShopSaga, _>(&reference, &whole, 7)
            .await
            .expect("not cut");
        assert_eq!(
            reference.calls.take(),
            with_keys(ID, row.calls),
            "{:?}",
            row.script
        );
        assert_eq!(outcome(&run), row.end, "{:?}", row.script);
        let text = run.as_ref().err().map(|error| error.error().text());
        let journal = whole.into_journal();

        for records in 0..journal.len() {
            // One service for both lives: what it did before the cut stays done.
            let shop = shop(row);
            let first = Replay::new(ID, Vec::new(), Cut::AfterRecords(records));
            let halted = drive::<ShopSaga, _>(&shop, &first, 7).await;
            assert!(
                halted.is_err(),
                "{:?} cut after {records} records",
                row.script
            );
            let kept = first.into_journal();
            assert_eq!(
                kept,
                journal.get(..records).unwrap_or_default(),
                "{:?}",
                row.script
            );

            let second = Replay::new(ID, kept, Cut::Never);
            let run = drive::<ShopSaga, _>(&shop, &second, 7)
                .await
                .expect("not cut");
            let what = format!("{:?} cut after {records} records", row.script);
            assert_eq!(
                shop.calls.take(),
                with_keys(ID, row.calls),
                "calls of {what}"
            );
            assert_eq!(outcome(&run), row.end, "end of {what}");
            assert_eq!(
                run.err().map(|error| error.error().text()),
                text,
                "error of {what}"
            );
            assert_eq!(second.into_journal(), journal, "journal of {what}");
            cuts += 1;
        }

        // Replayed whole, it calls nothing.
        let shop = shop(row);
        let again = Replay::new(ID, journal, Cut::Never);
        let run = drive::<ShopSaga, _>(&shop, &again, 7)
            .await
            .expect("not cut");
        assert_eq!(shop.calls.take(), [""; 0], "{:?}", row.script);
        assert_eq!(outcome(&run), row.end, "{:?}", row.script);
    }
    assert_eq!(cuts, 176, "one for each record of each row");
}

#[tokio::test(start_paused = true)]
async fn a_step_cut_between_its_effect_and_its_record_is_run_again_under_the_same_key() {
    for row in rows() {
        let whole = Replay::new(ID, Vec::new(), Cut::Never);
        let run = drive::<ShopSaga, _>(&shop(row), &whole, 7)
            .await
            .expect("not cut");
        let (end, journal) = (outcome(&run), whole.into_journal());
        for (records, (step, phase, _)) in journal.iter().enumerate() {
            let first = Replay::new(ID, Vec::new(), Cut::BeforeRecord(records));
            let before = shop(row);
            let halted = drive::<ShopSaga, _>(&before, &first, 7).await;
            assert!(halted.is_err());
            let last = before.calls.take().pop().expect("the cut call was made");

            // A fresh service with the same script: what is cut is done again from its start.
            let after = shop(row);
            let kept = first.into_journal();
            let run = drive::<ShopSaga, _>(&after, &Replay::new(ID, kept, Cut::Never), 7).await;
            let calls = after.calls.take();
            let again = calls.first().expect("it is run again");
            let key = |call: &str| call.split(' ').next_back().map(ToOwned::to_owned);
            assert_eq!(key(again), key(&last), "the same idempotency key");
            let phase = match phase {
                Phase::Step => "do",
                Phase::Compensation => "undo",
            };
            assert_eq!(key(again), Some(format!("shop/{ID}/{step}/{phase}")));
            assert_eq!(outcome(&run.expect("not cut")), end, "{:?}", row.script);
        }
    }
}
