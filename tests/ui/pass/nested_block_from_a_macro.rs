#![deny(warnings)]

use saga_core::{Saga, saga};

struct Payments;

#[saga]
impl Payments {
    #[step(compensate = refund)]
    async fn charge(&self, amount: &u32) -> Result<u32, String> {
        Ok(*amount)
    }

    async fn refund(&self, _charged: &u32) -> Result<(), String> {
        Ok(())
    }
}

struct Shop {
    payments: Payments,
}

macro_rules! shop {
    ($saga:ty, $field:ident, $input:ty, |$cents:ident| $body:expr) => {
        #[saga]
        impl Shop {
            #[step(saga = $saga, on = self.$field)]
            fn pay(&self, $cents: &$input) -> $input {
                $body
            }

            #[step]
            async fn ship(&self, paid: &u32) -> Result<u32, String> {
                Ok(*paid)
            }
        }
    };
}

shop!(PaymentsSaga, payments, u32, |cents| *cents);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let shop = Shop { payments: Payments };
    assert_eq!(ShopSaga::run(&shop, 7).await.unwrap(), 7);
}
