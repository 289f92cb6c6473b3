use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    async fn charge_card(&self, _order: &Order) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
