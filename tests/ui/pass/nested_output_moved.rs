#![deny(warnings)]

use saga_core::{Saga, saga};

// Neither is `Clone`, nor `Debug`.
struct Amount(u32);
struct Receipt(u32);

struct Payments;

#[saga]
impl Payments {
    #[step(no_compensation = "it lapses")]
    async fn charge(&self, amount: Amount) -> Result<Receipt, String> {
        Ok(Receipt(amount.0))
    }
}

struct Shop {
    payments: Payments,
}

#[saga]
impl Shop {
    #[step(readonly)]
    async fn price(&self, cents: &u32) -> Result<Amount, String> {
        Ok(Amount(*cents))
    }

    // A value that a step with one attempt takes is moved.
    #[step(pivot, saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, amount: Amount) -> Amount {
        amount
    }

    #[step]
    async fn ship(&self, receipt: Receipt) -> Result<u32, String> {
        Ok(receipt.0)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let shop = Shop { payments: Payments };
    assert_eq!(ShopSaga::run(&shop, 7).await.unwrap(), 7);
}
