//! The tables, and how a file comes to have them. `docs/journal.md` says what is in them.

/// `saga`, in ASCII: what `file` and others know a journal by.
pub(crate) const APPLICATION_ID: i32 = 0x7361_6761;

/// The version that is written here. Version 0 is an empty file.
pub(crate) const VERSION: i32 = 1;

/// What brings a file from each version to the next.
pub(crate) const MIGRATIONS: [&str; 1] = [VERSION_1];

// `record` is written four times and more for each saga, and so is all that counts: rows are added at its end,
// and its index is of two integers that grow, whose last page or two are those that are written. Measured in
// `docs/journal.md`, with what else was tried.
//
// `saga_open` leaves out the sagas that have completed (state 1), which are most of them after a while.
const VERSION_1: &str = "
CREATE TABLE record (
    place INTEGER PRIMARY KEY,
    saga INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
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
    state INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX saga_id ON saga (id);
CREATE INDEX saga_open ON saga (state) WHERE state <> 1;
CREATE TABLE definition (
    hash INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_way_from_each_version_to_the_next() {
        assert_eq!(MIGRATIONS.len(), usize::try_from(VERSION).unwrap());
    }
}
