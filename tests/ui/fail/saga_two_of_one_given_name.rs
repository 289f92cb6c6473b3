use saga_core::saga;

struct Order;

struct Checkout;

#[saga(saga = OrderSaga)]
impl Checkout {
    #[step]
    async fn ship(&self, _order: &Order) -> Result<(), String> {
        Ok(())
    }
}

struct Returns<'a> {
    desk: &'a str,
}

#[saga(saga = OrderSaga)]
impl Returns<'_> {
    #[step(pivot)]
    async fn restock(&self, _order: &Order) -> Result<(), String> {
        println!("{}", self.desk);
        Ok(())
    }
}

fn main() {}
