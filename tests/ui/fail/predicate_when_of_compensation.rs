use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;

struct Checkout;

fn is_busy(code: &u32) -> bool {
    *code == 503
}

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

    #[compensation(retry(attempts = 3, when = is_busy))]
    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
