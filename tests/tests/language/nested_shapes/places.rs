use super::*;

#[derive(Default)]
pub(super) struct Couriers {
    log: Log,
}

/// A saga that cannot be undone once it has completed.
#[saga]
impl Couriers {
    #[step(pivot)]
    async fn send(&self, what: &str) -> Result<String, String> {
        self.log.note(format!("send {what}"));
        match what {
            "" => Err("nothing to send".to_owned()),
            what => Ok(what.to_owned()),
        }
    }

    #[step]
    async fn tell(&self, sent: &str) -> Result<String, String> {
        Ok(format!("sent {sent}"))
    }
}

#[derive(Default)]
struct Places {
    payments: Payments,
    couriers: Couriers,
}

#[saga(saga = PivotSaga)]
impl Places {
    #[step(saga = PaymentsSaga, on = self.payments)]
    fn first(&self, cents: &u32) -> Amount {
        Amount(*cents)
    }

    #[step(parallel = both, saga = PaymentsSaga, on = self.payments)]
    fn left(&self, first: &Receipt) -> Amount {
        Amount(first.0 + 1)
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "the caller passes it by value"
    )]
    #[step(parallel = both, saga = PaymentsSaga, on = self.payments, only_if = is_large)]
    fn right(&self, #[from(first)] first: Receipt, #[input] _cents: &u32) -> Amount {
        Amount(first.0 + 2)
    }

    #[step(saga = PaymentsSaga, on = self.payments, only_if = is_right)]
    fn third(&self, left: &Receipt, right: Option<&Receipt>, run: &StepContext) -> Amount {
        assert_eq!(run.attempt(), 1);
        Amount(left.0 + right.map_or(0, |right| right.0))
    }

    #[step(pivot, saga = CouriersSaga, on = self.couriers)]
    fn pivot(&self, third: Option<&Receipt>) -> String {
        third.map_or_else(String::new, |third| third.0.to_string())
    }

    #[step(saga = CouriersSaga, on = self.couriers)]
    fn after(&self, sent: &str) -> String {
        sent.to_owned()
    }

    #[step(parallel = ends, saga = CouriersSaga, on = self.couriers)]
    fn end(&self, sent: String) -> String {
        sent
    }

    #[step(parallel = ends, saga = PaymentsSaga, on = self.payments, only_if = is_large)]
    fn other_end(&self, #[input] cents: &u32) -> Amount {
        Amount(*cents)
    }

    fn is_large(&self, #[input] cents: &u32) -> bool {
        *cents > 5
    }

    fn is_right(&self, _left: &Receipt, right: Option<&Receipt>) -> bool {
        right.is_some()
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_may_run_first_in_a_group_under_a_condition_as_the_pivot_and_after_it() {
    let places = Places::default();
    let done = PivotSaga::run(&places, 7).await.unwrap();
    assert_eq!(done, ("sent sent sent 17".to_owned(), Some(Receipt(7))));
    places.payments.log.take();
    places.couriers.log.take();

    // Nothing is large, so nothing is sent, and the pivot fails.
    let error = PivotSaga::run(&places, 2).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "pivot");
    let PivotSagaError::Pivot(Failure::Error(inner)) = error.error() else {
        panic!("{error:?}");
    };
    assert!(matches!(inner.error(), CouriersSagaError::Send(_)));
    let PivotSagaState::BeforePivot {
        input: 2,
        first: Receipt(2),
        left: Receipt(3),
        right: None,
        third: None,
    } = error.state()
    else {
        panic!("{error:?}");
    };
}

/// A saga whose last step runs one that cannot be undone, so it cannot be undone, either.
#[saga(saga = LastSaga)]
impl Places {
    #[step(saga = CouriersSaga, on = self.couriers)]
    fn only(&self, what: &str) -> String {
        what.to_owned()
    }
}

/// A saga whose last step runs one that can be undone.
#[saga(saga = UndoneSaga)]
impl Places {
    #[step(saga = PaymentsSaga, on = self.payments)]
    fn alone(&self, cents: &u32) -> Amount {
        Amount(*cents)
    }
}

#[saga(saga = TwiceSaga)]
impl Places {
    #[step(saga = UndoneSaga)]
    fn twice(&self, cents: &u32) -> u32 {
        *cents
    }

    #[step(saga = LastSaga)]
    fn last(&self, paid: &Receipt, #[input] cents: &u32) -> String {
        if paid.0 == *cents && *cents > 5 {
            cents.to_string()
        } else {
            String::new()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_runs_a_saga_may_be_run_itself() {
    assert!(UndoneSaga::DEFINITION.can_be_undone());
    assert!(!LastSaga::DEFINITION.can_be_undone());
    assert!(!TwiceSaga::DEFINITION.can_be_undone());
    let places = Places::default();
    assert_eq!(TwiceSaga::run(&places, 7).await.unwrap(), "sent 7");
    places.payments.log.take();

    let error = TwiceSaga::run(&places, 3).await.unwrap_err();
    assert_eq!(error.end(), End::Compensated, "{}", error.report());
    assert_eq!(
        places.payments.log.take(),
        ["reserve", "charge", "refund 3", "release"]
    );
    let TwiceSagaError::Last(Failure::Error(last)) = error.error() else {
        panic!("{error:?}");
    };
    let LastSagaError::Only(Failure::Error(only)) = last.error() else {
        panic!("{last:?}");
    };
    assert!(matches!(
        only.error(),
        CouriersSagaError::Send(Failure::Error(text)) if text == "nothing to send"
    ));
}
