//! Records that need a newer reader.

use super::asserts::{conflict, ok, refused, same};
use super::fixtures::{added, all, append, found, locked, read, record, records, saga};
use crate::entry::READER;
use crate::id::SagaId;
use crate::journal::{Journal, JournalErrorKind, Record};

/// A record that only readers from `reader` on can read.
fn record_for(reader: u32, number: u64) -> Record {
    Record {
        min_reader: reader,
        ..record(number)
    }
}

/// Checks that `records` of a saga with a newer record is refused, and that its entry can be read.
pub(super) async fn is_found_and_not_read<J: Journal>(journal: &J, id: &SagaId, reader: u32) {
    let there = found(journal, id).await;
    same(
        "the min_reader of a saga is the largest of its records'",
        &there.min_reader,
        &reader,
    );
    let listed = ok("list", journal.list(all()).await);
    let listed = listed.into_iter().find(|entry| entry.id == *id);
    same(
        "a saga that needs a newer reader is listed",
        &listed,
        &Some(there.clone()),
    );
    let read = journal.records(there.key).await;
    refused(
        "records, where one needs a newer reader,",
        JournalErrorKind::Newer,
        &read,
    );
}

pub(super) async fn is_kept_with_each_record<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();

    // A record for an older reader is returned as it was.
    let id = SagaId::new("older");
    let mut new = saga(id.clone());
    new.first.min_reader = 0;
    let key = added(journal, epoch, new.clone()).await;
    same(
        "create sets the min_reader",
        &found(journal, &id).await.min_reader,
        &0,
    );
    let older = record_for(0, 1);
    let more = append(journal, epoch, key, vec![older.clone()], None).await;
    ok("append", more);
    same(
        "an older record raises nothing",
        &found(journal, &id).await.min_reader,
        &0,
    );
    let more = append(journal, epoch, key, records([2]), None).await;
    ok("append", more);
    let expected = vec![new.first, older, record(2)];
    same(
        "a record keeps its min_reader",
        &read(journal, key).await,
        &expected,
    );
    let there = found(journal, &id).await.min_reader;
    same("append raises the min_reader", &there, &READER);

    // Newer records, in one batch and one after the other.
    for (name, readers) in [
        ("one by one", vec![vec![READER + 3], vec![READER + 1]]),
        ("in one batch", vec![vec![READER, READER + 3, READER + 1]]),
        ("before others", vec![vec![READER + 3], vec![READER, 0]]),
    ] {
        let id = SagaId::new(name);
        let key = added(journal, epoch, saga(id.clone())).await;
        let mut next = 1;
        for batch in readers {
            let batch: Vec<_> = (next..)
                .zip(batch)
                .map(|(number, reader)| record_for(reader, number))
                .collect();
            next += u64::try_from(batch.len()).unwrap_or_default();
            let more = append(journal, epoch, key, batch.clone(), None).await;
            ok("append of a record for newer readers", more);
            let again = append(journal, epoch, key, batch, None).await;
            ok("append of such a record made again", again);
            is_found_and_not_read(journal, &id, READER + 3).await;
        }
        let other = append(journal, epoch, key, vec![record_for(u32::MAX, 1)], None).await;
        conflict("append of another record", &other);
        let gap = vec![record_for(u32::MAX, next + 1)];
        let gap = append(journal, epoch, key, gap, None).await;
        conflict("append that leaves out a number", &gap);
        is_found_and_not_read(journal, &id, READER + 3).await;
    }

    let id = SagaId::new("from its first record");
    let mut new = saga(id.clone());
    new.first.min_reader = u32::MAX;
    added(journal, epoch, new).await;
    is_found_and_not_read(journal, &id, u32::MAX).await;
}
