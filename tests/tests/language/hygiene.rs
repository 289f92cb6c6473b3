//! Names in user code that an expansion might also use.

use saga_core::{End, Saga};

mod steps_and_parameters {
    use saga_core::{StepContext, saga};

    pub(super) struct Names;

    #[saga(vis = pub(super))]
    impl Names {
        #[step(compensate = cause)]
        async fn service(&self, service: &u8) -> Result<u8, String> {
            Ok(service + 1)
        }

        #[step(compensate = undo)]
        async fn slots(&self, executor: &u8) -> Result<u8, String> {
            Ok(executor + 1)
        }

        #[step(compensate = undo)]
        async fn output_0(&self, slots: &u8, attempt: &StepContext) -> Result<u8, String> {
            Ok(slots + u8::try_from(attempt.attempt()).map_err(|error| error.to_string())?)
        }

        #[step(compensate = undo)]
        async fn run(&self, begin: &u8) -> Result<u8, String> {
            Ok(begin + 1)
        }

        #[step(compensate = undo)]
        async fn call(&self, call: &u8) -> Result<u8, String> {
            Ok(call + 1)
        }

        #[step(compensate = undo)]
        async fn step(&self, step: &u8) -> Result<u8, String> {
            Ok(step + 1)
        }

        #[step(compensate = undo)]
        async fn completed(&self, context: &u8) -> Result<u8, String> {
            Ok(context + 1)
        }

        #[step(compensate = undo)]
        async fn begin(&self, state: &u8, #[input] input: &u8) -> Result<u8, String> {
            Ok(state + 1 - input)
        }

        #[step(readonly)]
        async fn finish(&self, output: &u8, #[from(service)] input: &u8) -> Result<u8, String> {
            match output + input {
                10 => Ok(10),
                other => Err(other.to_string()),
            }
        }

        async fn cause(&self, begin: &u8, #[input] cause: &u8) -> Result<(), String> {
            match begin - cause {
                1 => Ok(()),
                other => Err(other.to_string()),
            }
        }

        async fn undo(&self, output: &u8) -> Result<(), String> {
            let _ = output;
            Ok(())
        }
    }
}

#[tokio::test(start_paused = true)]
async fn steps_and_parameters_may_have_the_names_that_an_expansion_uses() {
    use steps_and_parameters::{Names, NamesSaga};
    assert_eq!(NamesSaga::run(&Names, 1).await.unwrap(), 10);
    let error = NamesSaga::run(&Names, 2).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "finish");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
}

mod generics {
    use core::fmt::Debug;
    use saga_core::saga;

    type Unused<S, T, E, F, H, Fut> = core::marker::PhantomData<fn() -> (S, T, E, F, H, Fut)>;

    pub(super) struct Generic<X, S, T, E, F, H, Fut>(X, Unused<S, T, E, F, H, Fut>);

    pub(super) fn generic(value: u8) -> Generic<u8, u8, u8, u8, u8, u8, u8> {
        Generic(value, core::marker::PhantomData)
    }

