use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;

mod kiosk {
    pub struct Payment;
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(&self, _payment: &kiosk::Payment) -> Result<Reservation, String> {
        Ok(Reservation)
    }
}

fn main() {}
