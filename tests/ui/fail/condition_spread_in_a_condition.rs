use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;
struct Tracking;
struct Receipt;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(only_if = is_large, compensate = refund)]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<(Payment, Receipt), String> {
        Ok((Payment, Receipt))
    }

    #[step(readonly, only_if = is_paid)]
    async fn find_receipt(&self) -> Result<u64, String> {
        Ok(7)
    }

    #[step(pivot)]
    async fn book_courier(&self, _receipt: Option<&u64>) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    fn is_large(&self, _reservation: &Reservation) -> bool {
        true
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }

    fn is_paid(&self, _payment: &Payment, _receipt: &Receipt) -> bool {
        true
    }

    async fn refund(&self, _payment: &Payment, _receipt: &Receipt) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
