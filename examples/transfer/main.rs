//! Moves money from an account of one bank to an account of another, which no SQL transaction can do,
//! and proves to the cent what became of it.
//!
//! Every payment is made under the idempotency key of its step, so that one whose answer never came
//! can be looked up and undone, or asked for again without being made twice. Seven transfers: one
//! that goes well, one whose second leg is not covered, undos that fail once and for good, time limits
//! that pass before and after the bank paid. Start reading at `service.rs`: that is the saga.

mod bank;
mod line;
mod money;
mod proof;
mod scenarios;
mod service;
#[path = "../checkout/table.rs"]
mod table;
#[path = "../checkout/temporary_folder.rs"]
mod temporary_folder;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use saga_core::{
    Saga as _,
    report::{Outcome, Undo},
};

use crate::money::Money;
use crate::proof::{Balances, Proof};
use crate::scenarios::{Ended, SCENARIOS, Scenario};
use crate::service::TransferSaga;
use crate::table::Table;
use crate::temporary_folder::TemporaryFolder;

#[tokio::main(flavor = "current_thread")]
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

/// Whether the proof holds.
async fn run() -> anyhow::Result<bool> {
    let folder = TemporaryFolder::create().context("cannot make a folder for the banks")?;
    let before = new_folder(&folder, "before")?;
    scenarios::open_banks(&before).context("cannot make the banks")?;

    println!("{}\n", TransferSaga::DEFINITION);
    let mut ended = Vec::new();
    for scenario in &SCENARIOS {
        let folder = new_folder(&folder, scenario.id)?;
        let transfer = scenario.run(&folder).await;
        let transfer = transfer.with_context(|| format!("transfer {}", scenario.id))?;
        print(scenario, &transfer);
        ended.push((folder, transfer));
    }

    let mut rows = vec![heads(), row("before", "", &Proof::of(&before)?)];
    let mut problems = Vec::new();
    for (scenario, (folder, ended)) in SCENARIOS.iter().zip(&ended) {
        let proof = Proof::of(folder)?;
        let of_transfer = |problem: &String| format!("transfer {}: {problem}", scenario.id);
        problems.extend(proof.problems.iter().map(of_transfer));
        let legs = [proof.withdrawn, proof.deposited];
        let reported = reported_legs(scenario, ended);
        if legs != reported {
            let problem = format!("the legs are {legs:?}, and the saga says {reported:?}");
            problems.push(of_transfer(&problem));
        }
        rows.push(row(scenario.id, end(ended), &proof));
    }
    println!("{}", Table(rows));
    if problems.is_empty() {
        println!(
            "proven by SQL over a fresh connection to both banks\n  \
             of each transfer there stands what its saga says\n  \
             neither bank has a cent more or less than before"
        );
    } else {
        eprintln!("NOT proven:\n  {}", problems.join("\n  "));
    }
    Ok(problems.is_empty())
}

/// Prints what happened.
fn print(scenario: &Scenario, ended: &Ended) {
    let Scenario {
        id, story, amount, ..
    } = scenario;
    println!("{id}. ann sends bob {amount}: {story}\n");
    for call in &ended.calls {
        println!("  {call}");
    }
    match &ended.result {
        Ok(_) => println!("\nsaga `transfer` ({id}) completed\n"),
        Err(error) => println!("\n{}\n", error.report()),
    }
}

fn end(ended: &Ended) -> &'static str {
    match &ended.result {
        Ok(_) => "completed",
        Err(error) if error.is_stuck() => "stuck",
        Err(_) => "compensated",
    }
}

/// What is withdrawn and what is deposited in the end, as far as the saga knows.
fn reported_legs(scenario: &Scenario, ended: &Ended) -> [Money; 2] {
    let mut legs = [scenario.amount; 2];
    if let Err(error) = &ended.result {
        for (leg, record) in legs.iter_mut().zip(error.steps()) {
            if record.outcome != Outcome::Completed || record.undo == Undo::Done {
                *leg = Money::from_cents(0);
            }
        }
    }
    legs
}

const COLUMNS: usize = 9;

fn heads() -> [String; COLUMNS] {
    [
        "transfer",
        "end",
        "withdrawn",
        "deposited",
        "ann",
        "clearing, North",
        "clearing, South",
        "bob",
        "all money",
    ]
    .map(str::to_owned)
}

fn row(transfer: &str, end: &str, proof: &Proof) -> [String; COLUMNS] {
    let Balances {
        ann,
        clearing_at_north,
        clearing_at_south,
        bob,
    } = proof.balances;
    [
        transfer.to_owned(),
        end.to_owned(),
        proof.withdrawn.to_string(),
        proof.deposited.to_string(),
        ann.to_string(),
        clearing_at_north.to_string(),
        clearing_at_south.to_string(),
        bob.to_string(),
        proof.total.to_string(),
    ]
}

/// A folder for the two banks of one transfer.
fn new_folder(folder: &TemporaryFolder, name: &str) -> anyhow::Result<PathBuf> {
    let path = folder.path().join(name);
    fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(path)
}
