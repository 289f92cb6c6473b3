use saga_core::saga;
use std::rc::Rc;

struct Order;
struct Reservation;
struct Payment(u32);
struct Tracking;

struct Checkout;

async fn ask_bank() {}

#[saga]
impl Checkout {
    #[step(parallel = preparations, compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(parallel = preparations, readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        let card = Rc::new(7);
        ask_bank().await;
        Ok(Payment(*card))
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
