use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<(Reservation, u32), String> {
        Ok((Reservation, 1))
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &(Reservation, u32)) -> Result<Payment, String> {
        Ok(Payment)
    }
}

impl Checkout {
    async fn release_stock(&self, _reservation: &Reservation, _count: &u32) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
