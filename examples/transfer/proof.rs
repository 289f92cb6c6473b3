//! What the banks' files say of a transfer: which of its legs stand, and that no cent was lost.
//!
//! Looks at nothing but the files, through a connection of its own, and adds up nothing here: that
//! is done in `proof.sql`.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::money::Money;

/// The file of the bank North.
pub(crate) fn north(folder: &Path) -> PathBuf {
    folder.join("north.sqlite")
}

/// The file of the bank South.
pub(crate) fn south(folder: &Path) -> PathBuf {
    folder.join("south.sqlite")
}

/// What is on the accounts of both banks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Balances {
    pub(crate) ann: Money,
    pub(crate) clearing_at_north: Money,
    pub(crate) clearing_at_south: Money,
    pub(crate) bob: Money,
}

/// What the files say.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) balances: Balances,
    /// On all accounts together.
    pub(crate) total: Money,
    /// What ann has paid.
    pub(crate) withdrawn: Money,
    /// What bob was paid.
    pub(crate) deposited: Money,
    /// What is wrong; empty if nothing is.
    pub(crate) problems: Vec<String>,
}

impl Proof {
    /// Asks the files in `folder`.
    pub(crate) fn of(folder: &Path) -> rusqlite::Result<Self> {
        Self::between(&north(folder), &south(folder))
    }

    /// Asks these two files.
    pub(crate) fn between(north: &Path, south: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(north, flags)?;
        connection.execute("ATTACH ?1 AS south", [south.to_string_lossy()])?;
        connection.execute_batch(include_str!("proof.sql"))?;
        let mut problems = connection.prepare("SELECT problem FROM problems")?;
        let problems = problems.query_map([], |row| row.get(0))?;
        let problems = problems.collect::<rusqlite::Result<_>>()?;
        connection.query_row("SELECT * FROM balances, moved", [], |row| {
            Ok(Self {
                balances: Balances {
                    ann: row.get("ann")?,
                    clearing_at_north: row.get("clearing_at_north")?,
                    clearing_at_south: row.get("clearing_at_south")?,
                    bob: row.get("bob")?,
                },
                total: row.get("total")?,
                withdrawn: row.get("withdrawn")?,
                deposited: row.get("deposited")?,
                problems,
            })
        })
    }
}
