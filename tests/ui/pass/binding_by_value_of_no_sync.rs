#![deny(warnings)]

use std::cell::Cell;

use saga_core::saga;

struct Basket(Cell<u32>);

struct Checkout;

#[saga]
impl Checkout {
    // Moved, so nothing borrows it: `Send` is enough.
    #[step(readonly)]
    async fn fill(&self, count: Basket) -> Result<Basket, String> {
        Ok(count)
    }

    #[step(pivot)]
    async fn pay(&self, basket: Basket) -> Result<u32, String> {
        Ok(basket.0.into_inner())
    }
}

fn main() {}
