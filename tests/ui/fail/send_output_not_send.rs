use saga_core::saga;

struct Order;
struct Payment(*const u8);
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment(std::ptr::null()))
    }

    #[step(pivot)]
    async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
