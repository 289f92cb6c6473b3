use saga_core::{Saga, saga};

#[derive(Debug)]
pub struct Booking {
    pub show: u32,
    pub seats: Vec<String>,
}

#[derive(Debug)]
pub struct SeatHold {
    pub token: String,
    pub seats: usize,
}

#[derive(Debug)]
pub struct Charge(pub u64);

#[derive(Debug)]
pub enum BoxOfficeError {
    SoldOut,
    Declined,
}

impl std::fmt::Display for BoxOfficeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SoldOut => f.write_str("the show is sold out"),
            Self::Declined => f.write_str("the bank declined"),
        }
    }
}

pub struct BoxOffice {
    price: u64,
}

#[saga(saga = TicketSaga)]
impl BoxOffice {
    #[step(compensate = release_seats)]
    async fn hold_seats(&self, booking: &Booking) -> Result<SeatHold, BoxOfficeError> {
        if booking.seats.is_empty() {
            return Err(BoxOfficeError::SoldOut);
        }
        Ok(SeatHold {
            token: format!("hold-{}", booking.show),
            seats: booking.seats.len(),
        })
    }

    #[step(compensate = refund, timeout = "8s")]
    async fn charge(&self, hold: &SeatHold) -> Result<Charge, BoxOfficeError> {
        let cents = self.price * hold.seats as u64;
        if cents > 1_000_000 {
            return Err(BoxOfficeError::Declined);
        }
        Ok(Charge(cents))
    }

    #[step(pivot)]
    async fn issue_tickets(
        &self,
        charge: &Charge,
        #[from(reserve_seats)] hold: &SeatHold,
    ) -> Result<String, BoxOfficeError> {
        Ok(format!(
            "{} tickets ({}) for {}",
            hold.seats, hold.token, charge.0
        ))
    }

    async fn release_seats(&self, hold: &SeatHold) -> Result<(), BoxOfficeError> {
        println!("releasing {}", hold.token);
        Ok(())
    }

    async fn refund(&self, charge: &Charge) -> Result<(), BoxOfficeError> {
        println!("refunding {}", charge.0);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let office = BoxOffice { price: 2_500 };
    let booking = Booking {
        show: 9,
        seats: vec!["A1".into()],
    };
    println!("{:?}", TicketSaga::run(&office, booking).await);
}
