use saga_core::saga;

struct Order;
struct Payment;
struct QueryResult;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = delete_order)]
    async fn insert_order(&self, _order: &Order) -> Result<Order, String> {
        Ok(Order)
    }

    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn delete_order(&self, _order: &Order) -> QueryResult {
        QueryResult
    }
}

fn main() {}
