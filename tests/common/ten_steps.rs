//! A saga with every feature of the language: each way to undo a step, a group of three, a condition, a pivot, and
//! a group after it. A script decides what each attempt does.

use core::time::Duration;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};

use saga_core::{Attempt, StepContext, saga};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::Calls;
use crate::history::{History, Returned};

/// The time limit of an attempt.
pub const TIMEOUT: Duration = Duration::from_mins(1);

/// What one attempt does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Complete,
    /// Returns this error.
    Fail(Fault),
    /// Never ends, so that it times out.
    Hang,
    Panic,
}

/// The error of every method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The error is permanent.
    #[error("refused")]
    Refused,
    /// The error is temporary: `when` accepts it.
    #[error("busy")]
    Busy,
    /// In doubt: `in_doubt` accepts it, and `when` does not.
    #[error("connection lost")]
    Lost,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the language asks for predicates of this type"
)]
impl Fault {
    fn is_busy(&self) -> bool {
        *self == Self::Busy
    }

    fn is_lost(&self) -> bool {
        *self == Self::Lost
    }
}

macro_rules! made_by {
    ($($step:ident)*) => {
        $(
            #[doc = concat!("The output of the step `", stringify!($step), "`: the name of the step.")]
            #[derive(Debug, Serialize, Deserialize)]
            pub struct $step(String);

            impl From<&str> for $step {
                fn from(step: &str) -> Self {
                    Self(step.to_owned())
                }
            }

            impl AsRef<str> for $step {
                fn as_ref(&self) -> &str {
                    &self.0
                }
            }
        )*
    };
}

made_by!(Open Look Hold Pay Gift Stamp Ship Mail Log Close);

/// A moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// In an attempt of this method
    pub method: &'static str,
    /// with this number, counted from 1.
    pub attempt: u32,
    /// Half a second after its end, instead of half a second after its beginning.
    pub after: bool,
}

/// The service: a script for each method, and the calls in order.
#[derive(Debug, Default)]
pub struct Works {
    script: BTreeMap<&'static str, Vec<(Act, Duration)>>,
    /// The methods that wait for days before their next attempt.
    patient: Vec<&'static str>,
    moment: Option<Moment>,
    reached: Notify,
    /// `method#attempt`, what an undo got, and the idempotency key.
    pub calls: Calls,
    /// Calls with arguments that they should not have.
    pub mistakes: Mutex<Vec<String>>,
    /// The log of all lives of the process.
    pub history: Option<Arc<History>>,
}

impl Works {
    /// Parses a script: `hold: busy refused/2; pay: busy ...`. Each attempt takes a second, or the seconds after
    /// its `/`. Attempts without a word complete. `...` means that attempts are days apart. The condition is `yes`,
    /// `no`, or panics.
    ///
    /// # Panics
    ///
    /// If the script has an unknown word.
    #[must_use]
    pub fn new(script: &'static str, moment: Option<Moment>) -> Self {
        let mut works = Self {
            moment,
            ..Self::default()
        };
        for line in script.split(';').filter(|line| !line.trim().is_empty()) {
            let (method, acts) = line.split_once(':').expect("a method, and what it does");
            let method = method.trim();
            let mut acts: Vec<_> = acts.split_whitespace().collect();
            if acts.last() == Some(&"...") {
                acts.pop();
                works.patient.push(method);
            }
            let acts = acts.into_iter().map(|act| {
                let (act, seconds) = act.split_once('/').unwrap_or((act, "1"));
                let seconds = seconds.parse().expect("a number of seconds");
                let act = match act {
                    "ok" | "yes" => Act::Complete,
                    "refused" | "no" => Act::Fail(Fault::Refused),
                    "busy" => Act::Fail(Fault::Busy),
                    "lost" => Act::Fail(Fault::Lost),
                    "hang" => return (Act::Hang, TIMEOUT),
                    "panic" => Act::Panic,
                    _ => panic!("`{act}` means nothing"),
                };
                (act, Duration::from_secs(seconds))
            });
            works.script.insert(method, acts.collect());
        }
        works
    }

