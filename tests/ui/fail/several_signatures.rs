use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(pivot)]
    async fn charge_card(&mut self, _reservation: &Reservation) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step]
    async fn send_receipt(_payment: &Payment) {}

    async fn release_stock<R>(&self, _reservation: &R) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
