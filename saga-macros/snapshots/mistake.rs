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
}
#[doc(hidden)]
#[allow(dead_code)]
const __MISTAKE_IN_TRIPS_SAGA: ::core::primitive::usize = ::core::compile_error! {
    "step `book_flight`: `soon` is not a duration: write a whole number and a unit, one of `ns`, `us`, `ms`, `s`, `m`, `h`, such as \"250ms\""
};
/// The saga `trips` of [`Trips`].
#[allow(dead_code)]
pub struct TripsSaga(::saga_core::__private::Marker<Trips>);
/// The progress of a run of [`TripsSaga`]: each variant has only the values that exist at that point.
#[allow(dead_code, private_interfaces)]
#[non_exhaustive]
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
pub enum TripsSagaError {
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
        let _ = || {};
        0
    };
    type __Checked = ::saga_core::checks::Checked<__CHECKED>;
    #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
    mod steps_of_TripsSaga {
        pub enum input {}
        pub enum r#book_flight {}
        pub enum r#book_hotel {}
    }
    impl ::saga_core::StepError for TripsSagaError {
        fn cancelled(_: ::saga_core::Cancellation) -> Self {
            ::saga_core::__private::stub()
        }
        fn cancellation(&self) -> ::core::option::Option<::saga_core::Cancellation> {
            ::saga_core::__private::stub()
        }
        fn step(
            &self,
        ) -> ::core::option::Option<&'static ::saga_core::definition::Step> {
            ::saga_core::__private::stub()
        }
        fn failure(
            &self,
        ) -> ::core::option::Option<
            ::saga_core::Failure<::saga_core::executor::ErrorView<'_>>,
        > {
            ::saga_core::__private::stub()
        }
    }
    impl ::saga_core::Saga for TripsSaga {
        type Service = Trips;
        type Input = City;
        type Output = Seat;
        type Error = TripsSagaError;
        type State<'__saga> = TripsSagaState<'__saga> where Self: '__saga;
        type Slots = ::saga_core::__private::StubSlots;
        type Way = ::saga_core::checks::TwoWay;
        const DEFINITION: &'static ::saga_core::definition::Definition = &::saga_core::__private::STUB_DEFINITION;
    }
    impl<__X: ::saga_core::executor::Executor> ::saga_core::Machine<__X> for TripsSaga {
        fn advance<'__run>(
            _: &'__run Trips,
            _: &'__run mut ::saga_core::__private::StubSlots,
            _: &'__run mut ::saga_core::machine::Failures<TripsSagaError>,
            _: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move { ::saga_core::__private::stub() }
        }
        fn rewind<'__run>(
            _: &'__run Trips,
            _: &'__run mut ::saga_core::__private::StubSlots,
            _: &'__run mut ::saga_core::machine::Rollback,
            _: &'__run __X,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), __X::Halt>,
        > + ::core::marker::Send {
            async move { ::saga_core::__private::stub() }
        }
    }
};
::core::compile_error! {
    "step `book_hotel` does not say how it is undone when a later step fails: write `#[step(compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = \"reason\"` if it cannot be undone, or `pivot` if there is no way back after it"
}