    /// The methods whose attempts are days apart.
    pub fn patient(&self) -> impl Iterator<Item = &'static str> {
        self.patient.iter().copied()
    }

    /// Returns when the moment has come.
    pub async fn reached(&self) {
        let half = Duration::from_millis(500);
        self.reached.notified().await;
        let took = |moment: Moment| self.says(moment.method, moment.attempt).1;
        let ended = self.moment.filter(|moment| moment.after).map(took);
        sleep(ended.unwrap_or_default() + half).await;
    }

    fn says(&self, method: &str, attempt: u32) -> (Act, Duration) {
        let nth = usize::try_from(attempt).unwrap_or(usize::MAX) - 1;
        let acts = self.script.get(method);
        let act = acts.and_then(|acts| acts.get(nth)).copied();
        act.unwrap_or((Act::Complete, Duration::from_secs(1)))
    }

    async fn act(
        &self,
        method: &'static str,
        given: &str,
        context: &StepContext,
    ) -> Result<(), Fault> {
        let (attempt, key) = (context.attempt(), context.idempotency_key());
        self.calls.add(format!("{method}#{attempt}{given} {key}"));
        if let Some(history) = &self.history {
            let completed = (!given.is_empty()).then_some(given != "(?)");
            history.began(&key, attempt, completed);
        }
        if let Some(moment) = self.moment
            && (moment.method, moment.attempt) == (method, attempt)
        {
            self.reached.notify_one();
        }
        let (act, takes) = self.says(method, attempt);
        if act == Act::Hang {
            std::future::pending::<()>().await;
        }
        sleep(takes).await;
        if let Some(history) = &self.history {
            let returned = match act {
                Act::Complete | Act::Hang => Returned::Output,
                Act::Panic => Returned::Panic,
                Act::Fail(fault) => Returned::Error {
                    when: fault.is_busy(),
                    in_doubt: fault.is_lost(),
                },
            };
            history.ended(&key, attempt, returned);
        }
        match act {
            Act::Fail(fault) => Err(fault),
            Act::Panic => resume_unwind(Box::new("scripted")),
            Act::Complete | Act::Hang => Ok(()),
        }
    }

    async fn make<Output>(&self, step: &'static str, context: &StepContext) -> Result<Output, Fault>
    where
        Output: From<&'static str>,
    {
        self.act(step, "", context).await?;
        Ok(Output::from(step))
    }

    async fn undo(
        &self,
        method: &'static str,
        given: Attempt<&(impl AsRef<str> + Sync)>,
        context: &StepContext,
    ) -> Result<(), Fault> {
        let given = given.completed().map_or("?", |made| made.as_ref());
        self.act(method, &format!("({given})"), context).await
    }

    /// Notes a mistake for each value that does not come from its step.
    fn given<const N: usize>(&self, taker: &str, values: [(&str, &str); N]) {
        for (value, step) in values.into_iter().filter(|(value, step)| value != step) {
            let mistake = format!("{taker} was handed {value} for {step}");
            let mut mistakes = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
            mistakes.push(mistake);
        }
    }
}

#[saga(name = "works", vis = pub, compensation(retry(attempts = 2), timeout = "1m"))]
impl Works {
    #[step(
        compensate = unopen,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn open(&self, order: &u64, ctx: &StepContext) -> Result<Open, Fault> {
        let _ = order;
        self.make("open", ctx).await
    }

