use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(parallel = preparations, compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(parallel = preparations, readonly, max_interruptions = "twice")]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
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
