impl Greeter {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn greet(&self, name: &str) -> Result<String, Offended> {
        Ok(format!("hello {name}"))
    }
}
/// The saga `greeter` of [`Greeter`].
#[allow(dead_code)]
struct GreeterSaga(::saga_core::__private::Marker<Greeter>);
/// How far a run of [`GreeterSaga`] got: at each point only what is there can be reached.
#[allow(dead_code)]
enum GreeterSagaState<'__saga> {
    /// `greet` has not completed.
    BeforeGreet {
        /// The saga's input.
        input: &'__saga ::std::string::String,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga ::std::string::String,
        /// The output of `greet`.
        greet: &'__saga String,
    },
}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for GreeterSagaState<'__saga> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str(
            match self {
                Self::BeforeGreet { .. } => "BeforeGreet",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`GreeterSaga`] gave up, and why.
#[allow(dead_code)]
#[non_exhaustive]
enum GreeterSagaError {
    /// Step `greet` gave up.
    Greet(::saga_core::Failure<Offended>),
}
#[automatically_derived]
impl ::core::fmt::Debug for GreeterSagaError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for GreeterSagaError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl ::core::error::Error for GreeterSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::StepError::failure(self).source()
    }
}
const _: () = {
    static __STEPS: [::saga_core::Step; 1usize] = [
        ::saga_core::Step::new(
                "greet",
                ::saga_core::Kind::Last,
                ::saga_core::Location::new(::core::file!(), ::core::line!()),
            )
            .parameters(
                &[::saga_core::Parameter::new("name", ::saga_core::Source::Input)],
            ),
    ];
    static __DEFINITION: ::saga_core::Definition = ::saga_core::Definition::new(
        "greeter",
        ::saga_core::Location::new(::core::file!(), ::core::line!()),
        &__STEPS,
    );
    impl ::saga_core::StepError for GreeterSagaError {
        fn step(&self) -> &'static ::saga_core::Step {
            match self {
                Self::Greet(_) => &__STEPS[0usize],
            }
        }
        fn failure(&self) -> ::saga_core::Failure<::saga_core::ErrorView<'_>> {
            match self {
                Self::Greet(failure) => {
                    failure
                        .view({
                            #[allow(unused_imports)]
                            use ::saga_core::__private::error_type::{
                                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                            };
                            let view = (&&&&::saga_core::__private::ErrorType::<
                                Offended,
                            >::new())
                                .view();
                            <Offended as ::saga_core::__private::StepErrorType>::told(
                                view,
                            )
                        })
                }
            }
        }
    }
    #[doc(hidden)]
    pub struct __GreeterSagaSlots {
        input: ::std::string::String,
        output_0: ::core::option::Option<String>,
        service: ::saga_core::__private::Marker<Greeter>,
    }
    impl ::saga_core::Slots<GreeterSaga> for __GreeterSagaSlots {
        fn begin(input: ::std::string::String) -> Self {
            Self {
                input: input,
                output_0: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn state(&self) -> <GreeterSaga as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(output_0) = &self.output_0 else {
                return GreeterSagaState::BeforeGreet {
                    input: &self.input,
                };
            };
            GreeterSagaState::Completed {
                input: &self.input,
                greet: output_0,
            }
        }
        fn value(
            &self,
            source: ::saga_core::Source,
            part: ::core::option::Option<usize>,
        ) -> ::saga_core::Value<'_> {
            #[allow(unused_imports)]
            use ::saga_core::__private::{
                FieldProbe, Probe, value::{ViaDebug as _, ViaNothing as _},
            };
            match (source, part) {
                (::saga_core::Source::Input, _) => {
                    let value = &self.input;
                    (&&Probe(value)).value()
                }
                (::saga_core::Source::Output(0usize), _) => {
                    match &self.output_0 {
                        ::core::option::Option::Some(value) => (&&Probe(value)).value(),
                        ::core::option::Option::None => ::saga_core::Value::Missing,
                    }
                }
                _ => ::saga_core::Value::Missing,
            }
        }
        fn finish(
            &mut self,
        ) -> ::core::result::Result<String, ::saga_core::GaveUp<GreeterSagaError>> {
            match self.output_0.take() {
                ::core::option::Option::Some(output) => {
                    ::core::result::Result::Ok(output)
                }
                ::core::option::Option::None => {
                    ::core::result::Result::Err(
                        ::saga_core::__private::missing(GreeterSagaError::Greet),
                    )
                }
            }
        }
    }
    impl ::saga_core::Saga for GreeterSaga {
        type Service = Greeter;
        type Input = ::std::string::String;
        type Output = String;
        type Error = GreeterSagaError;
        type State<'__saga> = GreeterSagaState<'__saga> where Self: '__saga;
        type Slots = __GreeterSagaSlots;
        const DEFINITION: &'static ::saga_core::Definition = &__DEFINITION;
    }
    #[allow(non_camel_case_types, dead_code)]
    enum input {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#greet {}
    impl<__X: ::saga_core::Executor> ::saga_core::Machine<__X> for GreeterSaga
    where
        __X: ::saga_core::Execute<0usize, String>,
    {
        fn advance<'__run>(
            service: &'__run Greeter,
            slots: &'__run mut __GreeterSagaSlots,
            executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                (),
                ::saga_core::Stop<GreeterSagaError, __X::Halt>,
            >,
        > + ::core::marker::Send + '__run {
            async move {
                {
                    let __GreeterSagaSlots { input: input, output_0: slot, .. } = &mut *slots;
                    let input = &*input;
                    match <__X as ::saga_core::Execute<
                        0usize,
                        String,
                    >>::execute(
                            executor,
                            ::saga_core::Call::step(&__DEFINITION, &__STEPS[0usize]),
                            ::saga_core::Faults::<Offended> {
                                when: ::saga_core::__private::always,
                                in_doubt: ::saga_core::__private::never,
                                view: {
                                    #[allow(unused_imports)]
                                    use ::saga_core::__private::error_type::{
                                        ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                    };
                                    let view = (&&&&::saga_core::__private::ErrorType::<
                                        Offended,
                                    >::new())
                                        .view();
                                    <Offended as ::saga_core::__private::StepErrorType>::told(
                                        view,
                                    )
                                },
                            },
                            move |_| ::saga_core::__private::step_future(
                                <Greeter>::greet(
                                    service,
                                    <&str as ::saga_core::__private::HandOver<
                                        '_,
                                        ::std::string::String,
                                        input,
                                        r#greet,
                                    >>::hand_over(input),
                                ),
                            ),
                            slot,
                        )
                        .await
                    {
                        ::core::result::Result::Ok(()) => {}
                        ::core::result::Result::Err(stop) => {
                            return ::core::result::Result::Err(
                                stop.map(GreeterSagaError::Greet),
                            );
                        }
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
        #[allow(unused_variables)]
        fn rewind<'__run>(
            service: &'__run Greeter,
            slots: &'__run mut __GreeterSagaSlots,
            step: usize,
            cause: ::core::option::Option<
                &'__run ::saga_core::__private::Arc<::saga_core::Cause>,
            >,
            executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                (),
                ::saga_core::Stop<::saga_core::ErrorText, __X::Halt>,
            >,
        > + ::core::marker::Send + '__run {
            async move {
                match step {
                    _ => ::core::result::Result::Ok(()),
                }
            }
        }
    }
};
