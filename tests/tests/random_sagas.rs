//! Random sagas through the real driver: what it is seen to do is what a short model of the documented
//! meaning says.

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

#[path = "random_sagas/case.rs"]
mod case;
#[path = "random_sagas/dice.rs"]
mod dice;
#[path = "random_sagas/driver.rs"]
mod driver;
#[path = "random_sagas/generate.rs"]
mod generate;
#[path = "random_sagas/machine.rs"]
mod machine;
#[path = "random_sagas/model.rs"]
mod model;
#[path = "random_sagas/shapes.rs"]
mod shapes;
#[path = "random_sagas/told.rs"]
mod told;

use crate::generate::Cases;

/// How many cases are run, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 25_000;

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

#[test]
fn the_driver_does_what_the_model_says() {
    let run = runner().run(&Cases, |case| {
        let (driver, model) = (driver::run(&case), model::run(&case));
        if driver == model {
            return Ok(());
        }
        Err(TestCaseError::fail(format!(
            "driver: {driver:?}\nmodel:  {model:?}"
        )))
    });
    match run {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{case:?}\n{why}"),
        Err(other) => panic!("{other}"),
    }
}
