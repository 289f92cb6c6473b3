impl Checkout {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn price(&self, order: &Order) -> Result<Price, Unknown> {
        self.prices.of(order).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn charge(
        &self,
        price: &Price,
        order: &Order,
        context: &StepContext,
    ) -> Result<Payment, Declined> {
        self.cards.charge(order, price, context.idempotency_key()).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn refund(
        &self,
        payment: &Payment,
        price: &Price,
        context: &StepContext,
    ) -> Result<(), Declined> {
        self.cards.refund(payment, price, context.cause()).await
    }
}
/// The saga `checkout` of [`Checkout`].
#[allow(dead_code)]
struct CheckoutSaga(my_sagas::__private::Marker<Checkout>);
/// The progress of a run of [`CheckoutSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum CheckoutSagaState<'__saga> {
    /// `price` has not completed.
    BeforePrice {
        /// The saga's input.
        input: &'__saga Order,
    },
    /// `charge` has not completed.
    BeforeCharge {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `price`.
        price: &'__saga Price,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `price`.
        price: &'__saga Price,
        /// The output of `charge`.
        charge: &'__saga Payment,
    },
}
#[automatically_derived]
impl<'__saga> ::core::clone::Clone for CheckoutSagaState<'__saga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga> ::core::marker::Copy for CheckoutSagaState<'__saga> {}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for CheckoutSagaState<'__saga> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforePrice { .. } => "BeforePrice",
                Self::BeforeCharge { .. } => "BeforeCharge",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`CheckoutSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// CheckoutSagaError::Price(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum CheckoutSagaError {
    /// Step `price` gave up: `Price(Failure::Error(error))` if it returned an error.
    Price(my_sagas::Failure<Unknown>),
    /// Step `charge` gave up: `Charge(Failure::Error(error))` if it returned an error.
    Charge(my_sagas::Failure<Declined>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl ::core::fmt::Debug for CheckoutSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        my_sagas::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for CheckoutSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        my_sagas::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::error::Error for CheckoutSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        my_sagas::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {
            <Checkout as my_sagas::checks::SharedService>::checked();
            <Order as my_sagas::checks::SharedInput>::checked();
            <Price as my_sagas::checks::SharedOutput<
                steps_of_CheckoutSaga::r#price,
            >>::checked();
            <Payment as my_sagas::checks::SharedOutput<
                steps_of_CheckoutSaga::r#charge,
            >>::checked();
            <Unknown as my_sagas::checks::SentError<
                steps_of_CheckoutSaga::r#price,
            >>::checked();
            <Declined as my_sagas::checks::SentError<
                steps_of_CheckoutSaga::r#charge,
            >>::checked();
        };
        0
    };
    type __Checked = my_sagas::checks::Checked<__CHECKED>;
    impl CheckoutSagaError {
        const __STEPS: &'static [my_sagas::definition::Step; 2usize] = &[
            my_sagas::definition::Step::new(
                    "price",
                    my_sagas::definition::Kind::ReadOnly,
                    my_sagas::__private::location(::core::file!(), ::core::line!()),
                )
                .parameters(
                    &[
                        my_sagas::definition::Parameter::new(
                            "order",
                            my_sagas::definition::Source::Input,
                        ),
                    ],
                ),
            my_sagas::definition::Step::new(
                    "charge",
                    my_sagas::definition::Kind::Compensatable,
                    my_sagas::__private::location(::core::file!(), ::core::line!()),
                )
                .at(1usize)
                .parameters(
                    &[
                        my_sagas::definition::Parameter::new(
                            "price",
                            my_sagas::definition::Source::Output(0usize),
                        ),
                        my_sagas::definition::Parameter::new(
                            "order",
                            my_sagas::definition::Source::Input,
                        ),
                        my_sagas::definition::Parameter::new(
                            "context",
                            my_sagas::definition::Source::Context,
                        ),
                    ],
                )
                .compensation(
                    my_sagas::definition::Compensation::new(
                            "refund",
                            my_sagas::__private::location(
                                ::core::file!(),
                                ::core::line!(),
                            ),
                        )
                        .parameters(
                            &[
                                my_sagas::definition::Parameter::new(
                                    "payment",
                                    my_sagas::definition::Source::Output(1usize),
                                ),
                                my_sagas::definition::Parameter::new(
                                    "price",
                                    my_sagas::definition::Source::Output(0usize),
                                ),
                                my_sagas::definition::Parameter::new(
                                    "context",
                                    my_sagas::definition::Source::Context,
                                ),
                            ],
                        ),
                ),
        ];
    }
    impl my_sagas::StepError for CheckoutSagaError {
        fn cancelled(__why: my_sagas::Cancellation) -> Self {
            match __why {
                my_sagas::Cancellation::Requested => Self::Cancelled,
                _ => Self::DeadlineExceeded,
            }
        }
        fn cancellation(&self) -> ::core::option::Option<my_sagas::Cancellation> {
            match self {
                Self::Cancelled => {
                    ::core::option::Option::Some(my_sagas::Cancellation::Requested)
                }
                Self::DeadlineExceeded => {
                    ::core::option::Option::Some(
                        my_sagas::Cancellation::DeadlineExceeded,
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn step(&self) -> ::core::option::Option<&'static my_sagas::definition::Step> {
            ::core::option::Option::Some(
                match self {
                    Self::Price(_) => &Self::__STEPS[0usize],
                    Self::Charge(_) => &Self::__STEPS[1usize],
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
        fn failure(
            &self,
        ) -> ::core::option::Option<
            my_sagas::Failure<my_sagas::executor::ErrorView<'_>>,
        > {
            ::core::option::Option::Some(
                match self {
                    Self::Price(__failure) => __failure.view(__faults_0().view),
                    Self::Charge(__failure) => __failure.view(__faults_1().view),
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __CheckoutSagaSlots {
        input: Order,
        __output_0: ::core::option::Option<Price>,
        __output_1: ::core::option::Option<Payment>,
        service: my_sagas::__private::Marker<Checkout>,
    }
    impl my_sagas::machine::Slots<CheckoutSaga> for __CheckoutSagaSlots {
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
            use my_sagas::__private::pair::{ViaEq as _, ViaUnknown as _};
            (&&my_sagas::__private::Pair(__one, __other)).__saga_is_same()
        }
        fn state(&self) -> <CheckoutSaga as my_sagas::Saga>::State<'_> {
            let ::core::option::Option::Some(__output_0) = &self.__output_0 else {
                return CheckoutSagaState::BeforePrice {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(__output_1) = &self.__output_1 else {
                return CheckoutSagaState::BeforeCharge {
                    input: &self.input,
                    price: __output_0,
                };
            };
            CheckoutSagaState::Completed {
                input: &self.input,
                price: __output_0,
                charge: __output_1,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: my_sagas::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<&'__s Payment>,
        ) -> my_sagas::executor::Value<'__s> {
            #[allow(unused_imports)]
            use my_sagas::__private::{
                FieldProbe, Probe, value::{ViaDebug as _, ViaOpaque as _},
            };
            match (__source, __part) {
                (my_sagas::definition::Source::Input, _) => {
                    let __value = &self.input;
                    (&&Probe(__value)).__saga_value()
                }
                (my_sagas::definition::Source::Output(0usize), _) => {
                    match ::core::option::Option::as_ref(&self.__output_0) {
                        ::core::option::Option::Some(__value) => {
                            (&&Probe(__value)).__saga_value()
                        }
                        ::core::option::Option::None => {
                            my_sagas::executor::Value::Missing
                        }
                    }
                }
                (my_sagas::definition::Source::Output(1usize), _) => {
                    match ::core::option::Option::or(
                        ::core::option::Option::as_ref(&self.__output_1),
                        __output,
                    ) {
                        ::core::option::Option::Some(__value) => {
                            (&&Probe(__value)).__saga_value()
                        }
                        ::core::option::Option::None => {
                            my_sagas::executor::Value::Missing
                        }
                    }
                }
                _ => my_sagas::executor::Value::Missing,
            }
        }
        fn finish(
            &mut self,
        ) -> ::core::result::Result<
            Payment,
            my_sagas::executor::GaveUp<CheckoutSagaError>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_1) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            my_sagas::__private::missing(CheckoutSagaError::Charge),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: Payment) {
            self.__output_1 = ::core::option::Option::Some(__output);
        }
        fn output_json() -> my_sagas::executor::JsonForm<Payment> {
            #[allow(unused_imports)]
            use my_sagas::__private::json_form::{ViaSerde as _, ViaText as _};
            (&&my_sagas::__private::ErrorType::<Payment>::new()).__saga_json()
        }
    }
    impl my_sagas::Saga for CheckoutSaga {
        #[cfg(doc)]
        type Service = Checkout;
        #[cfg(not(doc))]
        type Service = <__Checked as my_sagas::checks::Of<Checkout>>::Type;
        type Input = Order;
        type Output = Payment;
        #[cfg(doc)]
        type Error = CheckoutSagaError;
        #[cfg(not(doc))]
        type Error = <__Checked as my_sagas::checks::Of<CheckoutSagaError>>::Type;
        type State<'__saga> = CheckoutSagaState<'__saga> where Self: '__saga;
        type Slots = <__Checked as my_sagas::checks::Of<__CheckoutSagaSlots>>::Type;
        type Way = my_sagas::checks::TwoWay;
        const DEFINITION: &'static my_sagas::definition::Definition = &my_sagas::definition::Definition::new(
            "checkout",
            my_sagas::__private::location(::core::file!(), ::core::line!()),
            <CheckoutSagaError>::__STEPS,
        );
    }
    fn __faults_0() -> my_sagas::executor::Faults<Unknown> {
        #[allow(unused_imports)]
        use my_sagas::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use my_sagas::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = my_sagas::__private::ErrorType::<Unknown>::new();
        my_sagas::executor::Faults {
            when: my_sagas::__private::always,
            in_doubt: my_sagas::__private::never,
            view: <Unknown as my_sagas::checks::DisplayedErrorOf<
                steps_of_CheckoutSaga::r#price,
            >>::view((&&&&__error).__saga_view()),
            injected: my_sagas::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    fn __faults_1() -> my_sagas::executor::Faults<Declined> {
        #[allow(unused_imports)]
        use my_sagas::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use my_sagas::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = my_sagas::__private::ErrorType::<Declined>::new();
        my_sagas::executor::Faults {
            when: my_sagas::__private::always,
            in_doubt: my_sagas::__private::never,
            view: <Declined as my_sagas::checks::DisplayedErrorOf<
                steps_of_CheckoutSaga::r#charge,
            >>::view((&&&&__error).__saga_view()),
            injected: my_sagas::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_CheckoutSaga {
        pub enum input {}
        pub enum r#charge {}
        pub enum r#price {}
        pub enum r#refund {}
    }
    impl<__X: my_sagas::executor::Executor> my_sagas::Machine<__X> for CheckoutSaga
    where
        __X: my_sagas::executor::Execute<0usize, Price>,
        __X: my_sagas::executor::Execute<1usize, Payment>,
        __X: my_sagas::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Checkout,
            __slots: &'__run mut __CheckoutSagaSlots,
            __failures: &'__run mut my_sagas::machine::Failures<CheckoutSagaError>,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move {
                {
                    let __input = &__slots.input;
                    match <<__Checked as my_sagas::checks::Of<
                        my_sagas::checks::StepOf<Self, 0usize>,
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_0,
                            move |_| {
                                <Checkout>::price(
                                    __service,
                                    <&Order as my_sagas::checks::HandInput<
                                        '_,
                                        Order,
                                        steps_of_CheckoutSaga::r#price,
                                    >>::hand_over(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            CheckoutSagaError::Price,
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
                    let __input = &__slots.input;
                    let __output_0 = ::core::option::Option::as_ref(&__slots.__output_0);
                    match <<__Checked as my_sagas::checks::Of<
                        my_sagas::checks::StepOf<Self, 1usize>,
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_1,
                            move |__begin| {
                                let __kept_begin = __begin;
                                let __output_0 = my_sagas::__private::lent(__output_0);
                                async move {
                                    let __context = my_sagas::executor::Begin::context(
                                        &__kept_begin,
                                    );
                                    <Checkout>::charge(
                                            __service,
                                            <&Price as my_sagas::checks::HandOver<
                                                '_,
                                                Price,
                                                steps_of_CheckoutSaga::r#price,
                                                steps_of_CheckoutSaga::r#charge,
                                            >>::hand_over(__output_0),
                                            <&Order as my_sagas::checks::HandInput<
                                                '_,
                                                Order,
                                                steps_of_CheckoutSaga::r#charge,
                                            >>::hand_over(__input),
                                            &__context,
                                        )
                                        .await
                                }
                            },
                            &mut __slots.__output_1,
                            &mut *__failures,
                            CheckoutSagaError::Charge,
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
            __service: &'__run Checkout,
            __slots: &'__run mut __CheckoutSagaSlots,
            __rollback: &'__run mut my_sagas::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move {
                if my_sagas::machine::Rollback::is_due(__rollback, 1usize) {
                    let __output_0 = ::core::option::Option::as_ref(&__slots.__output_0);
                    let __output_1 = ::core::option::Option::as_ref(&__slots.__output_1);
                    let __undone = <<__Checked as my_sagas::checks::Of<
                        my_sagas::checks::StepOf<Self, 1usize>,
                    >>::Type>::undo_on_any_thread(
                            __executor,
                            my_sagas::machine::Rollback::cause(__rollback),
                            __faults_1,
                            move |__begin| {
                                let __kept_begin = __begin;
                                let __output_0 = my_sagas::__private::lent(__output_0);
                                let __output_1 = my_sagas::__private::lent(__output_1);
                                async move {
                                    let __context = my_sagas::executor::Begin::context(
                                        &__kept_begin,
                                    );
                                    <Checkout>::refund(
                                            __service,
                                            <&Payment as my_sagas::checks::UndoOutput<
                                                '_,
                                                Payment,
                                                steps_of_CheckoutSaga::r#charge,
                                                steps_of_CheckoutSaga::r#refund,
                                            >>::hand_over(__output_1),
                                            <&Price as my_sagas::checks::HandOver<
                                                '_,
                                                Price,
                                                steps_of_CheckoutSaga::r#price,
                                                steps_of_CheckoutSaga::r#refund,
                                            >>::hand_over(__output_0),
                                            &__context,
                                        )
                                        .await
                                }
                            },
                            &mut ::core::option::Option::None,
                        )
                        .await;
                    if let ::core::result::Result::Err(__halt) = my_sagas::checks::StepOf::<
                        Self,
                        1usize,
                    >::note(__rollback, __undone, __faults_1) {
                        return ::core::result::Result::Err(__halt);
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
    }
};
