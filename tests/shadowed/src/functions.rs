//! Functions with names that an expansion might use for its variables, used as predicates.

use saga_core::{Attempt, saga};

pub(crate) struct Bell;

#[saga(vis = pub(crate))]
impl Bell {
    #[step(compensate = loosen, retry(attempts = 2, when = service), in_doubt = slots)]
    async fn tighten(&self, turns: &u8) -> Result<u8, String> {
        Ok(*turns)
    }

    #[step(
        compensate = damp,
        retry(attempts = 2, when = executor),
        in_doubt = begin
    )]
    async fn strike(&self, turns: &u8) -> Result<u8, String> {
        Ok(*turns)
    }

    #[step(compensate = unhear, retry(attempts = 2, when = slot), in_doubt = output_0)]
    async fn hear(&self, strikes: &u8, #[input] input: &u8) -> Result<u8, String> {
        Err(format!("{strikes} and {input}"))
    }

    #[compensation(retry(attempts = 2, when = cause))]
    async fn loosen(&self, turns: &u8) -> Result<(), String> {
        match turns {
            3 => Ok(()),
            turns => Err(turns.to_string()),
        }
    }

    #[compensation(retry(attempts = 2, when = step))]
    async fn damp(&self, strikes: &u8) -> Result<(), String> {
        match strikes {
            3 => Ok(()),
            strikes => Err(strikes.to_string()),
        }
    }

    #[compensation(retry(attempts = 2, when = attempt))]
    async fn unhear(&self, heard: Attempt<&u8>) -> Result<(), String> {
        match heard {
            Attempt::InDoubt => Ok(()),
            Attempt::Completed(heard) => Err(heard.to_string()),
        }
    }
}

macro_rules! predicates {
    ($($name:ident)*) => {
        $(
            fn $name(error: &String) -> bool {
                error == "3 and 3"
            }
        )*
    };
}

predicates! {
    attempt begin call cause context definition error error_type execute executor f failure faults
    field_0 field_1 input output output_0 output_1 part previous record run saga service slot slots
    source state step steps stop undo value view
}
