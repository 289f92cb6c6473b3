#![deny(warnings)]

use ::saga_core as sagas;

mod saga_core {}

struct Order;

struct Checkout;

#[sagas::saga(crate = sagas)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order, _context: &sagas::StepContext) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
