//! The service of a nested saga, reached in each way that `on` allows.

use super::*;

struct Behind<'a> {
    own: Payments,
    lent: &'a Payments,
    shared: Arc<Payments>,
    boxed: Box<Payments>,
    lent_shared: &'a Arc<Payments>,
    several: Vec<Payments>,
    tuple: (Payments,),
}

impl Behind<'_> {
    fn payments(&self) -> &Payments {
        &self.own
    }

    fn clone_of(&self) -> &Arc<Payments> {
        &self.shared
    }
}

#[saga]
impl Behind<'_> {
    #[step(saga = PaymentsSaga, on = self.own)]
    fn own(&self, cents: &u32) -> Amount {
        Amount(*cents)
    }

    #[step(saga = PaymentsSaga, on = self.lent)]
    fn lent(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.shared)]
    fn shared(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.boxed)]
    fn boxed(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.lent_shared)]
    fn lent_shared(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.payments())]
    fn method(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.clone_of())]
    fn method_of_shared(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = &*self.shared)]
    fn explicit(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = *self.boxed)]
    fn dereferenced(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.shared.as_ref())]
    fn as_reference(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.several[0])]
    fn indexed(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = self.tuple.0)]
    fn field_of_a_field(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = Behind::payments(self))]
    fn path(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(saga = PaymentsSaga, on = if self.several.is_empty() { self.lent } else { &self.own })]
    fn chosen(&self, before: &Receipt) -> Amount {
        Amount(before.0 + 1)
    }

    #[step(readonly)]
    async fn last(&self, receipt: &Receipt) -> Result<u32, String> {
        match receipt.0 {
            100.. => Err("too much".to_owned()),
            cents => Ok(cents),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_is_reached_by_every_way_forth_and_back() {
    let payments = Payments::default();
    let behind = Behind {
        own: payments.clone(),
        lent: &payments,
        shared: Arc::new(payments.clone()),
        boxed: Box::new(payments.clone()),
        lent_shared: &Arc::new(payments.clone()),
        several: vec![payments.clone()],
        tuple: (payments.clone(),),
    };
    assert_eq!(BehindSaga::run(&behind, 7).await.unwrap(), 20);
    assert_eq!(payments.log.take().len(), 28);
    let error = BehindSaga::run(&behind, 90).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.end(), End::Compensated);
    let log = payments.log.take();
    assert_eq!(log.len(), 56);
    assert_eq!(
        log[28..32],
        ["refund 103", "release", "refund 102", "release"]
    );
}
