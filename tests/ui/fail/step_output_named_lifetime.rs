use saga_core::saga;

struct Order;
struct Payment<'a>(&'a Order);
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card<'a>(&self, order: &'a Order) -> Result<Payment<'a>, String> {
        Ok(Payment(order))
    }

    #[step(pivot)]
    async fn book_courier(&self, _payment: &Payment<'_>) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
