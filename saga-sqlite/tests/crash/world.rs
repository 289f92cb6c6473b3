//! What survives the process beside the journal: the effects of the steps, and every call.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, params};

/// A database of its own, apart from the journal.
///
/// An effect has the idempotency key of its step, so it is there once, however often it is made. Calls have no key,
/// so a repeated one shows.
pub(crate) struct World(Mutex<Connection>);

impl World {
    /// The database in this folder.
    pub(crate) fn open(folder: &Path) -> Self {
        Self::open_as(folder, "FULL")
    }

    /// The same without syncs: it survives the process, but not the machine.
    #[allow(dead_code, reason = "for tests that write too much to wait for a disk")]
    pub(crate) fn open_unsynced(folder: &Path) -> Self {
        Self::open_as(folder, "OFF")
    }

    fn open_as(folder: &Path, synchronous: &str) -> Self {
        let connection = Connection::open(folder.join("world.db")).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        let made = connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
            PRAGMA synchronous = {synchronous};
            CREATE TABLE IF NOT EXISTS call (place INTEGER PRIMARY KEY, key TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS effect (key TEXT PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS saga_end (id TEXT NOT NULL, end TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS life (writes INTEGER NOT NULL);"
        ));
        made.unwrap();
        Self(Mutex::new(connection))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs a call that changes nothing.
    pub(crate) fn call(&self, key: &str) {
        self.change(key, "SELECT ?1 WHERE false", key);
    }

    /// Logs a call that makes the effect of its step.
    pub(crate) fn make(&self, key: &str) {
        self.change(
            key,
            "INSERT INTO effect VALUES (?1) ON CONFLICT DO NOTHING",
            key,
        );
    }

    /// Logs a call that takes back the effect of a step, if there is one.
    pub(crate) fn take_back(&self, key: &str, step_key: &str) {
        self.change(key, "DELETE FROM effect WHERE key = ?1", step_key);
    }

    /// Writes both or nothing, durably.
    fn change(&self, key: &str, sql: &str, of: &str) {
        let mut connection = self.connection();
        let transaction = connection.transaction().unwrap();
        let called = transaction.execute("INSERT INTO call (key) VALUES (?1)", [key]);
        called.unwrap();
        let mut statement = transaction.prepare(sql).unwrap();
        statement.raw_bind_parameter(1, of).unwrap();
        while statement.raw_query().next().unwrap().is_some() {}
        drop(statement);
        transaction.commit().unwrap();
    }

    /// Records how a saga ended, as this life saw it.
    pub(crate) fn record_end(&self, id: &str, end: &str) {
        let connection = self.connection();
        let inserted = connection.execute("INSERT INTO saga_end VALUES (?1, ?2)", params![id, end]);
        inserted.unwrap();
    }

    /// Logs the number of writes of a life that was not killed.
    pub(crate) fn lived(&self, writes: usize) {
        let writes = i64::try_from(writes).unwrap();
        let connection = self.connection();
        let lived = connection.execute("INSERT INTO life VALUES (?1)", [writes]);
        lived.unwrap();
    }

    /// The calls, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.texts("SELECT key FROM call ORDER BY place")
    }

    /// The current effects.
    pub(crate) fn effects(&self) -> BTreeSet<String> {
        self.texts("SELECT key FROM effect").into_iter().collect()
    }

    /// `id: end` of each end that a life saw, once each.
    pub(crate) fn ends(&self) -> Vec<String> {
        self.texts("SELECT DISTINCT id || ': ' || end FROM saga_end ORDER BY id, end")
    }

    /// The numbers of writes of the lives that were not killed.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.texts("SELECT CAST(writes AS TEXT) FROM life")
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let connection = self.connection();
        let mut statement = connection.prepare(sql).unwrap();
        let texts = statement.query_map([], |row| row.get(0)).unwrap();
        texts.map(Result::unwrap).collect()
    }
}
