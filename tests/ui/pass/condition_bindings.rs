#![deny(warnings)]

use saga_core::{Saga, StepContext, saga};

type ShopResult<T> = Result<T, String>;

struct Order {
    cents: u64,
}
#[derive(Debug, PartialEq)]
struct Payment(u64);

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn price(&self, order: &Order) -> ShopResult<(u64, String)> {
        Ok((order.cents, "EUR".to_owned()))
    }

    // The condition takes the tuple apart as its step does, and an alias is what it stands for.
    #[step(only_if = is_in_euro, compensate = refund, sensitive)]
    async fn charge_card(&self, cents: &u64, _currency: &str) -> ShopResult<Payment> {
        Ok(Payment(*cents))
    }

    #[step(only_if = is_paid, readonly)]
    async fn find_receipt(&self, payment: Option<&Payment>) -> ShopResult<Vec<u64>> {
        Ok(payment.iter().map(|payment| payment.0).collect())
    }

    // Moved: no later step needs it.
    #[step(readonly)]
    async fn print(&self, receipt: Option<Vec<u64>>) -> ShopResult<usize> {
        Ok(receipt.map_or(0, |receipt| receipt.len()))
    }

    // The condition of a step that takes a value is evaluated before.
    #[step(only_if = is_any)]
    async fn send(&self, printed: usize) -> ShopResult<usize> {
        Ok(printed)
    }

    fn is_in_euro(&self, _cents: &u64, currency: &str, #[input] order: &Order) -> bool {
        currency == "EUR" && order.cents > 0
    }

    fn is_paid(
        &self,
        #[from(charge_card)] payment: Option<&Payment>,
        #[sensitive]
        #[input]
        _order: &Order,
        _run: &StepContext,
    ) -> bool {
        payment.is_some()
    }

    fn is_any(&self, printed: &usize) -> bool {
        *printed > 0
    }

    async fn refund(
        &self,
        _payment: &Payment,
        #[from(price)] _price: &(u64, String),
    ) -> ShopResult<()> {
        Ok(())
    }
}

// The output of the last step, if it runs.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let run = |cents| CheckoutSaga::run(&Checkout, Order { cents });
    assert_eq!(run(7).await.unwrap(), Some(1));
    assert_eq!(run(0).await.unwrap(), None);
}
