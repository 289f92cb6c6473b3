//! Services of other kinds under the fault matrix: generic ones, ones that borrow, and ones that hang.

use std::fmt;
use std::future::pending;
use std::sync::Mutex;

use saga_core::testing::{Fault, fault_matrix};
use saga_core::{Attempt, StepContext, saga};

/// A till from which coins are taken.
#[derive(Debug)]
struct Till {
    coins: Mutex<(u32, Option<String>)>,
    is_forgetful: bool,
}

impl Till {
    fn new(is_forgetful: bool) -> Self {
        Self {
            coins: Mutex::new((9, None)),
            is_forgetful,
        }
    }

    fn coins(&self) -> u32 {
        self.coins.lock().unwrap().0
    }
}

#[saga]
impl Till {
    #[step(compensate = give_back, retry(attempts = 2))]
    async fn take(&self, coins: &u32, run: &StepContext) -> Result<(), String> {
        let mut till = self.coins.lock().unwrap();
        if self.is_forgetful || till.1.replace(run.idempotency_key()).is_none() {
            till.0 -= coins;
        }
        Ok(())
    }

    #[step(pivot)]
    async fn spend(&self) -> Result<(), String> {
        Ok(())
    }

    async fn give_back(&self, _: Attempt<&()>, #[input] coins: &u32) -> Result<(), String> {
        let mut till = self.coins.lock().unwrap();
        if self.is_forgetful || till.1.take().is_some() {
            till.0 += coins;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_seen_of_a_service_is_restored_by_an_undo_and_the_same_after_one_run_or_two() {
    let till = |is_forgetful| {
        fault_matrix::<TillSaga>(move || Till::new(is_forgetful), 2)
            .errors(|| "stuck".to_owned())
            .snapshot(Till::coins)
    };
    let coverage = till(false).run().await;
    assert_eq!(coverage.cells.len(), 25);
    assert_eq!(coverage.count("take", Fault::Twice), 1);

    let failed = till(true).check().await.expect_err("it is wrong");
    let names: Vec<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    // Two takes in doubt whose attempts both took, and then two undos, even out.
    assert_eq!(
        names,
        [
            "take is in doubt after its effect",
            "take is in doubt without effect",
            "take runs twice",
        ]
    );
    assert_eq!(
        failed.cells.last().map(|cell| cell.wrong.clone()),
        Some(vec![
            "the service is not as it was after a run in which nothing fails: 5, and had to be 7"
                .to_owned()
        ])
    );
}

/// A service whose errors have its own parameter in them.
struct Store<T>(T);

#[derive(Debug)]
struct Refused<T>(T);

impl<T: fmt::Display> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {}", self.0)
    }
}

#[saga]
impl<T> Store<T>
where
    T: fmt::Display + Clone + Send + Sync + 'static,
{
    #[step]
    async fn keep(&self) -> Result<(), Refused<T>> {
        let _ = &self.0;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_can_have_a_parameter_of_the_service_that_borrows_nothing() {
    let coverage = fault_matrix::<StoreSaga<u32>>(|| Store(7), ())
        .error("keep", || Refused(7_u32))
        .invariant(|store, _| store.0 == 7)
        .run()
        .await;
    assert_eq!(coverage.cells.len(), 7);
}

/// A service whose errors may borrow.
struct Quotes<'q>(&'q str);

#[derive(Debug)]
struct Unquotable<'q>(&'q str);

impl fmt::Display for Unquotable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not to be quoted: {}", self.0)
    }
}

#[saga]
impl<'q> Quotes<'q> {
    #[step]
    async fn quote(&self) -> Result<(), Unquotable<'q>> {
        match self.0 {
            "" => Err(Unquotable(self.0)),
            _ => Ok(()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_may_borrow_is_said_to_be_one_that_no_test_can_give() {
    let failed = fault_matrix::<QuotesSaga<'static>>(|| Quotes("so"), ())
        .error("quote", || Unquotable("never"))
        .invariant(|_, _| true)
        .check()
        .await
        .expect_err("it cannot be given");
    assert_eq!(
        failed.problems,
        [
            "`quote` fails with a type that may borrow, by a parameter of the service: no test can provide one, \
             unless the parameter has the bound `'static`"
        ]
    );
}

/// A service whose undo is in another block.
struct Far;

#[saga]
impl Far {
    #[step(compensate = undo)]
    async fn act(&self) -> Result<u32, String> {
        Ok(7)
    }

    #[step]
    async fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Far {
    #[expect(clippy::unused_async, reason = "the language asks for it")]
    async fn undo(&self, seven: &u32) -> Result<(), fmt::Error> {
        if *seven == 7 { Ok(()) } else { Err(fmt::Error) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_compensation_in_another_block_needs_no_error_of_its_own() {
    let coverage = fault_matrix::<FarSaga>(|| Far, ())
        .errors(String::new)
        .invariant(|_, end| !end.is_stuck() || !end.left.is_empty() || end.in_doubt)
        .run()
        .await;
    assert_eq!(coverage.cells.len(), 18);
}

/// A service that waits for something that never comes, once it was cancelled.
struct Hanging(bool);

#[saga]
impl Hanging {
    #[step]
    async fn wait(&self) -> Result<(), String> {
        if self.0 {
            pending::<()>().await;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_never_ends_is_given_up() {
    let failed = fault_matrix::<HangingSaga>(|| Hanging(true), ())
        .errors(String::new)
        .invariant(|_, _| true)
        .check()
        .await
        .expect_err("it never ends");
    let wrong: Vec<_> = failed.cells.iter().map(|cell| cell.wrong.clone()).collect();
    assert_eq!(
        wrong,
        [["the run never ends: something is waited for that never comes"]]
    );
}

#[tokio::test]
async fn a_clock_that_is_not_paused_is_refused() {
    let failed = fault_matrix::<HangingSaga>(|| Hanging(false), ())
        .errors(String::new)
        .invariant(|_, _| true)
        .check()
        .await
        .expect_err("it would take hours");
    assert_eq!(
        failed.problems,
        [
            "the clock is not paused, and runs would take hours: `#[tokio::test(start_paused = true)]`"
        ]
    );
}
