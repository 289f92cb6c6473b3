use std::sync::Arc;

use saga_core::{Saga, StepContext, saga};

#[derive(Debug, Clone)]
struct Message {
    to: String,
    body: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the provider answered {0}")]
struct ProviderError(u16);

trait SmsProvider: Send + Sync {
    async fn send(&self, key: String, message: &Message) -> Result<u64, ProviderError>;
}

struct Console;

impl SmsProvider for Console {
    async fn send(&self, key: String, message: &Message) -> Result<u64, ProviderError> {
        if message.to.is_empty() {
            return Err(ProviderError(400));
        }
        println!("{key}: {} -> {}", message.body, message.to);
        Ok(1)
    }
}

struct Notifications<P> {
    provider: Arc<P>,
    quota: u32,
}

#[saga]
impl<P: SmsProvider> Notifications<P> {
    #[step(compensate = give_back_quota)]
    async fn take_quota(&self, message: &Message) -> Result<u32, ProviderError> {
        let parts = message.body.len() as u32 / 160 + 1;
        if parts > self.quota {
            return Err(ProviderError(429));
        }
        Ok(parts)
    }

    #[step(pivot, retry(attempts = 3, backoff = "100ms..1s"))]
    async fn send(
        &self,
        #[input] message: &Message,
        ctx: &StepContext,
    ) -> Result<u64, ProviderError> {
        self.provider.send(ctx.idempotency_key(), message).await
    }

    async fn give_back_quota(&self, parts: &u32) -> Result<(), ProviderError> {
        println!("giving back {parts}");
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let notifications = Notifications {
        provider: Arc::new(Console),
        quota: 10,
    };
    let message = Message {
        to: "+31 6".to_owned(),
        body: "On its way".to_owned(),
    };
    println!(
        "{:?}",
        NotificationsSaga::run(&notifications, message).await
    );
}
