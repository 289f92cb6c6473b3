//! A journal as it looks to a process that starts later, or whose clock was set back.

use core::time::Duration;

use saga_core::durable::{Created, Entry, InMemoryJournal, Journal as _, NewSaga, Query, Record};

/// A change of the machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// This much time passed while no process ran.
    Passed(Duration),
    /// The clock was set back by this much.
    SetBack(Duration),
}

impl Clock {
    fn shift(self, moment: u64) -> u64 {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        match self {
            Self::Passed(time) => moment.saturating_sub(millis(time)),
            Self::SetBack(time) => moment.saturating_add(millis(time)),
        }
    }

    /// The record with all of its moments moved to today's clock.
    fn seen(self, mut record: Record) -> Record {
        record.at = self.shift(record.at);
        if let Entry::Submitted { deadline, .. } | Entry::NestedBegan { deadline, .. } =
            &mut record.entry
        {
            *deadline = deadline.map(|moment| self.shift(moment));
        }
        record
    }
}

/// A copy of the journal with its moments moved by this change.
///
/// # Panics
///
/// If an engine has it.
pub async fn seen_by(clock: Clock, journal: &InMemoryJournal) -> InMemoryJournal {
    let copy = InMemoryJournal::new();
    let lock = copy.lock().await.expect("a new journal");
    let mut query = Query::new();
    loop {
        let page = journal.list(query.clone()).await.expect("a list");
        let Some(last) = page.last() else {
            return copy;
        };
        query = query.after(last.key);
        for entry in page {
            let records = journal.records(entry.key).await.expect("its records");
            let mut records: Vec<_> = records
                .into_iter()
                .map(|record| clock.seen(record))
                .collect();
            let rest = records.split_off(1);
            let first = records.pop().expect("a first record");
            let new = NewSaga {
                id: entry.id,
                saga: entry.saga,
                definition: entry.definition,
                first,
            };
            let created = copy.create(lock.epoch(), new).await.expect("a new saga");
            let Created::New(key) = created else {
                panic!("two sagas of one id");
            };
            let appended = copy.append(lock.epoch(), key, rest.into(), Some(entry.state));
            appended.await.expect("its records");
        }
    }
}
