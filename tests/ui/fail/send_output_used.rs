use std::rc::Rc;

use saga_core::{Saga, saga};

struct Order;
struct Payment;
struct Reservation(Rc<str>);

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation("A-7".into()))
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn release_stock(&self, reservation: &Reservation) -> Result<(), String> {
        println!("{}", reservation.0);
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    if let Err(error) = CheckoutSaga::run(&Checkout, Order).await {
        println!("{error}");
    }
    let checkout = std::sync::Arc::new(Checkout);
    let handle = CheckoutSaga::spawn(checkout, Order, saga_core::RunOptions::new());
    let _ = handle.await;
}
