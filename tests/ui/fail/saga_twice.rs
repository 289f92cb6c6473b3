use saga_core::{Saga, saga};

struct Order;
struct Payment;

struct Checkout;

#[saga]
#[saga(saga = OtherSaga)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

async fn shop(checkout: &Checkout) -> (bool, bool) {
    let one = CheckoutSaga::run(checkout, Order).await;
    let other = OtherSaga::run(checkout, Order).await;
    (one.is_ok(), other.is_ok())
}

fn main() {}
