//! Booking trips: hotel, flight and car at the same time, an insurance only for long trips, and what
//! becomes of the others when one cannot be booked, or when the service is shut down meanwhile.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use saga_core::{Attempt, CancellationToken, RunOptions, Saga, SagaHandle, StepContext, saga};
use tokio::time::{Instant, sleep};

#[derive(Debug, Clone, Copy)]
struct Trip {
    city: &'static str,
    nights: u32,
}

#[derive(Debug)]
struct Booking {
    euros: u32,
}

#[derive(Debug, thiserror::Error)]
enum AgencyError {
    #[error("no flight goes to {0}")]
    NoFlight(&'static str),
    #[error("the airline is busy")]
    AirlineBusy,
    #[error("no car is left in {0}")]
    NoCar(&'static str),
}

impl AgencyError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::AirlineBusy)
    }
}

/// What would be four services, each of which takes its time to answer.
#[derive(Default)]
struct Agency {
    /// By idempotency key, so that one whose confirmation was lost can be found.
    booked: Mutex<BTreeSet<String>>,
}

impl Agency {
    fn booked(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.booked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn book(&self, run: &StepContext, euros: u32) -> Booking {
        self.booked().insert(run.idempotency_key());
        Booking { euros }
    }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

// After a minute no further attempt begins, and bookings are undone.
#[saga(saga = TripSaga, deadline = "1m")]
impl Agency {
    // Neighbours of one group. As the first steps they take the saga's input.
    #[step(parallel = bookings, compensate = give_back)]
    async fn book_hotel(&self, trip: &Trip, run: &StepContext) -> Result<Booking, AgencyError> {
        sleep(ms(100)).await;
        Ok(self.book(run, 80 * trip.nights))
    }

    #[step(
        parallel = bookings,
        compensate = give_back,
        retry(attempts = 3, when = AgencyError::is_transient)
    )]
    async fn book_flight(&self, trip: &Trip, run: &StepContext) -> Result<Booking, AgencyError> {
        sleep(ms(300)).await;
        match trip.city {
            "Atlantis" => Err(AgencyError::NoFlight(trip.city)),
            "Venice" => Err(AgencyError::AirlineBusy),
            _ => Ok(self.book(run, 250)),
        }
    }

    #[step(parallel = bookings, compensate = give_back)]
    async fn rent_car(&self, trip: &Trip, run: &StepContext) -> Result<Booking, AgencyError> {
        sleep(ms(200)).await;
        if trip.city == "Venice" {
            return Err(AgencyError::NoCar(trip.city));
        }
        Ok(self.book(run, 30 * trip.nights))
    }

    // After a group: what its members gave, in order.
    #[step(only_if = is_long, compensate = give_back)]
    async fn insure(
        &self,
        hotel: &Booking,
        flight: &Booking,
        car: &Booking,
        run: &StepContext,
    ) -> Result<Booking, AgencyError> {
        sleep(ms(100)).await;
        Ok(self.book(run, (hotel.euros + flight.euros + car.euros) / 20))
    }

    // After a condition: an `Option`.
    #[step(pivot)]
    async fn pay(
        &self,
        insurance: Option<&Booking>,
        #[from(book_hotel)] hotel: &Booking,
        #[from(book_flight)] flight: &Booking,
        #[from(rent_car)] car: &Booking,
    ) -> Result<u32, AgencyError> {
        let insurance = insurance.map_or(0, |insurance| insurance.euros);
        Ok(hotel.euros + flight.euros + car.euros + insurance)
    }

    #[step]
    async fn send_tickets(&self, euros: u32) -> Result<u32, AgencyError> {
        sleep(ms(100)).await;
        Ok(euros)
    }

    fn is_long(&self, #[input] trip: &Trip) -> bool {
        trip.nights > 7
    }

    // A booking in doubt is undone too: whatever there is under the key of the step.
    async fn give_back(
        &self,
        _booking: Attempt<&Booking>,
        run: &StepContext,
    ) -> Result<(), AgencyError> {
        self.booked().remove(&run.step_idempotency_key());
        Ok(())
    }
}

const fn trip(city: &'static str, nights: u32) -> Trip {
    Trip { city, nights }
}

/// One trip after the other. Its bookings take as long as the slowest of them.
async fn travel(agency: &Agency) {
    println!("hotel 100ms, flight 300ms, car 200ms; insurance 100ms; tickets 100ms");
    for Trip { city, nights } in [
        trip("Oslo", 3),
        trip("Rome", 14),
        trip("Atlantis", 14),
        // Two members give up: the flight would be tried again, had the car not given up before.
        trip("Venice", 3),
    ] {
        let begin = Instant::now();
        let options = RunOptions::new().id(city);
        let result = TripSaga::run_with(agency, trip(city, nights), options).await;
        let took = begin.elapsed();
        match result {
            Ok(euros) => println!("{city}, {nights} nights: {euros} euros, after {took:?}"),
            Err(error) => println!(
                "{city}, {nights} nights: nothing, after {took:?}\n\n{}\n",
                error.report()
            ),
        }
    }
}

/// A service that is shut down: it cancels all runs in flight, and waits for each.
async fn shut_down(agency: &Arc<Agency>) -> Result<(), saga_core::Lost> {
    let shutdown = CancellationToken::new();
    let mut under_way: Vec<(&str, SagaHandle<TripSaga>)> = Vec::new();
    for city in ["Bern", "Cork", "Kiel"] {
        // A task of its own, which goes on if its handle is dropped.
        let options = RunOptions::new().id(city).cancellation(shutdown.clone());
        let handle = TripSaga::spawn(Arc::clone(agency), trip(city, 14), options);
        under_way.push((city, handle));
        sleep(ms(140)).await;
    }

    // Every run finishes its attempts in flight, and begins no other. A run past its
    // pivot goes on to its end, the others are undone.
    println!("shutting down");
    for (city, handle) in &under_way {
        println!("  {city} is {}", handle.position());
    }
    let begin = Instant::now();
    shutdown.cancel();
    for (city, handle) in under_way {
        match handle.await? {
            Ok(euros) => println!("  {city}: {euros} euros"),
            Err(error) => println!("  {error}"),
        }
    }
    println!("  all have ended after {:?}", begin.elapsed());
    Ok(())
}

// Time is paused: the output is the same each time, and there is no waiting.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), saga_core::Lost> {
    let agency = Arc::new(Agency::default());
    travel(&agency).await;
    shut_down(&agency).await?;

    println!("\nbooked");
    for key in &*agency.booked() {
        println!("  {key}");
    }
    Ok(())
}
