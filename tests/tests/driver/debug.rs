//! What the library's own types show in a user's `{:?}`: which run, step and attempt it is, and no
//! value of the user's.

use core::convert::Infallible;
use core::pin::pin;
use std::sync::{Arc, Mutex};

use saga_core::{
    Failure, Policy, RunOptions, Saga, SagaId, attempts, drive,
    executor::{Begin, Call, Execute, Executor, Faults, RecordsNothing, Run, Stop},
    machine::Member,
    saga,
};

struct Shop;

#[saga]
impl Shop {
    #[step]
    async fn sell(&self, secret: &u32) -> Result<u32, String> {
        Ok(*secret)
    }
}

#[test]
fn an_id_is_its_text() {
    assert_eq!(format!("{:?}", SagaId::from("o-1")), "SagaId(o-1)");
}

#[test]
fn options_say_the_id_the_deadline_and_the_policies_of_the_run() {
    let options = RunOptions::<ShopSaga>::new().id("o-1").timed();
    let options = options.policy("sell", Policy::attempts(3)).unwrap();
    let shown = format!("{options:?}");
    for part in [
        "SagaId(o-1)",
        "timed: true",
        "deadline: None",
        "sell",
        "attempts: 3",
    ] {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}

#[tokio::test]
async fn a_handle_says_which_run_it_is_and_how_far() {
    let handle = ShopSaga::spawn(Arc::new(Shop), 42, RunOptions::new().id("o-1"));
    let shown = format!("{handle:?}");
    assert_eq!(
        shown,
        "SagaHandle { saga: \"shop\", id: SagaId(o-1), position: NotStarted, .. }"
    );
    assert_eq!(handle.await.unwrap().unwrap(), 42);
}

#[test]
fn a_member_of_a_group_says_which_step_it_is() {
    let future = pin!(async { Ok::<(), Stop<String, Infallible>>(()) });
    let member = Member::new(7, future);
    assert_eq!(format!("{member:?}"), "Member { step: 7, .. }");
}

/// Records what it is called with.
struct Asked {
    run: Run,
    shown: Mutex<Vec<String>>,
}

impl Executor for Asked {
    type Halt = Infallible;

    fn run(&self) -> &Run {
        &self.run
    }

    fn nested(&self, run: Run) -> Self {
        let shown = Mutex::default();
        Self { run, shown }
    }
}

impl RecordsNothing for Asked {}

impl<const STEP: usize, T: Send> Execute<STEP, T> for Asked {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Infallible>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let asked = faults();
        let attempts = attempts(&self.run, call, faults, attempt, slot);
        let shown = [
            format!("{asked:?}"),
            format!("{:?}", asked.injected),
            format!("{attempts:?}"),
        ];
        self.shown.lock().unwrap().extend(shown);
        attempts.await
    }
}

#[tokio::test]
async fn the_attempts_of_a_step_say_of_which_run_and_step_they_are() {
    let executor = Asked {
        run: Run::new(SagaId::new("o-1")),
        shown: Mutex::default(),
    };
    let Ok(ended) = drive::<ShopSaga, _>(&Shop, &executor, 4_242).await;
    assert_eq!(ended.unwrap(), 4_242);
    let shown = executor.shown.into_inner().unwrap();
    let [faults, injected, attempts] = &shown[..] else {
        panic!("{shown:?}");
    };
    assert_eq!(faults, "Faults { .. }");
    assert_eq!(injected, "Injected { .. }");
    for part in [
        "Attempts { begin: Begin {",
        "SagaId(o-1)",
        "\"sell\"",
        "attempt: 1",
    ] {
        assert!(attempts.contains(part), "{part:?} is not in {attempts}");
    }
    assert!(!attempts.contains("4242"), "{attempts}");
}
