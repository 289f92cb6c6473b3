//! Reopening: what a journal has after it was dropped, or after a crash.

use super::asserts::{broken_off, conflict, fenced, ok, rule, same};
use super::fixtures::{
    added, all, append, found, locked, read, record, records, saga, with_records,
};
use super::newer::is_found_and_not_read;
use crate::entry::READER;
use crate::id::SagaId;
use crate::journal::{
    Claim, Created, DefinitionText, Journal, JournalError, Record, SagaKey, SagaState,
};

pub(super) async fn nothing_is_lost<J: Journal>(journal: J, reopen: &mut impl FnMut(J) -> J) {
    let mut journal = reopen(journal);
    let none = ok("list", journal.list(all()).await);
    same("an empty journal is opened again", &none, &Vec::new());

    let text = "saga checkout".to_owned();
    let first = DefinitionText { hash: 3, text };
    let lock = locked(&journal).await;
    let epoch = lock.epoch();
    ok("define", journal.define(first.clone()).await);
    for (id, last, state) in [
        ("unfinished", 4, None),
        ("completed", 3, Some(SagaState::Completed)),
        ("stuck", 1, Some(SagaState::Stuck)),
        ("just created", 0, None),
    ] {
        let key = with_records(&journal, epoch, id, last).await;
        let set = append(&journal, epoch, key, vec![], state).await;
        ok("append", set);
    }
    drop(lock);
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

    // No lock outlives its process.
    let lock = locked(&journal).await;
    let between = lock.epoch();
    drop(lock);
    journal = reopen(journal);
    let lock = locked(&journal).await;
    rule(
        "epochs grow also after it was opened again",
        epoch < between && between < lock.epoch(),
        (epoch, between, lock.epoch()),
    );

    let last = before.last().map(|entry| entry.key);
    let next = added(&journal, lock.epoch(), saga("created after")).await;
    rule(
        "keys grow also after it was opened again",
        Some(next) > last,
        (last, next),
    );
}

pub(super) async fn owners_are_kept<J: Journal>(journal: J, reopen: &mut impl FnMut(J) -> J) {
    let lock = locked(&journal).await;
    let old = lock.epoch();
    let key = with_records(&journal, old, "order-1", 2).await;
    let other = added(&journal, old, saga("order-2")).await;
    let newer = Record {
        min_reader: READER + 2,
        ..record(1)
    };
    let set = append(&journal, old, other, vec![newer], None).await;
    ok("append", set);
    drop(lock);
    let mut journal = reopen(journal);
    is_found_and_not_read(&journal, &SagaId::new("order-2"), READER + 2).await;

    // Each engine that ends without loading the saga counts; each saga is claimed once by each engine.
    let next = || Claim::Next {
        definitions: [7].into(),
        reader: READER,
        limit: 10,
    };
    for life in 1..=3 {
        let lock = locked(&journal).await;
        let epoch = lock.epoch();
        let refused = append(&journal, old, key, records([3]), None).await;
        fenced("append under an epoch before it was opened again", &refused);
        let refused = append(&journal, epoch, key, records([3]), None).await;
        fenced("append to a saga that was not claimed", &refused);
        let page = ok("claim", journal.claim(epoch, next()).await);
        let seen: Vec<_> = page.iter().map(|entry| (entry.key, entry.loads)).collect();
        same("the loads are kept", &seen, &vec![(key, life)]);
        let none = ok("claim", journal.claim(epoch, next()).await);
        same("no saga is claimed twice", &none, &Vec::new());
        drop(lock);
        journal = reopen(journal);
    }
    let lock = locked(&journal).await;
    let epoch = lock.epoch();
    let page = ok("claim", journal.claim(epoch, Claim::One(key)).await);
    rule("one is claimed", page.len() == 1, page);
    ok("loaded", journal.loaded(epoch, key).await);
    drop(lock);
    journal = reopen(journal);
    let loads = found(&journal, &SagaId::new("order-1")).await.loads;
    same("that a saga was loaded is kept", &loads, &0);
}

pub(super) async fn calls_are_made_again<J: Journal>(journal: J, reopen: &mut impl FnMut(J) -> J) {
    let id = SagaId::new("made again");
    let lock = locked(&journal).await;
    let key = with_records(&journal, lock.epoch(), "made again", 3).await;
    drop(lock);
    let mut journal = reopen(journal);
    let lock = locked(&journal).await;

    match ok(
        "create",
        journal.create(lock.epoch(), saga(id.clone())).await,
    ) {
        Created::Existing(entry) => same(
            "create made again after it was opened again returns the same saga",
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
    drop(lock);

    // Each of these calls is once the first call after the journal was opened.
    for batch in [records([3]), records(1..=3), records(0..=0)] {
        journal = reopen(journal);
        let again = claimed_append(&journal, key, batch, None).await;
        ok("append made again", again);
    }
    let mut other = record(3);
    other.value.push(0);
    for batch in [records([5]), vec![other.clone()], vec![other, record(4)]] {
        journal = reopen(journal);
        let refused = claimed_append(&journal, key, batch, Some(SagaState::Stuck)).await;
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
    let partly = claimed_append(&journal, key, records(2..=6), Some(SagaState::Completed)).await;
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

/// Appends as a new engine that has claimed the saga.
async fn claimed_append<J: Journal>(
    journal: &J,
    key: SagaKey,
    records: Vec<Record>,
    state: Option<SagaState>,
) -> Result<(), JournalError> {
    let lock = locked(journal).await;
    let page = ok("claim", journal.claim(lock.epoch(), Claim::One(key)).await);
    rule("one is claimed", page.len() == 1, page);
    append(journal, lock.epoch(), key, records, state).await
}
