//! Lists sagas and their status.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use crate::durable::codec::IntoSagaId;
use crate::durable::engine::active::Stage;
use crate::durable::engine::{Engine, EngineInner};
use crate::durable::error::Parked;
use crate::durable::status::{SagaStatus, Status, StatusKind};
use crate::id::SagaId;
use crate::run::Position;
use saga_journal::{Count, JournalError, Query, READER, SagaEntry, SagaState};

impl Engine {
    /// The status of a saga; `None` if there is none with this id.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn status(&self, id: impl IntoSagaId) -> Result<Option<SagaStatus>, JournalError> {
        let Some(entry) = self.0.journal.find(&id.into_saga_id()).await? else {
            return Ok(None);
        };
        let mut changes = Changes::default();
        self.0.status_of(entry, &mut changes).await.map(Some)
    }

    /// A page of the sagas that match `query`, in the order in which they were submitted. [`Query::after`] requests the
    /// next page; [`sagas`](Self::sagas) reads all pages.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn list(&self, query: Query) -> Result<Vec<SagaStatus>, JournalError> {
        let entries = self.0.journal.list(query).await?;
        let mut changes = Changes::default();
        let mut statuses = Vec::with_capacity(entries.len());
        for entry in entries {
            statuses.push(self.0.status_of(entry, &mut changes).await?);
        }
        Ok(statuses)
    }

    /// All sagas that match `query`, one after the other, in the order in which they were submitted. The `limit` of the
    /// query is how many are read from the journal at once.
    ///
    /// ```
    /// use saga_core::durable::{Engine, InMemoryJournal, Query, StatusKind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let engine = Engine::builder().open(InMemoryJournal::new()).await?;
    /// let mut parked = engine.sagas(Query::new()).that_are(StatusKind::Parked);
    /// while let Some(saga) = parked.next().await? {
    ///     println!("{saga}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn sagas(&self, query: Query) -> Sagas {
        Sagas {
            engine: self.clone(),
            query,
            kinds: Vec::new(),
            before: None,
            page: VecDeque::new(),
            is_last: false,
        }
    }

    /// The number of sagas in the journal, by name and state.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub async fn counts(&self) -> Result<Vec<Count>, JournalError> {
        self.0.journal.counts().await
    }
}

/// All sagas that match a query, one after the other: from [`Engine::sagas`].
#[derive(Debug)]
#[must_use]
pub struct Sagas {
    engine: Engine,
    query: Query,
    kinds: Vec<StatusKind>,
    before: Option<SystemTime>,
    page: VecDeque<SagaStatus>,
    is_last: bool,
}

impl Sagas {
    /// Keeps only the sagas of this kind. After several calls, those of any of the kinds.
    pub fn that_are(mut self, kind: StatusKind) -> Self {
        self.kinds.push(kind);
        self
    }

    /// Keeps only the sagas that were submitted before this moment.
    pub fn submitted_before(mut self, moment: SystemTime) -> Self {
        self.before = Some(moment);
        self
    }

    /// The next saga; `None` after the last one.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read. The next call continues at the same place.
    pub async fn next(&mut self) -> Result<Option<SagaStatus>, JournalError> {
        loop {
            while let Some(saga) = self.page.pop_front() {
                let is_it = self.kinds.is_empty() || self.kinds.contains(&saga.status.kind());
                if is_it && self.before.is_none_or(|before| saga.submitted_at < before) {
                    return Ok(Some(saga));
                }
            }
            if self.is_last {
                return Ok(None);
            }
            let page = self.engine.list(self.narrowed()).await?;
            match page.last() {
                Some(last) => self.query.after = Some(last.key),
                None => self.is_last = true,
            }
            self.page = page.into();
        }
    }
}

impl Sagas {
    /// The query, narrowed to the state that the kinds require, so that the journal reads less.
    fn narrowed(&self) -> Query {
        let mut states = self.kinds.iter().map(|kind| match kind {
            StatusKind::Completed => SagaState::Completed,
            StatusKind::Compensated => SagaState::Compensated,
            StatusKind::Stuck => SagaState::Stuck,
            _ => SagaState::Unfinished,
        });
        let first = states.next();
        let of_all = first.filter(|first| states.all(|state| state == *first));
        Query {
            state: self.query.state.or(of_all),
            ..self.query.clone()
        }
    }
}

/// Why sagas of the same name and definition are parked, which is the same for all of them.
pub(in crate::durable) type Changes = BTreeMap<(Arc<str>, u64), Parked>;

impl EngineInner {
    pub(in crate::durable) async fn status_of(
        &self,
        entry: SagaEntry,
        changes: &mut Changes,
    ) -> Result<SagaStatus, JournalError> {
        let ended = |state| match state {
            SagaState::Unfinished => None,
            SagaState::Completed => Some(Status::Completed),
            SagaState::Compensated => Some(Status::Compensated),
            SagaState::Stuck => Some(Status::Stuck),
        };
        if let Some(status) = ended(entry.state) {
            return Ok(SagaStatus::new(entry, status));
        }
        if let Some(status) = self.active_status(&entry.id) {
            return Ok(SagaStatus::new(entry, status));
        }
        if entry.damage.is_some()
            && let Some(parked) = self.parked(&entry).await?
        {
            return Ok(SagaStatus::new(entry, Status::Parked(parked)));
        }
        if entry.min_reader > READER {
            let min_reader = entry.min_reader;
            return Ok(SagaStatus::new(entry, Status::Newer { min_reader }));
        }
        if !self.runs(&entry) {
            let of = (Arc::clone(&entry.saga), entry.definition);
            let parked = match changes.get(&of) {
                Some(parked) => Some(parked.clone()),
                None => self.parked(&entry).await?,
            };
            if let Some(parked) = parked {
                changes.insert(of, parked.clone());
                return Ok(SagaStatus::new(entry, Status::Parked(parked)));
            }
        }
        // Meanwhile it may have ended, or been taken up.
        let again = self.journal.find(&entry.id).await?;
        let entry = again.unwrap_or(entry);
        let status = ended(entry.state).or_else(|| self.active_status(&entry.id));
        let status = status.unwrap_or_else(|| {
            if self.is_shut_down() {
                Status::ShutDown(None)
            } else {
                Status::Queued
            }
        });
        Ok(SagaStatus::new(entry, status))
    }

    fn active_status(&self, id: &SagaId) -> Option<Status> {
        let active = self.find_active(id)?;
        let position = active.progress.get();
        // The position of a saga from an earlier process is not known before its records were processed.
        let is_known = active.entry.is_none() || !matches!(position, Position::NotStarted);
        let reached = is_known.then_some(position);
        let stage = active.stage.borrow().clone();
        if matches!(stage, Stage::Queued | Stage::Running)
            && let Some(reason) = active.trouble()
        {
            return Some(Status::Trouble(reached, reason));
        }
        let status = match &stage {
            Stage::Parked(reason) => Status::Parked(reason.clone()),
            Stage::Creating | Stage::Queued => Status::Queued,
            Stage::ShutDown => Status::ShutDown(reached),
            Stage::Dropped(reason) => Status::Dropped(reached, reason.clone()),
            Stage::Running if active.is_waiting() => Status::Waiting(position),
            Stage::Running => Status::Running(position),
            Stage::Gone => return None,
        };
        Some(status)
    }
}
