//! The events of nested sagas.

use super::*;

/// Records the saga of each event.
struct OfWhich(Arc<Lines>);

impl Observer for OfWhich {
    fn observe(&self, event: &Event<'_>) {
        let depth = if event.is_nested() { "> " } else { "" };
        self.0
            .lines
            .add(format!("{depth}{}: {}", event.definition.name, line(event)));
    }
}

struct Purse;

#[saga]
impl Purse {
    #[step(compensate = close)]
    async fn open(&self, cents: &u32) -> Result<u32, String> {
        Ok(*cents)
    }

    #[step(compensate = take_back)]
    async fn give(&self, cents: &u32) -> Result<u32, String> {
        sleep(Duration::from_secs(1)).await;
        Ok(*cents)
    }

    async fn close(&self, _cents: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn take_back(&self, _cents: &u32) -> Result<(), String> {
        Err("it is gone".to_owned())
    }
}

struct Stall {
    purse: Purse,
}

#[saga]
impl Stall {
    #[step(saga = PurseSaga, on = self.purse)]
    fn pay(&self, cents: &u32) -> u32 {
        *cents
    }

    #[step(pivot)]
    async fn hand_over(&self, _cents: &u32) -> Result<(), String> {
        Err("it broke".to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_a_step_runs_has_its_own_events_within_those_of_the_step() {
    let lines = Lines::new();
    let options = RunOptions::new()
        .id(ID)
        .observer(Arc::new(OfWhich(lines.clone())));
    let stall = Stall { purse: Purse };
    let error = StallSaga::run_with(&stall, 7, options).await.unwrap_err();
    assert!(error.is_stuck());
    assert_events(
        &lines.take(),
        "
stall: stall run-1 begins
stall: pay#1 begins
> purse: purse stall/run-1/pay/1 begins
> purse: open#1 begins
> purse: open#1 completed in 0 s
> purse: open completed after 1 in 0 s
> purse: give#1 begins
> purse: give#1 completed in 1 s
> purse: give completed after 1 in 1 s
> purse: purse completed in 1 s
stall: pay#1 completed in 1 s
stall: pay completed after 1 in 1 s
stall: hand_over#1 begins
stall: hand_over#1 failed (error: it broke) in 0 s
stall: hand_over failed (error: it broke) after 1 in 0 s
stall: undo pay#1 begins
> purse: undo give#1 begins
> purse: undo give#1 failed (error: it is gone) in 0 s
> purse: undo give failed (error: it is gone) after 1 in 0 s
> purse: undo open#1 begins
> purse: undo open#1 completed in 0 s
> purse: undo open completed after 1 in 0 s
stall: undo pay#1 failed (error: undoing step `give` of saga `purse` failed: it is gone) in 0 s
stall: undo pay failed (error: undoing step `give` of saga `purse` failed: it is gone) after 1 in 0 s
stall: stall stuck at hand_over (error: it broke), not undone pay: undoing step `give` of saga `purse` failed: it is gone in 1 s
",
    );
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_a_step_runs_notifies_that_it_stopped_if_the_run_is_dropped() {
    let lines = Lines::new();
    // A run within may have nothing besides its observer, as above, or a limit as well.
    let limited = Policy::ONCE.timeout(Duration::from_secs(3));
    let options = RunOptions::new()
        .id(ID)
        .observer(Arc::new(OfWhich(lines.clone())))
        .policy("pay", limited)
        .unwrap();
    let stall = Stall { purse: Purse };
    let run = StallSaga::run_with(&stall, 7, options);
    let run = tokio::time::timeout(Duration::from_millis(500), run).await;
    assert!(run.is_err(), "it takes longer");
    assert_events(
        &lines.take(),
        "
stall: stall run-1 begins
stall: pay#1 begins
> purse: purse stall/run-1/pay/1 begins
> purse: open#1 begins
> purse: open#1 completed in 0 s
> purse: open completed after 1 in 0 s
> purse: give#1 begins
> purse: purse stopped in 0.5 s
stall: stall stopped in 0.5 s
",
    );
}
