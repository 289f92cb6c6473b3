//! The `parallel` example: the whole of what it prints. Its time is paused, so how long a trip takes is
//! exact.

mod common;

use common::{example, run};

#[test]
fn a_group_takes_as_long_as_its_slowest_member_and_nothing_is_left_of_one_that_is_not_completed() {
    let ran = run(&mut example("parallel"));
    ran.ends_with(0);
    assert_eq!(ran.stderr, "", "{}", ran.all());
    assert_eq!(
        without_lines(&ran.stdout),
        r#"hotel 100ms, flight 300ms, car 200ms; insurance 100ms; tickets 100ms
Oslo, 3 nights: 580 euros, after 400ms
Rome, 14 nights: 1879 euros, after 500ms
Atlantis, 14 nights: nothing, after 300ms

saga `trip` (Atlantis) was compensated: step `book_flight` failed: no flight goes to Atlantis

steps:
  1. book_hotel(trip: Trip { city: "Atlantis", nights: 14 })  (parallel bookings)
       completed: Booking { euros: 1120 }
       undone by give_back(_booking: Completed(Booking { euros: 1120 }))
  2. book_flight(trip: Trip { city: "Atlantis", nights: 14 })  (parallel bookings)
       failed: no flight goes to Atlantis
  3. rent_car(trip: Trip { city: "Atlantis", nights: 14 })  (parallel bookings)
       completed: Booking { euros: 420 }
       undone by give_back(_booking: Completed(Booking { euros: 420 }))
  4. insure(...)
       not run
  5. pay(...)  (pivot)
       not run
  6. send_tickets(...)
       not run

failure of step 2 `book_flight` at examples/parallel.rs:_:
  no flight goes to Atlantis

Venice, 3 nights: nothing, after 300ms

saga `trip` (Venice) was compensated: step `rent_car` failed: no car is left in Venice; step `book_flight` failed: the airline is busy

steps:
  1. book_hotel(trip: Trip { city: "Venice", nights: 3 })  (parallel bookings)
       completed: Booking { euros: 240 }
       undone by give_back(_booking: Completed(Booking { euros: 240 }))
  2. book_flight(trip: Trip { city: "Venice", nights: 3 })  (parallel bookings)
       failed: the airline is busy
       no other attempt was made: another step of its group gave up
  3. rent_car(trip: Trip { city: "Venice", nights: 3 })  (parallel bookings)
       failed: no car is left in Venice
  4. insure(...)
       not run
  5. pay(...)  (pivot)
       not run
  6. send_tickets(...)
       not run

failure of step 3 `rent_car` at examples/parallel.rs:_:
  no car is left in Venice

failure of step 2 `book_flight` at examples/parallel.rs:_:
  the airline is busy

shutting down
  Bern is at step `send_tickets`, attempt 1
  Cork is in the group `bookings` (last begun: step `rent_car`, attempt 1)
  Kiel is in the group `bookings` (last begun: step `rent_car`, attempt 1)
  Bern: 1879 euros
  saga `trip` (Cork) was compensated: cancelled
  saga `trip` (Kiel) was compensated: cancelled
  all have ended after 160ms

booked
  trip/Bern/book_flight/do
  trip/Bern/book_hotel/do
  trip/Bern/insure/do
  trip/Bern/rent_car/do
  trip/Oslo/book_flight/do
  trip/Oslo/book_hotel/do
  trip/Oslo/rent_car/do
  trip/Rome/book_flight/do
  trip/Rome/book_hotel/do
  trip/Rome/insure/do
  trip/Rome/rent_car/do
"#,
        "{}",
        ran.all()
    );
}

/// `parallel.rs:_` for every line of the example: those move with it.
fn without_lines(report: &str) -> String {
    let mut parts = report.split("parallel.rs:");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("parallel.rs:_");
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}
