use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> () {
    }
}

fn main() {}
