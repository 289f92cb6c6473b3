#![deny(warnings)]

use std::io;

use saga_core::saga;

struct Order;
struct Payment;

type StockResult<T> = Result<T, String>;
type DoneResult = Result<(), String>;
type FallibleResult<T, E = String> = std::result::Result<T, E>;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> StockResult<u32> {
        Ok(7)
    }

    #[step(readonly)]
    async fn check_card(&self, _reservation: &u32) -> anyhow::Result<u32> {
        Ok(7)
    }

    #[step(no_compensation = "the log is append-only")]
    async fn log(&self, _card: &u32) -> io::Result<Payment> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn charge_card(&self, _payment: &Payment) -> FallibleResult<Payment> {
        Ok(Payment)
    }

    #[step]
    async fn send_receipt(&self, _payment: &Payment) -> ::core::result::Result<(), String> {
        Ok(())
    }

    async fn release_stock(&self, _reservation: &u32) -> DoneResult {
        Ok(())
    }
}

fn main() {}
