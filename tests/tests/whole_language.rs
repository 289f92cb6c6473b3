//! Groups, conditions and cancellation in one saga.

use saga_core::{Attempt, RunOptions, Saga, StepContext, saga};
use saga_tests::Calls;

#[derive(Debug, Default)]
struct Trips {
    calls: Calls,
    fails: &'static str,
}

impl Trips {
    fn made<T>(&self, what: &'static str, value: T) -> Result<T, String> {
        self.calls.add(what.to_owned());
        if self.fails == what {
            return Err(format!("{what} failed"));
        }
        Ok(value)
    }
}

#[saga(deadline = "1h")]
impl Trips {
    #[step(compensate = close)]
    async fn open(&self, trip: &u32) -> Result<String, String> {
        self.made("open", format!("trip {trip}"))
    }

    #[step(parallel = bookings, readonly)]
    async fn look_up(&self, trip: &str) -> Result<u8, String> {
        self.made("look_up", u8::try_from(trip.len()).unwrap_or(0))
    }

    #[step(parallel = bookings, compensate = cancel_hotel, retry(attempts = 2))]
    async fn hotel(&self, trip: &str, ctx: &StepContext) -> Result<u16, String> {
        let _ = (trip, ctx);
        self.made("hotel", 7)
    }

    #[step(parallel = bookings, compensate = cancel_flight)]
    async fn flight(&self, #[input] trip: &u32) -> Result<(u32, u32), String> {
        self.made("flight", (*trip, *trip))
    }

    #[step(only_if = is_long, compensate = cancel_car)]
    async fn car(&self, found: &u8, hotel: &u16, flight: &(u32, u32)) -> Result<i64, String> {
        let _ = (found, hotel, flight);
        self.made("car", 9)
    }

    #[step(pivot)]
    async fn pay(&self, car: Option<&i64>, #[from(hotel)] hotel: &u16) -> Result<i32, String> {
        let _ = (car, hotel);
        self.made("pay", 1)
    }

    #[step(parallel = notes)]
    async fn mail(&self, paid: &i32) -> Result<i32, String> {
        self.made("mail", *paid)
    }

    #[step(parallel = notes)]
    async fn log(&self, #[from(car)] car: &Option<i64>) -> Result<i8, String> {
        let _ = car;
        self.made("log", 3)
    }

    fn is_long(&self, _found: &u8, _hotel: &u16, flight: &(u32, u32)) -> bool {
        flight.0 > 10
    }

    async fn close(&self, trip: &str) -> Result<(), String> {
        let _ = trip;
        self.made("close", ())
    }
    async fn cancel_hotel(&self, hotel: &u16) -> Result<(), String> {
        let _ = hotel;
        self.made("cancel_hotel", ())
    }
    async fn cancel_flight(&self, flight: Attempt<&(u32, u32)>) -> Result<(), String> {
        let _ = flight;
        self.made("cancel_flight", ())
    }
    async fn cancel_car(&self, car: &i64) -> Result<(), String> {
        let _ = car;
        self.made("cancel_car", ())
    }
}

#[tokio::test]
async fn all_of_it_runs() {
    for (fails, trip) in [
        ("", 1),
        ("", 11),
        ("pay", 1),
        ("pay", 11),
        ("hotel", 1),
        ("mail", 1),
    ] {
        let trips = Trips {
            fails,
            ..Trips::default()
        };
        let outcome = TripsSaga::run_with(&trips, trip, RunOptions::new().id("1")).await;
        println!("{fails} {trip}: {:?} {outcome:?}", trips.calls.take());
    }
    println!("{}", TripsSaga::DEFINITION);
}
