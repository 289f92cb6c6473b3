impl<'a, C, T, const N: usize> Copies<'a, C, T, N>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn copy(&self, original: &T) -> Result<[T; N], C::Error> {
        self.client.copy(original).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn name(&self, copies: &[T; N]) -> Result<&'a str, Self::Error> {
        Ok(self.name)
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn take_back(&self, copies: &[T; N]) -> Result<(), C::Error> {
        self.client.take_back(copies).await
    }
}
/// The saga `copies` of [`Copies`].
#[allow(dead_code)]
struct CopiesSaga<'a, C, T, const N: usize>(
    ::saga_core::__private::Marker<Copies<'a, C, T, N>>,
)
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync;
/// How far a run of [`CopiesSaga`] got: at each point only what is there can be reached.
#[allow(dead_code)]
enum CopiesSagaState<'__saga, 'a, T, const N: usize>
where
    T: Clone + Send + Sync,
{
    /// `copy` has not completed.
    BeforeCopy {
        /// The saga's input.
        input: &'__saga T,
    },
    /// `name` has not completed.
    BeforeName {
        /// The saga's input.
        input: &'__saga T,
        /// The output of `copy`.
        copy: &'__saga [T; N],
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga T,
        /// The output of `copy`.
        copy: &'__saga [T; N],
        /// The output of `name`.
        name: &'__saga &'a str,
    },
}
#[automatically_derived]
impl<'__saga, 'a, T, const N: usize> ::core::fmt::Debug
for CopiesSagaState<'__saga, 'a, T, N>
where
    T: Clone + Send + Sync,
{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str(
            match self {
                Self::BeforeCopy { .. } => "BeforeCopy",
                Self::BeforeName { .. } => "BeforeName",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`CopiesSaga`] gave up, and why.
#[allow(dead_code)]
#[non_exhaustive]
enum CopiesSagaError<'a, C, T, const N: usize>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    /// Step `copy` gave up.
    Copy(::saga_core::Failure<C::Error>),
    /// Step `name` gave up.
    Name(::saga_core::Failure<<Copies<'a, C, T, N>>::Error>),
}
#[automatically_derived]
impl<'a, C, T, const N: usize> ::core::fmt::Debug for CopiesSagaError<'a, C, T, N>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl<'a, C, T, const N: usize> ::core::fmt::Display for CopiesSagaError<'a, C, T, N>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl<'a, C, T, const N: usize> ::core::error::Error for CopiesSagaError<'a, C, T, N>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::StepError::failure(self).source()
    }
}
const _: () = {
    static __STEPS: [::saga_core::Step; 2usize] = [
        ::saga_core::Step::new(
                "copy",
                ::saga_core::Kind::Compensatable,
                ::saga_core::Location::new(::core::file!(), ::core::line!()),
            )
            .parameters(
                &[::saga_core::Parameter::new("original", ::saga_core::Source::Input)],
            )
            .compensation(
                ::saga_core::Compensation::new(
                        "take_back",
                        ::saga_core::Location::new(::core::file!(), ::core::line!()),
                    )
                    .parameters(
                        &[
                            ::saga_core::Parameter::new(
                                "copies",
                                ::saga_core::Source::Output(0usize),
                            ),
                        ],
                    ),
            ),
        ::saga_core::Step::new(
                "name",
                ::saga_core::Kind::Last,
                ::saga_core::Location::new(::core::file!(), ::core::line!()),
            )
            .parameters(
                &[
                    ::saga_core::Parameter::new(
                        "copies",
                        ::saga_core::Source::Output(0usize),
                    ),
                ],
            ),
    ];
    static __DEFINITION: ::saga_core::Definition = ::saga_core::Definition::new(
        "copies",
        ::saga_core::Location::new(::core::file!(), ::core::line!()),
        &__STEPS,
    );
    impl<'a, C, T, const N: usize> ::saga_core::StepError
    for CopiesSagaError<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        fn step(&self) -> &'static ::saga_core::Step {
            match self {
                Self::Copy(_) => &__STEPS[0usize],
                Self::Name(_) => &__STEPS[1usize],
            }
        }
        fn failure(&self) -> ::saga_core::Failure<::saga_core::ErrorView<'_>> {
            match self {
                Self::Copy(failure) => {
                    failure
                        .view({
                            #[allow(unused_imports)]
                            use ::saga_core::__private::error_type::{
                                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                            };
                            let view = (&&&&::saga_core::__private::ErrorType::<
                                C::Error,
                            >::new())
                                .view();
                            <C::Error as ::saga_core::__private::StepErrorType>::told(
                                view,
                            )
                        })
                }
                Self::Name(failure) => {
                    failure
                        .view({
                            #[allow(unused_imports)]
                            use ::saga_core::__private::error_type::{
                                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                            };
                            let view = (&&&&::saga_core::__private::ErrorType::<
                                <Copies<'a, C, T, N>>::Error,
                            >::new())
                                .view();
                            <<Copies<
                                'a,
                                C,
                                T,
                                N,
                            >>::Error as ::saga_core::__private::StepErrorType>::told(
                                view,
                            )
                        })
                }
            }
        }
    }
    #[doc(hidden)]
    pub struct __CopiesSagaSlots<'a, C, T, const N: usize>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        input: T,
        output_0: ::core::option::Option<[T; N]>,
        output_1: ::core::option::Option<&'a str>,
        service: ::saga_core::__private::Marker<Copies<'a, C, T, N>>,
    }
    impl<'a, C, T, const N: usize> ::saga_core::Slots<CopiesSaga<'a, C, T, N>>
    for __CopiesSagaSlots<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        fn begin(input: T) -> Self {
            Self {
                input: input,
                output_0: ::core::option::Option::None,
                output_1: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn state(&self) -> <CopiesSaga<'a, C, T, N> as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(output_0) = &self.output_0 else {
                return CopiesSagaState::BeforeCopy {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(output_1) = &self.output_1 else {
                return CopiesSagaState::BeforeName {
                    input: &self.input,
                    copy: output_0,
                };
            };
            CopiesSagaState::Completed {
                input: &self.input,
                copy: output_0,
                name: output_1,
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
                (::saga_core::Source::Output(1usize), _) => {
                    match &self.output_1 {
                        ::core::option::Option::Some(value) => (&&Probe(value)).value(),
                        ::core::option::Option::None => ::saga_core::Value::Missing,
                    }
                }
                _ => ::saga_core::Value::Missing,
            }
        }
        fn finish(
            &mut self,
        ) -> ::core::result::Result<
            &'a str,
            ::saga_core::GaveUp<CopiesSagaError<'a, C, T, N>>,
        > {
            match self.output_1.take() {
                ::core::option::Option::Some(output) => {
                    ::core::result::Result::Ok(output)
                }
                ::core::option::Option::None => {
                    ::core::result::Result::Err(
                        ::saga_core::__private::missing(CopiesSagaError::Name),
                    )
                }
            }
        }
    }
    impl<'a, C, T, const N: usize> ::saga_core::Saga for CopiesSaga<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        type Service = Copies<'a, C, T, N>;
        type Input = T;
        type Output = &'a str;
        type Error = CopiesSagaError<'a, C, T, N>;
        type State<'__saga> = CopiesSagaState<'__saga, 'a, T, N> where Self: '__saga;
        type Slots = __CopiesSagaSlots<'a, C, T, N>;
        const DEFINITION: &'static ::saga_core::Definition = &__DEFINITION;
    }
    #[allow(non_camel_case_types, dead_code)]
    enum input {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#copy {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#name {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#take_back {}
    impl<'a, C, T, const N: usize, __X: ::saga_core::Executor> ::saga_core::Machine<__X>
    for CopiesSaga<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
        __X: ::saga_core::Execute<0usize, [T; N]>,
        __X: ::saga_core::Execute<0usize, ()>,
        __X: ::saga_core::Execute<1usize, &'a str>,
    {
        fn advance<'__run>(
            service: &'__run Copies<'a, C, T, N>,
            slots: &'__run mut __CopiesSagaSlots<'a, C, T, N>,
            executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                (),
                ::saga_core::Stop<CopiesSagaError<'a, C, T, N>, __X::Halt>,
            >,
        > + ::core::marker::Send + '__run {
            async move {
                {
                    let __CopiesSagaSlots { input: input, output_0: slot, .. } = &mut *slots;
                    let input = &*input;
                    match <__X as ::saga_core::Execute<
                        0usize,
                        [T; N],
                    >>::execute(
                            executor,
                            ::saga_core::Call::step(&__DEFINITION, &__STEPS[0usize]),
                            ::saga_core::Faults::<C::Error> {
                                when: ::saga_core::__private::always,
                                in_doubt: ::saga_core::__private::never,
                                view: {
                                    #[allow(unused_imports)]
                                    use ::saga_core::__private::error_type::{
                                        ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                    };
                                    let view = (&&&&::saga_core::__private::ErrorType::<
                                        C::Error,
                                    >::new())
                                        .view();
                                    <C::Error as ::saga_core::__private::StepErrorType>::told(
                                        view,
                                    )
                                },
                            },
                            move |_| ::saga_core::__private::step_future(
                                <Copies<
                                    'a,
                                    C,
                                    T,
                                    N,
                                >>::copy(
                                    service,
                                    <&T as ::saga_core::__private::HandOver<
                                        '_,
                                        T,
                                        input,
                                        r#copy,
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
                                stop.map(CopiesSagaError::Copy),
                            );
                        }
                    }
                }
                {
                    let __CopiesSagaSlots {
                        output_0: ::core::option::Option::Some(output_0),
                        output_1: slot,
                        ..
                    } = &mut *slots else {
                        return ::core::result::Result::Err(
                            ::saga_core::Stop::GaveUp(
                                ::saga_core::__private::missing(CopiesSagaError::Name),
                            ),
                        )
                    };
                    let output_0 = &*output_0;
                    match <__X as ::saga_core::Execute<
                        1usize,
                        &'a str,
                    >>::execute(
                            executor,
                            ::saga_core::Call::step(&__DEFINITION, &__STEPS[1usize]),
                            ::saga_core::Faults::<<Copies<'a, C, T, N>>::Error> {
                                when: ::saga_core::__private::always,
                                in_doubt: ::saga_core::__private::never,
                                view: {
                                    #[allow(unused_imports)]
                                    use ::saga_core::__private::error_type::{
                                        ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                    };
                                    let view = (&&&&::saga_core::__private::ErrorType::<
                                        <Copies<'a, C, T, N>>::Error,
                                    >::new())
                                        .view();
                                    <<Copies<
                                        'a,
                                        C,
                                        T,
                                        N,
                                    >>::Error as ::saga_core::__private::StepErrorType>::told(
                                        view,
                                    )
                                },
                            },
                            move |_| ::saga_core::__private::step_future(
                                <Copies<
                                    'a,
                                    C,
                                    T,
                                    N,
                                >>::name(
                                    service,
                                    <&[T; N] as ::saga_core::__private::HandOver<
                                        '_,
                                        [T; N],
                                        r#copy,
                                        r#name,
                                    >>::hand_over(output_0),
                                ),
                            ),
                            slot,
                        )
                        .await
                    {
                        ::core::result::Result::Ok(()) => {}
                        ::core::result::Result::Err(stop) => {
                            return ::core::result::Result::Err(
                                stop.map(CopiesSagaError::Name),
                            );
                        }
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
        #[allow(unused_variables)]
        fn rewind<'__run>(
            service: &'__run Copies<'a, C, T, N>,
            slots: &'__run mut __CopiesSagaSlots<'a, C, T, N>,
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
                    0usize => {
                        let __CopiesSagaSlots {
                            output_0: ::core::option::Option::Some(output_0),
                            ..
                        } = &mut *slots else { return ::core::result::Result::Ok(()) };
                        let output_0 = &*output_0;
                        let faults = ::saga_core::Faults::<C::Error> {
                            when: ::saga_core::__private::always,
                            in_doubt: ::saga_core::__private::never,
                            view: {
                                #[allow(unused_imports)]
                                use ::saga_core::__private::error_type::{
                                    ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                };
                                let view = (&&&&::saga_core::__private::ErrorType::<
                                    C::Error,
                                >::new())
                                    .view();
                                <C::Error as ::saga_core::__private::StepErrorType>::told(
                                    view,
                                )
                            },
                        };
                        let mut slot = ::core::option::Option::None;
                        match <__X as ::saga_core::Execute<
                            0usize,
                            (),
                        >>::execute(
                                executor,
                                ::saga_core::Call::compensation(
                                    &__DEFINITION,
                                    &__STEPS[0usize],
                                    cause,
                                ),
                                faults,
                                move |_| ::saga_core::__private::step_future(
                                    <Copies<
                                        'a,
                                        C,
                                        T,
                                        N,
                                    >>::take_back(
                                        service,
                                        <&[T; N] as ::saga_core::__private::HandOver<
                                            '_,
                                            [T; N],
                                            r#copy,
                                            r#take_back,
                                        >>::hand_over(output_0),
                                    ),
                                ),
                                &mut slot,
                            )
                            .await
                        {
                            ::core::result::Result::Ok(()) => {
                                ::core::result::Result::Ok(())
                            }
                            ::core::result::Result::Err(stop) => {
                                ::core::result::Result::Err(
                                    stop.map(|failure| failure.into_text(faults.view)),
                                )
                            }
                        }
                    }
                    _ => ::core::result::Result::Ok(()),
                }
            }
        }
    }
};
