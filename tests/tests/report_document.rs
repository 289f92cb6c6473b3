//! The examples in `docs/report.md` are the reports of their sagas, and the document describes every field.

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use saga_core::{Attempt, CancellationToken, Policy, RunOptions, Saga, saga};
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

/// The text between each fence of this kind and the next.
fn blocks<const COUNT: usize>(kind: &str) -> [&'static str; COUNT] {
    let fence = format!("```{kind}\n");
    let blocks = DOCUMENT.split(&fence).skip(1).map(|rest| {
        let (block, _) = rest.split_once("\n```").expect("a block has an end");
        block
    });
    let blocks: Vec<_> = blocks.collect();
    blocks.try_into().expect("there are so many")
}

#[tokio::test(start_paused = true)]
async fn the_example_of_the_document_is_what_its_saga_gives() {
    let options = RunOptions::new().id("order-42");
    let run = CheckoutSaga::run_with(&Checkout, "teapot".to_owned(), options).await;
    let error = run.expect_err("the bank does not answer");
    assert_eq!(error.step().unwrap().name, "charge_card");
    let mut report = error.report();

    // Sets fixed times, so that the example has some.
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
    let [text, _] = blocks("text");
    assert_eq!(text, report.to_string());
    let json = Schema::read().round_trip(&report);
    let [shown, _] = blocks("json");
    assert_eq!(shown, serde_json::to_string_pretty(&report).unwrap());
    assert_eq!(serde_json::from_str::<Value>(shown).unwrap(), json);
}

/// Is cancelled while it books.
struct Trips(CancellationToken);

#[saga]
impl Trips {
    #[step(parallel = bookings, compensate = cancel_hotel)]
    async fn book_hotel(&self, #[input] nights: &u32) -> Result<u32, String> {
        Ok(100 + nights)
    }

    #[step(parallel = bookings, only_if = is_long, compensate = cancel_policy)]
    async fn insure(&self, #[input] nights: &u32) -> Result<u32, String> {
        Ok(200 + nights)
    }

    #[step(parallel = bookings, compensate = cancel_flight, retry(attempts = 3))]
    async fn book_flight(&self) -> Result<u32, String> {
        self.0.cancel();
        Err("no seat".to_owned())
    }

    #[step(pivot)]
    async fn pay(&self, hotel: &u32, policy: Option<&u32>, flight: &u32) -> Result<u32, String> {
        Ok(hotel + policy.unwrap_or(&0) + flight)
    }

    fn is_long(&self, #[input] nights: &u32) -> bool {
        *nights > 7
    }

    async fn cancel_hotel(&self, hotel: &u32) -> Result<(), String> {
        assert_eq!(*hotel, 103);
        std::future::pending().await
    }

    async fn cancel_flight(&self, _flight: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_policy(&self, _policy: &u32) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_example_of_a_cancelled_group_is_what_its_saga_gives() {
    let limit = Policy::ONCE.timeout(Duration::from_secs(5));
    let token = CancellationToken::new();
    let options = RunOptions::new()
        .id("trip-7")
        .cancellation(token.clone())
        .compensation_policy("book_hotel", limit)
        .expect("it has a compensation");
    let run = TripsSaga::run_with(&Trips(token), 3, options).await;
    let report = run.expect_err("it is cancelled").report();
    assert_eq!(report.failure.step, None);
    let [_, text] = blocks("text");
    assert_eq!(text, report.to_string());
    let json = Schema::read().round_trip(&report);
    let [_, shown] = blocks("json");
    let shown: Value = serde_json::from_str(shown).unwrap();
    let Value::Object(shown) = shown else {
        panic!("it is a part of the whole");
    };
    assert_eq!(shown.len(), 2);
    for (field, value) in shown {
        assert_eq!(json[&field], value, "{field}");
    }
}

/// The names of the fields and tags in the schema.
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
