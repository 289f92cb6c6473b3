use saga_core::{Saga, saga};

#[derive(Debug, Clone)]
struct Conference {
    city: String,
    guests: u32,
}

#[derive(Debug)]
struct Venue {
    name: String,
    seats: u32,
}

#[derive(Debug)]
struct Catering(u32);

#[derive(Debug)]
struct Badges(Vec<u32>);

#[derive(Debug, thiserror::Error)]
#[error("{what} is not available in {city}")]
struct Unavailable {
    what: &'static str,
    city: String,
}

struct Planner;

#[saga(saga = ConferenceSaga, deadline = "10m")]
impl Planner {
    #[step(parallel = arrangements, compensate = cancel_venue)]
    async fn book_venue(&self, conference: &Conference) -> Result<Venue, Unavailable> {
        if conference.guests > 5_000 {
            return Err(Unavailable {
                what: "a hall",
                city: conference.city.clone(),
            });
        }
        Ok(Venue {
            name: "Town hall".to_owned(),
            seats: conference.guests,
        })
    }

    #[step(parallel = arrangements, compensate = cancel_catering, timeout = "30s")]
    async fn order_catering(&self, conference: &Conference) -> Result<Catering, Unavailable> {
        Ok(Catering(conference.guests))
    }

    #[step(parallel = arrangements, no_compensation = "what is printed is paid for")]
    async fn print_badges(&self, conference: &Conference) -> Result<Badges, Unavailable> {
        Ok(Badges((1..=conference.guests).collect()))
    }

    #[step(pivot)]
    async fn open_registration(&self, venue: &Venue) -> Result<String, Unavailable> {
        Ok(format!("{} seats in {}", venue.seats, venue.name))
    }

    async fn cancel_venue(&self, venue: &Venue) -> Result<(), Unavailable> {
        println!("cancelling {}", venue.name);
        Ok(())
    }

    async fn cancel_catering(&self, catering: &Catering) -> Result<(), Unavailable> {
        println!("cancelling {} meals", catering.0);
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let conference = Conference {
        city: "Utrecht".to_owned(),
        guests: 300,
    };
    match ConferenceSaga::run(&Planner, conference).await {
        Ok(text) => println!("{text}"),
        Err(error) => println!("{}", error.report()),
    }
}
