//! `Self` in the types of a step or compensation is the service, also in generated code.

use saga_core::{End, Saga, saga};

#[derive(Debug, Clone, PartialEq)]
struct Counter(u8);

#[saga]
impl Counter {
    #[step(compensate = forget)]
    async fn copy(&self) -> Result<Self, String> {
        Ok(self.clone())
    }

    #[step(compensate = forget_all)]
    async fn double(&self, copied: &Self) -> Result<Vec<Self>, String> {
        Ok(vec![copied.clone(), copied.clone()])
    }

    #[step]
    async fn last(
        &self,
        copies: &[Self],
        #[from(copy)] copied: &Counter,
    ) -> Result<Option<Box<Self>>, String> {
        match copies {
            [Self(0), ..] => Err("zero".to_owned()),
            [first, ..] if first == copied => Ok(Some(Box::new(first.clone()))),
            _ => Ok(None),
        }
    }

    async fn forget(&self, copied: &Self) -> Result<(), String> {
        assert_eq!(copied, self);
        Ok(())
    }

    async fn forget_all(&self, copies: &[Self]) -> Result<(), String> {
        assert_eq!(copies.len(), 2);
        Ok(())
    }
}

struct Wrapper<T>(T);

#[saga]
impl<T: Clone + Send + Sync> Wrapper<T> {
    #[step(readonly)]
    async fn wrap(&self, inner: &T) -> Result<Wrapper<Self>, String> {
        Ok(Wrapper(Self(inner.clone())))
    }

    #[step(readonly)]
    async fn unwrap(&self, wrapped: &Wrapper<Self>) -> Result<T, String> {
        Ok(wrapped.0.0.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn self_is_the_service_wherever_a_type_is_named() {
    let made = CounterSaga::run(&Counter(7), ()).await.unwrap();
    assert_eq!(made, Some(Box::new(Counter(7))));
    let error = CounterSaga::run(&Counter(0), ()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated, "{error:?}");
    assert_eq!(WrapperSaga::run(&Wrapper(1), 2).await.unwrap(), 2);
}
