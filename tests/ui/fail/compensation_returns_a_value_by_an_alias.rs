use saga_core::saga;

type Result<T> = std::result::Result<T, Declined>;

#[derive(Debug)]
struct Declined;

impl std::fmt::Display for Declined {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

struct Order;
struct Payment;
struct Refund;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = refund_card)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment> {
        Ok(Payment)
    }

    async fn refund_card(&self, _payment: &Payment) -> Result<Refund> {
        Ok(Refund)
    }
}

fn main() {}
