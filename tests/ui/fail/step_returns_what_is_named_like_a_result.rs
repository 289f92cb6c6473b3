use saga_core::{Saga, saga};

struct Order;
struct Payment;
struct QueryResult {
    rows: u32,
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = delete_order)]
    async fn insert_order(&self, _order: &Order) -> QueryResult {
        QueryResult { rows: 1 }
    }

    #[step(pivot)]
    async fn charge_card(&self, _inserted: &QueryResult) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn delete_order(&self, inserted: &QueryResult) -> Result<(), String> {
        println!("{}", inserted.rows);
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    match CheckoutSaga::run(&Checkout, Order).await {
        Ok(_payment) => println!("paid"),
        Err(error) => println!("{error}"),
    }
}
