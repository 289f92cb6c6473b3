//! What an observer sees of a run: for metrics and alerts.

mod observer;

pub use self::observer::{Event, EventKind, Observer, Reason, SagaOutcome};
