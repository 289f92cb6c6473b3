use saga_core::saga;

struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &impl ToString) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
