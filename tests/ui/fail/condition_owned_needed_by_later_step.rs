use saga_core::saga;

struct Trip;
struct Car;
struct Insurance;
struct Ticket;

struct Trips;

#[saga]
impl Trips {
    #[step(only_if = is_long, readonly)]
    async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
        Ok(Insurance)
    }

    #[step(readonly)]
    async fn price(&self, _insurance: Option<Insurance>) -> Result<Car, String> {
        Ok(Car)
    }

    #[step(pivot)]
    async fn pay(&self, _car: &Car, #[from(insure)] _insurance: Option<&Insurance>) -> Result<Ticket, String> {
        Ok(Ticket)
    }

    fn is_long(&self, _trip: &Trip) -> bool {
        true
    }
}

fn main() {}
