use saga_core::saga;

struct Order;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(no_compensation)]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
