//! The transfers that are made, and what goes wrong with each.

use std::path::Path;
use std::sync::Mutex;

use saga_core::{RunOptions, Saga as _, SagaError, definition::Phase};

use crate::bank::{Bank, Payment};
use crate::line::{Fault, Line, What};
use crate::money::Money;
use crate::proof::{self, Balances};
use crate::service::{CLEARING, Transfer, TransferSaga, Transfers};

/// A transfer from ann to bob, between two banks that made none before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    /// The saga's, and so part of every idempotency key.
    pub(crate) id: &'static str,
    pub(crate) story: &'static str,
    pub(crate) amount: Money,
    pub(crate) fault: Option<Fault>,
}

/// What there is before a transfer.
pub(crate) const OPENING: Balances = Balances {
    ann: Money::from_cents(50_000),
    clearing_at_north: Money::from_cents(100_000),
    clearing_at_south: Money::from_cents(20_000),
    bob: Money::from_cents(5_000),
};

/// One that our clearing account at the bank South can pay out.
const COVERED: Money = Money::from_cents(12_000);
/// One that it cannot, although ann can pay it in.
const NOT_COVERED: Money = Money::from_cents(30_000);

pub(crate) const SCENARIOS: [Scenario; 7] = [
    Scenario {
        id: "1",
        story: "both legs are paid",
        amount: COVERED,
        fault: None,
    },
    Scenario {
        id: "2",
        story: "the second leg is not covered: the first is undone",
        amount: NOT_COVERED,
        fault: None,
    },
    Scenario {
        id: "3",
        story: "the same, and the undo fails once: it is tried again",
        amount: NOT_COVERED,
        fault: Some(Fault {
            step: "withdraw",
            phase: Phase::Compensation,
            attempts: 1,
            what: What::Closed,
        }),
    },
    Scenario {
        id: "4",
        story: "the same, and the undo fails each time: a person has to see to it",
        amount: NOT_COVERED,
        fault: Some(Fault {
            step: "withdraw",
            phase: Phase::Compensation,
            attempts: u32::MAX,
            what: What::Closed,
        }),
    },
    Scenario {
        id: "5",
        story: "the first leg times out, and was paid: the undo finds it",
        amount: COVERED,
        fault: Some(Fault {
            step: "withdraw",
            phase: Phase::Step,
            attempts: 1,
            what: What::AnswerLost,
        }),
    },
    Scenario {
        id: "6",
        story: "the first leg times out, and was not paid: the undo finds nothing",
        amount: COVERED,
        fault: Some(Fault {
            step: "withdraw",
            phase: Phase::Step,
            attempts: 1,
            what: What::CallLost,
        }),
    },
    Scenario {
        id: "7",
        story: "the second leg times out, and was paid: asked for again, it is not paid again",
        amount: COVERED,
        fault: Some(Fault {
            step: "deposit",
            phase: Phase::Step,
            attempts: 1,
            what: What::AnswerLost,
        }),
    },
];

/// A transfer whose saga has ended.
pub(crate) struct Ended {
    pub(crate) result: Result<Payment, SagaError<TransferSaga>>,
    /// Every call to a bank, in order.
    pub(crate) calls: Vec<String>,
}

/// Makes two banks in an empty folder, with what there is before a transfer.
pub(crate) fn open_banks(folder: &Path) -> rusqlite::Result<(Bank, Bank)> {
    let Balances {
        ann,
        clearing_at_north,
        clearing_at_south,
        bob,
    } = OPENING;
    let north = [("ann", ann), (CLEARING, clearing_at_north)];
    let south = [("bob", bob), (CLEARING, clearing_at_south)];
    Ok((
        Bank::create(&proof::north(folder), &north)?,
        Bank::create(&proof::south(folder), &south)?,
    ))
}

impl Scenario {
    /// Makes the transfer, between two banks of its own in an empty folder.
    pub(crate) async fn run(&self, folder: &Path) -> rusqlite::Result<Ended> {
        let (north, south) = open_banks(folder)?;
        let transfers = Transfers {
            north: Mutex::new(north),
            south: Mutex::new(south),
            line: Line::with(self.fault),
        };
        let transfer = Transfer {
            from: "ann",
            to: "bob",
            amount: self.amount,
        };
        let options = RunOptions::new().id(self.id);
        let result = TransferSaga::run_with(&transfers, transfer, options).await;
        // The banks' connections are closed with `transfers`: what is looked at after is on disk.
        Ok(Ended {
            result,
            calls: transfers.line.into_calls(),
        })
    }
}
