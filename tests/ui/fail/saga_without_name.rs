use saga_core::saga;

struct Order;

trait Shop: Sync {}

#[saga]
impl dyn Shop {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
