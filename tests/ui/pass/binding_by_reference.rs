#![deny(warnings)]

use saga_core::{StepContext, saga};

struct Order;
struct Reservation;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(compensate = refund)]
    async fn charge_card(
        &self,
        _reservation: &Reservation,
        #[input] _order: &Order,
        _context: &StepContext,
    ) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(
        &self,
        #[from(reserve_stock)] _reservation: &Reservation,
        _context: &StepContext,
        #[from(charge_card)] _payment: &Payment,
    ) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }

    async fn refund(
        &self,
        _payment: &Payment,
        #[from(reserve_stock)] _reservation: &Reservation,
        #[from(charge_card)] _again: &Payment,
        #[input] _order: &Order,
        _context: &StepContext,
    ) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
