#![deny(warnings)]

use saga_core::saga;

struct Order;
struct Reservation;

struct Checkout;

impl Checkout {
    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(compensate = release_stock)]
    async fn reserve_more(&self, #[input] _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
