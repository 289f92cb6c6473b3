use std::marker::PhantomData;

use saga_core::saga;

struct Order;
struct Payment;

trait Made: Send {
    fn made() -> Self;
}

struct Checkout<T>(PhantomData<fn() -> T>);

#[saga]
impl<T: Made> Checkout<T> {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<T, String> {
        Ok(T::made())
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &T) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn release_stock(&self, _reservation: &T) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
