use saga_core::saga;

struct Order;
struct Ticket;

trait Sells {
    type Ticket;
}

struct Checkout;

impl Sells for Checkout {
    type Ticket = Ticket;
}

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn sell(&self, _order: &Order) -> Result<Self::Ticket, String> {
        Ok(Ticket)
    }
}

fn main() {}
