use super::*;

pub(super) struct Service {
    pub(super) service: Payments,
}

/// Names that an expansion might use for itself.
#[saga]
impl Service {
    #[step(saga = PaymentsSaga, on = self.service)]
    fn nested(&self, begin: &u32) -> Amount {
        Amount(*begin)
    }

    #[step(saga = PaymentsSaga, on = self.service)]
    fn lend(&self, executor: &Receipt) -> Amount {
        let service = executor.0;
        Amount(service)
    }

    #[step(saga = PaymentsSaga, on = self.service)]
    fn nest(&self, service: &Receipt, #[from(nested)] slots: &Receipt) -> Amount {
        Amount(service.0 + slots.0)
    }

    #[step(saga = PaymentsSaga, on = self.service)]
    fn r#type(&self, answer: &Receipt) -> Amount {
        Amount(answer.0)
    }

    #[step(readonly)]
    async fn service(&self, r#type: &Receipt) -> Result<u32, String> {
        Ok(r#type.0)
    }
}

#[tokio::test(start_paused = true)]
async fn steps_that_run_sagas_may_have_the_names_that_an_expansion_uses() {
    let service = Service {
        service: Payments::default(),
    };
    assert_eq!(ServiceSaga::run(&service, 3).await.unwrap(), 6);
}
