//! Reading: one record is read by itself.

use super::asserts::{ok, same};
use super::fixtures::{added, append, call, locked, record, saga};
use crate::entry::Entry;
use crate::journal::{Journal, Record, RecordPosition, SagaKey, SagaState};

pub(super) async fn reads_one<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let ended = Entry::Ended {
        end: SagaState::Compensated,
    };
    let completed = Entry::Completed {
        call: call("last"),
        skipped: false,
        begins: Vec::new(),
        ends: true,
    };
    for (id, end) in [("ended", ended), ("completed", completed)] {
        let key = added(journal, epoch, saga(id)).await;
        let end = Record::new(2, 7, end, b"the end".to_vec());
        ok(
            "append",
            append(journal, epoch, key, vec![record(1)], None).await,
        );
        one(journal, key, RecordPosition::First, Some(record(0))).await;
        one(journal, key, RecordPosition::End, None).await;
        ok(
            "append",
            append(journal, epoch, key, vec![end.clone()], None).await,
        );
        one(journal, key, RecordPosition::First, Some(record(0))).await;
        one(journal, key, RecordPosition::End, Some(end.clone())).await;
        // A request that came after the end.
        let late =
            (3..6).map(|number| Record::new(number, 8, Entry::CancelRequested {}, Vec::new()));
        ok(
            "append",
            append(journal, epoch, key, late.collect(), None).await,
        );
        one(journal, key, RecordPosition::End, Some(end)).await;
    }
    for position in [RecordPosition::First, RecordPosition::End] {
        one(journal, SagaKey(i64::MAX), position, None).await;
    }
}

async fn one<J: Journal>(
    journal: &J,
    key: SagaKey,
    position: RecordPosition,
    expected: Option<Record>,
) {
    let read = ok("record", journal.record(key, position).await);
    let rule = match position {
        RecordPosition::First => "the first record is read by itself",
        RecordPosition::End => "the newest record that ends a saga is read by itself",
    };
    same(rule, &read, &expected);
}
