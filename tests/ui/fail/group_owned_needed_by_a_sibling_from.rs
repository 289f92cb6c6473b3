use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;
struct Tracking;
struct Receipt;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn find_receipt(&self, _order: &Order) -> Result<Receipt, String> {
        Ok(Receipt)
    }

    #[step(parallel = preparations, compensate = release_stock)]
    async fn reserve_stock(&self, _receipt: Receipt) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(parallel = preparations, readonly)]
    async fn check_card(
        &self,
        #[from(find_receipt)] _receipt: &Receipt,
    ) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn book_courier(
        &self,
        _reservation: &Reservation,
        _payment: &Payment,
    ) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
