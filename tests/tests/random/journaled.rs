//! The input of a run in a journal: its position. What happens in the run is the current case of the thread.

use core::cell::RefCell;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::case::Case;
use crate::service::{Input, Place};
use crate::summary::Within;

thread_local! {
    /// The case that this thread runs.
    static CASE: RefCell<Option<Case>> = const { RefCell::new(None) };
}

/// This thread runs this case from now on; with what it begins.
pub(crate) fn runs(case: &Case) -> Input {
    CASE.set(Some(case.clone()));
    Input(Arc::new(Place {
        case: case.clone(),
        within: Vec::new(),
    }))
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.within.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let within = Within::deserialize(deserializer)?;
        let mut case = CASE.with_borrow(|case| case.clone().expect("a case that is run"));
        for (step, attempt) in &within {
            case = case.run(*step, *attempt);
        }
        Ok(Self(Arc::new(Place { case, within })))
    }
}
