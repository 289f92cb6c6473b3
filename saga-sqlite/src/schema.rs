//! The tables, and the migrations that create them. `docs/journal.md` describes their content.

/// `saga` in ASCII: the application id by which `file` and other tools recognise a journal.
pub(crate) const APPLICATION_ID: i32 = 0x7361_6761;

/// The version that this crate writes. An empty file has version 0.
pub(crate) const VERSION: i32 = 1;

/// The migrations: each takes a file from one version to the next.
pub(crate) const MIGRATIONS: [&str; 1] = [VERSION_1];

// A saga writes at least four rows to `record`, so these determine the cost. Rows are appended, and the index has
// two integers that grow, so a write touches only the last page or two. `docs/journal.md` has the measurements and
// the alternatives.
//
// `saga_open` leaves out the sagas that have completed (state 1), which become the great majority. A state is
// always written, but the column can be NULL: if a state is lost, the saga has to be found as damaged, and in a
// column that cannot be NULL SQLite would not find it.
//
// Columns that few sagas use (`due_at`, `request`, `exclusive`, `tag`, `tombstone`) cost the other sagas nothing:
// their indexes have no entries for them.
const VERSION_1: &str = "
CREATE TABLE record (
    place INTEGER PRIMARY KEY,
    saga INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    min_reader INTEGER NOT NULL,
    head TEXT NOT NULL,
    value BLOB NOT NULL,
    checksum INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX record_of ON record (saga, number);
CREATE TABLE saga (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    definition INTEGER NOT NULL,
    state INTEGER,
    created_at INTEGER NOT NULL,
    min_reader INTEGER NOT NULL,
    owner_epoch INTEGER NOT NULL,
    loads INTEGER NOT NULL,
    due_at INTEGER
) STRICT;
CREATE UNIQUE INDEX saga_id ON saga (id);
CREATE INDEX saga_open ON saga (state) WHERE state IS NOT 1;
CREATE INDEX saga_due ON saga (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE worker (
    epoch INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    lease_until INTEGER,
    ended_at INTEGER
) STRICT;
CREATE TABLE definition (
    hash INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;
CREATE TABLE request (
    place INTEGER PRIMARY KEY,
    saga TEXT NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL,
    who TEXT,
    why TEXT,
    taken_at INTEGER,
    taken_by INTEGER,
    answer TEXT
) STRICT;
CREATE INDEX request_open ON request (saga) WHERE taken_at IS NULL;
CREATE INDEX request_of ON request (saga, place);
CREATE TABLE exclusive (
    place INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    saga INTEGER NOT NULL
) STRICT;
CREATE INDEX exclusive_key ON exclusive (key, place);
CREATE INDEX exclusive_of ON exclusive (saga);
CREATE TABLE tag (
    saga INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (saga, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_value ON tag (name, value);
CREATE TABLE tombstone (
    id TEXT NOT NULL PRIMARY KEY,
    key INTEGER NOT NULL,
    name TEXT NOT NULL,
    input_hash BLOB NOT NULL,
    state INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    pruned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_way_from_each_version_to_the_next() {
        assert_eq!(MIGRATIONS.len(), usize::try_from(VERSION).unwrap());
    }
}
