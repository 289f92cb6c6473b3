use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;
struct Error;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(timeout = "3s")]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, Error> {
        Ok(Reservation)
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, Error> {
        Ok(Payment)
    }
}

fn main() {}
