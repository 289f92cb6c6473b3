#![deny(warnings)]

use std::fmt::Display;

use saga_core::{Attempt, Saga, saga};

#[derive(Debug)]
pub struct Declined<'a>(&'a str);

impl Display for Declined<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl Declined<'_> {
    fn is_busy(&self) -> bool {
        self.0 == "busy"
    }
}

trait Transient {
    fn is_transient(&self) -> bool;
}

impl<T: Display> Transient for T {
    fn is_transient(&self) -> bool {
        self.to_string() == "busy"
    }
}

fn is_any<T: Display>(error: &T) -> bool {
    error.to_string() == "busy"
}

const fn is_lost(error: &u32) -> bool {
    *error == 504
}

struct Checkout;

impl Checkout {
    const IS_LOST: fn(&u32) -> bool = is_lost;

    fn is_lost(error: &Declined<'_>) -> bool {
        error.0 == "lost"
    }
}

#[saga]
impl Checkout {
    #[step(
        compensate = refund_card,
        in_doubt = Self::is_lost,
        retry(attempts = 2, backoff = "1ms..2ms", when = Declined::is_busy)
    )]
    async fn charge_card(&self, _order: &u32) -> Result<u32, Declined<'static>> {
        Ok(1)
    }

    #[step(readonly, retry(attempts = 2, backoff = "1ms..2ms", when = Transient::is_transient))]
    async fn read_stock(&self, payment: &u32) -> Result<u32, String> {
        Ok(*payment)
    }

    #[step(in_doubt = Self::IS_LOST, retry(attempts = 2, backoff = "1ms..2ms", when = is_any::<u32>))]
    async fn send_mail(&self, _stock: &u32) -> Result<u32, u32> {
        Ok(2)
    }

    #[compensation(retry(attempts = 2, backoff = "1ms..2ms", when = is_any))]
    async fn refund_card(&self, _payment: Attempt<&u32>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let result = CheckoutSaga::run(&Checkout, 1).await;
    assert_eq!(result.ok(), Some(2));
}
