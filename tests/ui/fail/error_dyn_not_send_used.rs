use std::error::Error;

use saga_core::{Failure, Saga, saga};

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, Box<dyn Error>> {
        Ok(Payment)
    }
}

async fn shop(checkout: &Checkout) -> Result<Payment, Box<dyn Error>> {
    match CheckoutSaga::run(checkout, Order).await {
        Ok(payment) => Ok(payment),
        Err(error) => match error.into_error() {
            CheckoutSagaError::ChargeCard(Failure::Error(error)) => Err(error),
            other => Err(other.to_string().into()),
        },
    }
}

fn main() {}
