#![deny(warnings)]

use saga_core::{Attempt, saga};

struct Trip;
struct Hotel;
struct Flight;
struct Insurance;

struct Trips;

#[saga]
impl Trips {
    // The compensations of these stand in another block.
    #[step(parallel = bookings, compensate = cancel_hotel)]
    async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(parallel = bookings, compensate = cancel_flight, only_if = is_far)]
    async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
        Ok(Flight)
    }

    #[step(compensate = cancel_insurance, only_if = is_far, sensitive, at_most_once)]
    async fn insure(&self, #[input] _trip: &Trip) -> Result<Insurance, String> {
        Ok(Insurance)
    }

    // It is undone only if it was not skipped, so the output is there: whole, spread, or an `Attempt`.
    #[step(compensate = refund, only_if = is_insured)]
    async fn pay(&self, #[sensitive] _insurance: Option<&Insurance>) -> Result<(u32, String), String> {
        Ok((7, "receipt".to_owned()))
    }

    #[step(compensate = unsend, only_if = is_paid)]
    async fn send(&self, paid: Option<&(u32, String)>) -> Result<u32, String> {
        paid.map(|(cents, _)| *cents).ok_or_else(|| "not paid".to_owned())
    }

    #[step(pivot)]
    async fn close(&self, sent: Option<u32>) -> Result<u32, String> {
        Ok(sent.unwrap_or_default())
    }

    fn is_far(&self, #[input] _trip: &Trip) -> bool {
        true
    }

    fn is_insured(&self, insurance: Option<&Insurance>) -> bool {
        insurance.is_some()
    }

    fn is_paid(&self, paid: Option<&(u32, String)>) -> bool {
        paid.is_some()
    }

    async fn refund(
        &self,
        _cents: &u32,
        _receipt: &str,
        #[from(insure)] _insurance: Option<&Insurance>,
    ) -> Result<(), String> {
        Ok(())
    }

    async fn unsend(&self, _sent: Attempt<&u32>, #[from(pay)] _paid: &Option<(u32, String)>) -> Result<(), String> {
        Ok(())
    }
}

impl Trips {
    async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_insurance(&self, _insurance: &Insurance) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
