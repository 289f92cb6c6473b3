//! The saga of the `checkout` example under the fault matrix: broken in every place where it can break, each
//! time over a database of its own, which is then asked what stands there.

#[path = "../checkout/faults.rs"]
#[expect(dead_code, reason = "the program announces its panics")]
mod faults;
#[path = "../checkout/orders.rs"]
#[expect(dead_code, reason = "only the program prints each order's story")]
mod orders;
#[path = "../checkout/proof.rs"]
#[expect(dead_code, reason = "the program asks a file")]
mod proof;
#[path = "../checkout/service.rs"]
#[expect(dead_code, reason = "the program wants its store back")]
mod service;
#[path = "../checkout/store.rs"]
mod store;

use std::path::Path;

use anyhow::ensure;
use rusqlite::Connection;
use saga_core::observe::SagaOutcome;
use saga_core::testing::{Ending, FaultMatrix, fault_matrix};

use faults::Faults;
use orders::{Expected, Scenario};
use proof::Proof;
use service::{Checkout, CheckoutSaga, ShopError};
use store::Store;

/// The first order of the example's file, with which nothing goes wrong.
fn smooth() -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/orders.jsonl");
    let (mut scenarios, _) = orders::read(&file).expect("the orders are there");
    scenarios.remove(0)
}

/// A shop with a full warehouse. In memory: a database on disk is as good, and each of its commits waits for the
/// disk.
fn checkout() -> Checkout {
    with_broken(None)
}

/// One whose compensation of this name says that all is well and does nothing.
fn with_broken(compensation: Option<&str>) -> Checkout {
    let store = Store::open(Path::new(":memory:")).expect("the tables can be made");
    Checkout::new(store, Faults::of(&[], compensation.map(str::to_owned)))
}

fn matrix(checkout: impl Fn() -> Checkout + 'static) -> FaultMatrix<CheckoutSaga> {
    fault_matrix::<CheckoutSaga>(checkout, smooth().order)
        .errors(|| ShopError::Refused("on purpose".to_owned()))
        .errors(|| ShopError::Busy) // the one for which a step is repeated
        .snapshot(|checkout| what_stands(&checkout.store().0).expect("there are tables"))
        .invariant(is_proven)
}

#[tokio::test(start_paused = true)]
async fn an_order_happens_wholly_or_leaves_no_trace_wherever_its_saga_breaks() {
    let coverage = matrix(checkout).run().await;
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (107, 4));
    println!("{coverage}");
}

/// All that stands: what is on the shelf and what is reserved, paid less what was refunded, shipped and sent.
fn what_stands(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut rows = connection.prepare(
        "SELECT printf('%d × %s', on_hand, sku) FROM products
         UNION ALL SELECT printf('%d × %s reserved', quantity, sku) FROM reserved_lines
         UNION ALL SELECT printf('reservation for %s', order_id) FROM reservations
         UNION ALL SELECT printf('%d cents paid', coalesce(sum(cents), 0))
             FROM (SELECT amount_cents AS cents FROM payments UNION ALL SELECT -amount_cents FROM refunds)
         UNION ALL SELECT printf('%s shipped', order_id) FROM shipments
         UNION ALL SELECT printf('receipt of %s', order_id) FROM receipts",
    )?;
    let rows = rows.query_map([], |row| row.get(0))?;
    rows.collect()
}

/// What an operator does who reads in a report that this step is left to be undone by hand: the effect, if there is
/// one, is found by the key that the report names.
fn undo_by_hand(store: &mut Store, step: &str) -> Result<(), ShopError> {
    let key = |phase| format!("checkout/fault-matrix/{step}/{phase}");
    let (done, undone) = (key("do"), key("undo"));
    match step {
        "reserve_stock" => match store.find_reservation(&done)? {
            Some(reservation) => store.release(reservation),
            None => Ok(()),
        },
        "charge_card" => match store.find_payment(&done)? {
            Some(payment) => store.refund(&undone, payment),
            None => Ok(()),
        },
        "book_courier" => match store.find_shipment(&done)? {
            Some(shipment) => store.cancel(shipment),
            None => Ok(()),
        },
        _ => panic!("nothing undoes `{step}`"),
    }
}

/// The proof of the example, of one order: it happened wholly or left no trace, as its saga says, once what that
/// left for an operator is undone.
fn is_proven(checkout: &Checkout, end: &Ending) -> anyhow::Result<()> {
    let scenario = Scenario {
        expect: expected(end),
        ..smooth()
    };
    let mut store = checkout.store();
    for step in &end.left {
        undo_by_hand(&mut store, step)?;
    }
    let (id, expect) = (&scenario.order.id, &scenario.expect);
    store.record_ending(id, expect.end(), expect.step(), end.in_doubt)?;
    store.record_expectations(&[scenario])?;
    let proof = Proof::through(&store.0)?;
    ensure!(proof.problems.is_empty(), "{proof}");
    Ok(())
}

/// What the matrix has seen to already: that the run ended so.
fn expected(end: &Ending) -> Expected {
    let step = end.step.unwrap_or("no step").to_owned();
    match end.outcome {
        SagaOutcome::Completed => Expected::Completed,
        SagaOutcome::Stuck => Expected::Stuck(step),
        _ => Expected::Compensated(step),
    }
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_does_nothing_is_found_wherever_it_has_something_to_undo() {
    for (broken, cells) in [
        ("release_stock", 60),
        ("refund", 46),
        ("cancel_courier", 17),
    ] {
        let failed = matrix(move || with_broken(Some(broken))).check().await;
        let failed = failed.expect_err("it does nothing");
        assert_eq!(
            (failed.problems.len(), failed.cells.len()),
            (0, cells),
            "{failed}"
        );
    }
}

const DOCUMENT: &str = include_str!("../../docs/testing.md");

/// What stands between each fence of this kind and the next.
fn blocks(kind: &str) -> Vec<&'static str> {
    let blocks = DOCUMENT.split(kind).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_table_and_the_failed_cell_in_the_document_are_what_the_matrix_prints() {
    let coverage = matrix(checkout).run().await;
    let blocks = blocks("```text\n");
    assert!(blocks.contains(&&*coverage.to_string()), "{coverage}");

    let failed = matrix(|| with_broken(Some("cancel_courier"))).check().await;
    let failed = failed.expect_err("it does nothing");
    let description = &failed.cells[0].description;
    let shown = blocks.iter().find(|block| block.starts_with("cell: "));
    // All of it but what the three dots stand for.
    let mut rest = description.as_str();
    for part in shown.expect("a cell is shown").split("    ...\n") {
        rest = match rest.split_once(part.trim_end()) {
            Some((_, rest)) => rest,
            None => panic!("no `{part}` in {description}"),
        };
    }
}
