use saga_core::saga;

struct Order;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(&self, #[input(order)] _order: &Order) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
