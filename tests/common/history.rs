//! What a service was asked for in all lives of a process, and what was recorded when each of them ended.

use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::durable::{CancelOutcome, Entry};
use tokio::sync::Notify;

/// What happened to one saga.
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
        /// The call, as a record says it: `charge/do`.
        call: String,
        /// Which attempt, counted from 1.
        attempt: u32,
        /// What an undo was given: that its step completed, or is in doubt.
        completed: Option<bool>,
    },
    /// The method returned, or panicked.
    Ended {
        /// The call.
        call: String,
        /// Which attempt.
        attempt: u32,
        /// How.
        result: Returned,
    },
    /// A condition was asked.
    Asked {
        /// The call of its step.
        call: String,
    },
    /// A request to cancel was answered.
    Cancelled(CancelOutcome),
    /// The deadline may have passed.
    MayBeOverdue,
    /// It has.
    Overdue,
    /// A life of the process is over.
    LifeOver {
        /// What is recorded then.
        recorded: Vec<Entry>,
        /// Whether it ended by an orderly shutdown that let every call finish.
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
        /// Whether another attempt is worth it.
        when: bool,
        /// Whether it may have taken effect.
        in_doubt: bool,
    },
    /// It panicked.
    Panic,
}

impl History {
    /// Of the saga of this id: nothing so far.
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

    /// A method was called, under this idempotency key.
    pub fn began(&self, key: &str, attempt: u32, completed: Option<bool>) {
        let call = self.call_of(key);
        self.add(Event::Began {
            call,
            attempt,
            completed,
        });
        self.begun.notify_waiters();
    }

    /// It ended.
    pub fn ended(&self, key: &str, attempt: u32, result: Returned) {
        let call = self.call_of(key);
        self.add(Event::Ended {
            call,
            attempt,
            result,
        });
    }

    /// A condition was asked, under this idempotency key.
    pub fn asked(&self, key: &str) {
        let call = self.call_of(key);
        self.add(Event::Asked { call });
    }

    /// The call that has this key: what is behind the id.
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

    /// How many methods were called.
    #[must_use]
    pub fn calls(&self) -> usize {
        let is_call = |event: &&Event| matches!(event, Event::Began { .. });
        self.lock().iter().filter(is_call).count()
    }

    /// Ready when so many methods were called.
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
