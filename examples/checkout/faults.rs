//! What goes wrong, and when, as the orders file says.

use std::collections::BTreeMap;
use std::future::pending;
use std::{io, panic};

use saga_core::StepContext;
use serde::Deserialize;

use crate::orders::Scenario;
use crate::service::ShopError;

/// Something that goes wrong in one method, while it works on one order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// The step or compensation.
    pub(crate) at: String,
    what: What,
    /// How many attempts it happens to; all, unless the file says how many.
    #[serde(default = "all")]
    attempts: u32,
}

fn all() -> u32 {
    u32::MAX
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The answer is no, for this reason.
    Refuse(String),
    /// The answer is to come back later.
    Busy,
    /// The call hangs, and has no effect.
    HangBefore,
    /// The call takes effect, then hangs.
    HangAfter,
    /// The call takes effect, and the connection is lost before the answer comes.
    LoseAnswer,
    /// The call takes effect, and then the method panics.
    PanicAfter,
}

/// What goes wrong for which order.
pub(crate) struct Faults {
    by_order: BTreeMap<String, Vec<Fault>>,
    broken: Option<String>,
}

impl Faults {
    /// Those of the orders file, and a compensation that does nothing for any order.
    pub(crate) fn of(scenarios: &[Scenario], broken: Option<String>) -> Self {
        let of_order = |scenario: &Scenario| (scenario.order.id.clone(), scenario.faults.clone());
        Self {
            by_order: scenarios.iter().map(of_order).collect(),
            broken,
        }
    }

    /// What goes wrong in this attempt.
    pub(crate) fn in_attempt(&self, method: &str, ctx: &StepContext) -> Option<&What> {
        let faults = self.by_order.get(&ctx.saga_id().to_string())?;
        let mut faults = faults.iter();
        let fault = faults.find(|fault| fault.at == method && ctx.attempt() <= fault.attempts)?;
        Some(&fault.what)
    }

    /// Whether this compensation is one that does nothing.
    pub(crate) fn breaks(&self, method: &str) -> bool {
        self.broken.as_deref() == Some(method)
    }
}

impl What {
    /// Goes wrong before the call takes effect, if that is how it does.
    pub(crate) async fn before(&self) -> Result<(), ShopError> {
        match self {
            Self::Refuse(reason) => Err(ShopError::Refused(reason.clone())),
            Self::Busy => Err(ShopError::Busy),
            Self::HangBefore => pending().await,
            Self::HangAfter | Self::LoseAnswer | Self::PanicAfter => Ok(()),
        }
    }

    /// Goes wrong after the call took effect, if that is how it does.
    pub(crate) async fn after(&self, method: &str, ctx: &StepContext) -> Result<(), ShopError> {
        match self {
            Self::HangAfter => pending().await,
            Self::LoseAnswer => {
                let reset = io::Error::from(io::ErrorKind::ConnectionReset);
                Err(ShopError::ConnectionLost(reset))
            }
            Self::PanicAfter => panic!("{INJECTED} in {method} of order {}", ctx.saga_id()),
            Self::Refuse(_) | Self::Busy | Self::HangBefore => Ok(()),
        }
    }
}

const INJECTED: &str = "panic on purpose";

/// Prints one line for an injected panic; any other is printed in full, as always.
pub(crate) fn announce_injected_panics() {
    let in_full = panic::take_hook();
    panic::set_hook(Box::new(move |info| match info.payload_as_str() {
        Some(message) if message.starts_with(INJECTED) => eprintln!("({message})"),
        _ => in_full(info),
    }));
}