    #[step(
        parallel = gather,
        readonly,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m"
    )]
    async fn look(&self, open: &Open, ctx: &StepContext) -> Result<Look, Fault> {
        self.given("look", [(&open.0, "open")]);
        self.make("look", ctx).await
    }

    #[step(
        parallel = gather,
        compensate = unhold,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn hold(&self, open: &Open, ctx: &StepContext) -> Result<Hold, Fault> {
        self.given("hold", [(&open.0, "open")]);
        self.make("hold", ctx).await
    }

    #[step(
        parallel = gather,
        compensate = unpay,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn pay(&self, #[input] _order: &u64, ctx: &StepContext) -> Result<Pay, Fault> {
        self.make("pay", ctx).await
    }

    #[step(
        only_if = wants,
        compensate = ungift,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn gift(
        &self,
        look: &Look,
        hold: &Hold,
        pay: &Pay,
        ctx: &StepContext,
    ) -> Result<Gift, Fault> {
        let given = [(&*look.0, "look"), (&hold.0, "hold"), (&pay.0, "pay")];
        self.given("gift", given);
        self.make("gift", ctx).await
    }

    #[step(
        no_compensation = "ink does not come off",
        at_most_once,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn stamp(&self, gift: Option<&Gift>, ctx: &StepContext) -> Result<Stamp, Fault> {
        let wanted = self.says("wants", 1).0 == Act::Complete;
        let expected = if wanted { "gift" } else { "none" };
        let gift = gift.map_or("none", |gift| &gift.0);
        self.given("stamp", [(gift, expected)]);
        self.make("stamp", ctx).await
    }

    #[step(
        pivot,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn ship(
        &self,
        stamp: &Stamp,
        #[from(hold)] hold: &Hold,
        ctx: &StepContext,
    ) -> Result<Ship, Fault> {
        self.given("ship", [(&stamp.0, "stamp"), (&hold.0, "hold")]);
        self.make("ship", ctx).await
    }

    #[step(
        parallel = tell,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn mail(&self, ship: &Ship, ctx: &StepContext) -> Result<Mail, Fault> {
        self.given("mail", [(&ship.0, "ship")]);
        self.make("mail", ctx).await
    }

    #[step(
        parallel = tell,
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn log(&self, #[from(pay)] pay: &Pay, ctx: &StepContext) -> Result<Log, Fault> {
        self.given("log", [(&pay.0, "pay")]);
        self.make("log", ctx).await
    }

    #[step(
        retry(attempts = 3, when = Fault::is_busy),
        timeout = "1m",
        in_doubt = Fault::is_lost
    )]
    async fn close(&self, mail: &Mail, log: &Log, ctx: &StepContext) -> Result<Close, Fault> {
        self.given("close", [(&mail.0, "mail"), (&log.0, "log")]);
        self.make("close", ctx).await
    }

    fn wants(&self, look: &Look, hold: &Hold, pay: &Pay, ctx: &StepContext) -> bool {
        let given = [(&*look.0, "look"), (&hold.0, "hold"), (&pay.0, "pay")];
        self.given("wants", given);
        let (attempt, key) = (ctx.attempt(), ctx.idempotency_key());
        self.calls.add(format!("wants#{attempt} {key}"));
        if let Some(history) = &self.history {
            history.asked(&key);
        }
        match self.says("wants", 1).0 {
            Act::Panic => resume_unwind(Box::new("scripted")),
            answer => answer == Act::Complete,
        }
    }

    #[compensation(retry(attempts = 2, when = Fault::is_busy), timeout = "1m")]
    async fn unopen(&self, open: &Open, ctx: &StepContext) -> Result<(), Fault> {
        self.undo("unopen", Attempt::Completed(open), ctx).await
    }

    #[compensation(retry(attempts = 2, when = Fault::is_busy), timeout = "1m")]
    async fn unhold(&self, hold: &Hold, ctx: &StepContext) -> Result<(), Fault> {
        self.undo("unhold", Attempt::Completed(hold), ctx).await
    }

    #[compensation(retry(attempts = 2, when = Fault::is_busy), timeout = "1m")]
    async fn unpay(&self, pay: Attempt<&Pay>, ctx: &StepContext) -> Result<(), Fault> {
        self.undo("unpay", pay, ctx).await
    }

    #[compensation(retry(attempts = 2, when = Fault::is_busy), timeout = "1m")]
    async fn ungift(&self, gift: Attempt<&Gift>, ctx: &StepContext) -> Result<(), Fault> {
        self.undo("ungift", gift, ctx).await
    }
}
