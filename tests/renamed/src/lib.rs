//! Sagas in a crate that only knows `saga-core` by another name.

// An expansion that used the usual name of the crate would find this.
mod saga_core {}

use std::sync::Arc;

use my_sagas::{Attempt, StepContext, saga};

/// Two accounts, and the money between them.
#[derive(Debug, Default)]
pub struct Transfers {
    /// The answer of the receiving bank if it sends no receipt.
    pub refusal: Option<&'static str>,
}

/// The answer of a bank.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused(&'static str);

impl Refused {
    fn is_busy(&self) -> bool {
        self.0 == "busy"
    }

    fn is_lost(&self) -> bool {
        self.0 == "lost"
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[saga(
    crate = my_sagas,
    name = "transfer",
    saga = TransferSaga,
    vis = pub,
    input = (u64, String),
    retry(attempts = 2),
    compensation(retry(attempts = 3, backoff = "1ms..4ms"), timeout = "1s")
)]
impl Transfers {
    #[step(readonly, name = "look-up")]
    async fn look_up(&self, cents: u64, to: &str) -> Result<(u64, Arc<String>), Refused> {
        Ok((cents, Arc::new(to.to_owned())))
    }

    #[step(
        compensate = pay_back,
        retry(attempts = 2, backoff = "1ms..8ms", when = Refused::is_busy),
        timeout = "2s",
        in_doubt = Refused::is_lost
    )]
    async fn take(&self, cents: &u64, to: &Arc<String>) -> Result<Vec<u64>, Refused> {
        match to.as_str() {
            "lost" => Err(Refused("lost")),
            _ => Ok(vec![*cents]),
        }
    }

    #[step(no_compensation = "the other bank keeps its notices")]
    async fn notify(
        &self,
        taken: &[u64],
        #[from(look_up)] found: (u64, Arc<String>),
        #[input] input: &(u64, String),
        context: &StepContext,
    ) -> Result<String, Refused> {
        let (cents, to) = found;
        let (asked, name) = input;
        let same = taken == [cents] && cents == *asked && *to == *name;
        match (self.refusal, same) {
            (None, true) => Ok(context.idempotency_key()),
            (refusal, _) => Err(Refused(refusal.unwrap_or("not the same"))),
        }
    }

    #[step(pivot, retry(attempts = 1))]
    async fn give(&self, notice: String) -> Result<(u64, String), String> {
        Ok((1, notice))
    }

    #[step]
    async fn receipt(&self, number: &u64, notice: &str) -> Result<String, String> {
        Ok(format!("{number}: {notice}"))
    }

    #[compensation(retry(attempts = 1), timeout = "1s")]
    async fn pay_back(
        &self,
        taken: Attempt<&Vec<u64>>,
        #[from(look_up)] found: &(u64, Arc<String>),
        context: &StepContext,
    ) -> Result<(), Refused> {
        match (taken, context.cause()) {
            (Attempt::Completed(taken), Some(_)) if *taken == [found.0] => Ok(()),
            (Attempt::InDoubt, Some(cause)) if cause.step.as_deref() == Some("take") => Ok(()),
            _ => Err(Refused("what was taken is not what was asked for")),
        }
    }
}

/// Shelves of a kind of thing.
#[derive(Debug)]
pub struct Shelves<T>(pub T);

#[saga(crate = ::my_sagas, vis = pub)]
impl<T: Clone + Send + Sync> Shelves<T> {
    #[step(compensate = put_back)]
    async fn take(&self) -> Result<T, String> {
        Ok(self.0.clone())
    }

    #[step]
    async fn pack(&self, taken: &T, #[input] count: &usize) -> Result<Vec<T>, String> {
        match count {
            0 => Err("nothing to pack".to_owned()),
            count => Ok(vec![taken.clone(); *count]),
        }
    }
}

impl<T> Shelves<T> {
    #[expect(clippy::unused_async, reason = "a compensation is a future")]
    async fn put_back(&self, _taken: &T) -> Result<(), std::fmt::Error> {
        Ok(())
    }
}

