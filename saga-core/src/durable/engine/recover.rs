//! Resumes what an earlier process left: page by page, and each saga once it has a place.

use core::sync::atomic::Ordering;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::durable::engine::EngineInner;
use crate::durable::engine::active::{Active, Guard, Loaded, Stage};
use crate::durable::error::Parked;
use crate::durable::log::{InFlight, Loading, Purpose, SagaLog, Stopped};
use crate::durable::registered::RunParts;
use crate::durable::retry::Tries;
use crate::id::SagaId;
use crate::run::Caller;
use saga_journal::{
    Claim, JournalError, JournalErrorKind, Query, Record, SagaEntry, SagaKey, SagaState,
};

/// The number of sagas that are read at once.
const PAGE: usize = 500;
/// The number of them that wait for a place at the same time. Places are assigned in the order of the requests, so new
/// and recovered sagas take turns.
const WAITING: usize = 32;

/// The position among the pages. Pages are only listed: a saga is claimed when its records are read, so that sagas that
/// wait for their turn do not count as having ended a process.
#[derive(Debug, Default)]
pub(in crate::durable) struct Pages {
    after: Option<SagaKey>,
}

impl Pages {
    /// The next sagas that an earlier process left and that this engine can run. Empty after the last page.
    pub(in crate::durable) async fn next(
        &mut self,
        inner: &EngineInner,
    ) -> Result<Vec<SagaEntry>, JournalError> {
        loop {
            let is_new = |key: &SagaKey| key.0 >= inner.first_created.load(Ordering::Relaxed);
            if self.after.as_ref().is_some_and(is_new) {
                return Ok(Vec::new());
            }
            let query = Query {
                after: self.after,
                ..Query::new().state(SagaState::Unfinished).limit(PAGE)
            };
            let mut page = inner.journal.list(query).await?;
            let Some(last) = page.last() else {
                return Ok(page);
            };
            self.after = Some(last.key);
            page.retain(|entry| inner.runs(entry) && !is_new(&entry.key));
            if !page.is_empty() {
                return Ok(page);
            }
        }
    }
}

/// Closes the engine if its runtime ends before it is shut down.
struct Sentinel(Arc<EngineInner>);

impl Drop for Sentinel {
    fn drop(&mut self) {
        if !self.0.is_shut_down() {
            self.0.runtime_ended();
        }
    }
}

