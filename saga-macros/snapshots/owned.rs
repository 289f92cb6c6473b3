impl Imports {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn read(&self, file: PathBuf) -> io::Result<(Valid, Invalid)> {
        self.disk.read(file).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn insert(&self, valid: Valid, invalid: Invalid) -> Result<u64, Full> {
        self.table.insert(valid, invalid).await
    }
}
/// The saga `imports` of [`Imports`].
#[allow(dead_code)]
struct ImportsSaga(::saga_core::__private::Marker<Imports>);
/// The progress of a run of [`ImportsSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum ImportsSagaState<'__saga> {
    /// `read` has not completed.
    BeforeRead {
        /// The saga's input.
        input: &'__saga PathBuf,
    },
    /// `insert` has not completed.
    BeforeInsert {
        /// The saga's input.
        input: &'__saga PathBuf,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga PathBuf,
        /// The output of `insert`.
        insert: &'__saga u64,
    },
}
#[automatically_derived]
impl<'__saga> ::core::clone::Clone for ImportsSagaState<'__saga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga> ::core::marker::Copy for ImportsSagaState<'__saga> {}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for ImportsSagaState<'__saga> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforeRead { .. } => "BeforeRead",
                Self::BeforeInsert { .. } => "BeforeInsert",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`ImportsSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// ImportsSagaError::Read(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum ImportsSagaError {
    /// Step `read` gave up: `Read(Failure::Error(error))` if it returned an error.
    Read(
        ::saga_core::Failure<
            <<::saga_core::checks::Checked<
                { ImportsSaga::__CHECKED },
            > as ::saga_core::checks::Of<
                io::Result<(Valid, Invalid)>,
            >>::Type as ::saga_core::checks::StepReturn>::Error,
        >,
    ),
    /// Step `insert` gave up: `Insert(Failure::Error(error))` if it returned an error.
    Insert(::saga_core::Failure<Full>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl ::core::fmt::Debug for ImportsSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for ImportsSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::error::Error for ImportsSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {
            <io::Result<
                (Valid, Invalid),
            > as ::saga_core::checks::IsResult<steps_of_ImportsSaga::r#read>>::checked();
            <Imports as ::saga_core::checks::SharedService>::checked();
            <PathBuf as ::saga_core::checks::SharedInput>::checked();
            <<io::Result<
                (Valid, Invalid),
            > as ::saga_core::checks::IsResult<
                steps_of_ImportsSaga::r#read,
            >>::Output as ::saga_core::checks::SentOutput<
                steps_of_ImportsSaga::r#read,
            >>::checked();
            <u64 as ::saga_core::checks::SentOutput<
                steps_of_ImportsSaga::r#insert,
            >>::checked();
            <<io::Result<
                (Valid, Invalid),
            > as ::saga_core::checks::IsResult<
                steps_of_ImportsSaga::r#read,
            >>::Error as ::saga_core::checks::SentErrorOfAlias<
                steps_of_ImportsSaga::r#read,
            >>::checked();
            <Full as ::saga_core::checks::SentError<
                steps_of_ImportsSaga::r#insert,
            >>::checked();
        };
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    impl ImportsSaga {
        const __CHECKED: ::core::primitive::usize = __CHECKED;
    }
    impl ImportsSagaError {
        const __STEPS: &'static [::saga_core::definition::Step; 2usize] = &[
            ::saga_core::definition::Step::new(
                    "read",
                    ::saga_core::definition::Kind::ReadOnly,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "file",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                )
                .policy(::saga_core::Policy::attempts(3u32)),
            ::saga_core::definition::Step::new(
                    "insert",
                    ::saga_core::definition::Kind::Last,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(1usize)
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                                "valid",
                                ::saga_core::definition::Source::Output(0usize),
                            )
                            .part(0usize),
                        ::saga_core::definition::Parameter::new(
                                "invalid",
                                ::saga_core::definition::Source::Output(0usize),
                            )
                            .part(1usize),
                    ],
                )
                .once(),
        ];
    }
    impl ::saga_core::StepError for ImportsSagaError {
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
                    Self::Read(_) => &Self::__STEPS[0usize],
                    Self::Insert(_) => &Self::__STEPS[1usize],
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
                    Self::Read(__failure) => __failure.view(__faults_0().view),
                    Self::Insert(__failure) => __failure.view(__faults_1().view),
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __ImportsSagaSlots {
        input: PathBuf,
        __output_0: ::core::option::Option<
            <<::saga_core::checks::Checked<
                { ImportsSaga::__CHECKED },
            > as ::saga_core::checks::Of<
                io::Result<(Valid, Invalid)>,
            >>::Type as ::saga_core::checks::StepReturn>::Output,
        >,
        __output_1: ::core::option::Option<u64>,
        __given_away_0: ::core::primitive::bool,
        service: ::saga_core::__private::Marker<Imports>,
    }
    impl ::saga_core::machine::Slots<ImportsSaga> for __ImportsSagaSlots {
        fn begin(__input: PathBuf) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                __output_1: ::core::option::Option::None,
                __given_away_0: false,
                service: ::core::marker::PhantomData,
            }
        }
        fn is_same_input(__one: &PathBuf, __other: &PathBuf) -> ::core::primitive::bool {
            #[allow(unused_imports)]
            use ::saga_core::__private::pair::{ViaEq as _, ViaUnknown as _};
            (&&::saga_core::__private::Pair(__one, __other)).__saga_is_same()
        }
        fn state(&self) -> <ImportsSaga as ::saga_core::Saga>::State<'_> {
            if ::core::option::Option::is_none(&self.__output_0) && !self.__given_away_0
            {
                return ImportsSagaState::BeforeRead {
                    input: &self.input,
                };
            }
            let ::core::option::Option::Some(__output_1) = &self.__output_1 else {
                return ImportsSagaState::BeforeInsert {
                    input: &self.input,
                };
            };
            ImportsSagaState::Completed {
                input: &self.input,
                insert: __output_1,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: ::saga_core::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<&'__s u64>,
        ) -> ::saga_core::executor::Value<'__s> {
            #[allow(unused_imports)]
            use ::saga_core::__private::{
                FieldProbe, Probe, value::{ViaDebug as _, ViaOpaque as _},
            };
            match (__source, __part) {
                (
                    ::saga_core::definition::Source::Output(0usize),
                    ::core::option::Option::Some(0usize),
                ) => {
                    match ::core::option::Option::as_ref(&self.__output_0) {
                        ::core::option::Option::Some(__value) => {
                            (&&FieldProbe::<_, 0usize, 2usize>(__value)).__saga_value()
                        }
                        ::core::option::Option::None if self.__given_away_0 => {
                            ::saga_core::executor::Value::Moved
                        }
                        ::core::option::Option::None => {
                            ::saga_core::executor::Value::Missing
                        }
                    }
                }
                (
                    ::saga_core::definition::Source::Output(0usize),
                    ::core::option::Option::Some(1usize),
                ) => {
                    match ::core::option::Option::as_ref(&self.__output_0) {
                        ::core::option::Option::Some(__value) => {
                            (&&FieldProbe::<_, 1usize, 2usize>(__value)).__saga_value()
                        }
                        ::core::option::Option::None if self.__given_away_0 => {
                            ::saga_core::executor::Value::Moved
                        }
                        ::core::option::Option::None => {
                            ::saga_core::executor::Value::Missing
                        }
                    }
                }
                (::saga_core::definition::Source::Input, _) => {
                    let __value = &self.input;
                    (&&Probe(__value)).__saga_value()
                }
                (::saga_core::definition::Source::Output(0usize), _) => {
                    match ::core::option::Option::as_ref(&self.__output_0) {
                        ::core::option::Option::Some(__value) => {
                            (&&Probe(__value)).__saga_value()
                        }
                        ::core::option::Option::None if self.__given_away_0 => {
                            ::saga_core::executor::Value::Moved
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
            u64,
            ::saga_core::executor::GaveUp<ImportsSagaError>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_1) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(ImportsSagaError::Insert),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: u64) {
            self.__output_1 = ::core::option::Option::Some(__output);
        }
        fn output_json() -> ::saga_core::executor::JsonForm<u64> {
            #[allow(unused_imports)]
            use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
            (&&::saga_core::__private::ErrorType::<u64>::new()).__saga_json()
        }
    }
    impl ::saga_core::Saga for ImportsSaga {
        #[cfg(doc)]
        type Service = Imports;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Imports>>::Type;
        type Input = PathBuf;
        type Output = u64;
        #[cfg(doc)]
        type Error = ImportsSagaError;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<ImportsSagaError>>::Type;
        type State<'__saga> = ImportsSagaState<'__saga> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<__ImportsSagaSlots>>::Type;
        type Way = ::saga_core::checks::OneWay;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::definition::Definition::new(
            "imports",
            ::saga_core::__private::location(::core::file!(), ::core::line!()),
            <ImportsSagaError>::__STEPS,
        );
    }
    fn __faults_0() -> ::saga_core::executor::Faults<
        <<::saga_core::checks::Checked<
            { ImportsSaga::__CHECKED },
        > as ::saga_core::checks::Of<
            io::Result<(Valid, Invalid)>,
        >>::Type as ::saga_core::checks::StepReturn>::Error,
    > {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<
            <<::saga_core::checks::Checked<
                { ImportsSaga::__CHECKED },
            > as ::saga_core::checks::Of<
                io::Result<(Valid, Invalid)>,
            >>::Type as ::saga_core::checks::StepReturn>::Error,
        >::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <<<::saga_core::checks::Checked<
                { ImportsSaga::__CHECKED },
            > as ::saga_core::checks::Of<
                io::Result<(Valid, Invalid)>,
            >>::Type as ::saga_core::checks::StepReturn>::Error as ::saga_core::checks::DisplayedErrorOf<
                steps_of_ImportsSaga::r#read,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    fn __faults_1() -> ::saga_core::executor::Faults<Full> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<Full>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <Full as ::saga_core::checks::DisplayedErrorOf<
                steps_of_ImportsSaga::r#insert,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_ImportsSaga {
        pub enum input {}
        pub enum r#insert {}
        pub enum r#read {}
    }
    impl<__X: ::saga_core::executor::Executor> ::saga_core::Machine<__X> for ImportsSaga
    where
        __X: ::saga_core::executor::Execute<
            0usize,
            <<::saga_core::checks::Checked<
                { ImportsSaga::__CHECKED },
            > as ::saga_core::checks::Of<
                io::Result<(Valid, Invalid)>,
            >>::Type as ::saga_core::checks::StepReturn>::Output,
        >,
        __X: ::saga_core::executor::Execute<1usize, u64>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Imports,
            __slots: &'__run mut __ImportsSagaSlots,
            __failures: &'__run mut ::saga_core::machine::Failures<ImportsSagaError>,
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
                                <Imports>::read(
                                    __service,
                                    <<PathBuf as ::saga_core::checks::TakeAgain<
                                        PathBuf,
                                        steps_of_ImportsSaga::r#input,
                                        steps_of_ImportsSaga::r#read,
                                    >>::Keeper as ::saga_core::checks::InputAgain<
                                        PathBuf,
                                        steps_of_ImportsSaga::r#read,
                                    >>::again(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            ImportsSagaError::Read,
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
                    __slots.__given_away_0 = true;
                    let __output_0 = &mut __slots.__output_0;
                    match <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 1usize>,
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_1,
                            move |_| {
                                let __output_0 = ::saga_core::__private::given(__output_0);
                                let __whole = __output_0;
                                let (__field_0, __field_1) = <<<::saga_core::checks::Checked<
                                    { ImportsSaga::__CHECKED },
                                > as ::saga_core::checks::Of<
                                    io::Result<(Valid, Invalid)>,
                                >>::Type as ::saga_core::checks::StepReturn>::Output as ::saga_core::checks::Spread<
                                    2usize,
                                    steps_of_ImportsSaga::r#read,
                                    steps_of_ImportsSaga::r#insert,
                                >>::spread(__whole);
                                <Imports>::insert(
                                    __service,
                                    <Valid as ::saga_core::checks::TakeOver<
                                        _,
                                        steps_of_ImportsSaga::r#read,
                                        steps_of_ImportsSaga::r#insert,
                                    >>::take_over(__field_0),
                                    <Invalid as ::saga_core::checks::TakeOver<
                                        _,
                                        steps_of_ImportsSaga::r#read,
                                        steps_of_ImportsSaga::r#insert,
                                    >>::take_over(__field_1),
                                )
                            },
                            &mut __slots.__output_1,
                            &mut *__failures,
                            ImportsSagaError::Insert,
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
            __service: &'__run Imports,
            __slots: &'__run mut __ImportsSagaSlots,
            __rollback: &'__run mut ::saga_core::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move { ::core::result::Result::Ok(()) }
        }
    }
};
