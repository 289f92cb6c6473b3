//! The events that an observer receives of a run: for metrics and alerts.

mod observer;

pub use self::observer::{Event, EventKind, Observer, Reason, SagaOutcome};
