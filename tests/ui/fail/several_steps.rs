use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(pivot)]
    async fn charge_card(&self, #[from(book_courier)] _tracking: &u32) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(&self, #[from(charge_cart)] _payment: &Payment) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
