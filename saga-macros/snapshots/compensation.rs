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
    async fn book_flight(&self, room: &Room) -> Result<Seat, SoldOut> {
        self.flights.book(room.city()).await
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
pub struct TripsSaga(::saga_core::__private::Marker<Trips>);
/// How far a run of [`TripsSaga`] got: at each point only what is there can be reached.
#[allow(dead_code)]
pub enum TripsSagaState<'__saga> {
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
        book_hotel: &'__saga Room,
    },
    /// All steps have completed.
    Completed {
        /// The saga's input.
        input: &'__saga City,
        /// The output of `book_hotel`.
        book_hotel: &'__saga Room,
        /// The output of `book_flight`.
        book_flight: &'__saga Seat,
    },
}
#[automatically_derived]
impl<'__saga> ::core::fmt::Debug for TripsSagaState<'__saga> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str(
            match self {
                Self::BeforeBookHotel { .. } => "BeforeBookHotel",
                Self::BeforeBookFlight { .. } => "BeforeBookFlight",
                Self::Completed { .. } => "Completed",
            },
        )
    }
}
/// Which step of [`TripsSaga`] gave up, and why.
#[allow(dead_code)]
#[non_exhaustive]
pub enum TripsSagaError {
    /// Step `book_hotel` gave up.
    BookHotel(::saga_core::Failure<SoldOut>),
    /// Step `book_flight` gave up.
    BookFlight(::saga_core::Failure<SoldOut>),
}
#[automatically_derived]
impl ::core::fmt::Debug for TripsSagaError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl ::core::fmt::Display for TripsSagaError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        ::saga_core::__private::display(self, f)
    }
}
#[automatically_derived]
impl ::core::error::Error for TripsSagaError {
    fn source(&self) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
        ::saga_core::StepError::failure(self).source()
    }
}
const _: () = {
    static __STEPS: [::saga_core::Step; 2usize] = [
        ::saga_core::Step::new(
                "book_hotel",
                ::saga_core::Kind::Compensatable,
                ::saga_core::Location::new(::core::file!(), ::core::line!()),
            )
            .parameters(
                &[::saga_core::Parameter::new("city", ::saga_core::Source::Input)],
            )
            .compensation(
                ::saga_core::Compensation::new(
                        "cancel_hotel",
                        ::saga_core::Location::new(::core::file!(), ::core::line!()),
                    )
                    .parameters(
                        &[
                            ::saga_core::Parameter::new(
                                "room",
                                ::saga_core::Source::Output(0usize),
                            ),
                        ],
                    ),
            ),
        ::saga_core::Step::new(
                "book_flight",
                ::saga_core::Kind::Last,
                ::saga_core::Location::new(::core::file!(), ::core::line!()),
            )
            .parameters(
                &[
                    ::saga_core::Parameter::new(
                        "room",
                        ::saga_core::Source::Output(0usize),
                    ),
                ],
            ),
    ];
    static __DEFINITION: ::saga_core::Definition = ::saga_core::Definition::new(
        "trips",
        ::saga_core::Location::new(::core::file!(), ::core::line!()),
        &__STEPS,
    );
    impl ::saga_core::StepError for TripsSagaError {
        fn step(&self) -> &'static ::saga_core::Step {
            match self {
                Self::BookHotel(_) => &__STEPS[0usize],
                Self::BookFlight(_) => &__STEPS[1usize],
            }
        }
        fn failure(&self) -> ::saga_core::Failure<::saga_core::ErrorView<'_>> {
            match self {
                Self::BookHotel(failure) => {
                    failure
                        .view({
                            #[allow(unused_imports)]
                            use ::saga_core::__private::error_type::{
                                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                            };
                            let view = (&&&&::saga_core::__private::ErrorType::<
                                SoldOut,
                            >::new())
                                .view();
                            <SoldOut as ::saga_core::__private::StepErrorType>::told(
                                view,
                            )
                        })
                }
                Self::BookFlight(failure) => {
                    failure
                        .view({
                            #[allow(unused_imports)]
                            use ::saga_core::__private::error_type::{
                                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                            };
                            let view = (&&&&::saga_core::__private::ErrorType::<
                                SoldOut,
                            >::new())
                                .view();
                            <SoldOut as ::saga_core::__private::StepErrorType>::told(
                                view,
                            )
                        })
                }
            }
        }
    }
    #[doc(hidden)]
    pub struct __TripsSagaSlots {
        input: City,
        output_0: ::core::option::Option<Room>,
        output_1: ::core::option::Option<Seat>,
        service: ::saga_core::__private::Marker<Trips>,
    }
    impl ::saga_core::Slots<TripsSaga> for __TripsSagaSlots {
        fn begin(input: City) -> Self {
            Self {
                input: input,
                output_0: ::core::option::Option::None,
                output_1: ::core::option::Option::None,
                service: ::core::marker::PhantomData,
            }
        }
        fn state(&self) -> <TripsSaga as ::saga_core::Saga>::State<'_> {
            let ::core::option::Option::Some(output_0) = &self.output_0 else {
                return TripsSagaState::BeforeBookHotel {
                    input: &self.input,
                };
            };
            let ::core::option::Option::Some(output_1) = &self.output_1 else {
                return TripsSagaState::BeforeBookFlight {
                    input: &self.input,
                    book_hotel: output_0,
                };
            };
            TripsSagaState::Completed {
                input: &self.input,
                book_hotel: output_0,
                book_flight: output_1,
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
        ) -> ::core::result::Result<Seat, ::saga_core::GaveUp<TripsSagaError>> {
            match self.output_1.take() {
                ::core::option::Option::Some(output) => {
                    ::core::result::Result::Ok(output)
                }
                ::core::option::Option::None => {
                    ::core::result::Result::Err(
                        ::saga_core::__private::missing(TripsSagaError::BookFlight),
                    )
                }
            }
        }
    }
    impl ::saga_core::Saga for TripsSaga {
        type Service = Trips;
        type Input = City;
        type Output = Seat;
        type Error = TripsSagaError;
        type State<'__saga> = TripsSagaState<'__saga> where Self: '__saga;
        type Slots = __TripsSagaSlots;
        const DEFINITION: &'static ::saga_core::Definition = &__DEFINITION;
    }
    #[allow(non_camel_case_types, dead_code)]
    enum input {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#book_flight {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#book_hotel {}
    #[allow(non_camel_case_types, dead_code)]
    enum r#cancel_hotel {}
    impl<__X: ::saga_core::Executor> ::saga_core::Machine<__X> for TripsSaga
    where
        __X: ::saga_core::Execute<0usize, Room>,
        __X: ::saga_core::Execute<0usize, ()>,
        __X: ::saga_core::Execute<1usize, Seat>,
    {
        fn advance<'__run>(
            service: &'__run Trips,
            slots: &'__run mut __TripsSagaSlots,
            executor: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                (),
                ::saga_core::Stop<TripsSagaError, __X::Halt>,
            >,
        > + ::core::marker::Send + '__run {
            async move {
                {
                    let __TripsSagaSlots { input: input, output_0: slot, .. } = &mut *slots;
                    let input = &*input;
                    match <__X as ::saga_core::Execute<
                        0usize,
                        Room,
                    >>::execute(
                            executor,
                            ::saga_core::Call::step(&__DEFINITION, &__STEPS[0usize]),
                            ::saga_core::Faults::<SoldOut> {
                                when: ::saga_core::__private::always,
                                in_doubt: ::saga_core::__private::never,
                                view: {
                                    #[allow(unused_imports)]
                                    use ::saga_core::__private::error_type::{
                                        ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                    };
                                    let view = (&&&&::saga_core::__private::ErrorType::<
                                        SoldOut,
                                    >::new())
                                        .view();
                                    <SoldOut as ::saga_core::__private::StepErrorType>::told(
                                        view,
                                    )
                                },
                            },
                            move |_| ::saga_core::__private::step_future(
                                <Trips>::book_hotel(
                                    service,
                                    <&City as ::saga_core::__private::HandOver<
                                        '_,
                                        City,
                                        input,
                                        r#book_hotel,
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
                                stop.map(TripsSagaError::BookHotel),
                            );
                        }
                    }
                }
                {
                    let __TripsSagaSlots {
                        output_0: ::core::option::Option::Some(output_0),
                        output_1: slot,
                        ..
                    } = &mut *slots else {
                        return ::core::result::Result::Err(
                            ::saga_core::Stop::GaveUp(
                                ::saga_core::__private::missing(TripsSagaError::BookFlight),
                            ),
                        )
                    };
                    let output_0 = &*output_0;
                    match <__X as ::saga_core::Execute<
                        1usize,
                        Seat,
                    >>::execute(
                            executor,
                            ::saga_core::Call::step(&__DEFINITION, &__STEPS[1usize]),
                            ::saga_core::Faults::<SoldOut> {
                                when: ::saga_core::__private::always,
                                in_doubt: ::saga_core::__private::never,
                                view: {
                                    #[allow(unused_imports)]
                                    use ::saga_core::__private::error_type::{
                                        ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                    };
                                    let view = (&&&&::saga_core::__private::ErrorType::<
                                        SoldOut,
                                    >::new())
                                        .view();
                                    <SoldOut as ::saga_core::__private::StepErrorType>::told(
                                        view,
                                    )
                                },
                            },
                            move |_| ::saga_core::__private::step_future(
                                <Trips>::book_flight(
                                    service,
                                    <&Room as ::saga_core::__private::HandOver<
                                        '_,
                                        Room,
                                        r#book_hotel,
                                        r#book_flight,
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
                                stop.map(TripsSagaError::BookFlight),
                            );
                        }
                    }
                }
                ::core::result::Result::Ok(())
            }
        }
        #[allow(unused_variables)]
        fn rewind<'__run>(
            service: &'__run Trips,
            slots: &'__run mut __TripsSagaSlots,
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
                        let __TripsSagaSlots {
                            output_0: ::core::option::Option::Some(output_0),
                            ..
                        } = &mut *slots else { return ::core::result::Result::Ok(()) };
                        let output_0 = &*output_0;
                        let faults = ::saga_core::Faults::<Unreachable> {
                            when: ::saga_core::__private::always,
                            in_doubt: ::saga_core::__private::never,
                            view: {
                                #[allow(unused_imports)]
                                use ::saga_core::__private::error_type::{
                                    ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
                                };
                                let view = (&&&&::saga_core::__private::ErrorType::<
                                    Unreachable,
                                >::new())
                                    .view();
                                <Unreachable as ::saga_core::__private::StepErrorType>::told(
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
                                    <Trips>::cancel_hotel(
                                        service,
                                        <&Room as ::saga_core::__private::HandOver<
                                            '_,
                                            Room,
                                            r#book_hotel,
                                            r#cancel_hotel,
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
