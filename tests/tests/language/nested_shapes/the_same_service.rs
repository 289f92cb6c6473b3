use super::*;

pub(super) struct Trips {
    pub(super) log: Log,
    pub(super) has_flights: bool,
}

#[saga(saga = BookingSaga, name = "booking")]
impl Trips {
    #[step(compensate = cancel)]
    async fn book(&self, nights: &u32) -> Result<String, String> {
        self.log.note("book");
        Ok(format!("{nights} nights"))
    }

    async fn cancel(&self, booked: &str) -> Result<(), String> {
        self.log.note(format!("cancel {booked}"));
        Ok(())
    }
}

#[saga]
impl Trips {
    #[step(saga = BookingSaga)]
    fn hotel(&self, nights: &u32) -> u32 {
        *nights
    }

    #[step(saga = self::BookingSaga)]
    fn cabin(&self, #[input] nights: &u32) -> u32 {
        nights + 1
    }

    #[step]
    async fn fly(&self, cabin: &str, #[from(hotel)] hotel: &str) -> Result<String, String> {
        if self.has_flights {
            Ok(format!("{hotel} and {cabin}"))
        } else {
            Err("sold out".to_owned())
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_may_run_another_saga_of_its_own_service() {
    let trips = Trips {
        log: Log::default(),
        has_flights: true,
    };
    let flown = TripsSaga::run(&trips, 2).await;
    assert_eq!(flown.unwrap(), "2 nights and 3 nights");
    let trips = Trips {
        has_flights: false,
        ..trips
    };
    trips.log.take();
    let error = TripsSaga::run(&trips, 2).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "fly");
    assert_eq!(
        trips.log.take(),
        ["book", "book", "cancel 3 nights", "cancel 2 nights"]
    );
}
