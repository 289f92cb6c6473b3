//! The result of a saga that has ended can be read, however its definition, its types and its registration have
//! changed since.

use std::time::Duration;

use saga_core::durable::{
    CancelOutcome, Engine, EngineBuilder, InMemoryJournal, OutcomeError, SagaState, Status, Untyped,
};
use saga_core::{Ended, Saga};

const GRACE: Duration = Duration::from_secs(1);

mod v1 {
    pub(crate) struct Order;

    #[saga_core::saga(durable, vis = pub(crate))]
    impl Order {
        #[step(compensate = release)]
        async fn reserve(&self, cents: &u64) -> Result<u64, String> {
            Ok(*cents)
        }

        #[step(pivot)]
        async fn charge(&self, cents: &u64) -> Result<String, String> {
            match cents {
                0 | 1 => Err("nothing to charge".to_owned()),
                _ => Ok(format!("receipt of {cents}")),
            }
        }

        async fn release(&self, cents: &u64) -> Result<(), String> {
            match cents {
                1 => Err("jammed".to_owned()),
                _ => Ok(()),
            }
        }
    }
}

/// The same saga with another step.
mod v2 {
    pub(crate) struct Order;

    #[saga_core::saga(durable, vis = pub(crate))]
    impl Order {
        #[step(readonly)]
        async fn check(&self) -> Result<(), String> {
            Ok(())
        }

        #[step(pivot)]
        async fn charge(&self, #[input] cents: &u64) -> Result<String, String> {
            Ok(format!("receipt of {cents}"))
        }
    }
}

/// The same steps with other types in between.
mod retyped {
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(crate) struct Reserved {
        cents: u64,
    }

    pub(crate) struct Order;

    #[saga_core::saga(durable, vis = pub(crate))]
    impl Order {
        #[step(compensate = release)]
        async fn reserve(&self, cents: &u64) -> Result<Reserved, String> {
            Ok(Reserved { cents: *cents })
        }

        #[step(pivot)]
        async fn charge(&self, reserved: &Reserved) -> Result<String, String> {
            Ok(format!("receipt of {}", reserved.cents))
        }

        async fn release(&self, _: &Reserved) -> Result<(), String> {
            Ok(())
        }
    }
}

/// A saga whose output also has another type.
mod other_output {
    pub(crate) struct Order;

    #[saga_core::saga(durable, vis = pub(crate))]
    impl Order {
        #[step(pivot)]
        async fn charge(&self, cents: &u64) -> Result<Vec<u64>, String> {
            Ok(vec![*cents])
        }
    }
}

/// A saga that has no step in common with it.
mod unrelated {
    pub(crate) struct Job;

    #[saga_core::saga(durable, vis = pub(crate))]
    impl Job {
        #[step]
        async fn work(&self) -> Result<u32, String> {
            Ok(1)
        }
    }
}

/// A saga whose types are not known to be journalable where it is defined.
mod generic {
    use core::marker::PhantomData;

    pub(crate) struct Echo<T>(pub(crate) PhantomData<fn() -> T>);

    #[saga_core::saga(vis = pub(crate))]
    impl<T: Clone + Send + Sync + 'static> Echo<T> {
        #[step]
        async fn echo(&self, input: &T) -> Result<T, String> {
            Ok(input.clone())
        }
    }
}

/// Sagas whose output is not only that of the step in their last record.
mod wholes {
    macro_rules! version {
        ($version:ident, $($more:tt)*) => {
            pub(crate) mod $version {
                use super::inner::{Inner, InnerSaga};

                pub(crate) struct Group;

                #[saga_core::saga(durable, vis = pub(crate))]
                impl Group {
                    $($more)*
                    #[step(parallel = both, readonly)]
                    async fn one(&self, #[input] input: &u32) -> Result<u32, String> {
                        Ok(*input)
                    }

                    #[step(parallel = both, readonly)]
                    async fn two(&self, #[input] input: &u32) -> Result<String, String> {
                        Ok(input.to_string())
                    }
                }

                pub(crate) struct Maybe;

                #[saga_core::saga(durable, vis = pub(crate))]
                impl Maybe {
                    $($more)*
                    #[step(only_if = is_due)]
                    async fn last(&self, #[input] input: &u32) -> Result<u32, String> {
                        Ok(*input)
                    }

                    fn is_due(&self, #[input] input: &u32) -> bool {
                        *input > 0
                    }
                }

                pub(crate) struct Outer(pub(crate) Inner);

                #[saga_core::saga(durable, vis = pub(crate))]
                impl Outer {
                    $($more)*
                    #[step(saga = InnerSaga, on = &self.0)]
                    fn inner(&self, #[input] input: &u32) -> u32 {
                        *input
                    }
                }
            }
        };
    }

