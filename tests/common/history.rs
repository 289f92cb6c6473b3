//! The calls of a service in all lives of a process, and the records at the end of each life.

use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::durable::{CancelOutcome, Entry};
use tokio::sync::Notify;

/// The history of one saga.
#[derive(Debug)]
pub struct History {
    id: String,
    events: Mutex<Vec<Event>>,
    begun: Notify,
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An attempt of a call began: a method was called.
    Began {
        /// The call as records name it: `charge/do`.
        call: String,
        /// The attempt, counted from 1.
        attempt: u32,
        /// What an undo gets: its step completed, or is in doubt.
        completed: Option<bool>,
    },
    /// The method returned, or panicked.
    Ended {
        /// The call.
        call: String,
        /// The attempt.
        attempt: u32,
        /// How it ended.
        result: Returned,
    },
    /// A condition was evaluated.
    Asked {
        /// The call of its step.
        call: String,
    },
    /// A request to cancel was answered.
    Cancelled(CancelOutcome),
    /// The deadline may have passed at this moment.
    MayBeOverdue,
    /// The deadline has passed at this moment.
    Overdue,
    /// A life of the process has ended.
    LifeOver {
        /// The records at that moment.
        recorded: Vec<Entry>,
        /// Whether an orderly shutdown ended it and every call finished.
        in_order: bool,
    },
}

/// How a method ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// It returned its output.
    Output,
    /// It returned an error.
    Error {
        /// Whether `when` accepts it.
        when: bool,
        /// Whether it may have taken effect.
        in_doubt: bool,
    },
    /// It panicked.
    Panic,
}

impl History {
    /// An empty history of the saga with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            events: Mutex::default(),
            begun: Notify::new(),
        }
    }

    /// The id of the saga.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Adds an event.
    pub fn add(&self, event: Event) {
        self.lock().push(event);
    }

    /// Logs that a method was called with this idempotency key.
    pub fn began(&self, key: &str, attempt: u32, completed: Option<bool>) {
        let call = self.call_of(key);
        self.add(Event::Began {
            call,
            attempt,
            completed,
        });
        self.begun.notify_waiters();
    }

    /// Logs that the method ended.
    pub fn ended(&self, key: &str, attempt: u32, result: Returned) {
        let call = self.call_of(key);
        self.add(Event::Ended {
            call,
            attempt,
            result,
        });
    }

    /// Logs that a condition was evaluated, with this idempotency key.
    pub fn asked(&self, key: &str) {
        let call = self.call_of(key);
        self.add(Event::Asked { call });
    }

    /// The call with this key: the part of the key after the id.
    fn call_of(&self, key: &str) -> String {
        let call = key.split_once(&format!("/{}/", self.id));
        let (_, call) = call.expect("a key of this run");
        call.to_owned()
    }

    /// All events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.lock().clone()
    }

    /// The number of methods that were called.
    #[must_use]
    pub fn calls(&self) -> usize {
        let is_call = |event: &&Event| matches!(event, Event::Began { .. });
        self.lock().iter().filter(is_call).count()
    }

    /// Returns when this many methods were called.
    pub async fn has_calls(&self, calls: usize) {
        loop {
            let begun = self.begun.notified();
            if self.calls() >= calls {
                return;
            }
            begun.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
