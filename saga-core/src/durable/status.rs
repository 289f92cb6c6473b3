//! The status of a saga.

use core::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::error::{Dropped, Parked};
use crate::id::SagaId;
use crate::run::Position;
use crate::util::foreign::Line;
use saga_journal::{READER, SagaEntry, SagaKey};

/// A saga of a journal and its status.
///
/// `Display` writes one line: "order-42, a run of `checkout`: running at step `charge_card`, attempt 2". As JSON it is
/// an object with `key`, `id`, `saga`, `submitted_at` in milliseconds since the Unix epoch, and `status`, which is
/// described at [`Status`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SagaStatus {
    /// The key of the saga in the journal: for [`Query::after`](super::Query::after).
    pub key: SagaKey,
    /// The id of the run.
    pub id: SagaId,
    /// The name of the saga that it is a run of.
    pub saga: Arc<str>,
    /// When it was submitted.
    pub submitted_at: SystemTime,
    /// The status.
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

/// Writes one line: "order-42, a run of `checkout`: running at step `charge_card`, attempt 2".
impl fmt::Display for SagaStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id, saga, status, ..
        } = self;
        write!(f, "{}, a run of `{}`: {status}", Line(id), Line(saga))
    }
}

impl Serialize for SagaStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let since = self.submitted_at.duration_since(UNIX_EPOCH);
        let mut fields = serializer.serialize_struct("SagaStatus", 5)?;
        fields.serialize_field("key", &self.key.0)?;
        fields.serialize_field("id", &self.id.to_string())?;
        fields.serialize_field("saga", &*self.saga)?;
        fields.serialize_field(
            "submitted_at",
            &super::clock::millis(since.unwrap_or_default()),
        )?;
        fields.serialize_field("status", &self.status)?;
        fields.end()
    }
}

/// The status of a saga.
///
/// As JSON it is an object with `is`, the name of its [kind](Self::kind), and `text`, its `Display`. If the saga is at
/// a step, it also has `step`, `attempt` and `undoing`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Status {
    /// It waits for a place among those in flight.
    Queued,
    /// It goes on, and has come this far.
    Running(Position),
    /// It waits for its next attempt; this is the last one. It holds no place among those in flight.
    Waiting(Position),
    /// It stays where it is, at this position if that is known, as long as something that only it needs fails, for
    /// example its codec. The text is the reason.
    Trouble(Option<Position>, Arc<str>),
    /// The engine is shut down. The saga goes on from this position, if that is known, when an engine is opened again.
    ShutDown(Option<Position>),
    /// The engine dropped it at this position, if that is known. It goes on when an engine is opened again.
    Dropped(Option<Position>, Dropped),
    /// It does not go on in this process, for this reason.
    Parked(Parked),
    /// A newer version of this library wrote records of it that this version cannot read. An engine of such a version
    /// goes on with it.
    Newer {
        /// The lowest [`READER`](super::READER) that reads all records.
        min_reader: u32,
    },
    /// All steps have completed.
    Completed,
    /// Every compensation that was due has run.
    Compensated,
    /// An operator must act: the report says how.
    Stuck,
}

/// The kind of a status: from [`Status::kind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StatusKind {
    /// [`Status::Queued`].
    Queued,
    /// [`Status::Running`].
    Running,
    /// [`Status::Waiting`].
    Waiting,
    /// [`Status::Trouble`].
    Trouble,
    /// [`Status::ShutDown`].
    ShutDown,
    /// [`Status::Dropped`].
    Dropped,
    /// [`Status::Parked`].
    Parked,
    /// [`Status::Newer`].
    Newer,
    /// [`Status::Completed`].
    Completed,
    /// [`Status::Compensated`].
    Compensated,
    /// [`Status::Stuck`].
    Stuck,
}

impl StatusKind {
    /// `queued`, `running`, `waiting`, `trouble`, `shut_down`, `dropped`, `parked`, `newer`, `completed`,
    /// `compensated`, `stuck`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Trouble => "trouble",
            Self::ShutDown => "shut_down",
            Self::Dropped => "dropped",
            Self::Parked => "parked",
            Self::Newer => "newer",
            Self::Completed => "completed",
            Self::Compensated => "compensated",
            Self::Stuck => "stuck",
        }
    }
}

impl fmt::Display for StatusKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Status {
    /// The kind of this status.
    #[must_use]
    pub const fn kind(&self) -> StatusKind {
        match self {
            Self::Queued => StatusKind::Queued,
            Self::Running(_) => StatusKind::Running,
            Self::Waiting(_) => StatusKind::Waiting,
            Self::Trouble(..) => StatusKind::Trouble,
            Self::ShutDown(_) => StatusKind::ShutDown,
            Self::Dropped(..) => StatusKind::Dropped,
            Self::Parked(_) => StatusKind::Parked,
            Self::Newer { .. } => StatusKind::Newer,
            Self::Completed => StatusKind::Completed,
            Self::Compensated => StatusKind::Compensated,
            Self::Stuck => StatusKind::Stuck,
        }
    }

    /// The position, if the saga is or was under way in this process.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::Running(position) | Self::Waiting(position) => Some(*position),
            Self::Trouble(position, _) | Self::ShutDown(position) | Self::Dropped(position, _) => {
                *position
            }
            Self::Queued
            | Self::Parked(_)
            | Self::Newer { .. }
            | Self::Completed
            | Self::Compensated
            | Self::Stuck => None,
        }
    }
}

/// A position with a space before it, or nothing if it is not known.
struct PositionText(Option<Position>);

impl fmt::Display for PositionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(position) => write!(f, " {position}"),
            None => Ok(()),
        }
    }
}

/// Writes part of a sentence: "running at step `charge_card`, attempt 2".
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(position) => write!(f, "running {position}"),
            Self::Waiting(position) => write!(f, "waiting for its next attempt, {position}"),
            Self::Trouble(position, reason) => {
                write!(
                    f,
                    "staying{} for now: {}",
                    PositionText(*position),
                    Line(reason)
                )
            }
            Self::ShutDown(position) => write!(f, "shut down{}, to go on", PositionText(*position)),
            Self::Dropped(position, reason) => {
                write!(
                    f,
                    "dropped{}, to go on when an engine is opened again: {reason}",
                    PositionText(*position)
                )
            }
            Self::Parked(reason) => write!(f, "parked: {reason}"),
            Self::Newer { min_reader } => write!(
                f,
                "left to a newer version: its records need reader {min_reader}, and this is {READER}"
            ),
            Self::Queued | Self::Completed | Self::Compensated | Self::Stuck => {
                f.write_str(self.kind().as_str())
            }
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = match self.position() {
            Some(Position::Step { step, attempt }) => Some((step.name, attempt, false)),
            Some(Position::Compensation { step, attempt }) => Some((step.name, attempt, true)),
            Some(Position::NotStarted | Position::Ended) | None => None,
        };
        let fields = if at.is_some() { 5 } else { 2 };
        let mut fields = serializer.serialize_struct("Status", fields)?;
        fields.serialize_field("is", self.kind().as_str())?;
        fields.serialize_field("text", &self.to_string())?;
        if let Some((step, attempt, undoing)) = at {
            fields.serialize_field("step", step)?;
            fields.serialize_field("attempt", &attempt)?;
            fields.serialize_field("undoing", &undoing)?;
        }
        fields.end()
    }
}
