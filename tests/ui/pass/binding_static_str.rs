#![deny(warnings)]

use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn find_bank(&self, _order: &Order) -> Result<&'static str, String> {
        Ok("bank")
    }

    // A value of its own, although it is spelled as a reference.
    #[step(pivot)]
    async fn charge_card(&self, bank: &'static str) -> Result<&'static str, String> {
        Ok(bank)
    }
}

fn main() {}
