//! What the README shows is what happens.

use saga_core::RunOptions;

// The README's example, to the letter.
use saga_core::{Saga, saga};

struct Trips;

#[saga]
impl Trips {
    #[step(compensate = cancel_hotel)]
    async fn book_hotel(&self, city: &str) -> Result<u32, String> {
        println!("booking a hotel in {city}");
        Ok(4711)
    }

    #[step(pivot, timeout = "3s", retry(attempts = 2, backoff = "10ms..1s"))]
    async fn book_flight(&self, hotel: &u32, #[input] city: &str) -> Result<u32, String> {
        Err(format!("no seat to {city} on the day of booking {hotel}"))
    }

    async fn cancel_hotel(&self, hotel: &u32) -> Result<(), String> {
        println!("cancelling booking {hotel}");
        Ok(())
    }
}

const README: &str = include_str!("../../README.md");
const THIS: &str = include_str!("readme.rs");

/// What stands between a fence of this kind and the next.
fn block(kind: &str) -> &'static str {
    let start = README.find(kind).expect("the README has such a block") + kind.len();
    let rest = README.get(start..).expect("a fence ends somewhere");
    rest.split("```").next().expect("a block has an end")
}

#[tokio::test(start_paused = true)]
async fn the_readmes_report_is_the_one_that_its_example_prints() {
    let code = block("```rust\n");
    let (example, _main) = code
        .split_once("#[tokio::main]")
        .expect("the example has a main");
    assert!(
        THIS.contains(example.trim()),
        "this file has the README's example"
    );

    let shown = block("```text\n");
    let start = shown.find("saga `trips`").expect("the report is shown");
    let (printed, report) = shown.split_at(start);
    assert_eq!(
        printed,
        "booking a hotel in Oslo\ncancelling booking 4711\n"
    );
    let (_, id) = report.split_once('(').expect("the id is in parentheses");
    let (id, _) = id.split_once(')').expect("the id is in parentheses");

    let options = RunOptions::new().id(id);
    let run = TripsSaga::run_with(&Trips, "Oslo".to_owned(), options).await;
    let error = run.expect_err("there is no seat");
    assert_eq!(error.step().name, "book_flight");

    // The example stands in a file of its own there, and after a few lines here.
    let first = THIS
        .find(example.trim())
        .expect("this file has the README's example");
    let before = THIS
        .get(..first)
        .expect("it starts at a line")
        .lines()
        .count();
    let here = error.step().location;
    let there = format!("src/main.rs:{}", here.line as usize - before);
    let actual = error
        .report()
        .to_string()
        .replace(&here.to_string(), &there);
    assert_eq!(actual, report.trim_end());
}

#[test]
fn the_compile_error_in_the_readme_is_one_that_the_compiler_gives() {
    let error = include_str!("../ui/fail/handover_wrong_type.stderr");
    let given = error.lines().next().expect("an error has a first line");
    assert!(README.contains(given), "{given}");
}
