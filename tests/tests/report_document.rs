//! The example in `docs/report.md` is what its saga gives, and every field is described there.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use saga_core::{Attempt, RunOptions, Saga, saga};
use saga_tests::json::Schema;
use serde_json::Value;

#[derive(Debug, thiserror::Error)]
#[error("the bank does not answer")]
struct BankError(#[from] std::io::Error);

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, article: &str) -> Result<u32, String> {
        assert_eq!(article, "teapot");
        Ok(7)
    }

    #[step(compensate = refund, timeout = "3s", retry(attempts = 2))]
    async fn charge_card(
        &self,
        reservation: &u32,
        #[input]
        #[sensitive]
        article: &str,
    ) -> Result<u32, BankError> {
        let _ = (reservation, article);
        std::future::pending().await
    }

    #[step(pivot)]
    async fn ship(&self, payment: &u32) -> Result<(), String> {
        Err(format!("payment {payment} was never made"))
    }

    async fn release_stock(&self, reservation: &u32) -> Result<(), String> {
        assert_eq!(*reservation, 7);
        Ok(())
    }

    async fn refund(&self, payment: Attempt<&u32>) -> Result<(), BankError> {
        assert_eq!(payment, Attempt::InDoubt);
        Err(BankError(std::io::ErrorKind::ConnectionRefused.into()))
    }
}

const DOCUMENT: &str = include_str!("../../docs/report.md");

/// What stands between a fence of this kind and the next.
fn block(kind: &str) -> &'static str {
    let fence = format!("```{kind}\n");
    let (_, rest) = DOCUMENT.split_once(&fence).expect("there is such a block");
    let (block, _) = rest.split_once("\n```").expect("a block has an end");
    block
}

#[tokio::test(start_paused = true)]
async fn the_example_of_the_document_is_what_its_saga_gives() {
    let options = RunOptions::new().id("order-42");
    let run = CheckoutSaga::run_with(&Checkout, "teapot".to_owned(), options).await;
    let error = run.expect_err("the bank does not answer");
    assert_eq!(error.step().unwrap().name, "charge_card");
    let mut report = error.report();

    // The hands of a clock, for the example to have times.
    let at = |ms| UNIX_EPOCH + Duration::from_millis(ms);
    let begin = 1_767_225_600_000;
    report.set_times(at(begin), at(begin + 6_052));
    let [reserve, charge, _ship] = report.steps.as_mut_slice() else {
        panic!("{report}");
    };
    let took = [
        (reserve, 0, 11_204, (6_040, 12_113)),
        (charge, 11, 6_001_377, (6_013, 26_880)),
    ];
    for (step, after, took, (undo_after, undo_took)) in took {
        step.set_times(at(begin + after), Duration::from_micros(took));
        let undo = step.compensation.as_mut().expect("both have one");
        undo.set_times(at(begin + undo_after), Duration::from_micros(undo_took));
    }
    assert_eq!(block("text"), report.to_string());
    let json = Schema::read().round_trip(&report);
    let shown = block("json");
    assert_eq!(shown, serde_json::to_string_pretty(&report).unwrap());
    assert_eq!(serde_json::from_str::<Value>(shown).unwrap(), json);
}

/// The names of the fields and the tags that the schema has.
fn words(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                words.extend(properties.keys().cloned());
            }
            if let Some(Value::Array(tags)) = fields.get("enum") {
                words.extend(tags.iter().filter_map(Value::as_str).map(ToOwned::to_owned));
            }
            fields.values().for_each(|below| self::words(below, words));
        }
        Value::Array(items) => items.iter().for_each(|below| self::words(below, words)),
        _ => {}
    }
}

#[test]
fn every_field_and_every_tag_of_the_schema_is_described_in_the_document() {
    let mut all = BTreeSet::new();
    words(&Schema::json(), &mut all);
    assert!(all.contains("schema_version") && all.contains("gave_up"));
    let missing: Vec<_> = all
        .iter()
        .filter(|word| !DOCUMENT.contains(&format!("`{word}`")))
        .collect();
    assert_eq!(missing, [""; 0]);
}
