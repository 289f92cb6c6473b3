use saga_core::saga;

struct Trip;
struct Hotel;
struct Ticket;

struct Trips;

#[saga]
impl Trips {
    #[step(compensate = cancel_hotel)]
    async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(pivot)]
    async fn pay(&self, _hotel: &Hotel) -> Result<Ticket, String> {
        Ok(Ticket)
    }

    #[compensation(at_most_once)]
    async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
