use std::rc::Rc;

use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = refund)]
    async fn charge_card(&self, _order: &Order) -> Result<u32, String> {
        Ok(7)
    }

    async fn refund(&self, payment: &u32) -> Result<(), String> {
        let payment = Rc::new(*payment);
        ask_bank().await;
        drop(payment);
        Ok(())
    }
}

async fn ask_bank() {}

fn main() {}
