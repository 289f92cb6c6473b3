#![deny(warnings)]

use saga_core::saga;

struct Order {
    cents: u32,
}

struct Checkout;

#[saga]
impl Checkout {
    const LIMIT: u32 = 100;

    pub const fn new() -> Self {
        Self
    }

    #[step(readonly)]
    async fn check_limit(&self, order: &Order) -> Result<u32, String> {
        Self::within(order.cents).ok_or_else(|| "too much".to_owned())
    }

    fn within(cents: u32) -> Option<u32> {
        (cents <= Self::LIMIT).then_some(cents)
    }

    #[step(pivot)]
    async fn charge_card(&self, cents: &u32) -> Result<u32, String> {
        Ok(*cents)
    }
}

fn main() {
    let _ = Checkout::new();
}
