impl Shop {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn charge(&self, order: &Order) -> Result<Payment, CardError> {
        self.cards.charge(order).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn send_mail(&self) -> Result<(), MailError> {
        self.mails.send().await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn refund(&self, payment: &Payment) -> Result<(), CardError> {
        self.cards.refund(payment).await
    }
}
/// The saga `order` of [`Shop`].
#[allow(dead_code)]
struct OrderSaga(::saga_core::__private::Marker<Shop>);
/// The progress of a run of [`OrderSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum OrderSagaState<'__saga> {
    /// `charge-card` has not completed.
    BeforeCharge {
        /// The saga's input.
        input: &'__saga Order,
    },
    /// `send_mail` has not completed.
    BeforeSendMail {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `charge-card`.
        charge: &'__saga Payment,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `charge-card`.
        charge: &'__saga Payment,
        /// The output of `send_mail`.
        send_mail: &'__saga (),
    },
}
#[automatically_derived]
impl<'__saga> ::core::clone::Clone for OrderSagaState<'__saga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga> ::core::marker::Copy for OrderSagaState<'__saga> {}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for OrderSagaState<'__saga> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforeCharge { .. } => "BeforeCharge",
                Self::BeforeSendMail { .. } => "BeforeSendMail",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`OrderSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// OrderSagaError::Charge(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum OrderSagaError {
    /// Step `charge-card` gave up: `Charge(Failure::Error(error))` if it returned an error.
    Charge(::saga_core::Failure<CardError>),
    /// Step `send_mail` gave up: `SendMail(Failure::Error(error))` if it returned an error.
    SendMail(::saga_core::Failure<MailError>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl ::core::fmt::Debug for OrderSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for OrderSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::error::Error for OrderSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {
            <Shop as ::saga_core::checks::SharedService>::checked();
            <Order as ::saga_core::checks::SharedInput>::checked();
            <Payment as ::saga_core::checks::SharedOutput<
                steps_of_OrderSaga::r#charge,
            >>::checked();
            <CardError as ::saga_core::checks::SentError<
                steps_of_OrderSaga::r#charge,
            >>::checked();
            <MailError as ::saga_core::checks::SentError<
                steps_of_OrderSaga::r#send_mail,
            >>::checked();
        };
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    impl OrderSagaError {
        const __STEPS: &'static [::saga_core::definition::Step; 2usize] = &[
            ::saga_core::definition::Step::new(
                    "charge",
                    ::saga_core::definition::Kind::Compensatable,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .named("charge-card")
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "order",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                )
                .policy(
                    ::saga_core::Policy::attempts(4u32)
                        .backoff(
                            ::core::time::Duration::new(0u64, 100000000u32),
                            ::core::time::Duration::new(5u64, 0u32),
                        )
                        .timeout(::core::time::Duration::new(3u64, 0u32)),
                )
                .when("CardError::is_transient")
                .in_doubt("CardError::is_lost")
                .compensation(
                    ::saga_core::definition::Compensation::new(
                            "refund",
                            ::saga_core::__private::location(
                                ::core::file!(),
                                ::core::line!(),
                            ),
                        )
                        .parameters(
                            &[
                                ::saga_core::definition::Parameter::new(
                                    "payment",
                                    ::saga_core::definition::Source::Output(0usize),
                                ),
                            ],
                        )
                        .policy(
                            ::saga_core::Policy::attempts(9u32)
                                .backoff(
                                    ::core::time::Duration::new(1u64, 0u32),
                                    ::core::time::Duration::new(60u64, 0u32),
                                )
                                .timeout(::core::time::Duration::new(10u64, 0u32)),
                        )
                        .when("CardError::is_transient"),
                ),
            ::saga_core::definition::Step::new(
                    "send_mail",
                    ::saga_core::definition::Kind::NoCompensation {
                        reason: "a mail cannot be unsent",
                    },
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(1usize)
                .policy(::saga_core::Policy::attempts(2u32)),
        ];
    }
    impl ::saga_core::StepError for OrderSagaError {
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
                    Self::Charge(_) => &Self::__STEPS[0usize],
                    Self::SendMail(_) => &Self::__STEPS[1usize],
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
                    Self::Charge(__failure) => __failure.view(__faults_0().view),
                    Self::SendMail(__failure) => __failure.view(__faults_1().view),
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __OrderSagaSlots {
        input: Order,
        __output_0: ::core::option::Option<Payment>,
        __output_1: ::core::option::Option<()>,
        service: ::saga_core::__private::Marker<Shop>,
    }
    impl ::saga_core::machine::Slots<OrderSaga> for __OrderSagaSlots {
        fn begin(__input: Order) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                __output_1: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn is_same_input(__one: &Order, __other: &Order) -> ::core::primitive::bool {
            #[allow(unused_imports)]
            use ::saga_core::__private::pair::{ViaEq as _, ViaUnknown as _};
            (&&::saga_core::__private::Pair(__one, __other)).__saga_is_same()
        }
        fn state(&self) -> <OrderSaga as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(__output_0) = &self.__output_0 else {
                return OrderSagaState::BeforeCharge {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(__output_1) = &self.__output_1 else {
                return OrderSagaState::BeforeSendMail {
                    input: &self.input,
                    charge: __output_0,
                };
            };
            OrderSagaState::Completed {
                input: &self.input,
                charge: __output_0,
                send_mail: __output_1,
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
        ) -> ::core::result::Result<(), ::saga_core::executor::GaveUp<OrderSagaError>> {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_1) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(OrderSagaError::SendMail),
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
    impl ::saga_core::Saga for OrderSaga {
        #[cfg(doc)]
        type Service = Shop;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Shop>>::Type;
        type Input = Order;
        type Output = ();
        #[cfg(doc)]
        type Error = OrderSagaError;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<OrderSagaError>>::Type;
        type State<'__saga> = OrderSagaState<'__saga> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<__OrderSagaSlots>>::Type;
        type Way = ::saga_core::checks::TwoWay;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::definition::Definition::new(
            "order",
            ::saga_core::__private::location(::core::file!(), ::core::line!()),
            <OrderSagaError>::__STEPS,
        );
    }
    fn __faults_0() -> ::saga_core::executor::Faults<CardError> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<CardError>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <CardError as ::saga_core::checks::DisplayedErrorOf<
                steps_of_OrderSaga::r#charge,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    fn __faults_1() -> ::saga_core::executor::Faults<MailError> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<MailError>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <MailError as ::saga_core::checks::DisplayedErrorOf<
                steps_of_OrderSaga::r#send_mail,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_OrderSaga {
        pub enum input {}
        pub enum r#charge {}
        pub enum r#refund {}
        pub enum r#send_mail {}
    }
    impl<__X: ::saga_core::executor::Executor> ::saga_core::Machine<__X> for OrderSaga
    where
        __X: ::saga_core::executor::Execute<0usize, Payment>,
        __X: ::saga_core::executor::Execute<1usize, ()>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Shop,
            __slots: &'__run mut __OrderSagaSlots,
            __failures: &'__run mut ::saga_core::machine::Failures<OrderSagaError>,
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
                            || ::saga_core::executor::Faults::<CardError> {
                                when: {
                                    let __predicate: (fn(&_) -> _,) = (
                                        CardError::is_transient,
                                    );
                                    ::saga_core::checks::AskedWhen::<
                                        CardError,
                                        steps_of_OrderSaga::r#charge,
                                    >::predicate(__predicate.0)
                                },
                                in_doubt: {
                                    let __predicate: (fn(&_) -> _,) = (CardError::is_lost,);
                                    ::saga_core::checks::AskedInDoubt::<
                                        CardError,
                                        steps_of_OrderSaga::r#charge,
                                    >::predicate(__predicate.0)
                                },
                                ..__faults_0()
                            },
                            move |_| {
                                <Shop>::charge(
                                    __service,
                                    <&Order as ::saga_core::checks::HandInput<
                                        '_,
                                        Order,
                                        steps_of_OrderSaga::r#charge,
                                    >>::hand_over(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            OrderSagaError::Charge,
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
                    match <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 1usize>,
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_1,
                            move |_| { <Shop>::send_mail(__service) },
                            &mut __slots.__output_1,
                            &mut *__failures,
                            OrderSagaError::SendMail,
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
            __service: &'__run Shop,
            __slots: &'__run mut __OrderSagaSlots,
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
                            || ::saga_core::executor::Faults::<CardError> {
                                when: {
                                    let __predicate: (fn(&_) -> _,) = (
                                        CardError::is_transient,
                                    );
                                    ::saga_core::checks::AskedWhen::<
                                        CardError,
                                        steps_of_OrderSaga::r#refund,
                                    >::predicate(__predicate.0)
                                },
                                ..__faults_0()
                            },
                            move |_| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                <Shop>::refund(
                                    __service,
                                    <&Payment as ::saga_core::checks::UndoOutput<
                                        '_,
                                        Payment,
                                        steps_of_OrderSaga::r#charge,
                                        steps_of_OrderSaga::r#refund,
                                    >>::hand_over(__output_0),
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
