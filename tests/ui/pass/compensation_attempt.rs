#![deny(warnings)]

use saga_core::{Attempt, StepContext, saga};

struct Order;
struct Reservation;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(pivot, compensate = refund, timeout = "3s")]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn release_stock(
        &self,
        reservation: saga_core::Attempt<&Reservation>,
        #[input] _order: &Order,
    ) -> Result<(), String> {
        match reservation {
            Attempt::Completed(Reservation) | Attempt::InDoubt => Ok(()),
        }
    }

    async fn refund(&self, _payment: Attempt<&Payment>, _context: &StepContext) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
