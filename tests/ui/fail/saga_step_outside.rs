use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<u32, String> {
        Ok(7)
    }
}

impl Checkout {
    #[step]
    async fn send_receipt(&self, _payment: &u32) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
