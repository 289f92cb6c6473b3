use std::rc::Rc;

use saga_core::saga;

struct Order;
struct Payment(#[allow(dead_code)] Rc<u32>);
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Order, String> {
        Ok(Order)
    }

    #[step]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment(Rc::new(7)))
    }

    #[step]
    async fn book_courier(&self, _payment: Payment) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
