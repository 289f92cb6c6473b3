use std::cell::Cell;

use saga_core::saga;

struct Trip;
struct Insurance(Cell<u32>);
struct Ticket;

struct Trips;

#[saga]
impl Trips {
    #[step(readonly)]
    async fn plan(&self, _trip: &Trip) -> Result<Trip, String> {
        Ok(Trip)
    }

    #[step(only_if = is_long, compensate = cancel_insurance)]
    async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
        Ok(Insurance(Cell::new(7)))
    }

    #[step(pivot)]
    async fn pay(&self) -> Result<Ticket, String> {
        Ok(Ticket)
    }

    async fn cancel_insurance(&self, insurance: &Insurance) -> Result<(), String> {
        insurance.0.set(0);
        Ok(())
    }

    fn is_long(&self, _trip: &Trip) -> bool {
        true
    }
}

fn main() {}
