//! The saga of the `transfer` example under the fault matrix: broken in every place where it can break, each time
//! between two banks of its own, which are then asked where the money is.

#[path = "../transfer/bank.rs"]
mod bank;
#[path = "../transfer/line.rs"]
#[expect(dead_code, reason = "faults are those of the matrix, not of the line")]
mod line;
#[path = "../transfer/money.rs"]
mod money;
#[path = "../transfer/proof.rs"]
#[expect(dead_code, reason = "these banks are in no folder")]
mod proof;
#[path = "../transfer/service.rs"]
mod service;

use std::path::Path;
use std::sync::Mutex;

use anyhow::ensure;
use saga_core::testing::{Ending, fault_matrix};

use bank::{Bank, BankError};
use line::Line;
use money::Money;
use proof::Proof;
use service::{CLEARING, Transfer, TransferSaga, Transfers};

const AMOUNT: Money = Money::from_cents(12_000);

// In memory: files are as good, and each payment waits for the disk. Both are gone with their last connection.
const NORTH: &str = "file:north?mode=memory&cache=shared";
const SOUTH: &str = "file:south?mode=memory&cache=shared";

/// Two banks that have made no payment yet.
fn transfers() -> Transfers {
    let bank = |path: &str, customer, cents| {
        let accounts = [
            (customer, Money::from_cents(cents)),
            (CLEARING, Money::from_cents(20_000)),
        ];
        Mutex::new(Bank::create(Path::new(path), &accounts).expect("there is a bank"))
    };
    Transfers {
        north: bank(NORTH, "ann", 50_000),
        south: bank(SOUTH, "bob", 5_000),
        line: Line::with(None),
    }
}

fn proof() -> rusqlite::Result<Proof> {
    Proof::between(Path::new(NORTH), Path::new(SOUTH))
}

/// What an operator does who reads in a report that this step is left to be undone by hand: the payment, if there is
/// one, is found by the key that the report names.
fn undo_by_hand(transfers: &Transfers, step: &str) -> Result<(), BankError> {
    let bank = match step {
        "withdraw" => &transfers.north,
        "deposit" => &transfers.south,
        _ => panic!("nothing undoes `{step}`"),
    };
    let mut bank = bank.lock().expect("no other test panics with it");
    let key = format!("transfer/fault-matrix/{step}");
    if let Some(payment) = bank.find(&format!("{key}/do"))? {
        bank.pay(&format!("{key}/undo"), payment.reversed())?;
    }
    Ok(())
}

/// The proof of the example: no cent is lost, and both legs stand, or neither once what the saga left for an operator is
/// undone.
fn is_proven(transfers: &Transfers, end: &Ending) -> anyhow::Result<()> {
    for step in &end.left {
        undo_by_hand(transfers, step)?;
    }
    let proof = proof()?;
    ensure!(proof.problems.is_empty(), "{:?}", proof.problems);
    let leg = if end.is_completed() {
        AMOUNT
    } else {
        Money::from_cents(0)
    };
    let legs = [proof.withdrawn, proof.deposited];
    ensure!(
        legs == [leg; 2],
        "the legs are {legs:?}, and should be of {leg}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn both_legs_stand_or_neither_wherever_a_transfer_breaks() {
    let transfer = Transfer {
        from: "ann",
        to: "bob",
        amount: AMOUNT,
    };
    let coverage = fault_matrix::<TransferSaga>(transfers, transfer)
        .errors(|| BankError::Closed)
        .snapshot(|_| proof().expect("there are two banks").balances)
        .invariant(is_proven)
        .run()
        .await;
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (49, 1));
}
