#![deny(warnings)]

use saga_core::{Saga, saga};

struct Shop {
    payments: payments::Payments,
}

// The order of the blocks, and of the modules, says nothing.
#[saga]
impl Shop {
    #[step(saga = payments::PaymentsSaga, on = self.payments)]
    fn pay(&self, cents: &u32) -> u32 {
        *cents
    }

    #[step(saga = crate::payments::PaymentsSaga, on = self.payments)]
    fn pay_again(&self, paid: &u32) -> u32 {
        *paid
    }

    #[step]
    async fn ship(&self, paid: &u32) -> Result<u32, String> {
        Ok(*paid)
    }
}

mod payments {
    use saga_core::saga;

    pub struct Payments;

    #[saga(vis = pub(crate))]
    impl Payments {
        #[step(compensate = refund)]
        async fn charge(&self, amount: &u32) -> Result<u32, String> {
            Ok(*amount)
        }

        async fn refund(&self, _charged: &u32) -> Result<(), String> {
            Ok(())
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let shop = Shop {
        payments: payments::Payments,
    };
    assert_eq!(ShopSaga::run(&shop, 7).await.unwrap(), 7);
}
