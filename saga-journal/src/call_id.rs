//! The ids of calls and of nested runs in a journal.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::phase::Phase;

/// A nested run: an attempt of a step that runs a saga.
///
/// Written as the path of the step and the attempt: `pay/2`, or `order/1/pay/2` within another nested run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Arc<Inner>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Inner {
    within: Option<RunId>,
    step: Cow<'static, str>,
    attempt: u32,
}

impl RunId {
    /// The run that is this attempt, counted from 1, of the step `step`. `within` is the run to which that step
    /// belongs; `None` if it belongs to the outermost saga.
    #[must_use]
    pub fn new(within: Option<Self>, step: impl Into<Cow<'static, str>>, attempt: u32) -> Self {
        let step = step.into();
        Self(Arc::new(Inner {
            within,
            step,
            attempt,
        }))
    }

    /// The run to which the step belongs. `None` if it belongs to the outermost saga.
    #[must_use]
    pub fn within(&self) -> Option<&Self> {
        self.0.within.as_ref()
    }

    /// The step that runs it.
    #[must_use]
    pub fn step(&self) -> &str {
        &self.0.step
    }

    /// The number of the attempt of the step, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.0.attempt
    }

    /// Whether it is a run of the step of `call`, or within such a run.
    #[must_use]
    pub fn is_run_of(&self, call: &CallId) -> bool {
        let is_its = self.step() == call.step() && self.within() == call.within();
        is_its || self.within().is_some_and(|within| within.is_run_of(call))
    }

    /// Whether it is `outer`, or a run within it.
    #[must_use]
    pub fn is_within(&self, outer: &Self) -> bool {
        self == outer || self.within().is_some_and(|within| within.is_within(outer))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within() {
            write!(f, "{within}/")?;
        }
        write!(f, "{}/{}", self.step(), self.attempt())
    }
}

/// A call of a recorded saga: a step or the compensation of a step, of the outermost saga or of a nested run.
///
/// Written as the path of the step and the phase: `charge/do`, `charge/undo`; in a nested run, which is the second
/// attempt of the step `pay`, `pay/2/charge/do`. Names of steps contain no `/`. A journal encodes calls in this form,
/// by `Display` and `FromStr`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId {
    within: Option<RunId>,
    step: Cow<'static, str>,
    phase: Phase,
}

impl CallId {
    /// The call of this step of the outermost saga, or of the run `within`.
    #[must_use]
    pub fn new(within: Option<RunId>, step: impl Into<Cow<'static, str>>, phase: Phase) -> Self {
        let step = step.into();
        Self {
            within,
            step,
            phase,
        }
    }

    /// The run to which the call belongs. `None` if it belongs to the outermost saga.
    #[must_use]
    pub const fn within(&self) -> Option<&RunId> {
        self.within.as_ref()
    }

    /// The name of the step.
    #[must_use]
    pub fn step(&self) -> &str {
        &self.step
    }

    /// Whether the step is executed or compensated.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether it is a call of `run`, or of a run within it.
    #[must_use]
    pub fn is_within(&self, run: &RunId) -> bool {
        self.within().is_some_and(|within| within.is_within(run))
    }

    /// The names of the outer steps and of its own, without attempts: `pay/charge`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut steps = vec![self.step()];
        let mut within = self.within();
        while let Some(run) = within {
            steps.push(run.step());
            within = run.within();
        }
        steps.reverse();
        steps.join("/")
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(within) = self.within() {
            write!(f, "{within}/")?;
        }
        let phase = match self.phase {
            Phase::Step => "do",
            Phase::Compensation => "undo",
        };
        write!(f, "{}/{phase}", self.step)
    }
}

/// A text is not a [`CallId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no call: expected `step/do` or `step/undo`, within `step/attempt/` for each nested saga"
)]
pub struct NoCallId(String);

impl FromStr for CallId {
    type Err = NoCallId;

    fn from_str(text: &str) -> Result<Self, NoCallId> {
        let wrong = || NoCallId(text.to_owned());
        let mut parts = text.split('/');
        let mut within = None;
        loop {
            let step = parts.next().filter(|step| !step.is_empty());
            let step = step.ok_or_else(wrong)?.to_owned();
            let next = parts.next().ok_or_else(wrong)?;
            let phase = match next {
                "do" => Phase::Step,
                "undo" => Phase::Compensation,
                attempt => {
                    let attempt = attempt.parse().map_err(|_| wrong())?;
                    within = Some(RunId::new(within, step, attempt));
                    continue;
                }
            };
            return match parts.next() {
                None => Ok(Self::new(within, step, phase)),
                Some(_) => Err(wrong()),
            };
        }
    }
}

impl Serialize for CallId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CallId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// What is in flight from a record on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// This call.
    Call(CallId),
    /// The next compensation of this run, whichever it is. `None` for the outermost saga.
    NextUndo(Option<RunId>),
}

/// Like a [`CallId`]; the next compensation is `undo`, or `pay/2/undo` in a nested run.
impl fmt::Display for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => write!(f, "{call}"),
            Self::NextUndo(None) => f.write_str("undo"),
            Self::NextUndo(Some(within)) => write!(f, "{within}/undo"),
        }
    }
}

impl FromStr for Begun {
    type Err = NoCallId;

    fn from_str(text: &str) -> Result<Self, NoCallId> {
        let Some(run) = text.strip_suffix("undo") else {
            return text.parse().map(Self::Call);
        };
        if run.is_empty() {
            return Ok(Self::NextUndo(None));
        }
        // Steps with attempts are an even number of parts before `undo`. A compensation has its own step there too.
        let parts = run.split('/').count() - 1;
        if parts % 2 == 1 {
            return text.parse().map(Self::Call);
        }
        let inner: CallId = format!("{run}s/do").parse()?;
        Ok(Self::NextUndo(inner.within))
    }
}

impl Serialize for Begun {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Begun {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use crate::*;

    #[test]
    fn what_is_written_of_a_call_is_read_as_the_same_call() {
        let outer = RunId::new(None, "order", 1);
        let inner = RunId::new(Some(outer.clone()), "pay", 2);
        let calls = [
            CallId::new(None, "charge", Phase::Step),
            CallId::new(Some(outer.clone()), "charge", Phase::Compensation),
            CallId::new(Some(inner.clone()), "do", Phase::Step),
            CallId::new(Some(inner.clone()), "undo", Phase::Compensation),
            CallId::new(None, "7", Phase::Step),
        ];
        for call in calls {
            assert_eq!(call.to_string().parse(), Ok(call.clone()), "{call}");
            let begun = Begun::Call(call);
            assert_eq!(begun.to_string().parse(), Ok(begun.clone()), "{begun}");
        }
        for run in [None, Some(outer), Some(inner)] {
            let begun = Begun::NextUndo(run);
            assert_eq!(begun.to_string().parse(), Ok(begun.clone()), "{begun}");
        }
    }

    #[test]
    fn a_text_that_is_no_call_is_refused() {
        for text in [
            "",
            "do",
            "charge",
            "charge/",
            "/do",
            "pay/x/charge/do",
            "pay/2/do/do/do",
        ] {
            assert!(text.parse::<CallId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_run_is_within_itself_and_those_around_it_and_no_other() {
        let outer = RunId::new(None, "pay", 1);
        let inner = RunId::new(Some(outer.clone()), "pay", 1);
        assert!(inner.is_within(&outer) && outer.is_within(&outer));
        assert!(!outer.is_within(&inner));
        // Names with the same beginning.
        let other = RunId::new(None, "pay", 11);
        assert!(!CallId::new(Some(other), "charge", Phase::Step).is_within(&outer));
    }
}
