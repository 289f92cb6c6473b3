//! The examples, run as a newcomer runs them: as programs, by what they print and how they end.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use common::{Ran, example, run};

impl Ran {
    #[track_caller]
    fn shows(&self, text: &str) {
        assert!(self.stdout.contains(text), "no `{text}` in {}", self.all());
    }

    #[track_caller]
    fn complains(&self, text: &str) {
        assert!(self.stderr.contains(text), "no `{text}` in {}", self.all());
    }
}

/// A file of these lines, of a name that no other test takes.
fn orders_file(name: &str, lines: &[String]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, lines.join("\n")).expect("the folder for tests can be written to");
    path
}

/// An order of two grinders, of which the warehouse has 12.
fn order(id: &str, faults: &Value, expect: &Value) -> String {
    let order = json!({
        "story": "two grinders",
        "order": {
            "id": id,
            "items": [{ "sku": "burr-grinder", "quantity": 2 }],
            "card": "tok_visa_4242",
            "ship_to": "Rua das Flores 112, 4050-262 Porto, PT",
            "email": "orders@example.com",
        },
        "faults": faults,
        "expect": expect,
    });
    order.to_string()
}

fn smooth_order(id: &str) -> String {
    order(id, &json!([]), &json!("completed"))
}

#[test]
fn every_order_of_the_example_ends_as_its_file_says_and_the_database_proves_it() {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nothing_left_behind");
    // What an earlier run of this test may have left.
    let _ = fs::remove_dir_all(&temporary);
    fs::create_dir_all(&temporary).expect("the folder for tests can be written to");
    let ran = run(example("checkout")
        .env("TMPDIR", &temporary)
        .env("TMP", &temporary));
    ran.ends_with(0);

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/orders.jsonl");
    let file = fs::read_to_string(file).expect("the orders are there");
    let orders: Vec<Value> = file
        .lines()
        .map(|line| serde_json::from_str(line).expect("an order"))
        .collect();
    let (_, table) = ran
        .stdout
        .split_once("order  expected     got          step ")
        .unwrap_or_else(|| panic!("no table in {}", ran.all()));
    for order in &orders {
        let id = order["order"]["id"].as_str().expect("an id");
        let (end, step) = match &order["expect"] {
            Value::Object(expect) => {
                let (end, step) = expect.iter().next().expect("an end");
                (end.as_str(), step.as_str().expect("a step"))
            }
            expect => (expect.as_str().expect("an end"), ""),
        };
        let row = format!("{id}   {end:11}  {end:11}  {step:13}  ");
        assert!(table.contains(&row), "no `{row}` in {}", ran.all());
    }

    ran.shows("is in doubt after 2 attempts: the connection was lost before the answer came");
    ran.shows("undone by cancel_courier(shipment: InDoubt)");
    ran.shows("undone by refund(payment: Completed(Payment {");
    ran.shows("caused by: connection reset");
    ran.shows(&format!(
        "proven by SQL over a fresh connection: {count} of {count} orders ended as the file says",
        count = orders.len()
    ));

    let mut left = fs::read_dir(&temporary).expect("the folder is there");
    assert!(left.next().is_none(), "the database was left behind");
}

#[test]
fn a_compensation_that_does_nothing_is_found_out_by_the_proof() {
    let refused = |step: &str| json!([{ "at": step, "what": { "refuse": "on purpose" } }]);
    let hanging = |step: &str| json!([{ "at": step, "what": "hang_after" }]);
    for (compensation, step, faults, found) in [
        (
            "release_stock",
            "charge_card",
            refused("charge_card"),
            "order 8: 2 × burr-grinder reserved, 0 expected\n  \
             product burr-grinder: 8 on hand, 10 expected",
        ),
        (
            "refund",
            "book_courier",
            refused("book_courier"),
            "order 8: 318.00 EUR paid, 0.00 EUR expected",
        ),
        (
            "cancel_courier",
            "book_courier",
            hanging("book_courier"),
            "order 8: shipments: 1, 0 expected",
        ),
    ] {
        let orders = [
            smooth_order("7"),
            order("8", &faults, &json!({ "compensated": step })),
        ];
        let file = orders_file(&format!("broken_{compensation}.jsonl"), &orders);
        run(example("checkout").arg(&file)).ends_with(0);

        let ran = run(example("checkout")
            .args(["--break-compensation", compensation])
            .arg(&file));
        ran.ends_with(1);
        // The saga received `Ok`: only the database shows the difference.
        ran.shows(&format!("order 8 compensated: step `{step}`"));
        ran.complains("NOT proven:\n");
        ran.complains(found);
        assert!(!ran.stderr.contains("order 7"), "{}", ran.all());
    }
}

