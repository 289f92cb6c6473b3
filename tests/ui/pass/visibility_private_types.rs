#![deny(warnings)]

pub mod shop {
    use saga_core::{Saga as _, saga};

    pub struct Checkout;

    struct Order(u32);
    struct Payment(u32);
    struct CardError;

    impl std::fmt::Display for CardError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("declined")
        }
    }

    #[saga]
    impl Checkout {
        #[step(pivot)]
        async fn charge_card(&self, order: &Order) -> Result<Payment, CardError> {
            if order.0 > 100 { Err(CardError) } else { Ok(Payment(order.0)) }
        }

        pub async fn buy(&self, cents: u32) -> Option<u32> {
            let paid = CheckoutSaga::run(self, Order(cents)).await;
            paid.ok().map(|payment| payment.0)
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(shop::Checkout.buy(7).await, Some(7));
}
