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

    #[step(paralel = checks, readonly)]
    async fn check_card(&self, _order: &Order) -> Result<Card, String> {
        Ok(Card)
    }

    #[step(compensate = refund, timeout = "3s", only_if = is_large)]
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

include!("../used_everywhere.rs");

fn main() {}
