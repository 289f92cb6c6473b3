//! The `transfer` example: each of its scenarios, with time paused, and then the program.

#[path = "../transfer/bank.rs"]
mod bank;
mod common;
#[path = "../transfer/line.rs"]
mod line;
#[path = "../transfer/money.rs"]
mod money;
#[path = "../transfer/proof.rs"]
mod proof;
#[path = "../transfer/scenarios.rs"]
mod scenarios;
#[path = "../transfer/service.rs"]
mod service;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use saga_core::{
    End, Failure, SagaError,
    definition::Phase,
    report::{Outcome, Undo},
};

use bank::{Bank, BankError, Payment};
use common::{example, run};
use line::{Fault, What};
use money::Money;
use proof::{Balances, Proof};
use scenarios::{Ended, OPENING, SCENARIOS, Scenario};
use service::{TransferSaga, TransferSagaError};

const fn cents(cents: u32) -> Money {
    Money::from_cents(cents)
}

/// What there is after 120.00 EUR have arrived.
const ARRIVED: Balances = Balances {
    ann: cents(38_000),
    clearing_at_north: cents(112_000),
    clearing_at_south: cents(8_000),
    bob: cents(17_000),
};

/// An empty folder of a name that no other test takes.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("transfer_{name}"));
    // What an earlier run of this test may have left.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests can be written to");
    folder
}

/// Asks the banks' files whether there are these balances, these legs, and all the money that there
/// was.
#[track_caller]
fn assert_left(folder: &Path, balances: Balances, [withdrawn, deposited]: [Money; 2]) {
    let proof = Proof::of(folder).expect("the files are banks");
    assert_eq!(proof.problems, [""; 0]);
    assert_eq!(proof.balances, balances);
    assert_eq!([proof.withdrawn, proof.deposited], [withdrawn, deposited]);
    assert_eq!(proof.total, cents(175_000));
}

async fn ended(scenario: &Scenario) -> (Ended, PathBuf) {
    let folder = folder(scenario.id);
    let ended = scenario.run(&folder).await;
    (ended.expect("there are two banks"), folder)
}

/// That of the example with this id.
async fn scenario(id: &str) -> (Ended, PathBuf) {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.id == id);
    let scenario = scenario.unwrap_or_else(|| panic!("no scenario {id}"));
    println!("{}", scenario.story);
    ended(scenario).await
}

fn failed(ended: &Ended) -> &SagaError<TransferSaga> {
    ended.result.as_ref().expect_err("the saga fails")
}

/// What became of each leg.
fn legs(error: &SagaError<TransferSaga>) -> Vec<(Outcome, Undo)> {
    let records = error.steps();
    records
        .map(|record| (record.outcome, record.undo))
        .collect()
}

#[track_caller]
fn assert_not_covered(error: &SagaError<TransferSaga>) {
    assert_eq!(error.step().unwrap().name, "deposit");
    assert_eq!(error.attempts(), 1, "no other attempt would help");
    assert!(!error.in_doubt());
    let TransferSagaError::Deposit(Failure::Error(BankError::InsufficientBalance {
        account,
        balance,
        amount,
    })) = error.error()
    else {
        panic!("{error}");
    };
    assert_eq!(account, "clearing");
    assert_eq!((*balance, *amount), (cents(20_000), cents(30_000)));
}

