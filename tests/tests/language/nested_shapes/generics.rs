use super::*;

pub(super) trait Client: Send + Sync {
    type Error: std::fmt::Display + Send + Sync;
    fn call(&self, amount: u32) -> Result<u32, Self::Error>;
}

pub(super) struct Fixed(pub(super) u32);

impl Client for Fixed {
    type Error = String;

    fn call(&self, amount: u32) -> Result<u32, String> {
        if amount > self.0 {
            Err(format!("{amount} is more than {}", self.0))
        } else {
            Ok(amount)
        }
    }
}

pub(super) struct Cards<C, D, const N: usize>(pub(super) C, pub(super) D);

#[saga]
impl<C, D, const N: usize> Cards<C, D, N>
where
    C: Client,
    D: Client<Error = String>,
{
    #[step(compensate = give_back)]
    async fn ask(&self, amount: &u32) -> Result<[u32; N], C::Error> {
        self.0.call(*amount).map(|amount| [amount; N])
    }

    #[step(readonly)]
    async fn check(&self, asked: &[u32; N]) -> Result<u32, D::Error> {
        self.1.call(asked.iter().sum())
    }

    async fn give_back(&self, _asked: &[u32; N]) -> Result<(), C::Error> {
        Ok(())
    }
}

pub(super) struct Shop<'a, C, D, const N: usize> {
    pub(super) cards: &'a Cards<C, D, N>,
    pub(super) limit: u32,
    pub(super) name: &'a str,
}

#[saga]
impl<'a, C, D, const N: usize> Shop<'a, C, D, N>
where
    C: Client,
    D: Client<Error = String>,
{
    #[step(readonly)]
    async fn price(&self, cents: u32) -> Result<u32, C::Error> {
        Ok(cents)
    }

    #[step(saga = CardsSaga<C, D, N>, on = self.cards, retry(attempts = 2, when = Self::is_passing))]
    fn pay(&self, price: u32) -> u32 {
        price
    }

    #[step(pivot)]
    async fn ship(&self, paid: u32) -> Result<&'a str, String> {
        if paid > self.limit {
            Err("too heavy".to_owned())
        } else {
            Ok(self.name)
        }
    }
}

impl<C, D, const N: usize> Shop<'_, C, D, N>
where
    C: Client,
    D: Client<Error = String>,
{
    fn is_passing(error: &SagaError<CardsSaga<C, D, N>>) -> bool {
        matches!(error.error(), CardsSagaError::Check(_))
    }
}

fn shop(cards: &Cards<Fixed, Fixed, 2>, limit: u32) -> Shop<'_, Fixed, Fixed, 2> {
    Shop {
        cards,
        limit,
        name: "by mail",
    }
}

#[tokio::test(start_paused = true)]
async fn a_generic_service_may_run_a_saga_that_is_generic_over_the_same() {
    let cards = Cards(Fixed(5), Fixed(8));
    let shipped = ShopSaga::run(&shop(&cards, 8), 3).await;
    assert_eq!(shipped.unwrap(), "by mail");
    let error = ShopSaga::run(&shop(&cards, 1), 3).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "ship");
    assert_eq!(error.end(), End::Compensated);

    // The first step of the saga is not repeated, the second is.
    let error = ShopSaga::run(&shop(&cards, 8), 6).await.unwrap_err();
    assert_eq!(error.attempts(), 1);
    let error = ShopSaga::run(&shop(&cards, 8), 5).await.unwrap_err();
    assert_eq!(error.attempts(), 2);
    let ShopSagaError::Pay(Failure::Error(inner)) = error.error() else {
        panic!("{error:?}");
    };
    assert!(matches!(
        inner.error(),
        CardsSagaError::Check(Failure::Error(text)) if text == "10 is more than 8"
    ));
}

#[test]
fn the_definition_of_a_generic_saga_has_that_of_the_nested_one() {
    let definition = <ShopSaga<'_, Fixed, Fixed, 2> as Saga>::DEFINITION;
    let nested = definition.steps[1].nested.unwrap();
    assert_eq!(nested.name, "cards");
    assert_eq!(nested.steps[1].name, "check");
    assert!(nested.can_be_undone());
    assert!(!definition.can_be_undone());
}
