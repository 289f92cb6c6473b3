//! Constants with names that an expansion might use for its variables: a pattern with the name of a constant binds
//! nothing.
#![allow(
    non_upper_case_globals,
    reason = "what counts is that the names are taken"
)]

use saga_core::{Attempt, StepContext, saga};

macro_rules! constants {
    ($($name:ident)*) => { $(const $name: u8 = 0;)* };
}

constants! {
    attempt begin call cause context definition error error_type executor failure faults field_0
    field_1 fields formatter input length output output_0 output_1 output_2 part previous record
    saga service slot slots source state step steps stop undo value view
}

pub(crate) struct Clock;

#[saga(vis = pub(crate))]
impl Clock {
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
