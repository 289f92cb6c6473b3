//! Random sagas with the real driver: it does what a short model of the documented meaning says.

use core::cell::Cell;

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use crate::case::Case;
use crate::driver;
use crate::features::{Feature, features};
use crate::generate::Cases;
use crate::model::{self, Modelled};
use crate::seen::Seen;
use crate::summary::{End, Nested, RunSummary};

/// How many cases are run, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 32_000;

/// The same cases each time, unless `PROPTEST_RNG_SEED` asks for others.
fn runner() -> TestRunner {
    let asked = Config::default();
    TestRunner::new(Config {
        cases: asked.cases.max(CASES),
        failure_persistence: None,
        max_shrink_iters: 1_000_000,
        rng_seed: match asked.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            fixed @ RngSeed::Fixed(_) => fixed,
        },
        ..asked
    })
}

/// Returns the summary of the driver if it equals that of the model.
pub(crate) fn compared(case: &Case, mut model: RunSummary) -> Result<RunSummary, String> {
    let mut driver = driver::run(case);
    // How long the waits are is random, and a token returns no answer.
    driver.took = driver.took.filter(|_| model.took.is_some());
    model.answer = model.answer.filter(|_| driver.answer.is_some());
    if model.end == End::Completed {
        without_ids(&mut model.nested);
    }
    if driver == model {
        Ok(driver)
    } else {
        Err(format!("driver: {driver:?}\nmodel: {model:?}"))
    }
}

/// Of a run that completed there is no report.
fn without_ids(nested: &mut [Option<Nested>]) {
    for run in nested.iter_mut().flatten() {
        run.id.clear();
        without_ids(&mut run.runs);
    }
}

#[test]
fn the_driver_does_what_the_model_says() {
    let features = features();
    let counts = vec![Cell::new(0_usize); features.len()];
    let run = runner().run(&Cases, |case| {
        let Modelled {
            summary,
            spans,
            is_race,
        } = model::run(&case);
        // A simpler one of a failing case may be.
        if is_race {
            return Ok(());
        }
        let summary = compared(&case, summary).map_err(TestCaseError::fail)?;
        let seen = Seen::of(&case, summary, spans);
        for ((nested, feature), count) in features.iter().zip(&counts) {
            let is_in = *nested == (case.shape.depth > 0) && (feature.is_in)(&seen);
            count.update(|count| count + usize::from(is_in));
        }
        Ok(())
    });
    match run {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{case:?}\n{why}"),
        Err(other) => panic!("{other}"),
    }
    let counted = features.iter().zip(counts.iter().map(Cell::get));
    for ((_, feature), count) in counted.clone() {
        println!("{count:6} {}", feature.name);
    }
    for ((_, feature), count) in counted {
        let Feature { name, least, .. } = feature;
        assert!(count >= *least, "{count} cases, and not {least}: {name}");
    }
}
