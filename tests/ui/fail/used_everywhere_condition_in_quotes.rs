use saga_core::durable::{EngineBuilder, InMemoryJournal};
use saga_core::{Attempt, Failure, RunOptions, Saga, SagaError, StepContext, saga};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Order;
#[derive(Clone, Serialize, Deserialize)]
struct Stock;
#[derive(Clone, Serialize, Deserialize)]
struct Card;
#[derive(Clone, Serialize, Deserialize)]
struct Payment;
#[derive(Clone, Serialize, Deserialize)]
struct Tracking;

struct Shop;

#[saga]
impl Shop {
    #[step(parallel = checks, compensate = release)]
    async fn find_stock(&self, _order: &Order) -> Result<Stock, String> {
        Ok(Stock)
    }

    #[step(parallel = checks, readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Card, String> {
        Ok(Card)
    }

    #[step(compensate = refund, timeout = "3s", only_if = "is_large")]
    async fn charge(&self, _stock: &Stock, _card: &Card, _run: &StepContext) -> Result<Payment, String> {
        Ok(Payment)
    }

    #[step(pivot)]
    async fn ship(&self, _payment: Option<&Payment>, #[input] _order: &Order) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    #[step(retry(attempts = 3))]
    async fn send_mail(&self, _tracking: &Tracking) -> Result<u32, String> {
        Ok(1)
    }

    fn is_large(&self, _stock: &Stock, _card: &Card) -> bool {
        true
    }

    async fn release(&self, _stock: &Stock) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _payment: Attempt<&Payment>) -> Result<(), String> {
        Ok(())
    }
}

async fn runs(shop: &Shop) -> Result<u32, SagaError<ShopSaga>> {
    let mailed: u32 = ShopSaga::run_with(shop, Order, RunOptions::new().id("a")).await?;
    Ok(mailed + 1)
}

async fn matches(shop: &Shop) -> Result<u32, String> {
    match ShopSaga::run(shop, Order).await {
        Ok(mailed) => Ok(mailed),
        Err(error) => match error.into_error() {
            ShopSagaError::FindStock(Failure::Error(text)) => Err(text),
            ShopSagaError::CheckCard(Failure::Panicked(text)) => Err(text),
            ShopSagaError::Charge(Failure::TimedOut(after)) => Err(format!("{after:?}")),
            ShopSagaError::Ship(Failure::Error(text)) => Err(text),
            ShopSagaError::Cancelled | ShopSagaError::DeadlineExceeded => Err("late".to_owned()),
            other => Err(other.to_string()),
        },
    }
}

fn reads(error: &SagaError<ShopSaga>) -> Option<Tracking> {
    match error.state() {
        ShopSagaState::BeforeChecks { input: Order } => None,
        ShopSagaState::BeforeCharge { input: Order, find_stock: Stock, check_card: Card } => None,
        ShopSagaState::BeforeShip { charge, .. } => charge.map(|Payment| Tracking),
        ShopSagaState::BeforeSendMail { ship, .. } => Some(ship.clone()),
        ShopSagaState::Completed { send_mail, .. } => {
            let _: u32 = *send_mail;
            None
        }
    }
}

async fn registers(engine: EngineBuilder, journal: InMemoryJournal) -> u32 {
    let engine = engine.register::<ShopSaga>(Shop).open(journal).await.unwrap();
    let mut handle = engine.submit::<ShopSaga>("order-1", Order).await.unwrap();
    handle.outcome().await.unwrap().unwrap()
}

struct Mall {
    shop: Shop,
}

#[saga]
impl Mall {
    #[step(readonly)]
    async fn enter(&self, order: &Order) -> Result<Order, String> {
        Ok(order.clone())
    }

    #[step(saga = ShopSaga, on = self.shop)]
    fn buy(&self, order: &Order) -> Order {
        order.clone()
    }
}

async fn runs_the_outer(mall: &Mall) -> Result<u32, String> {
    match MallSaga::run(mall, Order).await {
        Ok(mailed) => Ok(mailed),
        Err(error) => match error.into_error() {
            MallSagaError::Buy(Failure::Error(inner)) => match inner.into_error() {
                ShopSagaError::FindStock(Failure::Error(text)) => Err(text),
                other => Err(other.to_string()),
            },
            other => Err(other.to_string()),
        },
    }
}

fn main() {}
