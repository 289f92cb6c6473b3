impl Trips {
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn book_hotel(&self, city: &City) -> Result<Room, SoldOut> {
        self.hotels.book(city).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    fn pay(&self, room: &Room) -> Cents {
        room.price
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn cancel_hotel(&self, room: &Room) -> Result<(), SoldOut> {
        self.hotels.cancel(room).await
    }
}
/// The saga `trips` of [`Trips`].
#[allow(dead_code)]
struct TripsSaga(::saga_core::__private::Marker<Trips>);
/// The progress of a run of [`TripsSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum TripsSagaState<'__saga> {
    /// `book_hotel` has not completed.
    BeforeBookHotel {
        /// The saga's input.
        input: &'__saga City,
    },
    /// `pay` has not completed.
    BeforePay {
        /// The saga's input.
        input: &'__saga City,
        /// The output of `book_hotel`.
        book_hotel: &'__saga Room,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga City,
        /// The output of `book_hotel`.
        book_hotel: &'__saga Room,
        /// The output of `pay`.
        pay: &'__saga <PaymentSaga as ::saga_core::Saga>::Output,
    },
}
#[automatically_derived]
impl<'__saga> ::core::clone::Clone for TripsSagaState<'__saga> {
    fn clone(&self) -> Self {
        *self
    }
}
#[automatically_derived]
impl<'__saga> ::core::marker::Copy for TripsSagaState<'__saga> {}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for TripsSagaState<'__saga> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.write_str(
            match self {
                Self::BeforeBookHotel { .. } => "BeforeBookHotel",
                Self::BeforePay { .. } => "BeforePay",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`TripsSaga`] gave up, and why.
///
/// To `match` on the error that a step returned:
/// ```text
/// TripsSagaError::BookHotel(Failure::Error(error)) => ..,
/// ```
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
enum TripsSagaError {
    /// Step `book_hotel` gave up: `BookHotel(Failure::Error(error))` if it returned an error.
    BookHotel(::saga_core::Failure<SoldOut>),
    /// Step `pay` gave up: `Pay(Failure::Error(error))` if it returned an error.
    Pay(::saga_core::Failure<::saga_core::SagaError<PaymentSaga>>),
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
}
#[automatically_derived]
impl ::core::fmt::Debug for TripsSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for TripsSagaError {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, __f)
    }
}
#[automatically_derived]
impl ::core::error::Error for TripsSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::__private::source(self)
    }
}
const _: () = {
    const __CHECKED: ::core::primitive::usize = {
        let _ = || {
            <Trips as ::saga_core::checks::SharedService>::checked();
            <City as ::saga_core::checks::SharedInput>::checked();
            <Room as ::saga_core::checks::SharedOutput<
                steps_of_TripsSaga::r#book_hotel,
            >>::checked();
            <<PaymentSaga as ::saga_core::Saga>::Output as ::saga_core::checks::SentOutput<
                steps_of_TripsSaga::r#pay,
            >>::checked();
            <SoldOut as ::saga_core::checks::SentError<
                steps_of_TripsSaga::r#book_hotel,
            >>::checked();
        };
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    impl TripsSagaError {
        const __STEPS: &'static [::saga_core::definition::Step; 2usize] = &[
            ::saga_core::definition::Step::new(
                    "book_hotel",
                    ::saga_core::definition::Kind::Compensatable,
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "city",
                            ::saga_core::definition::Source::Input,
                        ),
                    ],
                )
                .compensation(
                    ::saga_core::definition::Compensation::new(
                            "cancel_hotel",
                            ::saga_core::__private::location(
                                ::core::file!(),
                                ::core::line!(),
                            ),
                        )
                        .parameters(
                            &[
                                ::saga_core::definition::Parameter::new(
                                    "room",
                                    ::saga_core::definition::Source::Output(0usize),
                                ),
                            ],
                        ),
                ),
            ::saga_core::definition::Step::new(
                    "pay",
                    ::saga_core::definition::Kind::of_last(
                        <PaymentSaga as ::saga_core::Saga>::DEFINITION,
                    ),
                    ::saga_core::__private::location(::core::file!(), ::core::line!()),
                )
                .at(1usize)
                .parameters(
                    &[
                        ::saga_core::definition::Parameter::new(
                            "room",
                            ::saga_core::definition::Source::Output(0usize),
                        ),
                    ],
                )
                .nested(<PaymentSaga as ::saga_core::Saga>::DEFINITION),
        ];
    }
    impl ::saga_core::StepError for TripsSagaError {
        fn nested(
            &self,
        ) -> ::core::option::Option<
            ::std::boxed::Box<dyn ::saga_core::__private::NestedRun + '_>,
        > {
            match self {
                Self::Pay(::saga_core::Failure::Error(__error)) => {
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
                    Self::BookHotel(_) => &Self::__STEPS[0usize],
                    Self::Pay(_) => &Self::__STEPS[1usize],
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
                    Self::BookHotel(__failure) => __failure.view(__faults_0().view),
                    Self::Pay(__failure) => {
                        __failure
                            .view(|__error| ::saga_core::executor::ErrorView::Error(
                                __error,
                            ))
                    }
                    Self::Cancelled | Self::DeadlineExceeded => {
                        return ::core::option::Option::None;
                    }
                },
            )
        }
    }
    #[doc(hidden)]
    pub struct __TripsSagaSlots {
        input: City,
        __output_0: ::core::option::Option<Room>,
        __output_1: ::core::option::Option<<PaymentSaga as ::saga_core::Saga>::Output>,
        __nested_1: ::core::option::Option<::saga_core::__private::Ran<PaymentSaga>>,
        service: ::saga_core::__private::Marker<Trips>,
    }
    impl ::saga_core::machine::Slots<TripsSaga> for __TripsSagaSlots {
        fn begin(__input: City) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                __output_1: ::core::option::Option::None,
                __nested_1: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn is_same_input(__one: &City, __other: &City) -> ::core::primitive::bool {
            #[allow(unused_imports)]
            use ::saga_core::__private::pair::{ViaEq as _, ViaUnknown as _};
            (&&::saga_core::__private::Pair(__one, __other)).__saga_is_same()
        }
        fn state(&self) -> <TripsSaga as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(__output_0) = &self.__output_0 else {
                return TripsSagaState::BeforeBookHotel {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(__output_1) = &self.__output_1 else {
                return TripsSagaState::BeforePay {
                    input: &self.input,
                    book_hotel: __output_0,
                };
            };
            TripsSagaState::Completed {
                input: &self.input,
                book_hotel: __output_0,
                pay: __output_1,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: ::saga_core::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<
                &'__s <PaymentSaga as ::saga_core::Saga>::Output,
            >,
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
            <PaymentSaga as ::saga_core::Saga>::Output,
            ::saga_core::executor::GaveUp<TripsSagaError>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_1) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(TripsSagaError::Pay),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: <PaymentSaga as ::saga_core::Saga>::Output) {
            self.__output_1 = ::core::option::Option::Some(__output);
        }
        fn output_json() -> ::saga_core::executor::JsonForm<
            <PaymentSaga as ::saga_core::Saga>::Output,
        > {
            #[allow(unused_imports)]
            use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
            (&&::saga_core::__private::ErrorType::<
                <PaymentSaga as ::saga_core::Saga>::Output,
            >::new())
                .__saga_json()
        }
        fn nested<'__s>(
            &'__s self,
            __step: ::core::primitive::usize,
            __output: ::core::option::Option<
                &'__s <PaymentSaga as ::saga_core::Saga>::Output,
            >,
        ) -> ::core::option::Option<
            ::std::boxed::Box<dyn ::saga_core::__private::NestedRun + '__s>,
        > {
            match __step {
                1usize => {
                    ::saga_core::__private::nested_run(
                        &self.__nested_1,
                        ::core::option::Option::or(
                            ::core::option::Option::as_ref(&self.__output_1),
                            __output,
                        ),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
    }
    impl ::saga_core::Saga for TripsSaga {
        #[cfg(doc)]
        type Service = Trips;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Trips>>::Type;
        type Input = <::saga_core::checks::Checked<
            __KEPT,
        > as ::saga_core::checks::Of<City>>::Type;
        type Output = <PaymentSaga as ::saga_core::Saga>::Output;
        #[cfg(doc)]
        type Error = TripsSagaError;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<TripsSagaError>>::Type;
        type State<'__saga> = TripsSagaState<'__saga> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<__TripsSagaSlots>>::Type;
        type Way = <PaymentSaga as ::saga_core::Saga>::Way;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::definition::Definition::new(
            "trips",
            ::saga_core::__private::location(::core::file!(), ::core::line!()),
            <TripsSagaError>::__STEPS,
        );
    }
    fn __faults_0() -> ::saga_core::executor::Faults<SoldOut> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<SoldOut>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <SoldOut as ::saga_core::checks::DisplayedErrorOf<
                steps_of_TripsSaga::r#book_hotel,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_TripsSaga {
        pub enum input {}
        pub enum r#book_hotel {}
        pub enum r#cancel_hotel {}
        pub enum r#pay {}
    }
    impl<__X: ::saga_core::executor::Executor> ::saga_core::__private::Steps<__X>
    for TripsSaga
    where
        __X: ::saga_core::executor::Execute<0usize, Room>,
        __X: ::saga_core::__private::Nests<PaymentSaga>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Trips,
            __slots: &'__run mut __TripsSagaSlots,
            __failures: &'__run mut ::saga_core::machine::Failures<TripsSagaError>,
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
                                <Trips>::book_hotel(
                                    __service,
                                    <&City as ::saga_core::checks::HandInput<
                                        '_,
                                        City,
                                        steps_of_TripsSaga::r#book_hotel,
                                    >>::hand_over(__input),
                                )
                            },
                            &mut __slots.__output_0,
                            &mut *__failures,
                            TripsSagaError::BookHotel,
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
                                ::saga_core::executor::Faults::<
                                    ::saga_core::__private::Unfinished<PaymentSaga, __X::Halt>,
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
                            move |__begin| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                ::saga_core::__private::nest::<
                                    PaymentSaga,
                                    __X,
                                >(
                                    __executor,
                                    __begin,
                                    move || {
                                        let __service: &Trips = __service;
                                        <_ as ::saga_core::checks::Lends<
                                            '_,
                                            PaymentSaga,
                                            <PaymentSaga as ::saga_core::Saga>::Service,
                                            steps_of_TripsSaga::r#pay,
                                        >>::lend(&__service.payments)
                                    },
                                    move || <Cents as ::saga_core::checks::InputOf<
                                        PaymentSaga,
                                        <PaymentSaga as ::saga_core::Saga>::Input,
                                        steps_of_TripsSaga::r#pay,
                                    >>::input(
                                        <Trips>::pay(
                                            __service,
                                            <&Room as ::saga_core::checks::HandOver<
                                                '_,
                                                Room,
                                                steps_of_TripsSaga::r#book_hotel,
                                                steps_of_TripsSaga::r#pay,
                                            >>::hand_over(__output_0),
                                        ),
                                    ),
                                )
                            },
                            (&mut __slots.__output_1, &mut __slots.__nested_1),
                            &mut *__failures,
                            TripsSagaError::Pay,
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
            __service: &'__run Trips,
            __slots: &'__run mut __TripsSagaSlots,
            __rollback: &'__run mut ::saga_core::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move {
                if ::saga_core::machine::Rollback::is_due(__rollback, 1usize) {
                    if let ::core::result::Result::Err(__halt) = <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 1usize>,
                    >>::Type>::undo_nested(
                            __executor,
                            &mut __slots.__output_1,
                            &mut __slots.__nested_1,
                            __rollback,
                            || {
                                let __service: &Trips = __service;
                                <_ as ::saga_core::checks::Lends<
                                    '_,
                                    PaymentSaga,
                                    <PaymentSaga as ::saga_core::Saga>::Service,
                                    steps_of_TripsSaga::r#pay,
                                >>::lend(&__service.payments)
                            },
                        )
                        .await
                    {
                        return ::core::result::Result::Err(__halt);
                    }
                }
                if ::saga_core::machine::Rollback::is_due(__rollback, 0usize) {
                    let __output_0 = ::core::option::Option::as_ref(&__slots.__output_0);
                    let __undone = <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 0usize>,
                    >>::Type>::undo_on_any_thread(
                            __executor,
                            ::saga_core::machine::Rollback::cause(__rollback),
                            __faults_0,
                            move |_| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                <Trips>::cancel_hotel(
                                    __service,
                                    <&Room as ::saga_core::checks::UndoOutput<
                                        '_,
                                        Room,
                                        steps_of_TripsSaga::r#book_hotel,
                                        steps_of_TripsSaga::r#cancel_hotel,
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
    impl<__X: ::saga_core::executor::Executor> ::saga_core::Machine<__X> for TripsSaga
    where
        __X: ::saga_core::executor::Execute<{ __KEPT + 0usize }, Room>,
        __X: ::saga_core::__private::Nests<PaymentSaga>,
        __X: ::saga_core::executor::Execute<0, ()>,
    {
        fn advance<'__run>(
            __service: &'__run Trips,
            __slots: &'__run mut __TripsSagaSlots,
            __notes: &'__run mut ::saga_core::machine::Failures<TripsSagaError>,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            <Self as ::saga_core::__private::Steps<
                __X,
            >>::advance(__service, __slots, __notes, __executor)
        }
        fn rewind<'__run>(
            __service: &'__run Trips,
            __slots: &'__run mut __TripsSagaSlots,
            __notes: &'__run mut ::saga_core::machine::Rollback,
            __executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            <Self as ::saga_core::__private::Steps<
                __X,
            >>::rewind(__service, __slots, __notes, __executor)
        }
    }
    impl ::saga_core::__private::MarkedDurable for TripsSaga {}
    const __KEPT: ::core::primitive::usize = {
        let _ = || {
            #[allow(unused_imports)]
            use ::saga_core::__private::journaled::{
                IsKept as _, IsMarked as _, IsNeither as _, IsNoSaga as _,
                IsNotRunDurably as _, IsOfOthers as _, IsOnlyRead as _,
                IsOnlyWritten as _, IsRunDurably as _, WholeIsKept as _,
            };
            <() as ::saga_core::checks::HasFeatureDurable>::checked();
            {
                let (__both, __written, __read) = (&&&&&&::saga_core::__private::journaled::InJournal::<
                    City,
                    City,
                    (),
                >::of())
                    .__saga_kept();
                <City as ::saga_core::checks::IsJournaled<
                    _,
                    steps_of_TripsSaga::r#input,
                >>::checked(__both);
                <City as ::saga_core::checks::IsWritten<
                    _,
                    steps_of_TripsSaga::r#input,
                >>::checked(__written);
                <City as ::saga_core::checks::IsReadAgain<
                    _,
                    steps_of_TripsSaga::r#input,
                >>::checked(__read);
            }
            {
                let (__both, __written, __read) = (&&&&&&::saga_core::__private::journaled::InJournal::<
                    Room,
                    Room,
                    (),
                >::of())
                    .__saga_kept();
                <Room as ::saga_core::checks::IsJournaled<
                    _,
                    steps_of_TripsSaga::r#book_hotel,
                >>::checked(__both);
                <Room as ::saga_core::checks::IsWritten<
                    _,
                    steps_of_TripsSaga::r#book_hotel,
                >>::checked(__written);
                <Room as ::saga_core::checks::IsReadAgain<
                    _,
                    steps_of_TripsSaga::r#book_hotel,
                >>::checked(__read);
            }
            <::saga_core::checks::TheBlock as ::saga_core::checks::IsDurable<
                PaymentSaga,
                _,
                steps_of_TripsSaga::r#pay,
            >>::checked(
                (&&&&::saga_core::__private::journaled::NestedSaga::<PaymentSaga>::of())
                    .__saga_runs(),
            );
        };
        0
    };
};