impl EngineInner {
    /// Resumes what an earlier process left, of which `first` is the first page. The task stays as long as the engine
    /// is open.
    pub(in crate::durable) fn recover(self: &Arc<Self>, first: Vec<SagaEntry>, mut pages: Pages) {
        let (inner, sentinel) = (Arc::clone(self), Sentinel(Arc::clone(self)));
        self.spawn(&self.chores, async move {
            let shutdown = inner.shared.shutdown.clone();
            let recovered = async {
                inner.recover_all(first, &mut pages).await;
                core::future::pending::<()>().await;
            };
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {}
                () = recovered => {}
            }
            drop(sentinel);
        });
    }

    async fn recover_all(self: &Arc<Self>, mut page: Vec<SagaEntry>, pages: &mut Pages) {
        let waiting = Arc::new(Semaphore::new(WAITING));
        while !page.is_empty() {
            for entry in page {
                let Ok(turn) = Arc::clone(&waiting).acquire_owned().await else {
                    return;
                };
                self.adopt(entry, Some(turn));
            }
            let mut tries = Tries::new();
            page = loop {
                match pages.next(self).await {
                    Ok(page) => break page,
                    Err(error) => self.shared.is_unavailable(&error, &mut tries).await,
                }
            };
            if tries.have_failed() {
                self.shared.journal_is_back();
            }
        }
    }

    /// Takes up a saga that an earlier process left, if there is one with this id: recovery may have skipped it while
    /// it was being submitted again.
    pub(in crate::durable) async fn take_up_passed(self: &Arc<Self>, id: &SagaId) {
        let found = self.shared.once_available(|| self.journal.find(id));
        let found = tokio::select! {
            biased;
            found = found => found,
            () = self.shared.shuts_down() => return,
        };
        let is_left = |entry: &SagaEntry| entry.state == SagaState::Unfinished && self.runs(entry);
        if let Some(entry) = found.ok().flatten().filter(is_left) {
            self.adopt(entry, None);
        }
    }

    /// Takes up an unfinished saga that this engine can run, unless it was taken up before. The saga holds `turn` until
    /// it has a place.
    pub(in crate::durable) fn adopt(
        self: &Arc<Self>,
        entry: SagaEntry,
        turn: Option<OwnedSemaphorePermit>,
    ) {
        let (inner, id) = (Arc::clone(self), entry.id.clone());
        let active = Active::recovered(entry);
        {
            let mut all = self.active();
            if all.contains_key(&id) {
                return;
            }
            all.insert(id.clone(), Arc::clone(&active));
        }
        let guard = Guard {
            inner: Arc::clone(self),
            id: id.clone(),
            active: Arc::clone(&active),
        };
        // Boxed: a future that an async block awaits takes twice its size in the block.
        let resumed = Box::pin(async move {
            inner.resume(&active, turn).await;
        });
        self.spawn_saga(guard, resumed);
    }

    /// The log of a saga, which is claimed and read once, by the first caller that needs it.
    pub(in crate::durable) async fn load<'a>(
        &self,
        active: &'a Active,
    ) -> Result<&'a Loaded, Stopped> {
        let Some(entry) = &active.entry else {
            // A saga that was submitted here has its log from the beginning.
            return active.loaded.get().ok_or(Stopped::ShutDown);
        };
        let read = async || {
            let mut tries = Tries::new();
            loop {
                match self.claimed_log(entry).await {
                    // A shutdown ends the wait. If it dropped a claim in flight, that would count as a process that
                    // ended.
                    Err(error) if error.kind() == JournalErrorKind::Unavailable => tokio::select! {
                        biased;
                        () = self.shared.shuts_down() => return Err(Stopped::ShutDown),
                        () = self.shared.is_unavailable(&error, &mut tries) => {}
                    },
                    read => {
                        if tries.have_failed() {
                            self.shared.journal_is_back();
                        }
                        let (log, first) = read.map_err(Stopped::Broken)?;
                        return Ok(Loaded { log, first });
                    }
                }
            }
        };
        active.loaded.get_or_try_init(read).await
    }

    async fn claimed_log(&self, entry: &SagaEntry) -> Result<(Arc<SagaLog>, Record), JournalError> {
        // This engine may have claimed it before, or it may have ended meanwhile.
        let claim = Claim::One(entry.key);
        self.journal.claim(self.epoch, claim).await?;
        let read = self
            .log_of(entry, Purpose::Run(InFlight::Interrupted))
            .await;
        if let Err(error) = &read
            && error.kind() != JournalErrorKind::Unavailable
        {
            // The saga stays where it is, and the process did not end over it. If recording that fails, one crash too
            // many is counted.
            let _ = self.journal.loaded(self.epoch, entry.key).await;
        }
        read
    }

    /// Handles a saga that ended after its page was read.
    async fn has_ended(&self, entry: &SagaEntry, active: &Active) {
        match self.journal.find(&entry.id).await {
            Ok(Some(now)) if now.state == SagaState::Unfinished => {
                let text = "its records say that it has ended, and its entry that it has not";
                let error = JournalError::new(JournalErrorKind::Corrupt, text);
                active.stop(Stage::Parked(Parked::Journal(error)));
            }
            _ => self.set_gone(&entry.id, active),
        }
    }

    /// Why a saga is not read, if too many processes ended while reading it.
    pub(in crate::durable) fn ends_process(&self, times: u32) -> Option<Parked> {
        let is_too_often = times > self.shared.max_interruptions;
        is_too_often.then_some(Parked::EndsProcess { times })
    }

    /// Resumes a saga that an earlier process left, once there is a place for it.
    async fn resume(&self, active: &Active, turn: Option<OwnedSemaphorePermit>) {
        let Some(entry) = &active.entry else {
            return;
        };
        let Some(place) = self.shared.slot().await else {
            return;
        };
        drop(turn);
        // The number of processes that ended while they read it.
        let times = entry.loads;
        if let Some(parked) = self.ends_process(times) {
            return active.stop(Stage::Parked(parked));
        }
        let alone = if times > 0 {
            match self.shared.alone().await {
                Some(permit) => Some(permit),
                None => return,
            }
        } else {
            None
        };
        let Loaded { log, first } = match self.load(active).await {
            Ok(loaded) => {
                loaded.log.loads(Loading(alone));
                loaded
            }
            Err(Stopped::ShutDown) => return,
            Err(Stopped::Broken(error)) => {
                return active.stop(Stage::Parked(Parked::Journal(error)));
            }
        };
        let Some(known) = self.known.get(&*entry.saga) else {
            return;
        };
        if log.end().is_some() {
            return self.has_ended(entry, active).await;
        }
        log.hold(place);
        if log.is_cancelled() {
            active.token.cancel();
        }
        active.stage.send_replace(Stage::Running);
        let taken = RunParts {
            log: Arc::clone(log),
            first: first.clone(),
            token: active.token.clone(),
            progress: Arc::clone(&active.progress),
            caller: Caller::default(),
        };
        let resumed = Arc::clone(&known.saga).resume(taken).await;
        if resumed.is_err() {
            // The saga stays where it is, and the process did not end over it.
            log.is_loaded().await;
        }
        self.finish(&entry.id, active, resumed.err());
    }
}
