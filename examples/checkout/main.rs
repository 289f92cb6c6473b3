//! A shop checks out orders, some of which go wrong, and proves that none was left half done.
//!
//! Reads orders from a file, runs one saga an order over an `SQLite` database that holds stock,
//! payments and shipments, and then asks the database whether every order happened wholly or left
//! no trace. Start reading at `service.rs`: that is the saga.

mod arguments;
mod ended;
mod faults;
mod orders;
mod proof;
mod service;
mod store;
mod table;
mod temporary_folder;

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use saga_core::{RunOptions, Saga as _, SagaError, report::Undo};

use crate::arguments::Arguments;
use crate::ended::{Ended, table};
use crate::faults::Faults;
use crate::orders::Scenario;
use crate::proof::Proof;
use crate::service::{Checkout, CheckoutSaga};
use crate::store::Store;
use crate::temporary_folder::TemporaryFolder;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every line was an order, and the proof holds.
async fn run() -> anyhow::Result<bool> {
    let Some(arguments) = Arguments::of_this_process()? else {
        print!("{}", arguments::USAGE);
        return Ok(true);
    };
    let file = arguments.orders.display();
    let (scenarios, malformed) = orders::read(&arguments.orders)?;
    for malformed in &malformed {
        eprintln!("error: {file}, {malformed}");
    }
    if scenarios.is_empty() {
        bail!("there is no order in {file}");
    }
    faults::announce_injected_panics();

    let folder = TemporaryFolder::create().context("cannot make a folder for the database")?;
    let database = folder.path().join("shop.sqlite");
    let mut store = Store::open(&database).context("cannot make the database")?;
    store.record_expectations(&scenarios)?;
    let faults = Faults::of(&scenarios, arguments.broken_compensation);
    let checkout = Checkout::new(store, faults);

    println!("{}\n", CheckoutSaga::DEFINITION);
    let mut ended = Vec::new();
    for scenario in scenarios {
        ended.push(check_out(&checkout, scenario).await);
    }
    println!("\n{}", table(&ended));
    if let Some(error) = most_undone(&ended) {
        println!("one of them in full:\n\n{}\n", error.report());
    }

    let mut store = checkout.into_store();
    for ended in &ended {
        ended.record_in(&mut store)?;
    }
    // Closed: what the proof sees is what is on disk.
    drop(store);
    let proof = Proof::of(&database)?;
    if proof.problems.is_empty() {
        println!("{proof}");
    } else {
        eprintln!("{proof}");
    }
    if !malformed.is_empty() {
        let lines: Vec<_> = malformed.iter().map(|one| one.line.to_string()).collect();
        eprintln!(
            "error: no order was read from line {}, see above",
            lines.join(", ")
        );
    }
    Ok(proof.problems.is_empty() && malformed.is_empty())
}

/// Runs the saga of one order.
async fn check_out(checkout: &Checkout, scenario: Scenario) -> Ended {
    let order = scenario.order.clone();
    // The order's id is the saga's, and so part of every idempotency key.
    let options = RunOptions::new().id(order.id.as_str());
    let result = CheckoutSaga::run_with(checkout, order, options).await;
    let ended = Ended { scenario, result };
    println!("{ended}");
    ended
}

/// The saga with the longest report: one whose failed step is in doubt, and of these the one that
/// undid the most.
fn most_undone(ended: &[Ended]) -> Option<&SagaError<CheckoutSaga>> {
    let errors = ended.iter().filter_map(|ended| ended.result.as_ref().err());
    errors.max_by_key(|error| {
        let undone = error.steps().filter(|step| step.undo == Undo::Done);
        (error.in_doubt(), undone.count())
    })
}
