//! How an engine ends.

use core::time::Duration;
use std::sync::{Arc, PoisonError};

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::durable::engine::active::Stage;
use crate::durable::engine::{Engine, EngineInner};
use crate::durable::error::Dropped;
use crate::util::panics;

/// How long a task may take to stop where it is. One that takes longer blocks its thread: on
/// this shutdown, it may be.
const LAST_GRACE: Duration = Duration::from_secs(1);

impl Engine {
    /// Ends the engine: no step is begun any more, those in flight finish, for as long as `grace`, and the
    /// journal is let go. What has not ended goes on when an engine is opened again. What is still in flight
    /// after that is dropped where it is, as if the process had ended.
    ///
    /// Returns how many sagas were.
    ///
    /// A step, an observer or a `Drop` of the service may call it as well: the step in flight is then one of those
    /// that are waited for as long as `grace`, and dropped.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing: the engine ends all the same.
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
        // In a task, which no saga that is ended by it takes along, and where there is a clock.
        let (closed, left) = oneshot::channel();
        let closing = Arc::clone(&inner);
        drop(self.0.runtime.spawn(async move {
            let _ = closed.send(closing.close(grace).await);
        }));
        match left.await {
            Ok(left) => left,
            // The runtime has ended, and all tasks with it.
            Err(_) => inner.let_go(),
        }
    }

    /// Ends the engine where it is, as the end of the process would: nothing that is in flight is recorded to have
    /// been dropped. For tests of what a crash leaves.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing of what it has ended, and leaves the journal locked.
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
        self.abort.cancel();
        let _ = timeout(LAST_GRACE, all()).await;
        if left > 0 {
            // A journal that does not take it now counts what was dropped as a crash.
            let _ = timeout(LAST_GRACE, self.record_dropped()).await;
        }
        self.let_go();
        left
    }

    /// Records of each saga of which something was in flight that no crash has interrupted it.
    async fn record_dropped(&self) {
        let all: Vec<_> = self.active().values().cloned().collect();
        let logs = all.iter().filter_map(|active| active.log().cloned());
        let mut records: JoinSet<()> = JoinSet::new();
        for log in logs {
            records.spawn(async move { log.dropped().await });
        }
        while records.join_next().await.is_some() {}
    }

    /// Lets the journal go: nothing is written any more. Returns how many sagas are left where the end of the
    /// runtime dropped them.
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

    /// Writes nothing more, and lets the lock go.
    fn release_journal(&self) {
        self.journal.close();
        let lock = self.lock.lock();
        panics::discard(lock.unwrap_or_else(PoisonError::into_inner).take());
    }

    /// The runtime has ended, and the tasks of the engine with it.
    pub(in crate::durable) fn runtime_ended(&self) {
        self.shared.slots.close();
        self.release_journal();
        let all: Vec<_> = self.active().values().cloned().collect();
        for active in all {
            active.stop(Stage::Dropped(Dropped::RuntimeEnded));
        }
    }
}