#[test]
fn an_order_that_ends_otherwise_than_the_file_says_is_found_out_by_the_proof() {
    let faults = json!([{ "at": "charge_card", "what": { "refuse": "on purpose" } }]);
    let orders = [
        order("1", &faults, &json!({ "compensated": "book_courier" })),
        order("2", &faults, &json!("completed")),
        order("3", &json!([]), &json!({ "stuck": "send_receipt" })),
    ];
    let ran = run(example("checkout").arg(orders_file("unexpected.jsonl", &orders)));
    ran.ends_with(1);
    // The wrong step is as wrong as the wrong end.
    ran.complains(
        "order 1: ended compensated at charge_card, expected compensated at book_courier",
    );
    ran.complains("order 2: ended compensated at charge_card, expected completed");
    ran.complains("order 2: 0.00 EUR paid, 318.00 EUR expected");
    ran.complains("order 3: ended completed, expected stuck at send_receipt");
    ran.complains("order 3: receipts: 1, 0 expected");
}

#[test]
fn a_malformed_line_is_named_with_its_problem_and_the_other_orders_are_run() {
    let malformed = r#"{"story": "cut off", "order": {"id": "2", "items": "#;
    let orders = [smooth_order("1"), malformed.to_owned(), smooth_order("3")];
    let ran = run(example("checkout").arg(orders_file("malformed.jsonl", &orders)));
    ran.ends_with(1);
    ran.complains("malformed.jsonl, line 2: EOF while parsing a value (column 51)");
    ran.complains("error: no order was read from line 2, see above");
    ran.shows("order 1 completed");
    ran.shows("order 3 completed");
    ran.shows("2 of 2 orders ended as the file says");
}

#[test]
fn a_line_that_says_what_cannot_be_is_malformed_too() {
    let fault = json!([{ "at": "charge_crad", "what": "busy" }]);
    let with = |from: &str, to: &str| smooth_order("2").replace(from, to);
    for (line, problem) in [
        (smooth_order("1"), "order 1 is on line 1 already"),
        (
            with(r#""quantity":2"#, r#""quantity":0"#),
            "order 2 wants 0 × burr-grinder",
        ),
        (
            with(r#""quantity":2"#, r#""quantity":-2"#),
            "invalid value: integer `-2`, expected u32",
        ),
        (
            with("quantity", "quantty"),
            "unknown field `quantty`, expected `sku` or `quantity`",
        ),
        (
            order("2", &fault, &json!("completed")),
            "there is no step or compensation `charge_crad`, only price_order, reserve_stock, ",
        ),
        (
            order("2", &json!([]), &json!({ "stuck": "refund" })),
            "there is no step `refund`, only price_order, reserve_stock, ",
        ),
    ] {
        let file = orders_file("impossible.jsonl", &[smooth_order("1"), line]);
        let ran = run(example("checkout").arg(file));
        ran.ends_with(1);
        ran.complains(&format!("impossible.jsonl, line 2: {problem}"));
        ran.shows("1 of 1 orders ended as the file says");
    }
}

#[test]
fn a_file_that_is_not_there_and_an_option_that_is_none_are_refused_in_one_line() {
    let ran = run(example("checkout").arg("no_such.jsonl"));
    ran.ends_with(1);
    ran.complains("error: cannot read no_such.jsonl: ");
    let ran = run(example("checkout").args(["--break-compensation", "charge_card"]));
    ran.ends_with(1);
    let there_are = "only release_stock, refund, cancel_courier\n";
    ran.complains(&format!(
        "error: there is no compensation `charge_card`, {there_are}"
    ));
    let ran = run(example("checkout").arg("--help"));
    ran.ends_with(0);
    ran.shows("--break-compensation METHOD");
}

#[test]
fn basics_prints_what_the_reference_does() {
    let ran = run(&mut example("basics"));
    ran.ends_with(0);
    assert_eq!(ran.stdout, "action_1()\nasync_action_2()\n");
}

#[test]
fn previous_result_prints_what_the_reference_does() {
    let ran = run(&mut example("previous_result"));
    ran.ends_with(0);
    assert_eq!(
        ran.stdout,
        "async_action_1()\n\
         async_action_2(a=1, b=2, args=('result_1',)\n\
         async_action_3(args=('result_2',), c=3, d=4)\n\
         async_action_4(a=1, b=2, args=('result_3',), c=3, d=4, kwargs={'e': 5, 'f': 6}\n"
    );
}

#[test]
fn compensation_prints_what_the_reference_does_and_then_its_report() {
    let ran = run(&mut example("compensation"));
    ran.ends_with(0);
    let lines = "async_action_1()\nasync_action_2()\nasync_compensation_1(result_1)\n\n";
    let report = ran.stdout.strip_prefix(lines);
    let report = report.unwrap_or_else(|| panic!("{}", ran.all()));
    assert!(report.starts_with("saga `compensation` ("), "{report}");
    for part in [
        r#"completed: "result_1""#,
        r#"undone by compensation_1(result: "result_1")"#,
        "RuntimeError: test",
    ] {
        assert!(report.contains(part), "no `{part}` in {report}");
    }
}
