//! What has become of a saga, for those who ask.

use core::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::Parked;
use super::journal::{SagaEntry, SagaKey};
use crate::id::SagaId;
use crate::position::Position;

/// A saga of a journal, and what has become of it so far.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SagaStatus {
    /// What the journal calls it: for [`Query::after`](super::Query::after).
    pub key: SagaKey,
    /// Its id.
    pub id: SagaId,
    /// The name of the saga that it is a run of.
    pub saga: Arc<str>,
    /// When it was submitted.
    pub submitted_at: SystemTime,
    /// How it is.
    pub status: Status,
}

impl SagaStatus {
    pub(super) fn new(entry: SagaEntry, status: Status) -> Self {
        Self {
            key: entry.key,
            id: entry.id,
            saga: entry.saga,
            submitted_at: UNIX_EPOCH + Duration::from_millis(entry.created_at),
            status,
        }
    }
}

/// How a saga is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Status {
    /// It waits for a place among those in flight.
    Queued,
    /// It goes on, and is this far.
    Running(Position),
    /// The engine is shut down, and it is this far: it goes on when one is opened again.
    ShutDown(Position),
    /// It does not go on in this process, for this reason.
    Parked(Parked),
    /// All steps have completed.
    Completed,
    /// Every compensation that was due has run.
    Compensated,
    /// Something needs a person: its report says what.
    Stuck,
}

/// Part of a sentence: "running at step `charge_card`, attempt 2".
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queued => f.write_str("queued"),
            Self::Running(position) => write!(f, "running {position}"),
            Self::ShutDown(position) => write!(f, "shut down {position}, to go on"),
            Self::Parked(reason) => write!(f, "parked: {reason}"),
            Self::Completed => f.write_str("completed"),
            Self::Compensated => f.write_str("compensated"),
            Self::Stuck => f.write_str("stuck"),
        }
    }
}
