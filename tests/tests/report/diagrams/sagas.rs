//! The sagas in the diagrams.

use saga_core::{Attempt, CancellationToken, Policy, Report, RunOptions, Saga, saga};

/// Has a group, a condition, a pivot, and steps of every kind.
pub(crate) struct Trips {
    /// The step that fails.
    pub(crate) fails: &'static str,
    /// Cancelled while the flight is booked.
    pub(crate) cancelled: Option<CancellationToken>,
}

impl Trips {
    fn answer(&self, step: &str) -> Result<u32, String> {
        if self.fails == step {
            return Err(format!("no {step} for Atlantis\nand nobody knows why"));
        }
        Ok(7)
    }
}

#[saga(name = "trip", vis = pub(crate))]
impl Trips {
    #[step(readonly)]
    async fn look_up(&self, nights: &u32) -> Result<u32, String> {
        Ok(*nights)
    }

    #[step(parallel = bookings, compensate = cancel_hotel)]
    async fn book_hotel(&self, nights: &u32) -> Result<u32, String> {
        Ok(*nights)
    }

    #[step(parallel = bookings, compensate = cancel_flight, retry(attempts = 2), timeout = "10s")]
    async fn book_flight(&self) -> Result<u32, String> {
        if let Some(token) = &self.cancelled {
            token.cancel();
        }
        self.answer("flight")
    }

    #[step(only_if = is_long, no_compensation = "the insurer keeps the fee")]
    async fn insure(&self, hotel: &u32, flight: &u32) -> Result<u32, String> {
        Ok(hotel + flight)
    }

    #[step(pivot, compensate = give_back, in_doubt = is_lost)]
    async fn pay(&self, insurance: Option<&u32>) -> Result<u32, String> {
        let _ = insurance;
        self.answer("payment")
    }

    #[step(retry(attempts = 10, backoff = "1s..1m"))]
    async fn send_tickets(&self, euros: &u32) -> Result<u32, String> {
        let _ = euros;
        self.answer("ticket")
    }

    fn is_long(&self, #[input] nights: &u32) -> bool {
        *nights > 7
    }

    async fn cancel_hotel(&self, _hotel: &u32) -> Result<(), String> {
        Ok(())
    }

    #[compensation(retry(attempts = 3))]
    async fn cancel_flight(&self, _flight: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn give_back(&self, _payment: Attempt<&u32>) -> Result<(), String> {
        Ok(())
    }
}

fn is_lost(_error: &String) -> bool {
    true
}

/// The result of a trip of this many nights.
pub(crate) async fn trip(nights: u32, fails: &'static str) -> Report {
    let trips = Trips {
        fails,
        cancelled: None,
    };
    let options = RunOptions::new()
        .id("trip-7")
        .policy("send_tickets", Policy::attempts(2));
    let options = options.expect("it has such a step");
    let run = TripsSaga::run_with(&trips, nights, options).await;
    run.expect_err("it does not complete").report()
}

/// The result of a trip that was cancelled.
pub(crate) async fn cancelled_trip() -> Report {
    let token = CancellationToken::new();
    let trips = Trips {
        fails: "",
        cancelled: Some(token.clone()),
    };
    let options = RunOptions::new().id("trip-8").cancellation(token);
    let run = TripsSaga::run_with(&trips, 3, options).await;
    run.expect_err("it is cancelled").report()
}

/// Ends stuck: the charge is in doubt, and the refund gives up.
pub(crate) struct Shop;

#[saga(name = "order", vis = pub(crate))]
impl Shop {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, article: &str) -> Result<usize, String> {
        Ok(article.len())
    }

    #[step(compensate = refund, in_doubt = is_lost, at_most_once)]
    async fn charge_card(&self, reservation: &usize) -> Result<u32, String> {
        Err(format!("no answer to charge {reservation}"))
    }

    #[step]
    async fn book_courier(&self, payment: &u32) -> Result<u32, String> {
        Ok(*payment)
    }

    async fn release_stock(&self, _reservation: &usize) -> Result<(), String> {
        panic!("the stock | is gone")
    }

    #[compensation(retry(attempts = 3))]
    async fn refund(&self, _payment: Attempt<&u32>) -> Result<(), String> {
        Err("the bank is closed".to_owned())
    }
}

/// The result of an order.
pub(crate) async fn order() -> Report {
    let options = RunOptions::new().id("order-42");
    let run = ShopSaga::run_with(&Shop, "kettle".to_owned(), options).await;
    run.expect_err("the bank does not answer").report()
}

/// Runs as a step of [`Stall`].
pub(crate) struct Payments {
    fails: bool,
}

#[saga(name = "payment", vis = pub(crate))]
impl Payments {
    #[step(compensate = release)]
    async fn hold(&self, cents: &u32) -> Result<u32, String> {
        Ok(*cents)
    }

    #[step(compensate = refund)]
    async fn charge(&self, held: &u32) -> Result<u32, String> {
        if self.fails {
            return Err(format!("{held} cents are too much"));
        }
        Ok(*held)
    }

    async fn release(&self, _held: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _charged: &u32) -> Result<(), String> {
        Ok(())
    }
}

/// Has a saga as its second step.
pub(crate) struct Stall {
    payments: Payments,
}

#[saga(name = "stall", vis = pub(crate))]
impl Stall {
    #[step(compensate = put_back)]
    async fn pick(&self, cents: &u32) -> Result<u32, String> {
        Ok(*cents)
    }

    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, cents: &u32) -> u32 {
        *cents
    }

    #[step(pivot)]
    async fn hand_over(&self, cents: &u32) -> Result<u32, String> {
        Err(format!("nobody is there who paid {cents}"))
    }

    async fn put_back(&self, _cents: &u32) -> Result<(), String> {
        Ok(())
    }
}

/// How a sale fails: the customer cannot pay, or does not come for the goods.
pub(crate) async fn sale(can_pay: bool) -> Report {
    let payments = Payments { fails: !can_pay };
    let options = RunOptions::new().id("sale-3");
    let run = StallSaga::run_with(&Stall { payments }, 250, options).await;
    run.expect_err("it does not complete").report()
}
