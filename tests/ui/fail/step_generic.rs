use saga_core::saga;

struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card<O>(&self, _order: &O) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
