use saga_core::saga;

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

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
        Ok(Payment)
    }
}

impl Checkout {
    async fn release_stock(&self, _reservation: &Reservation) {}
}

fn main() {}
