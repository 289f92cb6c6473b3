#![deny(warnings)]

use saga_core::{Attempt, saga};

struct Order;
struct Reservation;
struct Payment;

#[derive(Debug)]
enum CardError {
    Busy,
    Lost,
}

impl CardError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }

    fn is_lost(&self) -> bool {
        matches!(self, Self::Lost)
    }
}

impl std::fmt::Display for CardError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

mod predicates {
    pub fn any<E>(_: &E) -> bool {
        true
    }
}

struct Checkout;

#[saga(
    name = "shop-checkout",
    saga = BuySaga,
    vis = pub(self),
    input = Order,
    crate = ::saga_core,
    retry(attempts = 2, backoff = "10ms..1s"),
    compensation(retry(attempts = 5, backoff = "1s..1m"), timeout = "10s", max_interruptions = 10),
)]
impl Checkout {
    #[step(
        compensate = release_stock,
        retry(attempts = 4, backoff = "100ms..5s", when = predicates::any),
        timeout = "3s",
        max_interruptions = 2,
        name = "reserve.stock-1",
    )]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(no_compensation = "a mail cannot be unsent", timeout = "250us")]
    async fn send_mail(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(readonly, retry(attempts = 3))]
    async fn check_card(&self, #[input] _order: &Order) -> Result<(), CardError> {
        Ok(())
    }

    #[step(
        pivot,
        compensate = refund,
        in_doubt = CardError::is_lost,
        retry(attempts = 2, when = CardError::is_transient)
    )]
    async fn charge_card(&self, #[from(reserve_stock)] _reservation: &Reservation) -> Result<Payment, CardError> {
        Ok(Payment)
    }

    #[step(timeout = "1h", retry(attempts = 1_000))]
    async fn send_receipt(&self, _payment: &Payment) -> Result<(), CardError> {
        Ok(())
    }

    #[compensation(retry(attempts = 3, backoff = "1ms..1ms"), timeout = "2 m")]
    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }

    #[compensation(retry(attempts = 3, when = CardError::is_transient))]
    async fn refund(&self, _payment: Attempt<&Payment>) -> Result<(), CardError> {
        Ok(())
    }
}

fn main() {
    use saga_core::Saga as _;

    assert_eq!(BuySaga::DEFINITION.name, "shop-checkout");
}
