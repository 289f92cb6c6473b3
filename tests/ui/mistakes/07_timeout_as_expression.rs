use std::time::Duration;

use saga_core::{Attempt, RunOptions, Saga, StepContext, saga};
use tokio::time::sleep;

#[derive(Debug)]
struct Parcel {
    grams: u32,
    postcode: String,
}

#[derive(Debug)]
struct Label {
    tracking: String,
}

#[derive(Debug, thiserror::Error)]
enum CarrierError {
    #[error("a parcel of {0} g is too heavy")]
    TooHeavy(u32),
    #[error("no pickup in {0}")]
    NoPickup(String),
}

struct Shipping {
    latency: Duration,
}

#[saga]
impl Shipping {
    #[step(compensate = cancel_label, timeout = Duration::from_secs(30))]
    async fn buy_label(&self, parcel: &Parcel, ctx: &StepContext) -> Result<Label, CarrierError> {
        sleep(self.latency).await;
        if parcel.grams > 30_000 {
            return Err(CarrierError::TooHeavy(parcel.grams));
        }
        Ok(Label {
            tracking: ctx.idempotency_key(),
        })
    }

    #[step(pivot)]
    async fn schedule_pickup(
        &self,
        label: &Label,
        #[input] parcel: &Parcel,
    ) -> Result<String, CarrierError> {
        sleep(self.latency).await;
        if parcel.postcode.starts_with('9') {
            return Err(CarrierError::NoPickup(parcel.postcode.clone()));
        }
        Ok(label.tracking.clone())
    }

    async fn cancel_label(
        &self,
        label: Attempt<&Label>,
        ctx: &StepContext,
    ) -> Result<(), CarrierError> {
        let tracking = match label {
            Attempt::Completed(label) => label.tracking.clone(),
            Attempt::InDoubt => ctx.step_idempotency_key(),
        };
        println!("cancelling {tracking}");
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let shipping = Shipping {
        latency: Duration::from_millis(5),
    };
    let options = RunOptions::new()
        .id("parcel-1")
        .deadline(Duration::from_secs(90));
    let parcel = Parcel {
        grams: 800,
        postcode: "1011AB".to_owned(),
    };
    match ShippingSaga::run_with(&shipping, parcel, options).await {
        Ok(tracking) => println!("{tracking}"),
        Err(error) => println!("{error}"),
    }
}
