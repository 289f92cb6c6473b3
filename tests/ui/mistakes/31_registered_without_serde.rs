use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::{Attempt, StepContext, saga};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Purchase {
    sku: String,
    quantity: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Hold {
    shelf: String,
}

#[derive(Debug)]
struct Shipment {
    tracking: String,
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
enum FulfilmentError {
    #[error("{0} is not on stock")]
    NotOnStock(String),
}

struct Fulfilment;

#[saga(name = "fulfilment")]
impl Fulfilment {
    #[step(compensate = release)]
    async fn hold(&self, purchase: &Purchase) -> Result<Hold, FulfilmentError> {
        if purchase.quantity > 50 {
            return Err(FulfilmentError::NotOnStock(purchase.sku.clone()));
        }
        Ok(Hold {
            shelf: format!("A-{}", purchase.quantity),
        })
    }

    #[step(compensate = recall)]
    async fn ship(&self, hold: &Hold, ctx: &StepContext) -> Result<Shipment, FulfilmentError> {
        Ok(Shipment {
            tracking: format!("{}:{}", hold.shelf, ctx.idempotency_key()),
        })
    }

    #[step]
    async fn notify(&self, shipment: &Shipment) -> Result<String, FulfilmentError> {
        Ok(shipment.tracking.clone())
    }

    async fn release(&self, _hold: Attempt<&Hold>) -> Result<(), FulfilmentError> {
        Ok(())
    }

    async fn recall(&self, _shipment: Attempt<&Shipment>) -> Result<(), FulfilmentError> {
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let engine = Engine::builder()
        .register::<FulfilmentSaga>(Fulfilment)
        .open(InMemoryJournal::new())
        .await?;
    let purchase = Purchase {
        sku: "lamp".to_owned(),
        quantity: 2,
    };
    let mut handle = engine
        .submit::<FulfilmentSaga>("purchase-1", purchase)
        .await?;
    match handle.outcome().await? {
        Ok(tracking) => println!("{tracking}"),
        Err(error) => println!("{}", error.report()),
    }
    Ok(())
}
