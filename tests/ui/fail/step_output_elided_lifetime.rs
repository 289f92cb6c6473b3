use saga_core::saga;

struct Order;
struct Payment<'a>(&'a str);
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Payment<'_>, String> {
        Ok(Payment("card"))
    }

    #[step(pivot)]
    async fn book_courier(&self, _payment: &Payment<'_>) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
