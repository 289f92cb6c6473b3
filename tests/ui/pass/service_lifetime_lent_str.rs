#![deny(warnings)]

use saga_core::saga;

struct Order;

struct Checkout<'db> {
    database: &'db str,
}

#[saga]
impl<'db> Checkout<'db> {
    #[step(readonly)]
    async fn find_card(&self, _order: &Order) -> Result<&'db str, String> {
        Ok(self.database)
    }

    // `&str` from a `&str` that lives shorter than `'static`.
    #[step(pivot)]
    async fn charge_card(&self, card: &str) -> Result<usize, String> {
        Ok(card.len())
    }
}

fn main() {}
