use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn price(&self, _order: &Order) -> Result<Box<dyn Fn(u32) -> u32>, String> {
        Ok(Box::new(|cents| cents))
    }

    #[step(pivot)]
    async fn charge_card(&self, _price: &dyn Fn(u32) -> u32) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
