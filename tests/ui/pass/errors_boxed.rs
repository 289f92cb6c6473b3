#![deny(warnings)]

use std::error::Error;
use std::fmt::Display;

use saga_core::saga;

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<u32, Box<dyn Error + Send + Sync>> {
        Ok("7".parse()?)
    }

    #[step(readonly)]
    async fn check_card(&self, _reservation: &u32) -> Result<u32, anyhow::Error> {
        Ok("7".parse()?)
    }

    #[step(pivot)]
    async fn charge_card(&self, _card: &u32) -> Result<u32, Box<dyn Display + Send>> {
        Err(Box::new("declined"))
    }

    async fn release_stock(&self, _reservation: &u32) -> anyhow::Result<()> {
        Ok(())
    }
}

fn main() {}
