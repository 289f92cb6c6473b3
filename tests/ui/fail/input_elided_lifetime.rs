use saga_core::{Saga, saga};

struct Order<'a>(&'a str);
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order<'_>) -> Result<Payment, String> {
        Ok(Payment)
    }
}

async fn shop(checkout: &Checkout) {
    let _ = CheckoutSaga::run(checkout, Order("cup")).await;
}

fn main() {}
