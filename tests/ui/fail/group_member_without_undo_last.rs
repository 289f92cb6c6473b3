use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn price(&self, _order: &Order) -> Result<u64, String> {
        Ok(250)
    }

    #[step(parallel = preparations, compensate = release_stock)]
    async fn reserve_stock(&self, _price: &u64) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(parallel = preparations)]
    async fn check_card(&self, _price: &u64) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
