//! The proof that every order happened wholly or left no trace, and ended as the orders file says.
//!
//! Looks at nothing but the database, for the program through a connection of its own to the file, and decides
//! nothing here: what is right is said in `proof.sql`.

use std::fmt;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// What the database file says.
pub(crate) struct Proof {
    orders: i64,
    whole: i64,
    without_receipt: i64,
    traceless: i64,
    /// What is wrong; empty if nothing is.
    pub(crate) problems: Vec<Problem>,
}

/// Something that is not as it should be.
pub(crate) struct Problem {
    /// The order, or the product.
    subject: String,
    problem: String,
}

impl Proof {
    /// Asks the database at `path`.
    pub(crate) fn of(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Self::through(&connection)
    }

    /// Asks the database that this connection is to.
    pub(crate) fn through(connection: &Connection) -> rusqlite::Result<Self> {
        connection.execute_batch(include_str!("proof.sql"))?;
        let mut problems = connection.prepare("SELECT subject, problem FROM problems")?;
        let problems = problems.query_map([], |row| {
            Ok(Problem {
                subject: row.get("subject")?,
                problem: row.get("problem")?,
            })
        })?;
        let problems = problems.collect::<rusqlite::Result<_>>()?;
        connection.query_row("SELECT * FROM tally", [], |row| {
            Ok(Self {
                orders: row.get("orders")?,
                whole: row.get("whole")?,
                without_receipt: row.get("without_receipt")?,
                traceless: row.get("traceless")?,
                problems,
            })
        })
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            orders,
            whole,
            without_receipt,
            traceless,
            problems,
        } = self;
        if problems.is_empty() {
            write!(
                f,
                "proven by SQL over a fresh connection: {orders} of {orders} orders ended as the file says\n  \
                 {whole:>3} happened wholly\n  \
                 {traceless:>3} left no trace\n  \
                 {without_receipt:>3} paid for and shipped, the receipt left for a person to send"
            )
        } else {
            write!(f, "NOT proven:")?;
            for Problem { subject, problem } in problems {
                write!(f, "\n  {subject}: {problem}")?;
            }
            Ok(())
        }
    }
}
