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
/// The progress of a run of [`CopiesSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
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
impl<'__saga, 'a, T, const N: usize> ::core::clone::Clone
for CopiesSagaState<'__saga, 'a, T, N>
where
    T: Clone + Send + Sync,
{
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga, 'a, T, const N: usize> ::core::marker::Copy
for CopiesSagaState<'__saga, 'a, T, N>
where
    T: Clone + Send + Sync,
{}
#[automatically_derived]
impl<'__saga, 'a, T, const N: usize> ::core::fmt::Debug
for CopiesSagaState<'__saga, 'a, T, N>
where
    T: Clone + Send + Sync,
{
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforeCopy { .. } => "BeforeCopy",
                Self::BeforeName { .. } => "BeforeName",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`CopiesSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// CopiesSagaError::Copy(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum CopiesSagaError<'a, C, T, const N: usize>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    /// Step `copy` gave up: `Copy(Failure::Error(error))` if it returned an error.
    Copy(::saga_core::Failure<C::Error>),
    /// Step `name` gave up: `Name(Failure::Error(error))` if it returned an error.
    Name(::saga_core::Failure<<Copies<'a, C, T, N>>::Error>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl<'a, C, T, const N: usize> ::core::fmt::Debug for CopiesSagaError<'a, C, T, N>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl<'a, C, T, const N: usize> ::core::fmt::Display for CopiesSagaError<'a, C, T, N>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl<'a, C, T, const N: usize> ::core::error::Error for CopiesSagaError<'a, C, T, N>
where
    C: Client<Error = Refused>,
    T: Clone + Send + Sync,
{
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {};
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    #[allow(dead_code)]
    fn __checked<C, T, const N: usize>()
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        <::saga_core::checks::TheBlock as ::saga_core::checks::SharedGeneric<
            T,
            _,
            steps_of_CopiesSaga::r#input,
        >>::checked(::saga_core::checks::AsRequired);
        <::saga_core::checks::TheBlock as ::saga_core::checks::SharedGeneric<
            [T; N],
            _,
            steps_of_CopiesSaga::r#copy,
        >>::checked(::saga_core::checks::AsRequired);
        <::saga_core::checks::TheBlock as ::saga_core::checks::SentGeneric<
            C::Error,
            _,
            steps_of_CopiesSaga::r#copy,
        >>::checked(::saga_core::checks::AsRequired);
    }
    impl<'a, C, T, const N: usize> CopiesSagaError<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        const __STEPS: &'static [::saga_core::definition::Step; 2usize] = &[
            ::saga_core::definition::Step::new(
                    "copy",
                    ::saga_core::definition::Kind::Compensatable,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "original",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                )
                .compensation(
                    ::saga_core::definition::Compensation::new(
                            "take_back",
                            ::saga_core::__private::location(
                                ::core::file!(),
                                ::core::line!(),
                            ),
                        )
                        .parameters(
                            &[
                                ::saga_core::definition::Parameter::new(
                                    "copies",
                                    ::saga_core::definition::Source::Output(0usize),
                                ),
                            ],
                        ),
                ),
            ::saga_core::definition::Step::new(
                    "name",
                    ::saga_core::definition::Kind::Last,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(1usize)
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "copies",
                            ::saga_core::definition::Source::Output(0usize),
                        ),
                    ],
                ),
        ];
    }
    impl<'a, C, T, const N: usize> ::saga_core::StepError
    for CopiesSagaError<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
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
                    Self::Copy(_) => &Self::__STEPS[0usize],
                    Self::Name(_) => &Self::__STEPS[1usize],
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
                    Self::Copy(__failure) => __failure.view(__faults_0::<C>().view),
                    Self::Name(__failure) => __failure.view(__faults_1::<C, T, N>().view),
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __CopiesSagaSlots<'a, C, T, const N: usize>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        input: T,
        __output_0: ::core::option::Option<[T; N]>,
        __output_1: ::core::option::Option<&'a str>,
        service: ::saga_core::__private::Marker<Copies<'a, C, T, N>>,
    }
    impl<'a, C, T, const N: usize> ::saga_core::machine::Slots<CopiesSaga<'a, C, T, N>>
    for __CopiesSagaSlots<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
        T: ::core::marker::Send + ::core::marker::Sync,
        [T; N]: ::core::marker::Send + ::core::marker::Sync,
        C::Error: ::core::marker::Send,
    {
        fn begin(__input: T) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                __output_1: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn state(&self) -> <CopiesSaga<'a, C, T, N> as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(__output_0) = &self.__output_0 else {
                return CopiesSagaState::BeforeCopy {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(__output_1) = &self.__output_1 else {
                return CopiesSagaState::BeforeName {
                    input: &self.input,
                    copy: __output_0,
                };
            };
            CopiesSagaState::Completed {
                input: &self.input,
                copy: __output_0,
                name: __output_1,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: ::saga_core::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<&'__s &'a str>,
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
                    match ::core::option::Option::as_ref(&self.__output_0) {
                        ::core::option::Option::Some(__value) => {
                            (&&Probe(__value)).__saga_value()
                        }
                        ::core::option::Option::None => {
                            ::saga_core::executor::Value::Missing
                        }
                    }
                }
                (::saga_core::definition::Source::Output(1usize), _) => {
                    match ::core::option::Option::or(
                        ::core::option::Option::as_ref(&self.__output_1),
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
            &'a str,
            ::saga_core::executor::GaveUp<CopiesSagaError<'a, C, T, N>>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_1) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(CopiesSagaError::Name),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: &'a str) {
            self.__output_1 = ::core::option::Option::Some(__output);
        }
    }
    impl<'a, C, T, const N: usize> ::saga_core::Saga for CopiesSaga<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
        T: ::core::marker::Send + ::core::marker::Sync,
        [T; N]: ::core::marker::Send + ::core::marker::Sync,
        C::Error: ::core::marker::Send,
    {
        #[cfg(doc)]
        type Service = Copies<'a, C, T, N>;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Copies<'a, C, T, N>>>::Type;
        type Input = T;
        type Output = &'a str;
        #[cfg(doc)]
        type Error = CopiesSagaError<'a, C, T, N>;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<
            CopiesSagaError<'a, C, T, N>,
        >>::Type;
        type State<'__saga> = CopiesSagaState<'__saga, 'a, T, N> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<
            __CopiesSagaSlots<'a, C, T, N>,
        >>::Type;
        type Way = ::saga_core::checks::OneWay;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::definition::Definition::new(
            "copies",
            ::saga_core::__private::location(::core::file!(), ::core::line!()),
            <CopiesSagaError<'a, C, T, N>>::__STEPS,
        );
    }
    fn __faults_0<C>() -> ::saga_core::executor::Faults<C::Error>
    where
        C: Client<Error = Refused>,
    {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<C::Error>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <C::Error as ::saga_core::checks::DisplayedErrorOf<
                steps_of_CopiesSaga::r#copy,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::none(),
            journal: (&&__error).__saga_json(),
        }
    }
    fn __faults_1<'a, C, T, const N: usize>() -> ::saga_core::executor::Faults<
        <Copies<'a, C, T, N>>::Error,
    >
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
    {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<
            <Copies<'a, C, T, N>>::Error,
        >::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <<Copies<
                'a,
                C,
                T,
                N,
            >>::Error as ::saga_core::checks::DisplayedErrorOf<
                steps_of_CopiesSaga::r#name,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::none(),
            journal: ::saga_core::executor::JsonForm::none(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_CopiesSaga {
        pub enum input {}
        pub enum r#copy {}
        pub enum r#name {}
        pub enum r#take_back {}
    }
    impl<
        'a,
        C,
        T,
        const N: usize,
        __X: ::saga_core::executor::Executor,
    > ::saga_core::Machine<__X> for CopiesSaga<'a, C, T, N>
    where
        C: Client<Error = Refused>,
        T: Clone + Send + Sync,
        T: ::core::marker::Send + ::core::marker::Sync,
        [T; N]: ::core::marker::Send + ::core::marker::Sync,
        C::Error: ::core::marker::Send,
        __X: ::saga_core::executor::Execute<0usize, [T; N]>,
        __X: ::saga_core::executor::Execute<1usize, &'a str>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Copies<'a, C, T, N>,
            __slots: &'__run mut __CopiesSagaSlots<'a, C, T, N>,
            __failures: &'__run mut ::saga_core::machine::Failures<
                CopiesSagaError<'a, C, T, N>,
            >,
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
                            __faults_0::<C>,
                            move |_| {
                                <Copies<
                                    'a,
                                    C,
                                    T,
                                    N,
                                >>::copy(
                                    __service,
                                    <&T as ::saga_core::checks::HandInput<
                                        '_,
                                        T,
                                        steps_of_CopiesSaga::r#copy,
                                    >>::hand_over(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            CopiesSagaError::Copy,
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
                {
                    let __output_0 = ::core::option::Option::as_ref(&__slots.__output_0);
                    match <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 1usize>,
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_1::<C, T, N>,
                            move |_| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                <Copies<
                                    'a,
                                    C,
                                    T,
                                    N,
                                >>::name(
                                    __service,
                                    <&[T; N] as ::saga_core::checks::HandOver<
                                        '_,
                                        [T; N],
                                        steps_of_CopiesSaga::r#copy,
                                        steps_of_CopiesSaga::r#name,
                                    >>::hand_over(__output_0),
                                )
                            },
                            &mut __slots.__output_1,
                            &mut *__failures,
                            CopiesSagaError::Name,
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
            __service: &'__run Copies<'a, C, T, N>,
            __slots: &'__run mut __CopiesSagaSlots<'a, C, T, N>,
            __rollback: &'__run mut ::saga_core::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move {
                if ::saga_core::machine::Rollback::is_due(__rollback, 0usize) {
                    let __output_0 = ::core::option::Option::as_ref(&__slots.__output_0);
                    let __undone = <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 0usize>,
                    >>::Type>::undo_on_any_thread(
                            __executor,
                            ::saga_core::machine::Rollback::cause(__rollback),
                            __faults_0::<C>,
                            move |_| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                <Copies<
                                    'a,
                                    C,
                                    T,
                                    N,
                                >>::take_back(
                                    __service,
                                    <&[T; N] as ::saga_core::checks::UndoOutput<
                                        '_,
                                        [T; N],
                                        steps_of_CopiesSaga::r#copy,
                                        steps_of_CopiesSaga::r#take_back,
                                    >>::hand_over(__output_0),
                                )
                            },
                            &mut ::core::option::Option::None,
                        )
                        .await;
                    if let ::core::result::Result::Err(__halt) = ::saga_core::checks::StepOf::<
                        Self,
                        0usize,
                    >::note(__rollback, __undone, __faults_0::<C>) {
                        return ::core::result::Result::Err(__halt);
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
    }
};
