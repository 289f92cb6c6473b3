//! Creating: each id is added once.

use super::asserts::{broken_off, ok, rule, same};
use super::fixtures::{added, append, call, entry, entry_of, found, locked, read, records, saga};
use crate::entry::Entry;
use crate::id::SagaId;
use crate::journal::{Created, Journal, Record, SagaKey, SagaState};

pub(super) async fn adds_each_id_once<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let absent = ok("find", journal.find(&SagaId::new("order-1")).await);
    same(
        "find returns nothing for an id that is not there",
        &absent,
        &None,
    );
    let none = ok("records", journal.records(SagaKey(1)).await);
    same(
        "a saga that is not there has no records",
        &none,
        &Vec::new(),
    );

    let mut first = saga("order-1");
    first.definition = u64::MAX;
    first.first.at = u64::MAX;
    let key = added(journal, epoch, first.clone()).await;
    let expected = entry(key, &first);
    let there = found(journal, &first.id).await;
    same(
        "find returns what was created, unfinished",
        &there,
        &expected,
    );
    let kept = read(journal, key).await;
    let only = vec![first.first.clone()];
    same("create writes the first record, as it was", &kept, &only);

    // The same call again, and one with another content.
    let mut other = saga("order-1");
    other.saga = "another saga".into();
    other.definition = 0;
    other.first.entry = entry_of(3);
    other.first.at = 0;
    for again in [first.clone(), other.clone()] {
        match ok(
            "create of an id that is there",
            journal.create(epoch, again).await,
        ) {
            Created::Existing(seen) => {
                same("create returns the saga that is there", &seen, &expected);
            }
            Created::New(key) => broken_off("an id is unique", &key),
        }
    }
    let kept = read(journal, key).await;
    same("create of an id that is there writes nothing", &kept, &only);

    let done = append(
        journal,
        epoch,
        key,
        records(1..=2),
        Some(SagaState::Compensated),
    )
    .await;
    ok("append", done);
    match ok(
        "create of an id that is there",
        journal.create(epoch, other).await,
    ) {
        Created::Existing(seen) => same(
            "create says what the saga that is there has come to",
            &seen.state,
            &SagaState::Compensated,
        ),
        Created::New(key) => broken_off("the id of a saga that has ended is unique", &key),
    }

    let mut last = key;
    for number in 2..100 {
        let key = added(journal, epoch, saga(format!("order-{number}"))).await;
        rule("keys grow from saga to saga", key > last, (last, key));
        last = key;
    }
}

pub(super) async fn distinguishes_ids<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let long = "x".repeat(10_000);
    let longer = "x".repeat(10_001);
    let ids = [
        "",
        " ",
        "\0",
        "a",
        "a ",
        " a",
        "A",
        "a\0",
        "a\0b",
        "a\0c",
        "0",
        "00",
        "0.0",
        "1",
        "01",
        "1.0",
        "1e0",
        "'",
        "''",
        "\"",
        "`",
        "\\",
        "%",
        "_",
        "?1",
        ":id",
        "NULL",
        "null",
        "a\nb",
        "a\r\nb",
        "é",
        "e\u{301}",
        "ß",
        "SS",
        "💶",
        "\u{feff}",
        "\u{202e}abc",
        "\u{10ffff}",
        "../../etc/passwd",
        "9223372036854775808",
        "'; DROP TABLE saga; --",
        &long,
        &longer,
    ];
    let mut keys = Vec::new();
    for (place, id) in ids.into_iter().enumerate() {
        let mut new = saga(id);
        // The name of a saga can be any text, too.
        new.saga = id.into();
        let entry = Entry::Began {
            call: call(format!("{place} {}", id.replace('/', " "))),
            attempt: 1,
        };
        new.first = Record::new(0, 1, entry, id.as_bytes().to_vec());
        keys.push((added(journal, epoch, new.clone()).await, new));
    }
    for (key, new) in keys {
        let there = found(journal, &new.id).await;
        same(
            "find returns the saga of this very id",
            &there,
            &entry(key, &new),
        );
        let kept = read(journal, key).await;
        same("each saga has its own records", &kept, &vec![new.first]);
    }

    // A random id equals its text.
    let drawn = SagaId::random();
    let key = added(journal, epoch, saga(drawn.clone())).await;
    let read = found(journal, &SagaId::new(drawn.to_string())).await;
    same("a random id is found by its text", &read.key, &key);
}