    pub(crate) mod inner {
        pub(crate) struct Inner;

        #[saga_core::saga(durable, vis = pub(crate))]
        impl Inner {
            #[step]
            async fn nested(&self, input: &u32) -> Result<u32, String> {
                Ok(*input + 1)
            }
        }
    }

    version!(old,);
    version!(
        new,
        #[step(readonly)]
        async fn before(&self) -> Result<(), String> {
            Ok(())
        }
    );
}

async fn open(builder: EngineBuilder, journal: &InMemoryJournal) -> Engine {
    builder.open(journal.clone()).await.unwrap()
}

/// Runs of the first version: one completed, one was rolled back, one is stuck.
async fn ended() -> InMemoryJournal {
    let journal = InMemoryJournal::new();
    let builder = Engine::builder().register::<v1::OrderSaga>(v1::Order);
    let engine = open(builder, &journal).await;
    for (id, cents) in [("completed", 5), ("compensated", 0), ("stuck", 1)] {
        let mut handle = engine.submit::<v1::OrderSaga>(id, cents).await.unwrap();
        drop(handle.outcome().await.unwrap());
    }
    engine.shutdown(GRACE).await;
    journal
}

fn text<S: Saga<Output: core::fmt::Debug>>(outcome: Result<Ended<S>, OutcomeError>) -> String {
    match outcome {
        Ok(Ok(output)) => format!("{output:?}"),
        Ok(Err(error)) => format!("error: {error}"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_result_is_there_under_another_definition() {
    let journal = ended().await;
    let builder = Engine::builder().register::<v2::OrderSaga>(v2::Order);
    let engine = open(builder, &journal).await;
    let outcome = engine.outcome::<v2::OrderSaga>("completed").await;
    assert_eq!(text::<v2::OrderSaga>(outcome), "\"receipt of 5\"");
    // Also for a caller who submits it again.
    let again = engine.submit::<v2::OrderSaga>("completed", 5).await;
    let outcome = again.unwrap().outcome().await;
    assert_eq!(text::<v2::OrderSaga>(outcome), "\"receipt of 5\"");
    let outcome = engine.outcome::<v2::OrderSaga>("compensated").await;
    let error = outcome.unwrap_err();
    assert_eq!(
        error.to_string(),
        "saga `compensated` ended compensated, under another definition than that of today; its report says: \
         saga `order` (compensated) was compensated: step `charge` failed: nothing to charge"
    );
    let OutcomeError::Ended {
        end: SagaState::Compensated,
        reason: Untyped::OtherDefinition,
        report: Some(report),
        ..
    } = error
    else {
        panic!("{error}")
    };
    let recorded = engine.report("compensated").await.unwrap().unwrap();
    assert_eq!(*report, recorded);
    let status = engine.status("compensated").await.unwrap().unwrap();
    assert!(matches!(status.status, Status::Compensated), "{status}");
    let stuck = text::<v2::OrderSaga>(engine.outcome("stuck").await);
    let start = "saga `stuck` ended stuck, under another definition than that of today; its report says: saga `order` (stuck) ";
    assert!(stuck.starts_with(start), "{stuck}");
    let asked = engine.cancel("compensated").await.unwrap();
    assert_eq!(asked, CancelOutcome::Ended(SagaState::Compensated));
}

#[tokio::test]
async fn a_result_is_there_though_the_types_in_between_are_others() {
    let journal = ended().await;
    let builder = Engine::builder().register::<retyped::OrderSaga>(retyped::Order);
    let engine = open(builder, &journal).await;
    let outcome = engine.outcome::<retyped::OrderSaga>("completed").await;
    assert_eq!(text::<retyped::OrderSaga>(outcome), "\"receipt of 5\"");
    let outcome = engine.outcome::<retyped::OrderSaga>("compensated").await;
    let error = outcome.unwrap_err();
    let OutcomeError::Ended {
        reason: Untyped::Unreadable { .. },
        report: Some(_),
        ..
    } = &error
    else {
        panic!("{error}")
    };
    let error = error.to_string();
    let parts = [
        "saga `compensated` ended compensated, and what is recorded of `reserve/do` cannot be read: ",
        "; its report says: saga `order` (compensated) was compensated: step `charge` failed: nothing to charge",
    ];
    assert!(
        error.starts_with(parts[0]) && error.ends_with(parts[1]),
        "{error}"
    );
}

#[tokio::test]
async fn an_output_that_is_no_longer_one_is_said_to_be_unreadable() {
    let journal = ended().await;
    let builder = Engine::builder().register::<other_output::OrderSaga>(other_output::Order);
    let engine = open(builder, &journal).await;
    let outcome = engine.outcome::<other_output::OrderSaga>("completed").await;
    let error = text::<other_output::OrderSaga>(outcome);
    let start = "saga `completed` ended completed, and its output cannot be read: ";
    assert!(error.starts_with(start), "{error}");
}

#[tokio::test]
async fn a_result_is_there_though_the_saga_is_not_registered() {
    let journal = ended().await;
    let builder = Engine::builder().register::<unrelated::JobSaga>(unrelated::Job);
    let engine = open(builder, &journal).await;
    let outcome = engine.outcome::<v1::OrderSaga>("completed").await;
    assert_eq!(text::<v1::OrderSaga>(outcome), "\"receipt of 5\"");
    let outcome = engine.outcome::<v1::OrderSaga>("compensated").await;
    assert_eq!(
        text::<v1::OrderSaga>(outcome),
        "saga `compensated` ended compensated, and is not registered with this engine; its report says: saga `order` \
         (compensated) was compensated: step `charge` failed: nothing to charge"
    );
    let outcome = engine.outcome::<unrelated::JobSaga>("completed").await;
    assert_eq!(
        text::<unrelated::JobSaga>(outcome),
        "saga id `completed` belongs to a run of `order`, not of `job`"
    );
}

#[tokio::test]
async fn an_unchanged_saga_has_its_typed_result() {
    let journal = ended().await;
    let builder = Engine::builder().register::<v1::OrderSaga>(v1::Order);
    let engine = open(builder, &journal).await;
    let outcome = engine.outcome::<v1::OrderSaga>("compensated").await;
    let error = outcome.unwrap().unwrap_err();
    assert!(matches!(error.error(), v1::OrderSagaError::Charge(_)));
}

#[tokio::test]
async fn the_whole_output_of_a_group_a_condition_or_a_nested_saga_is_there() {
    use wholes::inner::Inner;
    use wholes::{new, old};
    let journal = InMemoryJournal::new();
    macro_rules! of {
        ($version:ident) => {
            Engine::builder()
                .register::<$version::GroupSaga>($version::Group)
                .register::<$version::MaybeSaga>($version::Maybe)
                .register::<$version::OuterSaga>($version::Outer(Inner))
        };
    }
    let engine = open(of!(old), &journal).await;
    let mut group = engine.submit::<old::GroupSaga>("group", 7).await.unwrap();
    let mut outer = engine.submit::<old::OuterSaga>("outer", 7).await.unwrap();
    group.outcome().await.unwrap().unwrap();
    outer.outcome().await.unwrap().unwrap();
    for input in 0..2 {
        let id = format!("maybe-{input}");
        let maybe = engine.submit::<old::MaybeSaga>(id, input).await;
        maybe.unwrap().outcome().await.unwrap().unwrap();
    }
    engine.shutdown(GRACE).await;
    let engine = open(of!(new), &journal).await;
    let group = engine.outcome::<new::GroupSaga>("group").await;
    assert_eq!(text::<new::GroupSaga>(group), "(7, \"7\")");
    let outer = engine.outcome::<new::OuterSaga>("outer").await;
    assert_eq!(text::<new::OuterSaga>(outer), "8");
    for (input, expected) in [(0, "None"), (1, "Some(1)")] {
        let id = format!("maybe-{input}");
        let maybe = engine.outcome::<new::MaybeSaga>(id).await;
        assert_eq!(text::<new::MaybeSaga>(maybe), expected);
    }
}

#[tokio::test]
async fn an_output_of_which_only_a_registration_knows_how_it_is_read_is_there() {
    use generic::{Echo, EchoSaga};
    let journal = InMemoryJournal::new();
    let builder = || {
        let echo = Echo(core::marker::PhantomData);
        Engine::builder().register::<EchoSaga<u32>>(echo)
    };
    let engine = open(builder(), &journal).await;
    let mut handle = engine.submit::<EchoSaga<u32>>("1", 7).await.unwrap();
    for _ in 0..2 {
        assert_eq!(handle.outcome().await.unwrap().unwrap(), 7);
    }
    engine.shutdown(GRACE).await;
    let engine = open(builder(), &journal).await;
    let outcome = engine.outcome::<EchoSaga<u32>>("1").await;
    assert_eq!(text::<EchoSaga<u32>>(outcome), "7");
    engine.shutdown(GRACE).await;
    let engine = open(Engine::builder(), &journal).await;
    let outcome = engine.outcome::<EchoSaga<u32>>("1").await;
    assert_eq!(
        text::<EchoSaga<u32>>(outcome),
        "saga `1` ended completed, and is not registered with this engine"
    );
}
