use std::rc::Rc;

use saga_core::saga;

struct Order;
struct Payment;

struct CardError(Rc<str>);

impl std::fmt::Display for CardError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, CardError> {
        Ok(Payment)
    }
}

fn main() {}
