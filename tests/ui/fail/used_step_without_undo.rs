use saga_core::{Failure, Saga as _, saga};

struct Order;
struct Reservation;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

async fn shop(checkout: &Checkout) -> Result<Payment, String> {
    match CheckoutSaga::run(checkout, Order).await {
        Ok(payment) => Ok(payment),
        Err(error) if error.is_stuck() => Err(error.report().to_string()),
        Err(error) => match error.into_error() {
            CheckoutSagaError::ChargeCard(Failure::Error(text)) => Err(text),
            CheckoutSagaError::ChargeCard(_) => Err("not charged".to_owned()),
            other => Err(other.to_string()),
        },
    }
}

fn main() {}
