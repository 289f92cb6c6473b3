//! Appending: records are added in order, all records of a call or none.

use std::sync::Arc;

use super::asserts::{conflict, ok, same};
use super::fixtures::{
    added, append, call, entry_of, found, locked, read, record, records, saga, with_records,
};
use crate::entry::Entry;
use crate::id::SagaId;
use crate::journal::{Journal, Record, SagaKey, SagaState};

/// Records with unusual content.
fn hostile() -> Vec<Record> {
    let values: [Vec<u8>; 8] = [
        vec![],
        vec![0],
        vec![0, 1, 0],
        vec![0xff, 0xfe, 0xc0, 0x80],
        b"'; DROP TABLE record; --".to_vec(),
        (0..=u8::MAX).collect(),
        vec![0; 100_000],
        (0..1_000_000_u32)
            .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
            .collect(),
    ];
    let long = "x".repeat(100_000);
    let steps = [
        "a",
        " ",
        "null",
        "a\0b",
        r#"'"`;\"#,
        "Grüße 💶 \u{feff}",
        "7",
        &long,
    ];
    let entries = steps.map(|step| Entry::Began {
        call: call(step),
        attempt: u32::MAX,
    });
    let times = [0, 1, u64::MAX, i64::MAX.unsigned_abs() + 1];
    let both = values
        .into_iter()
        .zip(entries)
        .zip(times.into_iter().cycle());
    let made = (1..).zip(both);
    made.map(|(number, ((value, entry), at))| Record::new(number, at, entry, value))
        .collect()
}

pub(super) async fn keeps_records_as_they_were<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let one_by_one = added(journal, epoch, saga("one by one")).await;
    let at_once = added(journal, epoch, saga("at once")).await;
    for record in hostile() {
        ok(
            "append",
            append(journal, epoch, one_by_one, vec![record], None).await,
        );
    }
    ok(
        "append",
        append(journal, epoch, at_once, hostile(), None).await,
    );
    let mut expected = vec![record(0)];
    expected.extend(hostile());
    for key in [one_by_one, at_once] {
        let kept = read(journal, key).await;
        for (kept, expected) in kept.iter().zip(&expected) {
            same("a record is kept to the byte", kept, expected);
        }
        let (seen, expected) = (kept.len(), expected.len());
        same("all records are there, each once", &seen, &expected);
    }

    // Many records, in batches of all sizes.
    let many = added(journal, epoch, saga("many")).await;
    let mut next = 1;
    for size in (0..40).chain([500, 1]) {
        let batch = records(next..next + size);
        next += size;
        ok("append", append(journal, epoch, many, batch, None).await);
    }
    let kept = read(journal, many).await;
    let numbers: Vec<_> = kept.iter().map(|record| record.number).collect();
    let expected: Vec<_> = (0..next).collect();
    same("records are read in order", &numbers, &expected);
}

pub(super) async fn is_made_again<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let id = SagaId::new("made again");
    let key = with_records(journal, epoch, "made again", 3).await;
    let expected = records(0..=3);
    // The whole batch, its end, its middle, its beginning, and the first record.
    for (from, to) in [(1, 3), (3, 3), (1, 2), (1, 1), (2, 3), (0, 3), (0, 0)] {
        let again = append(journal, epoch, key, records(from..=to), None).await;
        ok("append of records that are there", again);
        let kept = read(journal, key).await;
        same("records that are there are passed over", &kept, &expected);
    }

    let partly = append(journal, epoch, key, records(2..=5), None).await;
    ok("append of records of which some are there", partly);
    let kept = read(journal, key).await;
    let expected = records(0..=5);
    same("what is missing of a call is added", &kept, &expected);

    // The call also sets the state if its records already exist.
    let done = append(
        journal,
        epoch,
        key,
        records(4..=5),
        Some(SagaState::Completed),
    )
    .await;
    ok("append of records that are there", done);
    let state = found(journal, &id).await.state;
    same(
        "the state is set also where the records are there",
        &state,
        &SagaState::Completed,
    );
    let again = append(
        journal,
        epoch,
        key,
        records(4..=6),
        Some(SagaState::Completed),
    )
    .await;
    ok("append made again", again);
    let kept = read(journal, key).await;
    same("a saga that has ended is added to", &kept, &records(0..=6));
}

