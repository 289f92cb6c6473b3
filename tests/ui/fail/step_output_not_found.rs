use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn reserve_seat(&self, _order: &Order) -> Result<Self::Ticket, String> {
        Err("sold out".to_owned())
    }

    #[step(pivot)]
    async fn charge_card(&self) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