    #[saga(vis = pub(super))]
    impl<X, S, T, E, F, H, Fut> Generic<X, S, T, E, F, H, Fut>
    where
        X: Clone + Send + Sync + Debug,
    {
        #[step(compensate = undo)]
        async fn first(&self) -> Result<X, String> {
            Ok(self.0.clone())
        }

        #[step]
        async fn second(&self, first: &X) -> Result<X, String> {
            Err(format!("{first:?}"))
        }

        async fn undo(&self, first: &X) -> Result<(), String> {
            let _ = first;
            Ok(())
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_generics_of_a_service_may_have_the_names_that_an_expansion_uses() {
    use generics::{GenericSaga, generic};
    let service = generic(7);
    let error = GenericSaga::run(&service, ()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "second");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
}

/// Everything in the prelude has another meaning here.
mod shadowed {
    #![allow(
        dead_code,
        unused_macros,
        reason = "what counts is that the names are taken"
    )]

    use saga_core::saga;

    pub(super) struct Service;

    pub(super) struct Option;
    struct Some;
    struct None;
    struct Result;
    struct Ok;
    struct Err;
    struct String;
    struct Vec;
    struct Box;
    trait Send {}
    trait Sync {}
    trait Clone {}
    trait Future {}
    trait Iterator {}
    trait Saga {}
    trait Machine {}
    struct StepContext;
    struct Failure;
    struct SagaError;

    mod core {}
    mod std {}

    macro_rules! format_args {
        () => {};
    }
    macro_rules! unreachable {
        () => {};
    }

    #[saga(vis = pub(super))]
    impl Service {
        #[step(compensate = undo)]
        async fn first(&self) -> ::core::result::Result<Option, &'static str> {
            ::core::result::Result::Ok(Option)
        }

        #[step(readonly, retry(attempts = 2, when = worth_it))]
        async fn second(
            &self,
            first: &Option,
            context: &::saga_core::StepContext,
        ) -> ::core::result::Result<Option, &'static str> {
            let Option = first;
            match context.attempt() {
                1 => ::core::result::Result::Ok(Option),
                _ => ::core::result::Result::Err("two"),
            }
        }

        #[step]
        async fn third(&self, second: &Option) -> ::core::result::Result<Option, &'static str> {
            let Option = second;
            ::core::result::Result::Err("third")
        }

        async fn undo(&self, first: &Option) -> ::core::result::Result<(), &'static str> {
            let Option = first;
            ::core::result::Result::Ok(())
        }
    }

    fn worth_it(error: &&'static str) -> bool {
        *error == "two"
    }
}

#[tokio::test(start_paused = true)]
async fn the_module_of_a_saga_may_have_other_things_by_the_names_of_the_prelude() {
    use shadowed::{Service, ServiceSaga};
    let Err(error) = ServiceSaga::run(&Service, ()).await else {
        panic!("it completed");
    };
    assert_eq!(error.step().unwrap().name, "third");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
}

mod by_macro {
    use saga_core::saga;

    /// Its fragments come to the attribute in invisible groups.
    macro_rules! saga_of {
        (
            $service:ident, $name:literal, $saga:ident: $input:ty => $output:ty, $error:ty;
            $attempts:literal $wait:literal $limit:literal $when:path; $body:block $undo:expr
        ) => {
            pub(super) struct $service;

            #[saga(name = $name, saga = $saga, vis = pub(super))]
            impl $service {
                #[step(
                                compensate = undo,
                                retry(attempts = $attempts, backoff = $wait, when = $when),
                                timeout = $limit
                            )]
                async fn first(&self, input: &$input) -> Result<$output, $error> {
                    let output: $output = $body;
                    Ok(output + <$output>::from(*input))
                }

                #[step(readonly)]
                async fn last(
                    &self,
                    first: &$output,
                    #[input] input: &$input,
                ) -> Result<(), $error> {
                    Err((*first + <$output>::from(*input)).to_string())
                }

                async fn undo(&self, first: &$output) -> Result<(), $error> {
                    let undo: fn(&$output) -> Result<(), $error> = $undo;
                    undo(first)
                }
            }
        };
    }

    fn always<E>(_error: &E) -> bool {
        true
    }

    saga_of! {
        Written, "written", WrittenSaga: u8 => u64, String;
        3 "1s..2s" "1m" always;
        { 30 } |_made| Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_may_be_written_by_a_macro() {
    use by_macro::{Written, WrittenSaga};
    let definition = WrittenSaga::DEFINITION;
    assert_eq!(definition.name, "written");
    assert_eq!(definition.steps[0].policy.attempts, 3);
    assert_eq!(
        definition.steps[0].policy.to_string(),
        "3 attempts, backoff 1s..2s, timeout 60s"
    );
    let error = WrittenSaga::run(&Written, 3).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert!(error.to_string().contains("36"), "{error}");
}
