#![deny(warnings)]

use saga_core::saga;

struct Order;
#[derive(Clone)]
struct Reservation;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    // Moved: no later step needs the order.
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    // Cloned: the compensation needs it, and so does the next attempt.
    #[step(readonly, retry(attempts = 2))]
    async fn check_card(&self, _reservation: Reservation) -> Result<Payment, String> {
        Ok(Payment)
    }

    // Moved, although it is no `Clone`.
    #[step(pivot)]
    async fn charge_card(&self, _payment: Payment) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    async fn release_stock(&self, _reservation: Reservation) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
