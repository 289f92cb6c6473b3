use saga_core::{Saga, saga};

#[derive(Debug, Clone)]
struct Usage {
    customer: u64,
    kwh: Vec<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Amount {
    cents: u64,
}

#[derive(Debug, thiserror::Error)]
enum EnergyError {
    #[error("customer {0} has no mandate")]
    NoMandate(u64),
}

struct Energy {
    cents_per_kwh: f64,
}

#[saga(saga = EnergyBillSaga)]
impl Energy {
    /// Only arithmetic.
    #[step(readonly)]
    async fn calculate(&self, usage: &Usage) -> Amount {
        let kwh: f64 = usage.kwh.iter().sum();
        let cents = (kwh * self.cents_per_kwh).round() as u64;
        Amount { cents }
    }

    #[step(compensate = cancel_collection, timeout = "5s")]
    async fn collect(&self, amount: &Amount, #[input] usage: &Usage) -> Result<u64, EnergyError> {
        if usage.customer == 0 {
            return Err(EnergyError::NoMandate(usage.customer));
        }
        Ok(usage.customer * 1_000 + amount.cents)
    }

    #[step]
    async fn archive(
        &self,
        collection: &u64,
        #[from(calculate)] amount: &Amount,
    ) -> Result<String, EnergyError> {
        Ok(format!("collection {collection}: {} cents", amount.cents))
    }

    async fn cancel_collection(&self, collection: &u64) -> Result<(), EnergyError> {
        println!("cancelling {collection}");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let energy = Energy {
        cents_per_kwh: 31.5,
    };
    let usage = Usage {
        customer: 7,
        kwh: vec![210.0, 187.5],
    };
    println!("{}", EnergyBillSaga::run(&energy, usage).await?);
    Ok(())
}