/// A shop whose parcels are packed from shelves.
#[derive(Debug)]
pub struct Parcels<T> {
    /// The thing that is packed.
    pub shelves: Shelves<T>,
    /// How many of them fit.
    pub limit: usize,
}

#[saga(crate = my_sagas, vis = pub)]
impl<T: Clone + Send + Sync> Parcels<T> {
    #[step(readonly)]
    async fn count(&self, count: &usize) -> Result<usize, String> {
        Ok(*count)
    }

    #[step(
        saga = StockSaga<T>,
        on = self.shelves,
        retry(attempts = 2, when = is_empty),
        only_if = is_wanted
    )]
    fn stock(&self, count: usize, context: &StepContext) -> usize {
        count * usize::try_from(context.attempt()).unwrap_or(1)
    }

    #[step(readonly)]
    async fn measure(&self, stock: Option<&Vec<T>>) -> Result<usize, String> {
        match stock.map_or(0, Vec::len) {
            size if size > self.limit => Err("too large".to_owned()),
            size => Ok(size),
        }
    }

    fn is_wanted(&self, count: &usize) -> bool {
        *count != 1
    }
}

fn is_empty<T: Clone + Send + Sync>(error: &my_sagas::SagaError<StockSaga<T>>) -> bool {
    matches!(error.error(), StockSagaError::Look(_))
}

#[saga(crate = ::my_sagas, saga = StockSaga, vis = pub)]
impl<T: Clone + Send + Sync> Shelves<T> {
    #[step(compensate = put_down)]
    async fn look(&self, count: &usize) -> Result<Vec<T>, String> {
        match count {
            0 => Err("nothing to look for".to_owned()),
            count => Ok(vec![self.0.clone(); *count]),
        }
    }

    async fn put_down(&self, _found: &Vec<T>) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use my_sagas::{End, Failure, RunOptions, Saga};

    #[tokio::test(start_paused = true)]
    async fn a_saga_runs_where_the_library_has_another_name() {
        let options = RunOptions::new().id("7");
        let input = (250, "Ada".to_owned());
        let given = TransferSaga::run_with(&Transfers::default(), input, options).await;
        assert_eq!(given.unwrap(), "1: transfer/7/notify/do");
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_is_rolled_back_where_the_library_has_another_name() {
        let refused = Transfers {
            refusal: Some("closed"),
        };
        let error = TransferSaga::run(&refused, (250, "Ada".to_owned()))
            .await
            .unwrap_err();
        assert!(matches!(
            error.error(),
            TransferSagaError::Notify(Failure::Error(Refused("closed")))
        ));
        assert_eq!(error.attempts(), 2);
        assert_eq!(error.end(), End::Compensated, "{error:?}");
        let TransferSagaState::BeforeNotify { take, .. } = error.state() else {
            panic!("{error:?}");
        };
        assert_eq!(take, &[250]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_is_in_doubt_where_the_library_has_another_name() {
        let error = TransferSaga::run(&Transfers::default(), (250, "lost".to_owned()))
            .await
            .unwrap_err();
        assert_eq!(error.step().unwrap().name, "take");
        assert!(error.in_doubt());
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_generic_saga_runs_where_the_library_has_another_name() {
        let packed = ShelvesSaga::run(&Shelves('a'), 2).await;
        assert_eq!(packed.unwrap(), ['a', 'a']);
        let error = ShelvesSaga::run(&Shelves('a'), 0).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "pack");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_runs_a_saga_where_the_library_has_another_name() {
        let parcels = Parcels {
            shelves: Shelves('a'),
            limit: 3,
        };
        assert_eq!(ParcelsSaga::run(&parcels, 3).await.unwrap(), 3);
        assert_eq!(ParcelsSaga::run(&parcels, 1).await.unwrap(), 0);
        let error = ParcelsSaga::run(&parcels, 4).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "measure");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
        let error = ParcelsSaga::run(&parcels, 0).await.unwrap_err();
        assert_eq!(error.attempts(), 2);
        let ParcelsSagaError::Stock(Failure::Error(stock)) = error.error() else {
            panic!("{error:?}");
        };
        assert_eq!(stock.step().unwrap().name, "look");
    }
}
