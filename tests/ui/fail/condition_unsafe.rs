use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(only_if = is_large, compensate = refund)]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    unsafe fn is_large(&self, _reservation: &Reservation) -> bool {
        true
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _payment: &Payment) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
