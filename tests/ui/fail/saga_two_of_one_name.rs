use std::sync::Arc;

use saga_core::{RunOptions, Saga, saga};

struct Order;
struct Reservation;
struct Return;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step]
    async fn ship(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

#[saga(name = "returns")]
impl Checkout {
    #[step(compensate = reject_return)]
    async fn accept_return(&self, _order: &Order) -> Result<Return, String> {
        Ok(Return)
    }

    #[step]
    async fn restock(&self, _parcel: &Return) -> Result<(), String> {
        Ok(())
    }

    async fn reject_return(&self, _parcel: &Return) -> Result<(), String> {
        Ok(())
    }
}

async fn check_out(checkout: Arc<Checkout>) {
    match CheckoutSaga::run(&checkout, Order).await {
        Ok(()) => {}
        Err(error) => match error.into_error() {
            CheckoutSagaError::ReserveStock(_) => {}
            _ => {}
        },
    }
    let _ = CheckoutSaga::spawn(checkout, Order, RunOptions::new());
}

fn main() {}
