use saga_core::saga;

struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self) -> Result<&str, String> {
        Ok("card")
    }

    #[step(pivot)]
    async fn book_courier(&self, _card: &str) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
