//! Methods that all types have, with names that an expansion might call.
#![allow(
    dead_code,
    clippy::wrong_self_convention,
    reason = "what counts is that the names are taken"
)]

use saga_core::{Attempt, StepContext, saga};

/// By value, so that they take precedence over methods that borrow.
trait Everything: Sized {
    fn again(self) {}
    fn as_ref(self) {}
    fn context(self) {}
    fn execute(self) {}
    fn failure(self) {}
    fn fields(self) {}
    fn hand_over(self) {}
    fn into_fields(self) {}
    fn into_text(self) {}
    fn is_none(self) {}
    fn map(self) {}
    fn source(self) {}
    fn step(self) {}
    fn take(self) {}
    fn take_over(self) {}
    fn text(self) {}
    fn value(self) {}
    fn view(self) {}
    fn write_str(self) {}
}

impl<T> Everything for T {}

pub(crate) struct Watch;

#[saga(vis = pub(crate))]
impl Watch {
    #[step(compensate = unwind)]
    async fn wind(&self, turns: &u8, name: &str) -> Result<(u8, String), String> {
        Ok((*turns, name.to_owned()))
    }

    #[step(compensate = stop, retry(attempts = 2))]
    async fn start(
        &self,
        turns: u8,
        name: &str,
        #[input] asked: &(u8, String),
        run: &StepContext,
    ) -> Result<Vec<u8>, String> {
        match (turns, name, run.attempt()) {
            (turns, name, 1) if turns == asked.0 && name == asked.1 => Ok(vec![turns]),
            _ => Err("jammed".to_owned()),
        }
    }

    #[step(readonly)]
    async fn look(&self, ticks: &[u8]) -> Result<Vec<u8>, String> {
        match ticks {
            [] | [0] => Err("it stands still".to_owned()),
            ticks => Ok(ticks.to_owned()),
        }
    }

    #[step]
    async fn tell(&self, ticks: Vec<u8>) -> Result<u8, String> {
        ticks.first().copied().ok_or_else(|| "no tick".to_owned())
    }

    async fn unwind(&self, turns: &u8, _name: &str, run: &StepContext) -> Result<(), String> {
        match (turns, run.cause()) {
            (0, Some(_)) => Ok(()),
            _ => Err("not wound".to_owned()),
        }
    }

    async fn stop(&self, ticks: Attempt<&Vec<u8>>) -> Result<(), String> {
        match ticks {
            Attempt::Completed(ticks) if *ticks == [0] => Ok(()),
            _ => Err("it does not go".to_owned()),
        }
    }
}
