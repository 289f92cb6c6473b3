use saga_core::{Saga, saga};

#[derive(Debug, Clone)]
struct Offer {
    carrier: String,
    cents: u64,
    days: u8,
}

#[derive(Debug)]
struct Request {
    grams: u32,
    express: bool,
}

#[derive(Debug, thiserror::Error)]
enum RouteError {
    #[error("no carrier takes {0} g")]
    NoCarrier(u32),
    #[error("{carrier} refused")]
    Refused { carrier: String },
}

struct Router;

#[saga]
impl Router {
    #[step(readonly)]
    async fn collect_offers(&self, request: &Request) -> Result<Vec<Offer>, RouteError> {
        let offer = |carrier: &str, cents, days| Offer {
            carrier: carrier.to_owned(),
            cents,
            days,
        };
        Ok(vec![
            offer("Snail", u64::from(request.grams), 5),
            offer("Hare", 4_000, 1),
        ])
    }

    #[step(readonly)]
    async fn choose<'a>(
        &self,
        offers: &'a [Offer],
        #[input] request: &Request,
    ) -> Result<&'a Offer, RouteError> {
        offers
            .iter()
            .filter(|offer| !request.express || offer.days < 2)
            .min_by_key(|offer| offer.cents)
            .ok_or(RouteError::NoCarrier(request.grams))
    }

    #[step(compensate = cancel)]
    async fn book(&self, offer: &Offer) -> Result<u64, RouteError> {
        if offer.cents == 0 {
            return Err(RouteError::Refused {
                carrier: offer.carrier.clone(),
            });
        }
        Ok(offer.cents)
    }

    #[step]
    async fn print_label(&self, booking: &u64) -> Result<String, RouteError> {
        Ok(format!("label of {booking}"))
    }

    async fn cancel(&self, booking: &u64) -> Result<(), RouteError> {
        println!("cancelling {booking}");
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let request = Request {
        grams: 1_200,
        express: true,
    };
    println!("{:?}", RouterSaga::run(&Router, request).await);
}
