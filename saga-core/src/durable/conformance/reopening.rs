//! What is there after the journal was dropped, or a crash.

use crate::durable::journal::{Created, DefinitionText, Journal, SagaState};
use crate::id::SagaId;

use super::made::{added, all, append, found, read, record, records, saga, with_records};
use super::told::{broken_off, conflict, ok, rule, same};

pub(super) async fn nothing_is_lost<J: Journal>(journal: J, reopen: &mut impl FnMut(J) -> J) {
    let mut journal = reopen(journal);
    let none = ok("list", journal.list(all()).await);
    same("an empty journal is opened again", &none, &Vec::new());

    let text = "saga checkout".to_owned();
    let first = DefinitionText { hash: 3, text };
    ok("define", journal.define(first.clone()).await);
    for (id, last, state) in [
        ("unfinished", 4, None),
        ("completed", 3, Some(SagaState::Completed)),
        ("stuck", 1, Some(SagaState::Stuck)),
        ("just created", 0, None),
    ] {
        let key = with_records(&journal, id, last).await;
        let set = append(&journal, key, vec![], state).await;
        ok("append", set);
    }
    let before = ok("list", journal.list(all()).await);
    for _ in 0..3 {
        journal = reopen(journal);
        let after = ok("list", journal.list(all()).await);
        same(
            "all sagas are there after it was opened again",
            &after,
            &before,
        );
        for (entry, last) in after.iter().zip([4, 3, 1, 0]) {
            let kept = read(&journal, entry.key).await;
            let expected = records(0..=last);
            same(
                "all records are there after it was opened again",
                &kept,
                &expected,
            );
            let there = found(&journal, &entry.id).await;
            same("a saga is found after it was opened again", &there, entry);
        }
        let there = ok("definition", journal.definition(3).await);
        let expected = Some(first.text.clone());
        same(
            "a definition is there after it was opened again",
            &there,
            &expected,
        );
        let text = "another".to_owned();
        let other = DefinitionText { hash: 3, text };
        ok("define", journal.define(other).await);
    }

    // A lock is no longer held by who is gone.
    let lock = ok("lock", journal.lock());
    drop(lock);
    journal = reopen(journal);
    let lock = ok("lock after it was opened again", journal.lock());
    drop(lock);

    let last = before.last().map(|entry| entry.key);
    let next = added(&journal, saga("created after")).await;
    rule(
        "keys grow also after it was opened again",
        Some(next) > last,
        (last, next),
    );
}

pub(super) async fn calls_are_made_again<J: Journal>(journal: J, reopen: &mut impl FnMut(J) -> J) {
    let id = SagaId::new("made again");
    let key = with_records(&journal, "made again", 3).await;
    let mut journal = reopen(journal);

    match ok("create", journal.create(saga(id.clone())).await) {
        Created::Existing(entry) => same(
            "create made again after it was opened again gives the same saga",
            &entry.key,
            &key,
        ),
        Created::New(key) => broken_off("an id is unique also after it was opened again", &key),
    }
    let kept = read(&journal, key).await;
    same(
        "create of an id that is there writes nothing",
        &kept,
        &records(0..=3),
    );

    // The first call of all after it was opened is each of these once.
    for batch in [records([3]), records(1..=3), records(0..=0)] {
        journal = reopen(journal);
        ok(
            "append made again",
            append(&journal, key, batch, None).await,
        );
    }
    let mut other = record(3);
    other.value.push(0);
    for batch in [records([5]), vec![other.clone()], vec![other, record(4)]] {
        journal = reopen(journal);
        let refused = append(&journal, key, batch, Some(SagaState::Stuck)).await;
        conflict(
            "append that does not follow, after it was opened again,",
            &refused,
        );
    }
    journal = reopen(journal);
    let kept = read(&journal, key).await;
    same("what is refused is not written", &kept, &records(0..=3));
    let state = found(&journal, &id).await.state;
    same(
        "what is refused sets no state",
        &state,
        &SagaState::Unfinished,
    );

    journal = reopen(journal);
    let partly = append(&journal, key, records(2..=6), Some(SagaState::Completed)).await;
    ok("append of records of which some are there", partly);
    journal = reopen(journal);
    let kept = read(&journal, key).await;
    same("what is missing of a call is added", &kept, &records(0..=6));
    let state = found(&journal, &id).await.state;
    same(
        "the state comes with the records of its call",
        &state,
        &SagaState::Completed,
    );
}
