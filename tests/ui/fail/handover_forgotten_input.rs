use saga_core::saga;

struct Order;
struct Reservation;
struct Payment;
struct Score;
struct Error;

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, Error> {
        Ok(Reservation)
    }

    #[step(readonly)]
    async fn score_fraud(&self, #[input] _order: &Order) -> Result<Score, Error> {
        Ok(Score)
    }

    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, Error> {
        Ok(Payment)
    }

    async fn release_stock(&self, _reservation: &Reservation) -> Result<(), Error> {
        Ok(())
    }
}

fn main() {}
