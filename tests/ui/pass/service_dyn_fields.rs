#![deny(warnings)]

use std::sync::Arc;

use saga_core::saga;

struct Order;

trait Cards: Send + Sync {
    fn charge(&self, order: &Order) -> Result<u32, String>;
}

struct Checkout {
    cards: Arc<dyn Cards>,
}

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, order: &Order) -> Result<u32, String> {
        self.cards.charge(order)
    }
}

fn main() {}
