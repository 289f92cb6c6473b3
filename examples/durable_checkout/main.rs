//! The checkout on an engine: its sagas survive the process, however that ends.
//!
//! The saga, the shop and the orders are those of the example `checkout`. Here each order is submitted to an engine
//! that writes to a journal in an `SQLite` file, beside the database of the shop, in a folder that stays. Kill the
//! process at any instant, or have it crash by itself, and run it again: what was in flight is finished, and the
//! shop's database proves the same.
//!
//! ```sh
//! cargo run --example durable_checkout -- --fresh --crash-after 40
//! cargo run --example durable_checkout
//! ```

mod arguments;
mod crash;
#[path = "../checkout/ended.rs"]
mod ended;
#[path = "../checkout/faults.rs"]
mod faults;
mod folder;
#[path = "../checkout/orders.rs"]
mod orders;
#[path = "../checkout/proof.rs"]
mod proof;
#[path = "../checkout/service.rs"]
#[expect(dead_code, reason = "the engine keeps the service")]
mod service;
#[path = "../checkout/store.rs"]
mod store;
#[path = "../checkout/table.rs"]
mod table;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use saga_core::durable::{Engine, Journal as _, JournalError, Query, SagaKey, SagaState};
use saga_sqlite::SqliteJournal;
use tokio::signal;

use crate::arguments::Arguments;
use crate::crash::{Crashing, Writes};
use crate::ended::{Ended, table};
use crate::faults::Faults;
use crate::folder::Folder;
use crate::orders::Scenario;
use crate::proof::Proof;
use crate::service::{Checkout, CheckoutSaga};
use crate::store::Store;

/// How long attempts in flight may take to finish after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

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

/// Whether every line was an order, all have ended, and the proof holds.
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

    let path = arguments.folder.display().to_string();
    let folder = Folder::open(arguments.folder);
    let folder = folder.with_context(|| format!("cannot make the folder {path}"))?;
    if arguments.fresh {
        let cleared = folder.clear().await;
        cleared.with_context(|| format!("cannot clear the folder {path}"))?;
    }
    println!(
        "the shop and the journal are in {}",
        folder.path().display()
    );

    let store = Store::open(&folder.shop()).context("cannot open the shop's database")?;
    let faults = Faults::of(&scenarios, None);
    let checkout = Arc::new(Checkout::new(store, faults));

    let journal = SqliteJournal::open(folder.journal())?;
    print_what_was_left(&journal).await?;
    let writes = Writes::default();
    let journal = Crashing {
        journal,
        writes: writes.clone(),
        at: arguments.crash_after,
    };
    // From here on, what an earlier run left goes on.
    let engine = Engine::builder().register::<CheckoutSaga>(Arc::clone(&checkout));
    let engine = engine.open(journal).await?;
    // Only once the engine has locked the journal: no other process writes here then.
    checkout.store().record_expectations(&scenarios)?;

    let ended = tokio::select! {
        ended = check_out(&engine, scenarios) => Some(ended),
        interrupted = signal::ctrl_c() => {
            interrupted.context("cannot wait for Ctrl-C")?;
            println!("ending: what is in flight is finished, no step is begun any more");
            None
        }
    };
    let dropped = engine.shutdown(GRACE).await;
    if dropped > 0 {
        println!("still in flight after {GRACE:?}, as if it had crashed: {dropped}");
    }
    let Some(ended) = ended else {
        print_what_goes_on(&engine).await?;
        return Ok(false);
    };
    let ended = ended?;
    println!("\n{}", table(&ended));
    print_what_is_left_for_a_person(&engine).await?;

    for ended in &ended {
        ended.record_in(&mut checkout.store())?;
    }
    let proof = Proof::of(&folder.shop())?;
    if proof.problems.is_empty() {
        println!("{proof}");
    } else {
        eprintln!("{proof}");
    }
    let count = writes.count();
    println!("\nthe journal was asked to write {count} times in this run");
    if !malformed.is_empty() {
        let lines: Vec<_> = malformed.iter().map(|one| one.line.to_string()).collect();
        let lines = lines.join(", ");
        eprintln!("error: no order was read from line {lines}, see above");
    }
    Ok(proof.problems.is_empty() && malformed.is_empty())
}

/// Submits the orders, and waits until all have ended.
async fn check_out(engine: &Engine, scenarios: Vec<Scenario>) -> anyhow::Result<Vec<Ended>> {
    let mut submitted = Vec::new();
    for scenario in scenarios {
        // The order's id is the saga's. For an order that an earlier run submitted this returns that saga: none is
        // checked out twice.
        let id = scenario.order.id.as_str();
        let handle = engine.submit::<CheckoutSaga>(id, scenario.order.clone());
        let handle = handle.await?;
        submitted.push((scenario, handle));
    }
    println!("orders submitted: {}\n", submitted.len());
    let mut all = Vec::new();
    for (scenario, mut handle) in submitted {
        let result = handle.outcome().await?;
        let ended = Ended { scenario, result };
        println!("{ended}");
        all.push(ended);
    }
    Ok(all)
}

/// Every saga of the journal that has come to `state`, a page after the other.
async fn all<T>(
    state: SagaState,
    list: impl AsyncFn(Query) -> Result<Vec<T>, JournalError>,
    key: impl Fn(&T) -> SagaKey,
) -> Result<Vec<T>, JournalError> {
    let mut all = Vec::new();
    loop {
        let page = list(Query {
            state: Some(state),
            saga: None,
            after: all.last().map(&key),
            ..Query::new()
        });
        let page = page.await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Prints what an earlier run left. Reading a journal needs no engine.
async fn print_what_was_left(journal: &SqliteJournal) -> Result<(), JournalError> {
    let in_state = |state| all(state, |query| journal.list(query), |saga| saga.key);
    let mut ended = 0;
    for state in [
        SagaState::Completed,
        SagaState::Compensated,
        SagaState::Stuck,
    ] {
        ended += in_state(state).await?.len();
    }
    let left = in_state(SagaState::Unfinished).await?;
    if ended + left.len() == 0 {
        println!("no run before this one submitted an order");
    } else if left.is_empty() {
        println!("earlier runs finished {ended} orders, and left none in flight");
    } else {
        let ids: Vec<_> = left.iter().map(|saga| saga.id.to_string()).collect();
        println!(
            "earlier runs finished {ended} orders, and left {} in flight: {}\n\
             (A call that was in flight is made again, under the same idempotency key. If it then fails, it is unknown\n\
             whether it took effect the first time: it is in doubt, and looked up by its key to be undone.)",
            left.len(),
            ids.join(", ")
        );
    }
    Ok(())
}

/// Says where the sagas are that have not ended.
async fn print_what_goes_on(engine: &Engine) -> Result<(), JournalError> {
    let list = |query| engine.list(query);
    let left = all(SagaState::Unfinished, list, |saga| saga.key).await?;
    println!("orders that go on at the next run: {}", left.len());
    for saga in left {
        println!("  order {} {}", saga.id, saga.status);
    }
    Ok(())
}

/// Says what an operator has to resolve, according to the journal: also for sagas that ended in an earlier run.
async fn print_what_is_left_for_a_person(engine: &Engine) -> anyhow::Result<()> {
    let list = |query| engine.list(query);
    for saga in all(SagaState::Stuck, list, |saga| saga.key).await? {
        let report = engine.report(saga.id).await?;
        let report = report.context("there is a report of what is stuck")?;
        println!("order {} is left for a person:", report.id);
        for item in &report.left_for_a_person {
            println!("  - {}", item.to_do);
        }
    }
    println!();
    Ok(())
}
