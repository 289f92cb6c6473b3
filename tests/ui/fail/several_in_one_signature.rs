use saga_core::{StepContext, saga};

struct Order;
struct Payment;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    fn book_courier<'a>(
        &'a self,
        #[from(check_card)] _payment: &mut Payment,
        #[input]
        #[sensitive]
        _order: &'a Order,
        _run: StepContext,
    ) -> Option<Tracking> {
        Some(Tracking)
    }
}

fn main() {}
