#![deny(warnings)]

use saga_core::saga;

struct Order;
struct Reservation;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(compensate = release_stock)]
    async fn reserve_wrapping(&self) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step]
    async fn ship(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }

    #[compensation(retry(attempts = 3))]
    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
