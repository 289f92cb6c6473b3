//! Steps that run other sagas: what is called, with which keys, what is undone, and how it is reported.

use std::sync::Arc;
use std::time::Duration;

use saga_core::{
    CancellationToken, End, Failure, Report, RunOptions, Saga, SagaError, drive,
    report::{Outcome, Undo},
};
use saga_tests::json::Schema;
use saga_tests::nested::Act::{Fail, Panic, Take};
use saga_tests::nested::{
    Act, BankSagaError, Booking, CouriersSagaError, PaymentsSagaError, Shop, ShopSaga,
    ShopSagaError, ShopSagaState,
};
use saga_tests::replay::{Cut, Journal, Replay};

type Ran = Result<String, SagaError<ShopSaga>>;

/// A shop in which these methods do this.
fn shop(script: &[(&'static str, &[Act])]) -> Shop {
    let shop = Shop::default();
    for (method, acts) in script {
        shop.world.script(method, acts);
    }
    shop
}

fn options() -> RunOptions<ShopSaga> {
    RunOptions::new().id("o-1")
}

/// The calls of a run for this many cups, without the common beginning of their keys.
async fn run(shop: &Shop, cups: u32) -> (Ran, Vec<String>) {
    let ran = ShopSaga::run_with(shop, cups, options()).await;
    (ran, calls(shop))
}

fn calls(shop: &Shop) -> Vec<String> {
    let calls = shop.world.calls.take();
    let short = |call: String| call.replace("shop/o-1/", "");
    calls.into_iter().map(short).collect()
}

/// The calls up to the pivot, for so few cups that there is no gift.
const PREPARED: [&str; 6] = [
    "price/do",
    "pack/do",
    "payments/pay/1/check/do",
    "bank/payments/pay/1/transfer/1/hold/do",
    "bank/payments/pay/1/transfer/1/settle/do",
    "couriers/ship/1/find/do",
];

/// The undos of the steps before the pivot.
const UNDONE: [&str; 4] = [
    "bank/payments/pay/1/transfer/1/settle/undo",
    "bank/payments/pay/1/transfer/1/hold/undo",
    "payments/pay/1/check/undo",
    "pack/undo",
];

fn joined(parts: &[&[&'static str]]) -> Vec<&'static str> {
    parts.concat()
}

/// The result of a step at the path of these names.
fn outcome(report: &Report, path: &str) -> (Outcome, Undo) {
    let (mut steps, mut found) = (&report.steps, None);
    for name in path.split('/') {
        let step = steps.iter().find(|step| step.name == name).unwrap();
        if let Some(nested) = &step.nested {
            steps = &nested.steps;
        }
        let of_method = step.compensation.as_ref().map(|undo| undo.undo);
        let of_saga = step.nested.as_ref().map(|nested| nested.undo);
        found = Some((step.outcome, of_method.or(of_saga).unwrap_or(Undo::NotDue)));
    }
    found.unwrap()
}

/// How the saga ended that a step runs.
fn end_of(report: &Report, step: &str) -> Option<End> {
    let step = report.steps.iter().find(|it| it.name == step).unwrap();
    step.nested.as_ref().unwrap().end
}

#[tokio::test]
async fn sagas_run_as_steps_and_what_they_give_goes_on() {
    let (ran, calls) = run(&shop(&[]), 7).await;
    assert_eq!(ran.unwrap(), "courier 20");
    assert_eq!(
        calls,
        [
            "price/do",
            "pack/do",
            "payments/pay/1/check/do",
            "bank/payments/pay/1/transfer/1/hold/do",
            "bank/payments/pay/1/transfer/1/settle/do",
            "gifts/gift/1/wrap/do",
            "gifts/gift/1/write/do",
            "couriers/ship/1/find/do",
            "couriers/ship/1/dispatch/do",
            "couriers/ship/1/label/do",
            "couriers/thank/1/find/do",
            "couriers/thank/1/dispatch/do",
            "couriers/thank/1/label/do",
        ]
    );
}

#[tokio::test]
async fn a_saga_that_is_skipped_calls_nothing_and_is_never_undone() {
    let shop = shop(&[("find", &[Fail])]);
    let (ran, calls) = run(&shop, 1).await;
    let report = ran.unwrap_err().report();
    assert_eq!(calls, joined(&[&PREPARED, &UNDONE]));
    assert_eq!(outcome(&report, "gift"), (Outcome::Skipped, Undo::NotDue));
    assert_eq!(
        outcome(&report, "gift/wrap"),
        (Outcome::NotRun, Undo::NotDue)
    );
}

#[tokio::test]
async fn a_later_failure_undoes_all_of_them_in_reverse_order() {
    let shop = shop(&[("dispatch", &[Fail])]);
    let (ran, calls) = run(&shop, 7).await;
    let error = ran.unwrap_err();
    let undone = calls.iter().filter(|call| call.ends_with("/undo"));
    assert_eq!(
        undone.collect::<Vec<_>>(),
        [
            // The nested saga is rolled back first; the pivot of the shop has not completed.
            "couriers/ship/1/find/undo",
            "gifts/gift/1/write/undo",
            "gifts/gift/1/wrap/undo",
            "bank/payments/pay/1/transfer/1/settle/undo",
            "bank/payments/pay/1/transfer/1/hold/undo",
            "payments/pay/1/check/undo",
            "pack/undo",
        ]
    );
    assert_eq!(error.end(), End::Compensated);
    let ShopSagaError::Ship(Failure::Error(inner)) = error.error() else {
        panic!("{error}");
    };
    assert!(matches!(
        inner.error(),
        CouriersSagaError::Dispatch(Failure::Error(_))
    ));
    let report = error.report();
    for step in [
        "pack",
        "pay",
        "pay/check",
        "pay/transfer",
        "pay/transfer/hold",
    ] {
        assert_eq!(
            outcome(&report, step),
            (Outcome::Completed, Undo::Done),
            "{step}"
        );
    }
    for step in ["gift", "gift/wrap", "gift/write", "pay/transfer/settle"] {
        assert_eq!(
            outcome(&report, step),
            (Outcome::Completed, Undo::Done),
            "{step}"
        );
    }
    assert_eq!(
        outcome(&report, "ship/find"),
        (Outcome::Completed, Undo::Done)
    );
    assert_eq!(outcome(&report, "ship/dispatch").0, Outcome::Failed);
    assert_eq!(outcome(&report, "ship/label").0, Outcome::NotRun);
    assert_eq!(end_of(&report, "ship"), Some(End::Compensated));
    assert_eq!(end_of(&report, "pay"), None);
}

#[tokio::test]
async fn the_cause_that_compensations_of_a_saga_see_is_that_of_its_own_roll_back() {
    let shop = shop(&[("dispatch", &[Fail])]);
    drop(run(&shop, 1).await);
    let causes = shop.world.causes.take();
    assert_eq!(causes[0], "step `dispatch`: dispatch does not work");
    let outer = "step `ship`: saga `couriers` (shop/o-1/ship/1) was compensated: \
                 step `dispatch` failed: dispatch does not work";
    assert_eq!(causes[1..], [outer; 4]);
}

#[tokio::test]
async fn the_output_of_a_saga_can_be_had_from_the_state_and_the_report_after_its_undo() {
    let shop = shop(&[("dispatch", &[Fail])]);
    let (ran, _) = run(&shop, 7).await;
    let error = ran.unwrap_err();
    let ShopSagaState::BeforeShip { pay, gift, .. } = error.state() else {
        panic!("{:?}", error.state());
    };
    assert_eq!(pay, &Booking(700));
    assert_eq!(gift, Some(&(70, "many returns".to_owned())));
    let report = error.report();
    let pay = &report.steps[2];
    assert_eq!(pay.output.as_deref(), Some("Booking(700)"));
    let transfer = &pay.nested.as_ref().unwrap().steps[1];
    assert_eq!(transfer.output.as_deref(), Some("Booking(700)"));
    let settle = &transfer.nested.as_ref().unwrap().steps[1];
    assert_eq!(settle.output.as_deref(), Some("Booking(700)"));
    let wrap = &report.steps[3].nested.as_ref().unwrap().steps[0];
    assert_eq!(wrap.output.as_deref(), Some("70"));
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_was_compensated_is_run_again_as_a_whole_under_other_keys() {
    let shop = shop(&[("check", &[Fail, Fail])]);
    let (ran, calls) = run(&shop, 1).await;
    assert_eq!(ran.unwrap(), "courier 20");
    let of_pay: Vec<_> = calls.iter().filter(|call| call.contains("/pay/")).collect();
    assert_eq!(
        of_pay,
        [
            "payments/pay/1/check/do",
            "payments/pay/2/check/do",
            "payments/pay/3/check/do",
            "bank/payments/pay/3/transfer/1/hold/do",
            "bank/payments/pay/3/transfer/1/settle/do",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_that_when_does_not_accept_ends_the_step() {
    let shop = shop(&[("settle", &[Fail])]);
    let (ran, calls) = run(&shop, 1).await;
    let error = ran.unwrap_err();
    assert_eq!(
        calls,
        [
            "price/do",
            "pack/do",
            "payments/pay/1/check/do",
            "bank/payments/pay/1/transfer/1/hold/do",
            "bank/payments/pay/1/transfer/1/settle/do",
            "bank/payments/pay/1/transfer/1/hold/undo",
            "payments/pay/1/check/undo",
            "pack/undo",
        ]
    );
    let ShopSagaError::Pay(Failure::Error(pay)) = error.error() else {
        panic!("{error}");
    };
    let PaymentsSagaError::Transfer(Failure::Error(transfer)) = pay.error() else {
        panic!("{pay}");
    };
    assert!(matches!(
        transfer.error(),
        BankSagaError::Settle(Failure::Error(_))
    ));
    assert_eq!((error.attempts(), error.in_doubt()), (1, false));
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_is_stuck_leaves_its_step_in_doubt_and_is_never_repeated() {
    let shop = shop(&[("settle", &[Fail]), ("unhold", &[Fail])]);
    let (ran, calls) = run(&shop, 1).await;
    let error = ran.unwrap_err();
    assert_eq!(
        calls
            .iter()
            .filter(|call| call.contains("check/do"))
            .count(),
        1
    );
    // The others are compensated, and the rest of it as far as possible.
    assert_eq!(calls[6..], ["payments/pay/1/check/undo", "pack/undo"]);
    assert_eq!((error.end(), error.in_doubt()), (End::Stuck, true));
    let report = error.report();
    assert_eq!(outcome(&report, "pay").0, Outcome::InDoubt);
    assert_eq!(outcome(&report, "pay/transfer").0, Outcome::InDoubt);
    assert_eq!(
        outcome(&report, "pay/transfer/hold"),
        (Outcome::Completed, Undo::GaveUp)
    );
    let left: Vec<_> = report
        .left_for_a_person
        .iter()
        .map(|left| (left.step, &*left.name, &*left.to_do))
        .collect();
    assert_eq!(
        left,
        [(
            3,
            "pay/transfer/hold",
            "undo step 3.2.1 `hold` (idempotency key \
             bank/payments/shop/o-1/pay/1/transfer/1/hold/do) by hand: unhold gave up"
        )]
    );
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_gives_up_within_a_saga_does_not_stop_the_rest_and_is_reported() {
    let shop = shop(&[
        ("dispatch", &[Fail]),
        ("unsettle", &[Fail]),
        ("forget", &[Panic]),
    ]);
    let (ran, calls) = run(&shop, 1).await;
    let error = ran.unwrap_err();
    assert_eq!(calls[calls.len() - 4..], UNDONE);
    assert_eq!(error.end(), End::Stuck);
    let failures = error.compensation_failures();
    let [pay] = failures else {
        panic!("{failures:?}");
    };
    assert_eq!((pay.step.name, pay.in_doubt), ("pay", true));
    let report = error.report();
    assert_eq!(outcome(&report, "pay"), (Outcome::Completed, Undo::GaveUp));
    assert_eq!(
        outcome(&report, "pay/transfer"),
        (Outcome::Completed, Undo::GaveUp)
    );
    assert_eq!(
        outcome(&report, "pay/transfer/hold"),
        (Outcome::Completed, Undo::Done)
    );
    assert_eq!(
        outcome(&report, "pay/check"),
        (Outcome::Completed, Undo::GaveUp)
    );
    assert_eq!(outcome(&report, "pack"), (Outcome::Completed, Undo::Done));
    let left: Vec<_> = report
        .left_for_a_person
        .iter()
        .map(|left| &*left.name)
        .collect();
    assert_eq!(left, ["pay/transfer/settle", "pay/check"]);
    let text = report.to_string();
    assert!(
        text.contains("failure of unsettle, the compensation of step 3.2.2 `settle`"),
        "{text}"
    );
    assert!(
        text.contains("failure of forget, the compensation of step 3.1 `check`"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_of_the_step_is_the_deadline_of_the_saga() {
    let shop = shop(&[("hold", &[Take(1_500)])]);
    let (ran, calls) = run(&shop, 1).await;
    assert_eq!(ran.unwrap(), "courier 20");
    // The attempt in flight was awaited and undone, and the whole saga was repeated.
    let of_pay: Vec<_> = calls.iter().filter(|call| call.contains("/pay/")).collect();
    assert_eq!(
        of_pay,
        [
            "payments/pay/1/check/do",
            "bank/payments/pay/1/transfer/1/hold/do",
            "bank/payments/pay/1/transfer/1/hold/undo",
            "payments/pay/1/check/undo",
            "payments/pay/2/check/do",
            "bank/payments/pay/2/transfer/1/hold/do",
            "bank/payments/pay/2/transfer/1/settle/do",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_reaches_the_saga_in_flight_and_is_the_primary_cause() {
    let shop = Arc::new(shop(&[("hold", &[Take(500)])]));
    let token = CancellationToken::new();
    let handle = ShopSaga::spawn(Arc::clone(&shop), 1, options().cancellation(token.clone()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    token.cancel();
    let error = handle.await.unwrap().unwrap_err();
    assert!(matches!(error.error(), ShopSagaError::Cancelled));
    let also: Vec<_> = error
        .also_failed()
        .map(|other| other.step().unwrap().name)
        .collect();
    assert_eq!(also, ["pay"]);
    assert_eq!(
        calls(&shop)[3..],
        [
            "bank/payments/pay/1/transfer/1/hold/do",
            "bank/payments/pay/1/transfer/1/hold/undo",
            "payments/pay/1/check/undo",
            "pack/undo",
        ]
    );
    assert_eq!(error.end(), End::Compensated);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_after_the_pivot_changes_nothing() {
    for method in ["label", "find"] {
        // The saga of the pivot is past its own pivot; a saga after the pivot is before its own.
        let acts: &[Act] = if method == "find" {
            &[Take(0), Take(500)]
        } else {
            &[Take(500)]
        };
        let shop = Arc::new(shop(&[(method, acts)]));
        let handle = ShopSaga::spawn(Arc::clone(&shop), 1, options());
        tokio::time::sleep(Duration::from_millis(100)).await;
        handle.cancel();
        assert_eq!(handle.await.unwrap().unwrap(), "courier 20", "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pivot_that_is_stuck_past_its_own_pivot_undoes_nothing() {
    let shop = shop(&[("label", &[Fail])]);
    let (ran, calls) = run(&shop, 1).await;
    let error = ran.unwrap_err();
    assert!(calls.iter().all(|call| call.ends_with("/do")), "{calls:?}");
    assert_eq!((error.end(), error.in_doubt()), (End::Stuck, true));
    let report = error.report();
    let left: Vec<_> = report
        .left_for_a_person
        .iter()
        .map(|left| &*left.to_do)
        .collect();
    assert_eq!(
        left,
        [
            "run step 5.3 `label`: the saga is past its pivot and cannot go back",
            "then see how the saga couriers of step 5 `ship` came out: if that completed it, run \
             the steps after it; if not, undo those before it",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn after_the_pivot_a_saga_is_run_again_and_then_the_whole_is_stuck() {
    let shop = shop(&[("find", &[Take(0), Fail, Fail])]);
    let (ran, calls) = run(&shop, 1).await;
    let error = ran.unwrap_err();
    assert_eq!(
        calls[calls.len() - 2..],
        ["couriers/thank/1/find/do", "couriers/thank/2/find/do"]
    );
    assert_eq!((error.end(), error.attempts()), (End::Stuck, 2));
    assert!(calls.iter().all(|call| call.ends_with("/do")), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sibling_that_gives_up_lets_a_saga_go_to_its_end_and_then_it_is_undone() {
    let shop = shop(&[("pack", &[Fail]), ("hold", &[Take(50)])]);
    let (ran, calls) = run(&shop, 1).await;
    let error = ran.unwrap_err();
    assert_eq!(error.step().unwrap().name, "pack");
    assert_eq!(calls[2..5], PREPARED[2..5]);
    assert_eq!(calls[5..], UNDONE[..3]);
    assert_eq!(error.end(), End::Compensated);
}

#[tokio::test(start_paused = true)]
async fn a_panic_before_a_saga_begins_is_clean_and_one_where_it_is_undone_is_reported() {
    let (ran, calls) = run(&Shop::default().that_panics_in("pay"), 1).await;
    let error = ran.unwrap_err();
    let ShopSagaError::Pay(Failure::Panicked(message)) = error.error() else {
        panic!("{error}");
    };
    assert_eq!(message, "no pay");
    assert_eq!(calls, ["price/do", "pack/do", "pack/undo"]);
    assert_eq!((error.end(), error.in_doubt()), (End::Compensated, false));

    let shop = shop(&[("dispatch", &[Fail])]).that_panics_in("gifts");
    let (ran, calls) = run(&shop, 7).await;
    let error = ran.unwrap_err();
    assert_eq!(error.end(), End::Stuck);
    let [gift] = error.compensation_failures() else {
        panic!("{error}");
    };
    assert_eq!(
        (gift.step.name, &*gift.error.message),
        ("gift", "panicked: no gifts")
    );
    let report = error.report();
    assert_eq!(outcome(&report, "gift"), (Outcome::Completed, Undo::GaveUp));
    let [left] = &*report.left_for_a_person else {
        panic!("{report}");
    };
    assert_eq!(
        (left.step, &*left.to_do),
        (
            4,
            "undo the saga gifts (shop/o-1/gift/1) of step 4 `gift` by hand, all of it: none of its \
             compensations was called"
        )
    );
    let text = report.to_string();
    assert_eq!(text.lines().next(), Some(&*error.to_string()));
    let failure = "failure of undoing step 4 `gift`, the saga gifts:\n  panicked: no gifts\n";
    assert!(text.contains(failure), "{text}");
    drop(Schema::read().round_trip(&report));
    assert_eq!(calls[calls.len() - 4..], UNDONE);
}

#[tokio::test]
async fn reports_of_sagas_in_sagas_are_written_and_read() {
    let scripts: [&[(&'static str, &[Act])]; 6] = [
        &[("price", &[Fail])],
        &[("settle", &[Fail])],
        &[("settle", &[Fail]), ("unhold", &[Fail])],
        &[("dispatch", &[Fail]), ("unsettle", &[Panic])],
        &[("label", &[Fail])],
        &[("find", &[Take(0), Panic])],
    ];
    let schema = Schema::read();
    for script in scripts {
        for cups in [1, 7] {
            let shop = shop(script);
            let ran = ShopSaga::run_with(&shop, cups, options().timed()).await;
            let error = ran.unwrap_err();
            // The same line in the run and in the report.
            let report = error.report();
            assert_eq!(report.to_string().lines().next(), Some(&*error.to_string()));
            drop(schema.round_trip(&report));
        }
    }
}

#[tokio::test]
async fn a_run_that_is_cut_anywhere_goes_on_from_what_is_recorded_of_all_its_sagas() {
    let scripts: [&[(&'static str, &[Act])]; 5] = [
        &[],
        &[("check", &[Fail])],
        &[("settle", &[Fail])],
        &[("dispatch", &[Fail]), ("unsettle", &[Fail])],
        &[("label", &[Fail])],
    ];
    let summary = |ran: &Result<String, SagaError<ShopSaga>>| match ran {
        Ok(output) => output.clone(),
        Err(error) => format!("{error}\n{:?}", error.report().left_for_a_person),
    };
    let mut cuts = 0;
    for script in scripts {
        let whole = Replay::new("o-1", Journal::new(), Cut::Never);
        let ran = drive::<ShopSaga, _>(&shop(script), &whole, 7)
            .await
            .unwrap();
        let journal = whole.into_journal();
        for records in 0..journal.len() {
            let shop = shop(script);
            let first = Replay::new("o-1", Journal::new(), Cut::AfterRecords(records));
            drive::<ShopSaga, _>(&shop, &first, 7)
                .await
                .map(|_| ())
                .unwrap_err();
            let made = shop.world.calls.take();
            let second = Replay::new("o-1", first.into_journal(), Cut::Never);
            let again = drive::<ShopSaga, _>(&shop, &second, 7).await.unwrap();
            assert_eq!(summary(&again), summary(&ran), "{script:?} {records}");
            assert_eq!(second.into_journal(), journal, "{script:?} {records}");
            // Nothing was done twice, and nothing was left out.
            assert_eq!(made.len() + shop.world.calls.take().len(), journal.len());
            cuts += 1;
        }
    }
    assert_eq!(cuts, 13 + 14 + 8 + 16 + 10);
}
