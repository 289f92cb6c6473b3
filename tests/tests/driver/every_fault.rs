//! Every fault at every step of a saga with one step of each kind: the exact calls with their
//! attempt numbers and idempotency keys, which step failed, and how the saga ended.
//!
//! Then the same through an executor that records and replays, cut after every record: the
//! combined calls and the end are those of the run that was not cut.

use saga_core::{RunOptions, Saga, StepError, definition::Phase, drive};
use saga_tests::faults::{COMPENSATIONS, STEPS, outcome, rows};
use saga_tests::five_steps::{ShopSaga, ShopSagaError, with_keys};
use saga_tests::replay::{Cut, Replay};

const ID: &str = "run-1";

#[tokio::test(start_paused = true)]
async fn every_fault_at_every_step_leads_to_exactly_these_calls_and_this_end() {
    assert_eq!(
        (STEPS.len(), COMPENSATIONS.len()),
        (30, 11),
        "no row got lost"
    );
    for row in rows() {
        let shop = row.shop();
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
                error.step().unwrap().name,
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
        let reference = row.shop();
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
            let shop = row.shop();
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

        // With all records, the replay makes no call.
        let shop = row.shop();
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
        let run = drive::<ShopSaga, _>(&row.shop(), &whole, 7)
            .await
            .expect("not cut");
        let (end, journal) = (outcome(&run), whole.into_journal());
        for (records, (step, phase, _)) in journal.iter().enumerate() {
            let first = Replay::new(ID, Vec::new(), Cut::BeforeRecord(records));
            let before = row.shop();
            let halted = drive::<ShopSaga, _>(&before, &first, 7).await;
            assert!(halted.is_err());
            let last = before.calls.take().pop().expect("the cut call was made");

            // A fresh service with the same script, on which the cut part is repeated from its start.
            let after = row.shop();
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
