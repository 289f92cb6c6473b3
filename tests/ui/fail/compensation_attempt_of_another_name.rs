use saga_core::{Attempt as Known, saga};

struct Order;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = refund, timeout = "3s")]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step]
    async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    async fn refund(&self, _payment: Known<&Payment>) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
