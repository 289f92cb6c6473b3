use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

fn is_lost(code: &u32) -> bool {
    *code == 504
}

#[saga]
impl Checkout {
    #[step(pivot, in_doubt = is_lost)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