pub(super) async fn refuses_what_does_not_follow<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let id = SagaId::new("refusing");
    let key = with_records(journal, epoch, "refusing", 3).await;
    let other = with_records(journal, epoch, "another", 9).await;

    let mut said = record(3);
    said.entry = entry_of(8);
    let mut reader = record(3);
    reader.min_reader = 0;
    let mut value = record(3);
    value.value.push(0);
    let mut at = record(3);
    at.at += 1;
    let mut first = record(0);
    first.value.clear();
    let mut swapped = record(2);
    swapped.entry = entry_of(1);
    let refused: [(&str, Vec<Record>); 12] = [
        ("append that leaves out a number", records([5])),
        ("append that leaves out many numbers", records([u64::MAX])),
        ("append whose batch leaves out a number", records([4, 6])),
        (
            "append whose batch leaves out a number after what is there",
            records([2, 3, 5]),
        ),
        ("append of another entry", vec![said.clone()]),
        ("append of another min_reader", vec![reader]),
        ("append of another value", vec![value.clone()]),
        ("append of another time", vec![at]),
        ("append of another first record", vec![first]),
        (
            "append of another entry, before more",
            vec![said, record(4), record(5)],
        ),
        (
            "append of another value, after what is there",
            vec![record(2), value, record(4)],
        ),
        (
            "append of the content of another number",
            vec![swapped, record(3), record(4)],
        ),
    ];
    for (what, batch) in refused {
        for state in [None, Some(SagaState::Stuck)] {
            let answer = append(journal, epoch, key, batch.clone(), state).await;
            conflict(what, &answer);
            let kept = read(journal, key).await;
            same(
                "what is refused is not written, not in part either",
                &kept,
                &records(0..=3),
            );
            let state = found(journal, &id).await.state;
            same(
                "what is refused sets no state",
                &state,
                &SagaState::Unfinished,
            );
        }
    }
    let next = append(journal, epoch, key, records([4]), None).await;
    ok("append after one that was refused", next);

    for absent in [0, -1, other.0 + 1_000, i64::MAX, i64::MIN] {
        let absent = SagaKey(absent);
        for batch in [vec![], records([0]), records([1]), records(0..=2)] {
            for state in [None, Some(SagaState::Completed)] {
                let answer = append(journal, epoch, absent, batch.clone(), state).await;
                conflict("append to a saga that is not there", &answer);
            }
        }
        let kept = read(journal, absent).await;
        same(
            "a saga that is not there gets no records",
            &kept,
            &Vec::new(),
        );
    }
    let kept = read(journal, other).await;
    same("another saga keeps its records", &kept, &records(0..=9));
}

pub(super) async fn sets_the_state<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let id = SagaId::new("to its end");
    let key = added(journal, epoch, saga("to its end")).await;
    let bystander = added(journal, epoch, saga("bystander")).await;
    let mut next = 1;
    // From each state to each: a stuck saga can continue.
    for from in SagaState::ALL {
        for to in SagaState::ALL {
            for state in [from, to] {
                let batch = records([next]);
                next += 1;
                ok(
                    "append",
                    append(journal, epoch, key, batch, Some(state)).await,
                );
                let seen = found(journal, &id).await;
                same("append sets the state", &seen.state, &state);
                ok(
                    "append",
                    append(journal, epoch, key, records([next]), None).await,
                );
                next += 1;
                let seen = found(journal, &id).await;
                same("append without a state leaves it", &seen.state, &state);
            }
        }
    }
    for state in SagaState::ALL {
        let nothing: Arc<[Record]> = Arc::new([]);
        let set = journal
            .append(epoch, key, Arc::clone(&nothing), Some(state))
            .await;
        ok("append of no record with a state", set);
        let seen = found(journal, &id).await;
        same("a state is set without a record", &seen.state, &state);
        ok(
            "append of nothing",
            journal.append(epoch, key, nothing, None).await,
        );
        let seen = found(journal, &id).await;
        same("append of nothing changes nothing", &seen.state, &state);
    }
    let kept = read(journal, key).await;
    same("all records are there, each once", &kept, &records(0..next));
    let other = found(journal, &SagaId::new("bystander")).await;
    same(
        "no other saga's state is set",
        &(other.key, other.state),
        &(bystander, SagaState::Unfinished),
    );
}
