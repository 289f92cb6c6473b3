//! Shuts an engine down.

use core::time::Duration;
use std::sync::{Arc, PoisonError};

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::durable::engine::active::Stage;
use crate::durable::engine::{Engine, EngineInner};
use crate::durable::error::Dropped;
use crate::util::panics;

/// How long a task may take to stop after the grace period. A task that takes longer blocks its thread, which may be
/// the thread of this shutdown.
const LAST_GRACE: Duration = Duration::from_secs(1);

impl Engine {
    /// Shuts the engine down: no step begins, those in flight may finish within `grace`, and then the journal is
    /// released. Steps that are still in flight after that are dropped as if the process had ended. Sagas that have not
    /// ended go on when an engine is opened again.
    ///
    /// Returns how many sagas were dropped.
    ///
    /// A step, an observer or a `Drop` of the service may call it as well: the step in flight then is one of those that
    /// are waited for within `grace`, and dropped.
    ///
    /// # Cancellation
    ///
    /// Dropping the future has no effect: the engine shuts down anyway.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        let inner = Arc::clone(&self.0);
        let EngineInner {
            shared,
            tasks,
            chores,
            ..
        } = &*inner;
        shared.shutdown.cancel();
        shared.slots.close();
        tasks.close();
        chores.close();
        // In a task of its own, so that dropping the calling saga does not drop it, and it has timers.
        let (closed, left) = oneshot::channel();
        let closing = Arc::clone(&inner);
        drop(self.0.runtime.spawn(async move {
            let _ = closed.send(closing.close(grace).await);
        }));
        match left.await {
            Ok(left) => left,
            // The runtime has ended, and all its tasks with it.
            Err(_) => inner.let_go(),
        }
    }

    /// Stops the engine as the end of the process would: it is not recorded what was in flight when it was dropped. For
    /// tests of what a crash leaves.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped, what was stopped stays stopped, and the journal stays locked.
    pub async fn abort(&self) {
        let EngineInner {
            shared,
            tasks,
            chores,
            abort,
            ..
        } = &*self.0;
        abort.cancel();
        tasks.close();
        chores.close();
        tasks.wait().await;
        chores.wait().await;
        shared.shutdown.cancel();
        self.0.let_go();
    }
}

impl EngineInner {
    async fn close(&self, grace: Duration) -> usize {
        let all = async || {
            self.tasks.wait().await;
            self.chores.wait().await;
        };
        let in_time = timeout(grace, all()).await.is_ok();
        let left = if in_time { 0 } else { self.tasks.len() };
        // By another shutdown, which was less patient.
        let is_overtaken = self.abort.is_cancelled();
        self.abort.cancel();
        let _ = timeout(LAST_GRACE, all()).await;
        if left > 0 || is_overtaken {
            // If the journal cannot record it now, what was dropped counts as interrupted by a crash.
            let _ = timeout(LAST_GRACE, self.record_dropped()).await;
        }
        self.let_go();
        left
    }

    /// Records for each saga with calls in flight that these were dropped and not interrupted by a crash.
    async fn record_dropped(&self) {
        let all: Vec<_> = self.active().values().cloned().collect();
        let logs = all.iter().filter_map(|active| active.log().cloned());
        let mut records: JoinSet<()> = JoinSet::new();
        for log in logs {
            records.spawn(async move { log.dropped().await });
        }
        while records.join_next().await.is_some() {}
    }

    /// Releases the journal: nothing is written any more. Returns how many sagas were dropped by the end of the
    /// runtime.
    fn let_go(&self) -> usize {
        self.release_journal();
        let all: Vec<_> = self.active().values().cloned().collect();
        let mut dropped = 0;
        for active in all {
            active.stop(Stage::ShutDown);
            dropped += usize::from(matches!(*active.stage.borrow(), Stage::Dropped(_)));
        }
        dropped
    }

    /// Closes the journal for writes, and releases its lock.
    fn release_journal(&self) {
        self.journal.close();
        let lock = self.lock.lock();
        panics::discard(lock.unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Called when the runtime has ended, and the tasks of the engine with it.
    pub(in crate::durable) fn runtime_ended(&self) {
        self.shared.slots.close();
        self.release_journal();
        let all: Vec<_> = self.active().values().cloned().collect();
        for active in all {
            active.stop(Stage::Dropped(Dropped::RuntimeEnded));
        }
    }
}
