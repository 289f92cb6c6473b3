//! Random sagas through the real driver: what it is seen to do is what a short model of the documented
//! meaning says.

use core::cell::Cell;

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

#[path = "random_sagas/case.rs"]
mod case;
#[path = "random_sagas/clock.rs"]
mod clock;
#[path = "random_sagas/definitions.rs"]
mod definitions;
#[path = "random_sagas/dice.rs"]
mod dice;
#[path = "random_sagas/driver.rs"]
mod driver;
#[path = "random_sagas/errors.rs"]
mod errors;
#[path = "random_sagas/features.rs"]
mod features;
#[path = "random_sagas/features_nested.rs"]
mod features_nested;
#[path = "random_sagas/features_stopped.rs"]
mod features_stopped;
#[path = "random_sagas/features_together.rs"]
mod features_together;
#[path = "random_sagas/generate.rs"]
mod generate;
#[path = "random_sagas/lines.rs"]
mod lines;
#[path = "random_sagas/machine.rs"]
mod machine;
#[path = "random_sagas/model.rs"]
mod model;
#[path = "random_sagas/model_steps.rs"]
mod model_steps;
#[path = "random_sagas/model_undo.rs"]
mod model_undo;
#[path = "random_sagas/reports.rs"]
mod reports;
#[path = "random_sagas/seen.rs"]
mod seen;
#[path = "random_sagas/service.rs"]
mod service;
#[path = "random_sagas/shapes.rs"]
mod shapes;
#[path = "random_sagas/shrink.rs"]
mod shrink;
#[path = "random_sagas/sites.rs"]
mod sites;
#[path = "random_sagas/told.rs"]
mod told;
#[path = "random_sagas/told_runs.rs"]
mod told_runs;
#[path = "random_sagas/written.rs"]
mod written;
#[path = "random_sagas/written_nested.rs"]
mod written_nested;
#[path = "random_sagas/written_undone.rs"]
mod written_undone;

use crate::case::Case;
use crate::features::{Feature, features};
use crate::generate::Cases;
use crate::model::Modelled;
use crate::seen::Seen;
use crate::told::{End, Nested, Told};

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

/// What is seen, if the driver does what the model says.
fn compared(case: &Case, mut model: Told) -> Result<Told, String> {
    let mut driver = driver::run(case);
    // Nobody knows how long the waits are, and a token gives no answer.
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
            told,
            spans,
            is_race,
        } = model::run(&case);
        // A simpler one of a failing case may be.
        if is_race {
            return Ok(());
        }
        let told = compared(&case, told).map_err(TestCaseError::fail)?;
        let seen = Seen::of(&case, told, spans);
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
