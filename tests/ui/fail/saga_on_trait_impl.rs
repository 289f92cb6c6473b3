use saga_core::saga;

struct Order;
struct Checkout;

trait Shop {
    fn charge_card(&self, order: &Order) -> Result<u32, String>;
}

#[saga]
impl Shop for Checkout {
    #[step(pivot)]
    fn charge_card(&self, _order: &Order) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
