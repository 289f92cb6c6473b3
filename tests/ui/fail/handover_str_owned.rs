use saga_core::saga;

struct Order;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, _order: &Order) -> Result<&'static str, String> {
        Ok("card-7")
    }

    #[step(pivot)]
    async fn book_courier(&self, _card: String) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
