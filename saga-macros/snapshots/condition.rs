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
    async fn book_flight(&self, room: Option<&Room>) -> Result<Seat, SoldOut> {
        self.flights.book(room.map(Room::city)).await
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    fn is_far(&self, city: &City) -> bool {
        city.distance() > self.limit
    }
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref
    )]
    async fn cancel_hotel(&self, room: &Room) -> Result<(), Unreachable> {
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
    /// `book_flight` has not completed.
    BeforeBookFlight {
        /// The saga's input.
        input: &'__saga City,
        /// The output of `book_hotel`.
        book_hotel: ::core::option::Option<&'__saga Room>,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga City,
        /// The output of `book_hotel`.
        book_hotel: ::core::option::Option<&'__saga Room>,
        /// The output of `book_flight`.
        book_flight: &'__saga Seat,
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
                Self::BeforeBookFlight { .. } => "BeforeBookFlight",
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
    /// Step `book_flight` gave up: `BookFlight(Failure::Error(error))` if it returned an error.
    BookFlight(::saga_core::Failure<SoldOut>),
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
            <Seat as ::saga_core::checks::SentOutput<
                steps_of_TripsSaga::r#book_flight,
            >>::checked();
            <SoldOut as ::saga_core::checks::SentError<
                steps_of_TripsSaga::r#book_hotel,
            >>::checked();
            <Unreachable as ::saga_core::checks::SentError<
                steps_of_TripsSaga::r#cancel_hotel,
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
                .condition(
                    ::saga_core::definition::Condition::new(
                            "is_far",
                            ::saga_core::__private::location(
                                ::core::file!(),
                                ::core::line!(),
                            ),
                        )
                        .parameters(
                            &[
                                ::saga_core::definition::Parameter::new(
                                    "city",
                                    ::saga_core::definition::Source::Input,
                                ),
                            ],
                        ),
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
                                    ::saga_core::definition::Source::Ran(0usize),
                                ),
                            ],
                        ),
                ),
            ::saga_core::definition::Step::new(
                    "book_flight",
                    ::saga_core::definition::Kind::Last,
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
                ),
        ];
    }
    impl ::saga_core::StepError for TripsSagaError {
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
                    Self::BookFlight(_) => &Self::__STEPS[1usize],
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
                    Self::BookFlight(__failure) => __failure.view(__faults_0().view),
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
        __output_0: ::core::option::Option<::core::option::Option<Room>>,
        __output_1: ::core::option::Option<Seat>,
        service: ::saga_core::__private::Marker<Trips>,
    }
    impl ::saga_core::machine::Slots<TripsSaga> for __TripsSagaSlots {
        fn begin(__input: City) -> Self {
            Self {
                input: __input,
                __output_0: ::core::option::Option::None,
                __output_1: ::core::option::Option::None,
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
                return TripsSagaState::BeforeBookFlight {
                    input: &self.input,
                    book_hotel: ::core::option::Option::as_ref(__output_0),
                };
            };
            TripsSagaState::Completed {
                input: &self.input,
                book_hotel: ::core::option::Option::as_ref(__output_0),
                book_flight: __output_1,
            }
        }
        fn value<'__s>(
            &'__s self,
            __source: ::saga_core::definition::Source,
            __part: ::core::option::Option<::core::primitive::usize>,
            __output: ::core::option::Option<&'__s Seat>,
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
                (::saga_core::definition::Source::Ran(0usize), _) => {
                    match ::core::option::Option::and_then(
                        ::core::option::Option::as_ref(&self.__output_0),
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
            Seat,
            ::saga_core::executor::GaveUp<TripsSagaError>,
        > {
            ::core::result::Result::Ok(
                match ::core::option::Option::take(&mut self.__output_1) {
                    ::core::option::Option::Some(__output) => __output,
                    ::core::option::Option::None => {
                        return ::core::result::Result::Err(
                            ::saga_core::__private::missing(TripsSagaError::BookFlight),
                        );
                    }
                },
            )
        }
        fn put_back(&mut self, __output: Seat) {
            self.__output_1 = ::core::option::Option::Some(__output);
        }
        fn output_json() -> ::saga_core::executor::JsonForm<Seat> {
            #[allow(unused_imports)]
            use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
            (&&::saga_core::__private::ErrorType::<Seat>::new()).__saga_json()
        }
    }
    impl ::saga_core::Saga for TripsSaga {
        #[cfg(doc)]
        type Service = Trips;
        #[cfg(not(doc))]
        type Service = <__Checked as ::saga_core::checks::Of<Trips>>::Type;
        type Input = City;
        type Output = Seat;
        #[cfg(doc)]
        type Error = TripsSagaError;
        #[cfg(not(doc))]
        type Error = <__Checked as ::saga_core::checks::Of<TripsSagaError>>::Type;
        type State<'__saga> = TripsSagaState<'__saga> where Self: '__saga;
        type Slots = <__Checked as ::saga_core::checks::Of<__TripsSagaSlots>>::Type;
        type Way = ::saga_core::checks::OneWay;
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
    fn __faults_1() -> ::saga_core::executor::Faults<Unreachable> {
        #[allow(unused_imports)]
        use ::saga_core::__private::error_type::{
            ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
        };
        #[allow(unused_imports)]
        use ::saga_core::__private::json_form::{ViaSerde as _, ViaText as _};
        let __error = ::saga_core::__private::ErrorType::<Unreachable>::new();
        ::saga_core::executor::Faults {
            when: ::saga_core::__private::always,
            in_doubt: ::saga_core::__private::never,
            view: <Unreachable as ::saga_core::checks::DisplayedErrorOf<
                steps_of_TripsSaga::r#cancel_hotel,
            >>::view((&&&&__error).__saga_view()),
            injected: ::saga_core::executor::Injected::of_type(),
            journal: (&&__error).__saga_json(),
        }
    }
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_TripsSaga {
        pub enum input {}
        pub enum r#book_flight {}
        pub enum r#book_hotel {}
        pub enum r#cancel_hotel {}
        pub enum r#is_far {}
    }
    impl<__X: ::saga_core::executor::Executor> ::saga_core::Machine<__X> for TripsSaga
    where
        __X: ::saga_core::executor::Execute<0usize, ::core::option::Option<Room>>,
        __X: ::saga_core::executor::Execute<1usize, Seat>,
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
                            {
                                let mut __answer = ::core::option::Option::None;
                                move |__begin| {
                                    let __answer = ::saga_core::__private::condition_says(
                                        &__begin,
                                        &mut __answer,
                                        "is_far",
                                        || {
                                            <Trips>::is_far(
                                                __service,
                                                <&City as ::saga_core::checks::HandInput<
                                                    '_,
                                                    City,
                                                    steps_of_TripsSaga::r#is_far,
                                                >>::hand_over(__input),
                                            )
                                        },
                                    );
                                    ::saga_core::__private::only_if(
                                        __begin,
                                        if __answer {
                                            ::saga_core::__private::Conditional::Runs(
                                                <Trips>::book_hotel(
                                                    __service,
                                                    <&City as ::saga_core::checks::HandInput<
                                                        '_,
                                                        City,
                                                        steps_of_TripsSaga::r#book_hotel,
                                                    >>::hand_over(__input),
                                                ),
                                            )
                                        } else {
                                            ::saga_core::__private::Conditional::IsSkipped
                                        },
                                    )
                                }
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
                    >>::Type>::run_on_any_thread(
                            __executor,
                            __faults_0,
                            move |_| {
                                let __output_0 = ::saga_core::__private::lent(__output_0);
                                <Trips>::book_flight(
                                    __service,
                                    <Option<
                                        &Room,
                                    > as ::saga_core::checks::HandOverOptional<
                                        '_,
                                        Room,
                                        steps_of_TripsSaga::r#book_hotel,
                                        steps_of_TripsSaga::r#book_flight,
                                    >>::hand_over(__output_0),
                                )
                            },
                            &mut __slots.__output_1,
                            &mut *__failures,
                            TripsSagaError::BookFlight,
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
                if ::saga_core::machine::Rollback::is_member_due(
                    __rollback,
                    0usize,
                    ::core::option::Option::is_some(
                        &::saga_core::__private::ran(&__slots.__output_0),
                    ),
                ) {
                    let __output_0 = ::saga_core::__private::ran(&__slots.__output_0);
                    let __undone = <<__Checked as ::saga_core::checks::Of<
                        ::saga_core::checks::StepOf<Self, 0usize>,
                    >>::Type>::undo_on_any_thread(
                            __executor,
                            ::saga_core::machine::Rollback::cause(__rollback),
                            __faults_1,
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
                    >::note(__rollback, __undone, __faults_1) {
                        return ::core::result::Result::Err(__halt);
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
    }
};
