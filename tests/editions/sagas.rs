//! Sagas with everything that the language has. One crate of each edition with `async fn` is made of this file.
#![deny(warnings)]

use saga_core::{Attempt, StepContext, saga};

pub struct Payments {
    pub limit: u32,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Order {
    pub cents: u32,
    pub city: String,
}

#[saga(vis = pub, durable)]
impl Payments {
    #[step(compensate = release, retry(attempts = 2, backoff = "1ms..2ms", when = is_busy))]
    async fn hold(&self, cents: u32, card: &str) -> Result<Vec<u32>, String> {
        if cents > self.limit {
            return Err(card.to_owned());
        }
        Ok(vec![cents])
    }

    #[step(readonly)]
    async fn sum(&self, held: Vec<u32>) -> Result<u32, String> {
        Ok(held.iter().sum())
    }

    async fn release(&self, held: Attempt<&Vec<u32>>, run: &StepContext) -> Result<(), String> {
        match held {
            Attempt::Completed(held) if !held.is_empty() && run.cause().is_some() => Ok(()),
            _ => Err("nothing".to_owned()),
        }
    }
}

fn is_busy(error: &String) -> bool {
    error == "busy"
}

fn is_stuck(error: &saga_core::SagaError<PaymentsSaga>) -> bool {
    error.attempts() < 2
}

pub struct Shop {
    pub payments: Payments,
    pub spare: Box<Payments>,
    pub no_courier: bool,
}

#[saga(vis = pub, durable, deadline = "1h", compensation(timeout = "1s"))]
impl Shop {
    #[step(parallel = bookings, compensate = free_shelf, timeout = "2s")]
    async fn reserve(&self, order: &Order, run: &StepContext) -> Result<u32, String> {
        assert_eq!(run.attempt(), 1);
        Ok(order.cents)
    }

    #[step(parallel = bookings, only_if = is_far, no_compensation = "it is a question")]
    async fn quote(&self, order: Order) -> Result<u32, String> {
        Ok(order.cents / 2)
    }

    #[step(parallel = bookings, saga = PaymentsSaga, on = self.payments)]
    fn deposit(&self, order: &Order) -> (u32, String) {
        (order.cents / 10, order.city.clone())
    }

    #[step(saga = PaymentsSaga, on = *self.spare, retry(attempts = 2, when = is_stuck))]
    fn pay(
        &self,
        shelf: &u32,
        quote: Option<&u32>,
        deposit: u32,
        run: &StepContext,
    ) -> (u32, String) {
        (
            shelf + quote.copied().unwrap_or_default() + deposit,
            run.saga_id().to_string(),
        )
    }

    #[step(saga = PackSaga, only_if = is_large)]
    fn pack(&self, paid: &u32, #[input] order: Order) -> (u32, Order) {
        (*paid, order)
    }

    #[step(compensate = elsewhere)]
    async fn label(
        &self,
        packed: Option<String>,
        #[from(pay)] paid: u32,
    ) -> Result<(String, u32), String> {
        Ok((packed.unwrap_or_default(), paid))
    }

    #[step(pivot, at_most_once)]
    async fn ship(&self, label: String, paid: u32) -> Result<(String, u32), String> {
        if self.no_courier {
            return Err(label);
        }
        Ok((label, paid))
    }

    #[step(saga = PackSaga)]
    fn pack_again(&self, label: String, paid: u32) -> (u32, Order) {
        (
            paid,
            Order {
                cents: paid,
                city: label,
            },
        )
    }

    #[step]
    async fn note(&self, note: String) -> Result<String, String> {
        Ok(note)
    }

    fn is_far(&self, order: &Order) -> bool {
        !order.city.is_empty()
    }

    fn is_large(&self, paid: &u32, #[input] order: &Order, run: &StepContext) -> bool {
        run.attempt() == 1 && *paid > 5 && order.cents > 5
    }

    async fn free_shelf(&self, shelf: &u32, #[input] order: &Order) -> Result<(), String> {
        assert_eq!(*shelf, order.cents);
        Ok(())
    }
}

impl Shop {
    async fn elsewhere(&self, label: &(String, u32)) -> Result<(), String> {
        assert!(label.1 > 0);
        Ok(())
    }
}

#[saga(saga = PackSaga, vis = pub, durable)]
impl Shop {
    #[step(compensate = unpack)]
    async fn wrap(&self, cents: u32, order: Order) -> Result<String, String> {
        Ok(format!("{} for {}", cents, order.city))
    }

    async fn unpack(&self, wrapped: &str) -> Result<(), String> {
        assert!(!wrapped.is_empty());
        Ok(())
    }
}

/// A generic service that lends.
pub struct Desk<'a, T> {
    pub name: &'a str,
    pub form: T,
    pub payments: &'a Payments,
}

#[saga(vis = pub)]
impl<'a, T: Clone + Send + Sync> Desk<'a, T> {
    #[step(readonly)]
    async fn open(&self, count: usize) -> Result<(Vec<T>, &'a str), String> {
        Ok((vec![self.form.clone(); count], self.name))
    }

    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, forms: &[T], name: &str) -> (u32, String) {
        (forms.len() as u32, name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use saga_core::{End, Saga as _};

    use super::*;

    fn shop(no_courier: bool) -> Shop {
        Shop {
            payments: Payments { limit: 100 },
            spare: Box::new(Payments { limit: 100 }),
            no_courier,
        }
    }

    fn order(cents: u32) -> Order {
        Order {
            cents,
            city: "Oslo".to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_completes() {
        let note = ShopSaga::run(&shop(false), order(40)).await;
        assert_eq!(note.unwrap(), "64 for 64 for Oslo");
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_is_undone() {
        for (no_courier, cents) in [(true, 40), (false, 90), (false, 2000)] {
            let ended = ShopSaga::run(&shop(no_courier), order(cents)).await;
            let error = ended.unwrap_err();
            assert_eq!(error.end(), End::Compensated, "{error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_generic_saga_completes() {
        let payments = Payments { limit: 100 };
        let desk = Desk {
            name: "desk",
            form: "form",
            payments: &payments,
        };
        assert_eq!(DeskSaga::run(&desk, 3).await.unwrap(), 3);
    }
}
