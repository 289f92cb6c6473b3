use saga_core::saga;

struct Trip;
struct Insurance;
struct Ticket;

struct Trips;

#[saga]
impl Trips {
    #[step(only_if = is_lnog, compensate = cancel_insurance)]
    async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
        Ok(Insurance)
    }

    #[step(pivot)]
    async fn pay(&self, _insurance: Option<&Insurance>) -> Result<Ticket, String> {
        Ok(Ticket)
    }

    async fn cancel_insurance(&self, _insurance: &Insurance) -> Result<(), String> {
        Ok(())
    }

    fn is_long(&self, #[input] _trip: &Trip) -> bool {
        true
    }
}

fn main() {}
