use std::rc::Rc;

use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<u32, String> {
        let card = Rc::new(7);
        ask_bank().await;
        Ok(*card)
    }
}

async fn ask_bank() {}

fn main() {}
