#![deny(warnings)]

use saga_core::saga;

struct Order {
    cents: u32,
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, Order { cents }: &Order) -> Result<u32, String> {
        Ok(*cents)
    }

    #[step]
    async fn send_receipt(&self, _: &u32, #[input] &Order { cents }: &Order) -> Result<u32, String> {
        Ok(cents)
    }
}

fn main() {}
