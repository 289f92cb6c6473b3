#![deny(warnings)]

use saga_core::{StepContext, saga};

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card<'a>(&'a self, _order: &'a Order) -> Result<u32, String> {
        Ok(7)
    }

    #[step(pivot)]
    async fn charge_card<'a, 'b: 'a>(
        &self,
        _card: &'a u32,
        #[input] _order: &'b Order,
        _context: &'b StepContext,
    ) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
