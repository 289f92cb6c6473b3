use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga(input = Vec<Order>)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card<O>(&self, _orders: &Vec<O>) -> Result<Payment, String>
    where
        O: Send,
    {
        Ok(Payment)
    }
}

fn main() {}
