#![deny(warnings)]

use saga_core::{Saga, saga};

struct Order {
    cents: u64,
}
#[derive(Debug, PartialEq)]
struct Reservation;
#[derive(Debug, PartialEq)]
struct Payment(u64);
struct Insurance;

struct Checkout;

// First, two in a row, and after the pivot; the last one returns the saga's output. A group may be called
// like a member of it.
#[saga]
impl Checkout {
    #[step(parallel = reserve_stock, compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(parallel = reserve_stock, readonly)]
    async fn price(&self, order: &Order) -> Result<u64, String> {
        Ok(order.cents)
    }

    // By value: each goes to the member that takes it.
    #[step(parallel = offers, readonly)]
    async fn insure(&self, _stock: &Reservation, _cents: &u64) -> Result<Insurance, String> {
        Ok(Insurance)
    }

    #[step(parallel = offers, readonly)]
    async fn find_courier(&self, #[from(price)] cents: &u64) -> Result<u64, String> {
        Ok(*cents)
    }

    #[step(pivot)]
    async fn charge_card(
        &self,
        _insurance: Insurance,
        courier: u64,
        #[from(price)] cents: &u64,
    ) -> Result<Payment, String> {
        Ok(Payment(courier + cents))
    }

    #[step(parallel = messages)]
    async fn mail(&self, payment: &Payment) -> Result<u64, String> {
        Ok(payment.0)
    }

    #[step(parallel = messages)]
    async fn log(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(parallel = messages, retry(attempts = 2))]
    async fn count(&self, #[from(reserve_stock)] _stock: &Reservation) -> Result<u8, String> {
        Ok(3)
    }

    async fn release_stock(
        &self,
        _stock: &Reservation,
        #[input] _order: &Order,
    ) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let output: (u64, (), u8) = CheckoutSaga::run(&Checkout, Order { cents: 7 })
        .await
        .unwrap();
    assert_eq!(output, (14, (), 3));
}
