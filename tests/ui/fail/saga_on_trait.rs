use saga_core::saga;

struct Order;

#[saga]
trait Shop {
    #[step(pivot)]
    async fn charge_card(&self, order: &Order) -> Result<u32, String>;
}

fn main() {}
