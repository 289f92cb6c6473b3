use saga_core::saga;

struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, #[from(book_courier)] _tracking: &Tracking) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
