#![deny(warnings)]

use saga_core::saga;

struct Order;

struct Checkout<'db> {
    database: &'db str,
}

#[saga]
impl Checkout<'_> {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<usize, String> {
        Ok(self.database.len())
    }
}

fn main() {}
