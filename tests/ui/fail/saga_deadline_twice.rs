use saga_core::saga;

struct Trip;
struct Ticket;

struct Trips;

#[saga(deadline = "30s", deadline = "40s")]
impl Trips {
    #[step(pivot)]
    async fn pay(&self, _trip: &Trip) -> Result<Ticket, String> {
        Ok(Ticket)
    }
}

fn main() {}
