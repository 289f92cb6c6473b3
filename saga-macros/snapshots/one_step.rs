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
/// The progress of a run of [`GreeterSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
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
impl<'__saga> ::core::clone::Clone for GreeterSagaState<'__saga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga> ::core::marker::Copy for GreeterSagaState<'__saga> {}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for GreeterSagaState<'__saga> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforeGreet { .. } => "BeforeGreet",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`GreeterSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// GreeterSagaError::Greet(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum GreeterSagaError {
    /// Step `greet` gave up: `Greet(Failure::Error(error))` if it returned an error.
    Greet(::saga_core::Failure<Offended>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl ::core::fmt::Debug for GreeterSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for GreeterSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::error::Error for GreeterSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {
            <Greeter as ::saga_core::checks::SharedService>::checked();
            <::std::string::String as ::saga_core::checks::SharedInput>::checked();
            <String as ::saga_core::checks::SentOutput<
                steps_of_GreeterSaga::r#greet,
            >>::checked();
            <Offended as ::saga_core::checks::SentError<
                steps_of_GreeterSaga::r#greet,
            >>::checked();
        };
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    impl GreeterSagaError {
        const __STEPS: &'static [::saga_core::definition::Step; 1usize] = &[
            ::saga_core::definition::Step::new(
                    "greet",
                    ::saga_core::definition::Kind::Last,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "name",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                ),
        ];
    }
    impl ::saga_core::StepError for GreeterSagaError {
        fn cancelled(__why: ::saga_core::Cancellation) -> Self {
            match __why {
                ::saga_core::Cancellation::Requested => Self::Cancelled,
                _ => Self::DeadlineExceeded,
            }
        }
        fn cancellation(&self) -> ::core::option::Option<::saga_core::Cancellation> {
            match self {
                Self::Cancelled => {
                    ::core::option::Option::Some(::saga_core::Cancellation::Requested)
                }
                Self::DeadlineExceeded => {
                    ::core::option::Option::Some(
                        ::saga_core::Cancellation::DeadlineExceeded,
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn step(
            &self,
        ) -> ::core::option::Option<&'static ::saga_core::definition::Step> {
            ::core::option::Option::Some(
                match self {
                    Self::Greet(_) => &Self::__STEPS[0usize],
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
        fn failure(
            &self,
        ) -> ::core::option::Option<
            ::saga_core::Failure<::saga_core::executor::ErrorView<'_>>,
        > {
            ::core::option::Option::Some(
                match self {
                    Self::Greet(__failure) => __failure.view(__faults_0().view),
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __GreeterSagaSlots {
        input: ::std::string::String,
        __output_0: ::core::option::Option<String>,
        service: ::saga_core::__private::Marker<Greeter>,
    }
    impl ::saga_core::machine::Slots<GreeterSaga> for __GreeterSagaSlots {
        fn begin(__input: ::std::string::String) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn is_same_input(
            __one: &::std::string::String,
            __other: &::std::string::String,
        ) -> ::core::primitive::bool {
            #[allow(unused_imports)]
            use ::saga_core::__private::pair::{ViaEq as _, ViaUnknown as _};
            (&&::saga_core::__private::Pair(__one, __other)).__saga_is_same()
        }
        fn state(&self) -> <GreeterSaga as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(__output_0) = &self.__output_0 else {
                return GreeterSagaState::BeforeGreet {
                    input: &self.input,
                };
            };
            GreeterSagaState::Completed {
                input: &self.input,
                greet: __output_0,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: ::saga_core::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<&'__s String>,
        ) -> ::saga_core::executor::Value<'__s> {
            #[allow(unused_imports)]
            use ::saga_core::__private::{
                FieldProbe, Probe, value::{ViaDebug as _, ViaOpaque as _},
            };
            match (__source, __part) {
                (::saga_core::definition::Source::Input, _) => {
                    let __value = &self.input;
                    (&&Probe(__value)).__saga_value()
                }
                (::saga_core::definition::Source::Output(0usize), _) => {
                    match ::core::option::Option::or(
                        ::core::option::Option::as_ref(&self.__output_0),
                        __output,
                    ) {
                        ::core::option::Option::Some(__value) => {
                            (&&Probe(__value)).__saga_value()
                        }
                        ::core::option::Option::None => {
                            ::saga_core::executor::Value::Missing
                        }
                    }
                }
                _ => ::saga_core::executor::Value::Missing,
            }
        }
        fn finish(
            &mut self,
        ) -> ::core::result::Result<
            String,
            ::saga_core::executor::GaveUp<GreeterSagaError>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_0) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(GreeterSagaError::Greet),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: String) {
            self.__output_0 = ::core::option::Option::Some(__output);
        }
        fn output_json() -> ::saga_core::executor::JsonForm<String> {
            #[allow(unused_imports)]
            use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
            (&&::saga_core::__private::ErrorType::<String>::new()).__saga_json()
        }
    }
    impl ::saga_core::Saga for GreeterSaga {
        #[cfg(doc)]
        type Service = Greeter;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Greeter>>::Type;
        type Input = ::std::string::String;
        type Output = String;
        #[cfg(doc)]
        type Error = GreeterSagaError;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<GreeterSagaError>>::Type;
        type State<'__saga> = GreeterSagaState<'__saga> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<__GreeterSagaSlots>>::Type;
        type Way = ::saga_core::checks::OneWay;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::definition::Definition::new(
            "greeter",
            ::saga_core::__private::location(::core::file!(), ::core::line!()),
            <GreeterSagaError>::__STEPS,
        );
    }
    fn __faults_0() -> ::saga_core::executor::Faults<Offended> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<Offended>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <Offended as ::saga_core::checks::DisplayedErrorOf<
                steps_of_GreeterSaga::r#greet,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_GreeterSaga {
        pub enum input {}
        pub enum r#greet {}
    }
    impl<__X: ::saga_core::executor::Executor> ::saga_core::Machine<__X> for GreeterSaga
    where
        __X: ::saga_core::executor::Execute<0usize, String>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Greeter,
            __slots: &'__run mut __GreeterSagaSlots,
            __failures: &'__run mut ::saga_core::machine::Failures<GreeterSagaError>,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move {
                {
                    let __input = &__slots.input;
                    match <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 0usize>,
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_0,
                            move |_| {
                                <Greeter>::greet(
                                    __service,
                                    <&str as ::saga_core::checks::HandInput<
                                        '_,
                                        ::std::string::String,
                                        steps_of_GreeterSaga::r#greet,
                                    >>::hand_over(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            GreeterSagaError::Greet,
                        )
                        .await
                    {
                        ::core::result::Result::Ok(true) => {}
                        ::core::result::Result::Ok(false) => {
                            return ::core::result::Result::Ok(());
                        }
                        ::core::result::Result::Err(__halt) => {
                            return ::core::result::Result::Err(__halt);
                        }
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
        #[allow(unused_variables)]
        fn rewind<'__run>(
            __service: &'__run Greeter,
            __slots: &'__run mut __GreeterSagaSlots,
            __rollback: &'__run mut ::saga_core::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move { ::core::result::Result::Ok(()) }
        }
    }
};
