//! Which options of a policy come from `#[saga(..)]`, and the policies of steps of nested sagas.

use std::time::Duration;

use saga_core::{Failure, Policy, RunOptions, Saga, StepContext, saga};
use saga_tests::Calls;

const MS: fn(u64) -> Duration = Duration::from_millis;

#[derive(Default)]
struct Cards {
    calls: Calls,
}

impl Cards {
    fn busy(&self, run: &StepContext) -> String {
        let (step, attempt) = (run.step(), run.attempt());
        self.calls.add(format!("{step} {attempt}"));
        "busy".to_owned()
    }
}

fn is_busy(error: &String) -> bool {
    error == "busy"
}

#[saga(
    retry(attempts = 3, backoff = "10ms..20ms"),
    timeout = "3s",
    compensation(retry(attempts = 2, backoff = "30ms..40ms"))
)]
impl Cards {
    #[step(readonly, retry(when = is_busy))]
    async fn has_a_predicate(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(readonly, retry(backoff = "1ms..2ms"), timeout = "9s")]
    async fn has_a_wait(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(compensate = undo, retry(attempts = 5))]
    async fn has_a_number(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(readonly, retry(attempts = 1))]
    async fn is_not_repeated(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(saga = ChargesSaga)]
    fn runs_a_saga(&self) {}

    #[step(retry(when = is_busy))]
    async fn last(&self, run: &StepContext) -> Result<(), String> {
        Err(self.busy(run))
    }

    #[compensation(retry(when = is_busy))]
    async fn undo(&self, run: &StepContext) -> Result<(), String> {
        Err(self.busy(run))
    }
}

#[saga(saga = ChargesSaga)]
impl Cards {
    #[step(compensate = refund)]
    async fn charge(&self, run: &StepContext) -> Result<(), String> {
        match run.attempt() {
            1 | 2 => Err(self.busy(run)),
            _ => Ok(()),
        }
    }

    async fn refund(&self, run: &StepContext) -> Result<(), String> {
        Err(self.busy(run))
    }
}

#[test]
fn a_step_and_a_compensation_inherit_what_they_do_not_write_option_by_option() {
    let [predicate, wait, number, once, nested, last] = CardsSaga::DEFINITION.steps else {
        panic!();
    };
    let patient = |attempts| Policy::attempts(attempts).backoff(MS(10), MS(20));
    let all = patient(3).timeout(MS(3_000));
    assert_eq!((predicate.policy, predicate.when), (all, Some("is_busy")));
    assert_eq!((last.policy, last.when), (all, Some("is_busy")));
    let own = Policy::attempts(3).backoff(MS(1), MS(2)).timeout(MS(9_000));
    assert_eq!((wait.policy, wait.when), (own, None));
    assert_eq!(number.policy, patient(5).timeout(MS(3_000)));
    assert_eq!(
        once.policy,
        Policy::ONCE.timeout(MS(3_000)),
        "it never waits"
    );
    let undo = number.compensation.as_ref().unwrap();
    let inherited = Policy::attempts(2).backoff(MS(30), MS(40));
    assert_eq!((undo.policy, undo.when), (inherited, Some("is_busy")));
    assert_eq!(
        nested.policy,
        patient(3),
        "a deadline is no limit of an attempt"
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_a_run_reaches_a_step_of_a_nested_saga_by_its_path() {
    let cards = Cards::default();
    let options = RunOptions::new()
        .policy("runs_a_saga", Policy::ONCE)
        .and_then(|options| options.policy("runs_a_saga/charge", Policy::attempts(3)))
        .and_then(|options| options.policy("last", Policy::ONCE))
        .and_then(|options| options.compensation_policy("runs_a_saga/charge", Policy::attempts(2)))
        .and_then(|options| options.compensation_policy("has_a_number", Policy::ONCE))
        .unwrap();
    let error = CardsSaga::run_with(&cards, (), options).await.unwrap_err();
    assert!(
        matches!(error.error(), CardsSagaError::Last(Failure::Error(_))),
        "{error:?}"
    );
    let calls = [
        "charge 1",
        "charge 2",
        "last 1",
        "charge 1",
        "charge 2",
        "has_a_number 1",
    ];
    assert_eq!(cards.calls.take(), calls);

    let error = ChargesSaga::run(&cards, ()).await.unwrap_err();
    assert_eq!(
        error.attempts(),
        1,
        "other runs have the policies of the definition"
    );
}

#[test]
fn a_path_to_no_step_is_an_error_that_names_all_paths() {
    for path in [
        "runs_a_saga/chrage",
        "last/charge",
        "runs_a_saga/",
        "charge",
        "/last",
    ] {
        let unknown = RunOptions::<CardsSaga>::new().policy(path, Policy::ONCE);
        assert_eq!(
            unknown.unwrap_err().to_string(),
            format!(
                "saga `cards` has no step `{path}`; its steps are `has_a_predicate`, `has_a_wait`, \
                 `has_a_number`, `is_not_repeated`, `runs_a_saga`, `runs_a_saga/charge`, `last`"
            )
        );
    }
    let none = RunOptions::<CardsSaga>::new().compensation_policy("runs_a_saga", Policy::ONCE);
    let none = none.unwrap_err().to_string();
    assert_eq!(
        none,
        "step `runs_a_saga` of saga `cards` has no compensation that could have a policy"
    );
}
