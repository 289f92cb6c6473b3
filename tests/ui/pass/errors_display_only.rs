#![deny(warnings)]

use saga_core::saga;

struct Order;

struct CardError;

impl std::fmt::Display for CardError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("declined")
    }
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = refund)]
    async fn charge_card(&self, _order: &Order) -> Result<u32, CardError> {
        Ok(7)
    }

    #[step]
    async fn send_receipt(&self, _payment: &u32) -> Result<(), &'static str> {
        Err("no address")
    }

    async fn refund(&self, _payment: &u32) -> Result<(), CardError> {
        Ok(())
    }
}

fn main() {}