#[track_caller]
fn assert_withdrawal_in_doubt(error: &SagaError<TransferSaga>) {
    assert_eq!(error.step().unwrap().name, "withdraw");
    assert_eq!(error.attempts(), 1);
    assert!(error.in_doubt());
    let TransferSagaError::Withdraw(Failure::TimedOut(_)) = error.error() else {
        panic!("{error}");
    };
    assert_eq!(error.end(), End::Compensated);
    let legs = legs(error);
    assert_eq!(
        legs,
        [
            (Outcome::InDoubt, Undo::Done),
            (Outcome::NotRun, Undo::NotDue)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn both_legs_go_through() {
    let (ended, folder) = scenario("1").await;
    let paid = ended.result.expect("the saga completes");
    assert_eq!(paid.to_string(), "120.00 EUR from clearing to bob");
    assert_eq!(
        ended.calls,
        [
            "transfer/1/withdraw/do, attempt 1: 120.00 EUR from ann to clearing",
            "transfer/1/deposit/do, attempt 1: 120.00 EUR from clearing to bob",
        ]
    );
    assert_left(&folder, ARRIVED, [cents(12_000), cents(12_000)]);
}

#[tokio::test(start_paused = true)]
async fn a_second_leg_that_is_not_covered_has_the_first_undone() {
    let (ended, folder) = scenario("2").await;
    let error = failed(&ended);
    assert_not_covered(error);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        legs(error),
        [
            (Outcome::Completed, Undo::Done),
            (Outcome::Failed, Undo::NotDue)
        ]
    );
    assert_eq!(
        ended.calls,
        [
            "transfer/2/withdraw/do, attempt 1: 300.00 EUR from ann to clearing",
            "transfer/2/deposit/do, attempt 1: insufficient balance: clearing has 200.00 EUR, the \
             payment is of 300.00 EUR",
            "transfer/2/withdraw/undo, attempt 1: 300.00 EUR from clearing to ann",
        ]
    );
    assert_left(&folder, OPENING, [cents(0), cents(0)]);
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_fails_once_is_tried_again() {
    let (ended, folder) = scenario("3").await;
    let error = failed(&ended);
    assert_not_covered(error);
    assert_eq!(error.end(), End::Compensated);
    assert!(error.compensation_failures().is_empty());
    assert_eq!(
        ended.calls[2..],
        [
            "transfer/3/withdraw/undo, attempt 1: the bank is closed",
            "transfer/3/withdraw/undo, attempt 2: 300.00 EUR from clearing to ann",
        ]
    );
    assert_left(&folder, OPENING, [cents(0), cents(0)]);
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_fails_each_time_leaves_the_first_leg_to_a_person() {
    let (ended, folder) = scenario("4").await;
    let error = failed(&ended);
    assert_not_covered(error);
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(
        legs(error),
        [
            (Outcome::Completed, Undo::GaveUp),
            (Outcome::Failed, Undo::NotDue)
        ]
    );
    let [gave_up] = error.compensation_failures() else {
        panic!("{error}");
    };
    assert_eq!((gave_up.step.name, gave_up.attempts), ("withdraw", 3));
    assert_eq!(gave_up.error.message, "the bank is closed");
    assert_eq!(ended.calls.len(), 5);

    let report = error.report();
    let [to_do] = &report.left_for_a_person[..] else {
        panic!("{report}");
    };
    assert_eq!(
        to_do.to_do,
        "undo step 1 `withdraw` (idempotency key transfer/4/withdraw/do) by hand: pay_back gave up"
    );
    let withdrawn = Balances {
        ann: cents(20_000),
        clearing_at_north: cents(130_000),
        ..OPENING
    };
    assert_left(&folder, withdrawn, [cents(30_000), cents(0)]);
}

#[tokio::test(start_paused = true)]
async fn a_first_leg_in_doubt_that_was_paid_is_found_by_its_key_and_undone() {
    let (ended, folder) = scenario("5").await;
    assert_withdrawal_in_doubt(failed(&ended));
    assert_eq!(
        ended.calls,
        [
            "transfer/5/withdraw/do, attempt 1: 120.00 EUR from ann to clearing, but the answer is \
             lost",
            "transfer/5/withdraw/undo, attempt 1: 120.00 EUR from clearing to ann",
        ]
    );
    assert_left(&folder, OPENING, [cents(0), cents(0)]);
}

#[tokio::test(start_paused = true)]
async fn a_first_leg_in_doubt_that_was_not_paid_is_looked_for_and_nothing_is_undone() {
    let (ended, folder) = scenario("6").await;
    assert_withdrawal_in_doubt(failed(&ended));
    assert_eq!(
        ended.calls,
        [
            "transfer/6/withdraw/do, attempt 1: the call is lost",
            "transfer/6/withdraw/undo, attempt 1: there is no payment to undo",
        ]
    );
    assert_left(&folder, OPENING, [cents(0), cents(0)]);
}

#[tokio::test(start_paused = true)]
async fn a_second_leg_that_is_asked_for_again_is_paid_once() {
    let (ended, folder) = scenario("7").await;
    let paid = ended.result.expect("the saga completes");
    assert_eq!(paid.to_string(), "120.00 EUR from clearing to bob");
    assert_eq!(
        ended.calls[1..],
        [
            "transfer/7/deposit/do, attempt 1: 120.00 EUR from clearing to bob, but the answer is \
             lost",
            "transfer/7/deposit/do, attempt 2: 120.00 EUR from clearing to bob",
        ]
    );
    assert_left(&folder, ARRIVED, [cents(12_000), cents(12_000)]);
}

#[tokio::test(start_paused = true)]
async fn a_second_leg_that_stays_in_doubt_has_both_undone() {
    for what in [What::AnswerLost, What::CallLost] {
        let (ended, folder) = ended(&Scenario {
            id: "second-leg-in-doubt",
            story: "no answer comes to any attempt of the second leg",
            amount: cents(12_000),
            fault: Some(Fault {
                step: "deposit",
                phase: Phase::Step,
                attempts: u32::MAX,
                what,
            }),
        })
        .await;
        let error = failed(&ended);
        assert_eq!(
            (error.step().unwrap().name, error.attempts()),
            ("deposit", 3)
        );
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(
            legs(error),
            [
                (Outcome::Completed, Undo::Done),
                (Outcome::InDoubt, Undo::Done)
            ]
        );
        let undone = match what {
            What::AnswerLost => "120.00 EUR from bob to clearing",
            _ => "there is no payment to undo",
        };
        assert_eq!(
            ended.calls[4..],
            [
                format!("transfer/second-leg-in-doubt/deposit/undo, attempt 1: {undone}"),
                "transfer/second-leg-in-doubt/withdraw/undo, attempt 1: 120.00 EUR from clearing \
                 to ann"
                    .to_owned(),
            ]
        );
        assert_left(&folder, OPENING, [cents(0), cents(0)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bank_that_is_closed_is_asked_again_for_the_second_leg_and_not_for_the_first() {
    for (step, attempts, balances, leg) in [
        ("withdraw", 1, OPENING, cents(0)),
        ("deposit", 2, ARRIVED, cents(12_000)),
    ] {
        let (ended, folder) = ended(&Scenario {
            id: "closed",
            story: "the bank is closed",
            amount: cents(12_000),
            fault: Some(Fault {
                step,
                phase: Phase::Step,
                attempts,
                what: What::Closed,
            }),
        })
        .await;
        match &ended.result {
            Ok(_) => assert_eq!(step, "deposit"),
            Err(error) => {
                assert_eq!(
                    (error.step().unwrap().name, error.attempts()),
                    ("withdraw", 1)
                );
                assert_eq!(error.end(), End::Compensated);
                assert!(!error.in_doubt());
            }
        }
        assert_left(&folder, balances, [leg, leg]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_whose_answer_is_lost_pays_back_once() {
    let (ended, folder) = ended(&Scenario {
        id: "undo-answer-lost",
        story: "the second leg is not covered, and the answer to the first undo is lost",
        amount: cents(30_000),
        fault: Some(Fault {
            step: "withdraw",
            phase: Phase::Compensation,
            attempts: 2,
            what: What::AnswerLost,
        }),
    })
    .await;
    let error = failed(&ended);
    assert_not_covered(error);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(ended.calls.len(), 5);
    assert_left(&folder, OPENING, [cents(0), cents(0)]);
}

#[tokio::test(start_paused = true)]
async fn a_payer_with_too_little_money_gets_that_answer_and_nothing_is_undone() {
    let (ended, folder) = ended(&Scenario {
        id: "payer-not-covered",
        story: "the first leg is not covered",
        amount: cents(50_001),
        fault: None,
    })
    .await;
    let error = failed(&ended);
    assert_eq!(
        (error.step().unwrap().name, error.attempts()),
        ("withdraw", 1)
    );
    assert_eq!(
        error.error().to_string(),
        "step `withdraw`: insufficient balance: ann has 500.00 EUR, the payment is of 500.01 EUR"
    );
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(ended.calls.len(), 1);
    assert_left(&folder, OPENING, [cents(0), cents(0)]);
}

#[test]
fn a_bank_makes_a_payment_once_and_no_other_under_its_key() {
    let path = folder("bank").join("bank.sqlite");
    let accounts = [("ann", cents(500)), ("bea", cents(0))];
    let mut bank = Bank::create(&path, &accounts).expect("there is a bank");
    let payment = |to: &str, amount| Payment {
        from: "ann".to_owned(),
        to: to.to_owned(),
        amount: cents(amount),
    };
    // All that she has, and the last of these is no second payment.
    for _ in 0..2 {
        let paid = bank.pay("key", payment("bea", 500));
        assert_eq!(paid.expect("it is paid"), payment("bea", 500));
    }
    let refused = |paid: Result<Payment, BankError>| paid.expect_err("refused").to_string();
    assert_eq!(
        refused(bank.pay("key", payment("bea", 1))),
        "another payment was made under this key: 5.00 EUR from ann to bea"
    );
    assert_eq!(
        refused(bank.pay("other key", payment("bea", 1))),
        "insufficient balance: ann has 0.00 EUR, the payment is of 0.01 EUR"
    );
    let back = bank.pay("third key", payment("bea", 500).reversed());
    back.expect("it is paid back");
    assert_eq!(
        refused(bank.pay("fourth key", payment("cem", 1))),
        "there is no account `cem`"
    );
    // Rolled back with the rest of it.
    let paid = bank.pay("fifth key", payment("bea", 500));
    paid.expect("ann has everything still");
}

#[tokio::test(start_paused = true)]
async fn money_that_came_from_nowhere_is_found_by_the_proof() {
    let folder = folder("forged");
    let transfer = Scenario {
        id: "forged",
        ..SCENARIOS[0]
    };
    transfer.run(&folder).await.expect("there are two banks");
    let north = Connection::open(proof::north(&folder)).expect("there is a bank");
    let forged = "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE name = 'ann'";
    north.execute(forged, []).expect("ann has an account");
    let proof = Proof::of(&folder).expect("the files are banks");
    assert_eq!(
        proof.problems,
        [
            "North had 150000 cents and has 150001",
            "ann at North should have 38000 cents and has 38001",
        ]
    );
}

#[test]
fn the_example_makes_every_transfer_and_proves_what_became_of_it() {
    let temporary = folder("nothing_left_behind");
    let ran = run(example("transfer")
        .env("TMPDIR", &temporary)
        .env("TMP", &temporary));
    ran.ends_with(0);
    assert_eq!(ran.stderr, "");
    for Scenario { id, story, .. } in SCENARIOS {
        let head = format!("\n{id}. ann sends bob ");
        assert!(ran.stdout.contains(&head), "{}", ran.all());
        assert!(ran.stdout.contains(story), "{}", ran.all());
    }
    let proof = "
transfer  end          withdrawn   deposited   ann         clearing, North  clearing, South  bob         all money
--------  -----------  ----------  ----------  ----------  ---------------  ---------------  ----------  -----------
before                 0.00 EUR    0.00 EUR    500.00 EUR  1000.00 EUR      200.00 EUR       50.00 EUR   1750.00 EUR
1         completed    120.00 EUR  120.00 EUR  380.00 EUR  1120.00 EUR      80.00 EUR        170.00 EUR  1750.00 EUR
2         compensated  0.00 EUR    0.00 EUR    500.00 EUR  1000.00 EUR      200.00 EUR       50.00 EUR   1750.00 EUR
3         compensated  0.00 EUR    0.00 EUR    500.00 EUR  1000.00 EUR      200.00 EUR       50.00 EUR   1750.00 EUR
4         stuck        300.00 EUR  0.00 EUR    200.00 EUR  1300.00 EUR      200.00 EUR       50.00 EUR   1750.00 EUR
5         compensated  0.00 EUR    0.00 EUR    500.00 EUR  1000.00 EUR      200.00 EUR       50.00 EUR   1750.00 EUR
6         compensated  0.00 EUR    0.00 EUR    500.00 EUR  1000.00 EUR      200.00 EUR       50.00 EUR   1750.00 EUR
7         completed    120.00 EUR  120.00 EUR  380.00 EUR  1120.00 EUR      80.00 EUR        170.00 EUR  1750.00 EUR

proven by SQL over a fresh connection to both banks
";
    assert!(ran.stdout.contains(proof), "{}", ran.all());
    let mut left = fs::read_dir(&temporary).expect("the folder is there");
    assert!(left.next().is_none(), "the banks were left behind");
}
