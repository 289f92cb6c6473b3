impl Transfers {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn send(&self, account: &Account) -> Result<Transfer, Refused> {
        self.bank.send(account).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn record(&self, transfer: &Transfer) -> Result<(), Full> {
        self.books.record(transfer).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn revoke(&self, transfer: Attempt<&Transfer>) -> Result<(), Refused> {
        self.bank.revoke(transfer).await
    }
}
/// The saga `transfers` of [`Transfers`].
#[allow(dead_code)]
struct TransfersSaga(::saga_core::__private::Marker<Transfers>);
/// The progress of a run of [`TransfersSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum TransfersSagaState<'__saga> {
    /// `send` has not completed.
    BeforeSend {
        /// The saga's input.
        input: &'__saga Account,
    },
    /// `record` has not completed.
    BeforeRecord {
        /// The saga's input.
        input: &'__saga Account,
        /// The output of `send`.
        send: &'__saga Transfer,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga Account,
        /// The output of `send`.
        send: &'__saga Transfer,
        /// The output of `record`.
        record: &'__saga (),
    },
}
#[automatically_derived]
impl<'__saga> ::core::clone::Clone for TransfersSagaState<'__saga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga> ::core::marker::Copy for TransfersSagaState<'__saga> {}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for TransfersSagaState<'__saga> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforeSend { .. } => "BeforeSend",
                Self::BeforeRecord { .. } => "BeforeRecord",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`TransfersSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// TransfersSagaError::Send(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum TransfersSagaError {
    /// Step `send` gave up: `Send(Failure::Error(error))` if it returned an error.
    Send(::saga_core::Failure<Refused>),
    /// Step `record` gave up: `Record(Failure::Error(error))` if it returned an error.
    Record(::saga_core::Failure<Full>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl ::core::fmt::Debug for TransfersSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for TransfersSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::error::Error for TransfersSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {
            <Transfers as ::saga_core::checks::SharedService>::checked();
            <Account as ::saga_core::checks::SharedInput>::checked();
            <Transfer as ::saga_core::checks::SharedOutput<
                steps_of_TransfersSaga::r#send,
            >>::checked();
            <Refused as ::saga_core::checks::SentError<
                steps_of_TransfersSaga::r#send,
            >>::checked();
            <Full as ::saga_core::checks::SentError<
                steps_of_TransfersSaga::r#record,
            >>::checked();
        };
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    impl TransfersSagaError {
        const __STEPS: &'static [::saga_core::definition::Step; 2usize] = &[
            ::saga_core::definition::Step::new(
                    "send",
                    ::saga_core::definition::Kind::Pivot,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "account",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                )
                .compensation(
                    ::saga_core::definition::Compensation::new(
                            "revoke",
                            ::saga_core::__private::location(
                                ::core::file!(),
                                ::core::line!(),
                            ),
                        )
                        .parameters(
                            &[
                                ::saga_core::definition::Parameter::new(
                                    "transfer",
                                    ::saga_core::definition::Source::Attempt,
                                ),
                            ],
                        ),
                ),
            ::saga_core::definition::Step::new(
                    "record",
                    ::saga_core::definition::Kind::Retriable,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(1usize)
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "transfer",
                            ::saga_core::definition::Source::Output(0usize),
                        ),
                    ],
                ),
        ];
    }
    impl ::saga_core::StepError for TransfersSagaError {
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
                    Self::Send(_) => &Self::__STEPS[0usize],
                    Self::Record(_) => &Self::__STEPS[1usize],
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
                    Self::Send(__failure) => __failure.view(__faults_0().view),
                    Self::Record(__failure) => __failure.view(__faults_1().view),
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __TransfersSagaSlots {
        input: Account,
        __output_0: ::core::option::Option<Transfer>,
        __output_1: ::core::option::Option<()>,
        service: ::saga_core::__private::Marker<Transfers>,
    }
    impl ::saga_core::machine::Slots<TransfersSaga> for __TransfersSagaSlots {
        fn begin(__input: Account) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                __output_1: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn is_same_input(__one: &Account, __other: &Account) -> ::core::primitive::bool {
            #[allow(unused_imports)]
            use ::saga_core::__private::pair::{ViaEq as _, ViaUnknown as _};
            (&&::saga_core::__private::Pair(__one, __other)).__saga_is_same()
        }
        fn state(&self) -> <TransfersSaga as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(__output_0) = &self.__output_0 else {
                return TransfersSagaState::BeforeSend {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(__output_1) = &self.__output_1 else {
                return TransfersSagaState::BeforeRecord {
                    input: &self.input,
                    send: __output_0,
                };
            };
            TransfersSagaState::Completed {
                input: &self.input,
                send: __output_0,
                record: __output_1,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: ::saga_core::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<&'__s ()>,
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
            (),
            ::saga_core::executor::GaveUp<TransfersSagaError>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_1) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(TransfersSagaError::Record),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: ()) {
            self.__output_1 = ::core::option::Option::Some(__output);
        }
        fn output_json() -> ::saga_core::executor::JsonForm<()> {
            #[allow(unused_imports)]
            use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
            (&&::saga_core::__private::ErrorType::<()>::new()).__saga_json()
        }
    }
    impl ::saga_core::Saga for TransfersSaga {
        #[cfg(doc)]
        type Service = Transfers;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Transfers>>::Type;
        type Input = Account;
        type Output = ();
        #[cfg(doc)]
        type Error = TransfersSagaError;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<TransfersSagaError>>::Type;
        type State<'__saga> = TransfersSagaState<'__saga> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<__TransfersSagaSlots>>::Type;
        type Way = ::saga_core::checks::OneWay;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::definition::Definition::new(
            "transfers",
            ::saga_core::__private::location(::core::file!(), ::core::line!()),
            <TransfersSagaError>::__STEPS,
        );
    }
    fn __faults_0() -> ::saga_core::executor::Faults<Refused> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<Refused>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <Refused as ::saga_core::checks::DisplayedErrorOf<
                steps_of_TransfersSaga::r#send,
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
                steps_of_TransfersSaga::r#record,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_TransfersSaga {
        pub enum input {}
        pub enum r#record {}
        pub enum r#revoke {}
        pub enum r#send {}
    }
    impl<__X: ::saga_core::executor::Executor> ::saga_core::Machine<__X>
    for TransfersSaga
    where
        __X: ::saga_core::executor::Execute<0usize, Transfer>,
        __X: ::saga_core::executor::Execute<1usize, ()>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Transfers,
            __slots: &'__run mut __TransfersSagaSlots,
            __failures: &'__run mut ::saga_core::machine::Failures<TransfersSagaError>,
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
                                <Transfers>::send(
                                    __service,
                                    <&Account as ::saga_core::checks::HandInput<
                                        '_,
                                        Account,
                                        steps_of_TransfersSaga::r#send,
                                    >>::hand_over(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            TransfersSagaError::Send,
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
                            __faults_1,
                            move |_| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                <Transfers>::record(
                                    __service,
                                    <&Transfer as ::saga_core::checks::HandOver<
                                        '_,
                                        Transfer,
                                        steps_of_TransfersSaga::r#send,
                                        steps_of_TransfersSaga::r#record,
                                    >>::hand_over(__output_0),
                                )
                            },
                            &mut __slots.__output_1,
                            &mut *__failures,
                            TransfersSagaError::Record,
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
            __service: &'__run Transfers,
            __slots: &'__run mut __TransfersSagaSlots,
            __rollback: &'__run mut ::saga_core::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move {
                if ::saga_core::machine::Rollback::is_due(__rollback, 0usize) {
                    let __attempt = ::core::option::Option::as_ref(&__slots.__output_0);
                    let __undone = <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 0usize>,
                    >>::Type>::undo_on_any_thread(
                            __executor,
                            ::saga_core::machine::Rollback::cause(__rollback),
                            __faults_0,
                            move |_| {
                                <Transfers>::revoke(
                                    __service,
                                    <Attempt<
                                        &Transfer,
                                    > as ::saga_core::checks::UndoAttempt<
                                        '_,
                                        Transfer,
                                        steps_of_TransfersSaga::r#send,
                                        steps_of_TransfersSaga::r#revoke,
                                    >>::hand_over(__attempt),
                                )
                            },
                            &mut ::core::option::Option::None,
                        )
                        .await;
                    if let ::core::result::Result::Err(__halt) = ::saga_core::checks::StepOf::<
                        Self,
                        0usize,
                    >::note(__rollback, __undone, __faults_0) {
                        return ::core::result::Result::Err(__halt);
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
    }
};
