use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;
struct Shop;

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        Ok(Reservation)
    }

    #[step(compensate = refund)]
    async fn charge_card(&self, _reservation: &Reservation, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn ship(&self, _payment: &Payment) -> Result<(), String> {
        Ok(())
    }

    async fn release(&self, _reservation: &Reservation) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _payment: &Payment) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
