//! A saga with one step of each kind. A script decides what each attempt does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use saga_core::{Attempt, StepContext, saga};
use serde::{Deserialize, Serialize};

use crate::Calls;

/// What one attempt does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Completes.
    Succeed,
    /// Returns an error that `when` does not accept.
    Fail,
    /// Returns an error that `when` accepts.
    FailTransiently,
    /// Returns an error that `in_doubt` accepts, and `when` does not.
    LoseConnection,
    /// Never ends, so that it times out.
    Hang,
    /// Panics.
    Panic,
}

/// The error of every method.
#[derive(Debug, thiserror::Error)]
pub enum StepFault {
    /// The error is permanent.
    #[error("refused")]
    Refused,
    /// The error is temporary.
    #[error("busy")]
    Busy,
    /// In doubt.
    #[error("connection lost")]
    Lost,
}

impl StepFault {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }

    fn is_lost(&self) -> bool {
        matches!(self, Self::Lost)
    }
}

/// The output of a step: its own name, to see where it is handed on to.
#[derive(Debug, Serialize, Deserialize)]
pub struct StepOutput<By>(pub String, std::marker::PhantomData<By>);

macro_rules! made_by {
    ($($step:ident)*) => {
        $(
            #[doc = concat!("StepOutput by a step of the name ", stringify!($step))]
            #[derive(Debug, Serialize, Deserialize)]
            pub enum $step {}
        )*
    };
}

made_by!(LookUp Reserve Charge Ship Notify);

/// The service: a script for each method, and the calls in order.
#[derive(Debug, Default)]
pub struct Shop {
    script: Mutex<BTreeMap<&'static str, VecDeque<Act>>>,
    /// `method#attempt`, its arguments, and the idempotency key.
    pub calls: Calls,
}

impl Shop {
    /// Sets what the attempts of `method` do. Further attempts succeed.
    #[must_use]
    pub fn script(self, method: &'static str, acts: &[Act]) -> Self {
        let acts = acts.iter().copied().collect();
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.insert(method, acts);
        drop(script);
        self
    }

    fn next_act(&self, method: &str) -> Act {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let acts = script.get_mut(method);
        acts.and_then(VecDeque::pop_front).unwrap_or(Act::Succeed)
    }

    async fn act(
        &self,
        method: &'static str,
        what: &str,
        context: &StepContext,
    ) -> Result<(), StepFault> {
        let (attempt, key) = (context.attempt(), context.idempotency_key());
        self.calls.add(format!("{method}#{attempt}{what} {key}"));
        match self.next_act(method) {
            Act::Succeed => Ok(()),
            Act::Fail => Err(StepFault::Refused),
            Act::FailTransiently => Err(StepFault::Busy),
            Act::LoseConnection => Err(StepFault::Lost),
            Act::Hang => std::future::pending().await,
            Act::Panic => std::panic::panic_any("scripted"),
        }
    }

    async fn make<By>(
        &self,
        method: &'static str,
        context: &StepContext,
    ) -> Result<StepOutput<By>, StepFault> {
        self.act(method, "", context).await?;
        Ok(StepOutput(method.to_owned(), std::marker::PhantomData))
    }
}

#[saga(
    name = "shop",
    vis = pub,
    retry(attempts = 1),
    compensation(retry(attempts = 2, backoff = "1s..4s"), timeout = "1m")
)]
impl Shop {
    #[step(
        readonly,
        retry(attempts = 3, backoff = "1s..4s", when = StepFault::is_transient),
        timeout = "1m"
    )]
    async fn look_up(
        &self,
        order: &u64,
        ctx: &StepContext,
    ) -> Result<StepOutput<LookUp>, StepFault> {
        let _ = order;
        self.make("look_up", ctx).await
    }

    #[step(
        compensate = release,
        retry(attempts = 3, backoff = "1s..4s", when = StepFault::is_transient),
        timeout = "1m",
        in_doubt = StepFault::is_lost
    )]
    async fn reserve(
        &self,
        _found: &StepOutput<LookUp>,
        ctx: &StepContext,
    ) -> Result<StepOutput<Reserve>, StepFault> {
        self.make("reserve", ctx).await
    }

    #[step(
        compensate = refund,
        retry(attempts = 3, backoff = "1s..4s", when = StepFault::is_transient),
        timeout = "1m",
        in_doubt = StepFault::is_lost
    )]
    async fn charge(
        &self,
        #[input] _order: &u64,
        ctx: &StepContext,
    ) -> Result<StepOutput<Charge>, StepFault> {
        self.make("charge", ctx).await
    }

    #[step(
        pivot,
        retry(attempts = 3, backoff = "1s..4s", when = StepFault::is_transient),
        timeout = "1m",
        in_doubt = StepFault::is_lost
    )]
    async fn ship(
        &self,
        _charged: &StepOutput<Charge>,
        #[from(reserve)] _reserved: &StepOutput<Reserve>,
        ctx: &StepContext,
    ) -> Result<StepOutput<Ship>, StepFault> {
        self.make("ship", ctx).await
    }

    #[step(
        retry(attempts = 3, backoff = "1s..4s", when = StepFault::is_transient),
        timeout = "1m",
        in_doubt = StepFault::is_lost
    )]
    async fn notify(
        &self,
        _shipped: &StepOutput<Ship>,
        ctx: &StepContext,
    ) -> Result<StepOutput<Notify>, StepFault> {
        self.make("notify", ctx).await
    }

    #[compensation(retry(attempts = 2, backoff = "1s..4s", when = StepFault::is_transient), timeout = "1m")]
    async fn release(
        &self,
        reserved: &StepOutput<Reserve>,
        ctx: &StepContext,
    ) -> Result<(), StepFault> {
        self.act("release", &format!("({})", reserved.0), ctx).await
    }

    #[compensation(retry(attempts = 2, backoff = "1s..4s", when = StepFault::is_transient), timeout = "1m")]
    async fn refund(
        &self,
        charged: Attempt<&StepOutput<Charge>>,
        ctx: &StepContext,
    ) -> Result<(), StepFault> {
        let what = charged.completed().map_or("in doubt", |made| &made.0);
        self.act("refund", &format!("({what})"), ctx).await
    }
}

/// Adds to each call of a table, `method#attempt`, the key that it must have.
#[must_use]
pub fn with_keys(id: &str, calls: &str) -> Vec<String> {
    let calls = calls.split_whitespace().map(|call| call.replace('~', " "));
    calls
        .map(|call| {
            let step = match call.split('#').next() {
                Some("release") => "reserve/undo",
                Some("refund") => "charge/undo",
                Some("look_up") => "look_up/do",
                Some("reserve") => "reserve/do",
                Some("charge") => "charge/do",
                Some("ship") => "ship/do",
                _ => "notify/do",
            };
            format!("{call} shop/{id}/{step}")
        })
        .collect()
}
