impl<C: Client> Shop<C> {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn price(&self, order: &Order) -> Result<Amount, Unknown> {
        self.prices.of(order).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    fn pay(&self, amount: &Amount) -> Amount {
        amount.clone()
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    fn pack(&self, receipt: &Receipt, order: &Order) -> (Receipt, Order) {
        (receipt.clone(), order.clone())
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn ship(&self, parcel: Option<&Parcel>) -> Result<Tracking, NoCourier> {
        self.courier.ship(parcel).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    fn is_large(&self, receipt: &Receipt) -> bool {
        receipt.total() > self.limit
    }
}
/// The saga `shop` of [`Shop`].
#[allow(dead_code)]
struct ShopSaga<C: Client>(::saga_core::__private::Marker<Shop<C>>);
/// The progress of a run of [`ShopSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum ShopSagaState<'__saga, C: Client>
where
    C: '__saga,
{
    /// `price` has not completed.
    BeforePrice {
        /// The saga's input.
        input: &'__saga Order,
    },
    /// `pay` has not completed.
    BeforePay {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `price`.
        price: &'__saga Amount,
    },
    /// `pack` has not completed.
    BeforePack {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `price`.
        price: &'__saga Amount,
        /// The output of `pay`.
        pay: &'__saga <PaymentsSaga<C, Card> as ::saga_core::Saga>::Output,
    },
    /// `ship` has not completed.
    BeforeShip {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `price`.
        price: &'__saga Amount,
        /// The output of `pay`.
        pay: &'__saga <PaymentsSaga<C, Card> as ::saga_core::Saga>::Output,
        /// The output of `pack`.
        pack: ::core::option::Option<&'__saga <PackingSaga as ::saga_core::Saga>::Output>,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga Order,
        /// The output of `price`.
        price: &'__saga Amount,
        /// The output of `pay`.
        pay: &'__saga <PaymentsSaga<C, Card> as ::saga_core::Saga>::Output,
        /// The output of `pack`.
        pack: ::core::option::Option<
            &'__saga <PackingSaga as ::saga_core::Saga>::Output,
        >,
        /// The output of `ship`.
        ship: &'__saga Tracking,
    },
}
#[automatically_derived]
impl<'__saga, C: Client> ::core::clone::Clone for ShopSagaState<'__saga, C>
where
    C: '__saga,
{
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga, C: Client> ::core::marker::Copy for ShopSagaState<'__saga, C>
where
    C: '__saga,
{}
#[automatically_derived]
impl<'__saga, C: Client> ::core::fmt::Debug for ShopSagaState<'__saga, C>
where
    C: '__saga,
{
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforePrice { .. } => "BeforePrice",
                Self::BeforePay { .. } => "BeforePay",
                Self::BeforePack { .. } => "BeforePack",
                Self::BeforeShip { .. } => "BeforeShip",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`ShopSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// ShopSagaError::Price(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum ShopSagaError<C: Client> {
    /// Step `price` gave up: `Price(Failure::Error(error))` if it returned an error.
    Price(::saga_core::Failure<Unknown>),
    /// Step `pay` gave up: `Pay(Failure::Error(error))` if it returned an error.
    Pay(::saga_core::Failure<::saga_core::SagaError<PaymentsSaga<C, Card>>>),
    /// Step `pack` gave up: `Pack(Failure::Error(error))` if it returned an error.
    Pack(::saga_core::Failure<::saga_core::SagaError<PackingSaga>>),
    /// Step `ship` gave up: `Ship(Failure::Error(error))` if it returned an error.
    Ship(::saga_core::Failure<NoCourier>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl<C: Client> ::core::fmt::Debug for ShopSagaError<C> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl<C: Client> ::core::fmt::Display for ShopSagaError<C> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl<C: Client> ::core::error::Error for ShopSagaError<C> {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {
            <Order as ::saga_core::checks::SharedInput>::checked();
            <Amount as ::saga_core::checks::SharedOutput<
                steps_of_ShopSaga::r#price,
            >>::checked();
            <<PackingSaga as ::saga_core::Saga>::Output as ::saga_core::checks::SharedOutput<
                steps_of_ShopSaga::r#pack,
            >>::checked();
            <Tracking as ::saga_core::checks::SentOutput<
                steps_of_ShopSaga::r#ship,
            >>::checked();
            <Unknown as ::saga_core::checks::SentError<
                steps_of_ShopSaga::r#price,
            >>::checked();
            <NoCourier as ::saga_core::checks::SentError<
                steps_of_ShopSaga::r#ship,
            >>::checked();
        };
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    #[allow(dead_code)]
    fn __checked<C: Client>() {
        <::saga_core::checks::TheBlock as ::saga_core::checks::SharedGenericService<
            Shop<C>,
            _,
        >>::checked(::saga_core::checks::AsRequired);
        <::saga_core::checks::TheBlock as ::saga_core::checks::SharedGeneric<
            <PaymentsSaga<C, Card> as ::saga_core::Saga>::Output,
            _,
            steps_of_ShopSaga::r#pay,
        >>::checked(::saga_core::checks::AsRequired);
    }
    impl<C: Client> ShopSagaError<C> {
        const __STEPS: &'static [::saga_core::definition::Step; 4usize] = &[
            ::saga_core::definition::Step::new(
                    "price",
                    ::saga_core::definition::Kind::ReadOnly,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "order",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                ),
            ::saga_core::definition::Step::new(
                    "pay",
                    ::saga_core::definition::Kind::Compensatable,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(1usize)
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "amount",
                            ::saga_core::definition::Source::Output(0usize),
                        ),
                    ],
                )
                .policy(
                    ::saga_core::Policy::attempts(3u32)
                        .timeout(::core::time::Duration::new(60u64, 0u32)),
                )
                .when("is_busy")
                .nested(<PaymentsSaga<C, Card> as ::saga_core::Saga>::DEFINITION),
            ::saga_core::definition::Step::new(
                    "pack",
                    ::saga_core::definition::Kind::Compensatable,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(2usize)
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "receipt",
                            ::saga_core::definition::Source::Output(1usize),
                        ),
                        ::saga_core::definition::Parameter::new(
                            "order",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                )
                .nested(<PackingSaga as ::saga_core::Saga>::DEFINITION)
                .condition(
                    ::saga_core::definition::Condition::new(
                            "is_large",
                            ::saga_core::__private::location(
                                ::core::file!(),
                                ::core::line!(),
                            ),
                        )
                        .parameters(
                            &[
                                ::saga_core::definition::Parameter::new(
                                    "receipt",
                                    ::saga_core::definition::Source::Output(1usize),
                                ),
                            ],
                        ),
                ),
            ::saga_core::definition::Step::new(
                    "ship",
                    ::saga_core::definition::Kind::Pivot,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(3usize)
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "parcel",
                            ::saga_core::definition::Source::Output(2usize),
                        ),
                    ],
                ),
        ];
    }
    impl<C: Client> ::saga_core::StepError for ShopSagaError<C> {
        fn nested(
            &self,
        ) -> ::core::option::Option<
            ::std::boxed::Box<dyn ::saga_core::__private::NestedRun + '_>,
        > {
            match self {
                Self::Pay(::saga_core::Failure::Error(__error)) => {
                    ::core::option::Option::Some(::std::boxed::Box::new(__error))
                }
                Self::Pack(::saga_core::Failure::Error(__error)) => {
                    ::core::option::Option::Some(::std::boxed::Box::new(__error))
                }
                _ => ::core::option::Option::None,
            }
        }
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
                    Self::Price(_) => &Self::__STEPS[0usize],
                    Self::Pay(_) => &Self::__STEPS[1usize],
                    Self::Pack(_) => &Self::__STEPS[2usize],
                    Self::Ship(_) => &Self::__STEPS[3usize],
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
                    Self::Price(__failure) => __failure.view(__faults_0().view),
                    Self::Pay(__failure) => {
                        __failure
                            .view(|__error| ::saga_core::executor::ErrorView::Error(
                                __error,
                            ))
                    }
                    Self::Pack(__failure) => {
                        __failure
                            .view(|__error| ::saga_core::executor::ErrorView::Error(
                                __error,
                            ))
                    }
                    Self::Ship(__failure) => __failure.view(__faults_1().view),
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __ShopSagaSlots<C: Client> {
        input: Order,
        __output_0: ::core::option::Option<Amount>,
        __output_1: ::core::option::Option<
            <PaymentsSaga<C, Card> as ::saga_core::Saga>::Output,
        >,
        __output_2: ::core::option::Option<
            ::core::option::Option<<PackingSaga as ::saga_core::Saga>::Output>,
        >,
        __output_3: ::core::option::Option<Tracking>,
        __nested_1: ::core::option::Option<
            ::saga_core::__private::Ran<PaymentsSaga<C, Card>>,
        >,
        __nested_2: ::core::option::Option<::saga_core::__private::Ran<PackingSaga>>,
        service: ::saga_core::__private::Marker<Shop<C>>,
    }
    impl<C: Client> ::saga_core::machine::Slots<ShopSaga<C>> for __ShopSagaSlots<C>
    where
        Shop<C>: ::core::marker::Sync,
        <PaymentsSaga<
            C,
            Card,
        > as ::saga_core::Saga>::Output: ::core::marker::Send + ::core::marker::Sync,
    {
        fn begin(__input: Order) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                __output_1: ::core::option::Option::None,
                __output_2: ::core::option::Option::None,
                __output_3: ::core::option::Option::None,
                __nested_1: ::core::option::Option::None,
                __nested_2: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn is_same_input(__one: &Order, __other: &Order) -> ::core::primitive::bool {
            #[allow(unused_imports)]
            use ::saga_core::__private::pair::{ViaEq as _, ViaUnknown as _};
            (&&::saga_core::__private::Pair(__one, __other)).__saga_is_same()
        }
        fn state(&self) -> <ShopSaga<C> as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(__output_0) = &self.__output_0 else {
                return ShopSagaState::BeforePrice {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(__output_1) = &self.__output_1 else {
                return ShopSagaState::BeforePay {
                    input: &self.input,
                    price: __output_0,
                };
            };
            let ::core::option::Option::Some(__output_2) = &self.__output_2 else {
                return ShopSagaState::BeforePack {
                    input: &self.input,
                    price: __output_0,
                    pay: __output_1,
                };
            };
            let ::core::option::Option::Some(__output_3) = &self.__output_3 else {
                return ShopSagaState::BeforeShip {
                    input: &self.input,
                    price: __output_0,
                    pay: __output_1,
                    pack: ::core::option::Option::as_ref(__output_2),
                };
            };
            ShopSagaState::Completed {
                input: &self.input,
                price: __output_0,
                pay: __output_1,
                pack: ::core::option::Option::as_ref(__output_2),
                ship: __output_3,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: ::saga_core::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<&'__s Tracking>,
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
                    match ::core::option::Option::as_ref(&self.__output_1) {
                        ::core::option::Option::Some(__value) => {
                            (&&Probe(__value)).__saga_value()
                        }
                        ::core::option::Option::None => {
                            ::saga_core::executor::Value::Missing
                        }
                    }
                }
                (::saga_core::definition::Source::Output(2usize), _) => {
                    match ::core::option::Option::as_ref(&self.__output_2) {
                        ::core::option::Option::Some(::core::option::Option::None) => {
                            ::saga_core::executor::Value::Skipped
                        }
                        ::core::option::Option::Some(__value) => {
                            (&&Probe(__value)).__saga_value()
                        }
                        ::core::option::Option::None => {
                            ::saga_core::executor::Value::Missing
                        }
                    }
                }
                (::saga_core::definition::Source::Output(3usize), _) => {
                    match ::core::option::Option::or(
                        ::core::option::Option::as_ref(&self.__output_3),
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
                (::saga_core::definition::Source::Ran(2usize), _) => {
                    match ::core::option::Option::and_then(
                        ::core::option::Option::as_ref(&self.__output_2),
                        ::core::option::Option::as_ref,
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
            Tracking,
            ::saga_core::executor::GaveUp<ShopSagaError<C>>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_3) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(ShopSagaError::Ship),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: Tracking) {
            self.__output_3 = ::core::option::Option::Some(__output);
        }
        fn output_json() -> ::saga_core::executor::JsonForm<Tracking> {
            #[allow(unused_imports)]
            use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
            (&&::saga_core::__private::ErrorType::<Tracking>::new()).__saga_json()
        }
        fn nested<'__s>(
            &'__s self,
            __step: ::core::primitive::usize,
            __output: ::core::option::Option<&'__s Tracking>,
        ) -> ::core::option::Option<
            ::std::boxed::Box<dyn ::saga_core::__private::NestedRun + '__s>,
        > {
            match __step {
                1usize => {
                    ::saga_core::__private::nested_run(
                        &self.__nested_1,
                        ::core::option::Option::as_ref(&self.__output_1),
                    )
                }
                2usize => {
                    ::saga_core::__private::nested_run(
                        &self.__nested_2,
                        ::core::option::Option::and_then(
                            ::core::option::Option::as_ref(&self.__output_2),
                            ::core::option::Option::as_ref,
                        ),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
    }
    impl<C: Client> ::saga_core::Saga for ShopSaga<C>
    where
        Shop<C>: ::core::marker::Sync,
        <PaymentsSaga<
            C,
            Card,
        > as ::saga_core::Saga>::Output: ::core::marker::Send + ::core::marker::Sync,
    {
        #[cfg(doc)]
        type Service = Shop<C>;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Shop<C>>>::Type;
        type Input = Order;
        type Output = Tracking;
        #[cfg(doc)]
        type Error = ShopSagaError<C>;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<ShopSagaError<C>>>::Type;
        type State<'__saga> = ShopSagaState<'__saga, C> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<__ShopSagaSlots<C>>>::Type;
        type Way = ::saga_core::checks::OneWay;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::definition::Definition::new(
            "shop",
            ::saga_core::__private::location(::core::file!(), ::core::line!()),
            <ShopSagaError<C>>::__STEPS,
        );
    }
    fn __faults_0() -> ::saga_core::executor::Faults<Unknown> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<Unknown>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <Unknown as ::saga_core::checks::DisplayedErrorOf<
                steps_of_ShopSaga::r#price,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    fn __faults_1() -> ::saga_core::executor::Faults<NoCourier> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<NoCourier>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <NoCourier as ::saga_core::checks::DisplayedErrorOf<
                steps_of_ShopSaga::r#ship,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_ShopSaga {
        pub enum input {}
        pub enum r#is_large {}
        pub enum r#pack {}
        pub enum r#pay {}
        pub enum r#price {}
        pub enum r#ship {}
    }
    impl<C: Client, __X: ::saga_core::executor::Executor> ::saga_core::Machine<__X>
    for ShopSaga<C>
    where
        Shop<C>: ::core::marker::Sync,
        <PaymentsSaga<
            C,
            Card,
        > as ::saga_core::Saga>::Output: ::core::marker::Send + ::core::marker::Sync,
        __X: ::saga_core::executor::Execute<0usize, Amount>,
        __X: ::saga_core::__private::Nests<PaymentsSaga<C, Card>>,
        __X: ::saga_core::__private::Nests<PackingSaga>,
        __X: ::saga_core::executor::Execute<3usize, Tracking>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Shop<C>,
            __slots: &'__run mut __ShopSagaSlots<C>,
            __failures: &'__run mut ::saga_core::machine::Failures<ShopSagaError<C>>,
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
                                <Shop<
                                    C,
                                >>::price(
                                    __service,
                                    <&Order as ::saga_core::checks::HandInput<
                                        '_,
                                        Order,
                                        steps_of_ShopSaga::r#price,
                                    >>::hand_over(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            ShopSagaError::Price,
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
                    >>::Type>::nested(
                            __executor,
                            || {
                                <<PaymentsSaga<
                                    C,
                                    Card,
                                > as ::saga_core::Saga>::Way as ::saga_core::checks::CanBeUndoneHere<
                                    PaymentsSaga<C, Card>,
                                    steps_of_ShopSaga::r#pay,
                                >>::checked();
                                ::saga_core::executor::Faults::<
                                    ::saga_core::__private::Unfinished<
                                        PaymentsSaga<C, Card>,
                                        __X::Halt,
                                    >,
                                > {
                                    when: |__error| {
                                        __error
                                            .is_worth_another(
                                                &::saga_core::__private::When {
                                                    when: is_busy,
                                                },
                                            )
                                    },
                                    in_doubt: |__error| __error.is_stuck(),
                                    view: |__error| __error.view(),
                                    injected: ::saga_core::executor::Injected::none(),
                                    journal: ::saga_core::executor::JsonForm::none(),
                                }
                            },
                            move |__begin| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                ::saga_core::__private::nest::<
                                    PaymentsSaga<C, Card>,
                                    __X,
                                >(
                                    __executor,
                                    __begin,
                                    move || {
                                        let __service: &Shop<C> = __service;
                                        <_ as ::saga_core::checks::Lends<
                                            '_,
                                            PaymentsSaga<C, Card>,
                                            <PaymentsSaga<C, Card> as ::saga_core::Saga>::Service,
                                            steps_of_ShopSaga::r#pay,
                                        >>::lend(&__service.payments)
                                    },
                                    move || <Amount as ::saga_core::checks::InputOf<
                                        PaymentsSaga<C, Card>,
                                        <PaymentsSaga<C, Card> as ::saga_core::Saga>::Input,
                                        steps_of_ShopSaga::r#pay,
                                    >>::input(
                                        <Shop<
                                            C,
                                        >>::pay(
                                            __service,
                                            <&Amount as ::saga_core::checks::HandOver<
                                                '_,
                                                Amount,
                                                steps_of_ShopSaga::r#price,
                                                steps_of_ShopSaga::r#pay,
                                            >>::hand_over(__output_0),
                                        ),
                                    ),
                                )
                            },
                            (&mut __slots.__output_1, &mut __slots.__nested_1),
                            &mut *__failures,
                            ShopSagaError::Pay,
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
                    let __output_1 = ::core::option::Option::as_ref(&__slots.__output_1);
                    match <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 2usize>,
                    >>::Type>::nested(
                            __executor,
                            || {
                                <<PackingSaga as ::saga_core::Saga>::Way as ::saga_core::checks::CanBeUndoneHere<
                                    PackingSaga,
                                    steps_of_ShopSaga::r#pack,
                                >>::checked();
                                ::saga_core::executor::Faults::<
                                    ::saga_core::__private::Unfinished<PackingSaga, __X::Halt>,
                                > {
                                    when: |__error| {
                                        __error
                                            .is_worth_another(
                                                &::saga_core::__private::When {
                                                    when: ::saga_core::__private::always,
                                                },
                                            )
                                    },
                                    in_doubt: |__error| __error.is_stuck(),
                                    view: |__error| __error.view(),
                                    injected: ::saga_core::executor::Injected::none(),
                                    journal: ::saga_core::executor::JsonForm::none(),
                                }
                            },
                            {
                                let mut __answer = ::core::option::Option::None;
                                move |__begin| {
                                    let __answer = ::saga_core::__private::condition_says(
                                        &__begin,
                                        &mut __answer,
                                        "is_large",
                                        || {
                                            let __output_1 = ::saga_core::__private::lent(__output_1);
                                            <Shop<
                                                C,
                                            >>::is_large(
                                                __service,
                                                <&Receipt as ::saga_core::checks::HandOver<
                                                    '_,
                                                    <PaymentsSaga<C, Card> as ::saga_core::Saga>::Output,
                                                    steps_of_ShopSaga::r#pay,
                                                    steps_of_ShopSaga::r#is_large,
                                                >>::hand_over(__output_1),
                                            )
                                        },
                                    );
                                    ::saga_core::__private::only_if(
                                        __begin,
                                        if __answer {
                                            let __output_1 = ::saga_core::__private::lent(__output_1);
                                            ::saga_core::__private::Conditional::Runs(
                                                ::saga_core::__private::nest::<
                                                    PackingSaga,
                                                    __X,
                                                >(
                                                    __executor,
                                                    __begin,
                                                    move || <Shop<
                                                        C,
                                                    > as ::saga_core::checks::IsServiceOf<
                                                        PackingSaga,
                                                        <PackingSaga as ::saga_core::Saga>::Service,
                                                        steps_of_ShopSaga::r#pack,
                                                    >>::service(__service),
                                                    move || <(
                                                        Receipt,
                                                        Order,
                                                    ) as ::saga_core::checks::InputOf<
                                                        PackingSaga,
                                                        <PackingSaga as ::saga_core::Saga>::Input,
                                                        steps_of_ShopSaga::r#pack,
                                                    >>::input(
                                                        <Shop<
                                                            C,
                                                        >>::pack(
                                                            __service,
                                                            <&Receipt as ::saga_core::checks::HandOver<
                                                                '_,
                                                                <PaymentsSaga<C, Card> as ::saga_core::Saga>::Output,
                                                                steps_of_ShopSaga::r#pay,
                                                                steps_of_ShopSaga::r#pack,
                                                            >>::hand_over(__output_1),
                                                            <&Order as ::saga_core::checks::HandInput<
                                                                '_,
                                                                Order,
                                                                steps_of_ShopSaga::r#pack,
                                                            >>::hand_over(__input),
                                                        ),
                                                    ),
                                                ),
                                            )
                                        } else {
                                            ::saga_core::__private::Conditional::IsSkipped
                                        },
                                    )
                                }
                            },
                            (&mut __slots.__output_2, &mut __slots.__nested_2),
                            &mut *__failures,
                            ShopSagaError::Pack,
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
                    let __output_2 = ::core::option::Option::as_ref(&__slots.__output_2);
                    match <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 3usize>,
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_1,
                            move |_| {
                                let __output_2 = ::saga_core::__private::lent(__output_2);
                                <Shop<
                                    C,
                                >>::ship(
                                    __service,
                                    <Option<
                                        &Parcel,
                                    > as ::saga_core::checks::HandOverOptional<
                                        '_,
                                        <PackingSaga as ::saga_core::Saga>::Output,
                                        steps_of_ShopSaga::r#pack,
                                        steps_of_ShopSaga::r#ship,
                                    >>::hand_over(__output_2),
                                )
                            },
                            &mut __slots.__output_3,
                            &mut *__failures,
                            ShopSagaError::Ship,
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
            __service: &'__run Shop<C>,
            __slots: &'__run mut __ShopSagaSlots<C>,
            __rollback: &'__run mut ::saga_core::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move {
                if ::saga_core::machine::Rollback::is_member_due(
                    __rollback,
                    2usize,
                    ::core::option::Option::is_some(
                        &::saga_core::__private::ran(&__slots.__output_2),
                    ),
                ) {
                    if let ::core::result::Result::Err(__halt) = <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 2usize>,
                    >>::Type>::undo_nested(
                            __executor,
                            &mut __slots.__output_2,
                            &mut __slots.__nested_2,
                            __rollback,
                            || <Shop<
                                C,
                            > as ::saga_core::checks::IsServiceOf<
                                PackingSaga,
                                <PackingSaga as ::saga_core::Saga>::Service,
                                steps_of_ShopSaga::r#pack,
                            >>::service(__service),
                        )
                        .await
                    {
                        return ::core::result::Result::Err(__halt);
                    }
                }
                if ::saga_core::machine::Rollback::is_due(__rollback, 1usize) {
                    if let ::core::result::Result::Err(__halt) = <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 1usize>,
                    >>::Type>::undo_nested(
                            __executor,
                            &mut __slots.__output_1,
                            &mut __slots.__nested_1,
                            __rollback,
                            || {
                                let __service: &Shop<C> = __service;
                                <_ as ::saga_core::checks::Lends<
                                    '_,
                                    PaymentsSaga<C, Card>,
                                    <PaymentsSaga<C, Card> as ::saga_core::Saga>::Service,
                                    steps_of_ShopSaga::r#pay,
                                >>::lend(&__service.payments)
                            },
                        )
                        .await
                    {
                        return ::core::result::Result::Err(__halt);
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
    }
};
