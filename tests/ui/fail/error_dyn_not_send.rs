use std::error::Error;

use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = refund)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, Box<dyn Error>> {
        Ok(Payment)
    }

    #[step]
    async fn book_courier(&self, _payment: &Payment) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _payment: &Payment) -> Result<(), Box<dyn Error>> {
        Ok(())
    }
}

fn main() {}
