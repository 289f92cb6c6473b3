use saga_core::saga;

struct Order;
struct Payment;

struct Checkout {
    charged: std::cell::Cell<u32>,
}

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        self.charged.set(1);
        Ok(Payment)
    }
}

fn main() {}
