use saga_core::{Attempt, Saga, StepContext, saga};

#[derive(Debug)]
struct Order {
    item: &'static str,
    cents: u64,
}

#[derive(Debug)]
struct Reservation(u32);

#[derive(Debug)]
struct Payment(u32);

/// What the steps need: clients of other services, a pool of connections.
struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, order: &Order) -> Result<Reservation, String> {
        println!("reserving a {}", order.item);
        Ok(Reservation(17))
    }

    #[step(compensate = refund, timeout = "3s", retry(attempts = 4, backoff = "100ms..5s"))]
    async fn charge_card(
        &self,
        reservation: &Reservation,
        #[input] order: &Order,
        run: &StepContext,
    ) -> Result<Payment, String> {
        let key = run.idempotency_key(); // the same for each attempt
        println!("charging {} for {reservation:?} under {key}", order.cents);
        Ok(Payment(42))
    }

    #[step(pivot)]
    async fn book_courier(&self, payment: &Payment) -> Result<String, String> {
        println!("booking a courier for payment {}", payment.0);
        Err("no courier is free".to_owned())
    }

    async fn release_stock(&self, reservation: &Reservation) -> Result<(), String> {
        println!("releasing reservation {}", reservation.0);
        Ok(())
    }

    // A charge that timed out may have been made: `Attempt` asks to be run in that case too.
    async fn refund(&self, payment: Attempt<&Payment>, run: &StepContext) -> Result<(), String> {
        match payment {
            Attempt::Completed(payment) => println!("refunding payment {}", payment.0),
            Attempt::InDoubt => println!("looking for a charge {}", run.step_idempotency_key()),
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let item = "kettle";
    let order = Order { item, cents: 4_900 };
    match CheckoutSaga::run(&Checkout, order).await {
        Ok(courier) => println!("on its way with {courier}"),
        Err(error) => println!("\n{}", error.report()),
    }
}
