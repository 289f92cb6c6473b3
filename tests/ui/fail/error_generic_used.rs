use std::marker::PhantomData;

use saga_core::{Saga, saga};

struct Order;
struct Payment;

struct Checkout<E>(PhantomData<E>);

#[saga]
impl<E> Checkout<E> {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, E> {
        Ok(Payment)
    }
}

async fn shop(checkout: &Checkout<String>) -> bool {
    CheckoutSaga::run(checkout, Order).await.is_ok()
}

fn main() {}
