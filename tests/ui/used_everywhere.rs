// Every kind of use of `ShopSaga`. The cases `fail/used_everywhere_*` include it: none of their mistakes may cause an
// error here.

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
