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

    #[step(pivot)]
    async fn charge_card(&self, card: &&'db str) -> Result<usize, String> {
        Ok(card.len() + self.database.len())
    }
}

fn main() {}
