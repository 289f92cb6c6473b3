use saga_core::saga;
use std::cell::Cell;

struct Order;
struct Reservation;
struct Payment(Cell<u32>);
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(parallel = preparations, compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(parallel = preparations, readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment(Cell::new(7)))
    }

    #[step(pivot)]
    async fn book_courier(
        &self,
        _reservation: &Reservation,
        _payment: &Payment,
    ) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
