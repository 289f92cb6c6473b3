//! Ownership: a saga belongs to one engine, and no other engine writes to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::asserts::{broken_off, conflict, fenced, ok, rule, same};
use super::fixtures::{
    added, append, everything, found, locked, read, record, records, saga, with_records,
};
use crate::entry::READER;
use crate::id::SagaId;
use crate::journal::{Claim, Created, Epoch, Journal, Record, SagaEntry, SagaKey, SagaState};

/// The sagas that `claim` returns.
async fn claimed<J: Journal>(journal: &J, epoch: Epoch, claim: Claim) -> Vec<SagaEntry> {
    ok("claim", journal.claim(epoch, claim).await)
}

/// Claims sagas of these definitions that this version can read.
fn next(definitions: impl IntoIterator<Item = u64>, limit: usize) -> Claim {
    Claim::Next {
        definitions: definitions.into_iter().collect(),
        reader: READER,
        limit,
    }
}

/// Makes every writing call under `epoch` on a saga that has the records 0 to 2. Each call has to fail and change
/// nothing.
async fn writes_nothing<J: Journal>(journal: &J, epoch: Epoch, of: &str, there: &SagaEntry) {
    let before = everything(journal).await;
    let key = there.key;

    let new = journal.create(epoch, saga("of no engine")).await;
    fenced(&format!("create {of}"), &new);
    let mut existing = saga(there.id.clone());
    existing.first = record(0);
    let existing = journal.create(epoch, existing).await;
    fenced(&format!("create {of} of an id that is there"), &existing);
    let completed = Some(SagaState::Completed);
    for (batch, state) in [
        (records([3]), None),
        (records([3]), completed),
        (records([2]), None),
        (records(1..=4), None),
        (records([9]), None),
        (vec![], None),
        (vec![], completed),
    ] {
        let appended = append(journal, epoch, key, batch, state).await;
        fenced(&format!("append {of}"), &appended);
    }
    let absent = append(journal, epoch, SagaKey(-1), records([1]), None).await;
    fenced(&format!("append {of} to a saga that is not there"), &absent);
    for claim in [next([7], 10), next([], 0), Claim::One(key)] {
        let claimed = journal.claim(epoch, claim).await;
        fenced(&format!("claim {of}"), &claimed);
    }
    let loaded = journal.loaded(epoch, key).await;
    fenced(&format!("loaded {of}"), &loaded);

    let after = everything(journal).await;
    same(&format!("a call {of} changes nothing"), &after, &before);
}

/// Makes every writing call on a saga that belongs to another epoch than `epoch`, which is that of the engine that
/// has the journal.
async fn needs_a_claim<J: Journal>(journal: &J, epoch: Epoch, there: &SagaEntry) {
    let before = everything(journal).await;
    let stuck = Some(SagaState::Stuck);
    for (batch, state) in [
        (records([3]), None),
        (records([3]), stuck),
        (records([2]), None),
        (records([9]), None),
        (vec![], stuck),
    ] {
        let appended = append(journal, epoch, there.key, batch, state).await;
        fenced("append to a saga that belongs to another epoch", &appended);
    }
    let loaded = journal.loaded(epoch, there.key).await;
    fenced("loaded of a saga that belongs to another epoch", &loaded);
    match ok(
        "create",
        journal.create(epoch, saga(there.id.clone())).await,
    ) {
        Created::Existing(seen) => same(
            "create returns the saga that is there, also where it belongs to another epoch",
            &seen,
            there,
        ),
        Created::New(key) => broken_off("an id is unique, whichever engine created it", &key),
    }
    let after = everything(journal).await;
    same(
        "a call about a saga of another epoch changes nothing",
        &after,
        &before,
    );
}

/// Claims the saga `before`, whose last record is 2, and appends to it.
async fn goes_on<J: Journal>(journal: &J, epoch: Epoch, before: &SagaEntry) {
    let one = claimed(journal, epoch, Claim::One(before.key)).await;
    let expected = SagaEntry {
        loads: before.loads + 1,
        ..before.clone()
    };
    same("claim returns what it claimed", &one, &vec![expected]);
    let next = append(journal, epoch, before.key, records(2..=3), None).await;
    ok("append to a saga that was claimed", next);
    let kept = read(journal, before.key).await;
    same("a saga goes on once it was claimed", &kept, &records(0..=3));
}

pub(super) async fn fences_other_epochs<J: Journal>(journal: &J) {
    let first = locked(journal).await;
    with_records(journal, first.epoch(), "order-1", 2).await;
    with_records(journal, first.epoch(), "bystander", 5).await;
    let there = found(journal, &SagaId::new("order-1")).await;
    let never = |newest: Epoch| {
        let far = [0, -1, newest.0 + 1, i64::MAX, i64::MIN].map(Epoch);
        far.into_iter().filter(move |epoch| *epoch != newest)
    };
    for epoch in never(first.epoch()) {
        let of = "under an epoch that no engine has";
        writes_nothing(journal, epoch, of, &there).await;
    }
    let old = first.epoch();
    drop(first);

    let second = locked(journal).await;
    writes_nothing(journal, old, "under an old epoch", &there).await;
    needs_a_claim(journal, second.epoch(), &there).await;
    goes_on(journal, second.epoch(), &there).await;
    let there = found(journal, &there.id).await;
    writes_nothing(journal, old, "under an old epoch", &there).await;
    for epoch in never(second.epoch()) {
        let of = "under an epoch that no engine has";
        writes_nothing(journal, epoch, of, &there).await;
    }
    let next = append(journal, second.epoch(), there.key, records([4]), None).await;
    ok("append after calls that were refused", next);
}

/// The lock of the first engine is broken: another engine takes the journal while the first still holds its guard.
pub(super) async fn is_taken_over<J: Journal>(journal: J, take: &mut impl FnMut(&J) -> J) {
    let first = locked(&journal).await;
    let old = first.epoch();
    with_records(&journal, old, "order-1", 2).await;
    let before = found(&journal, &SagaId::new("order-1")).await;

    let other = take(&journal);
    let second = ok("lock of a journal whose lock is broken", other.lock().await);
    let new = second.epoch();
    rule(
        "epochs grow also where a lock is broken",
        old < new,
        (old, new),
    );
    let there = found(&other, &before.id).await;
    same("what was written is there", &there, &before);
    writes_nothing(&journal, old, "of an engine that lost the journal", &there).await;
    writes_nothing(&other, old, "of an engine that lost the journal", &there).await;
    needs_a_claim(&other, new, &there).await;
    goes_on(&other, new, &there).await;
    let there = found(&other, &before.id).await;
    writes_nothing(&journal, old, "of an engine that lost the journal", &there).await;
    added(&other, new, saga("order-2")).await;
    let one = everything(&journal).await;
    let two = everything(&other).await;
    same("both read the same", &one, &two);
    // Dropping the guard of the first engine does not release the lock of the second.
    drop(first);
    let next = append(&other, new, there.key, records([4]), None).await;
    ok("append when the first engine has ended", next);
}

/// Sagas of several definitions, readers and states that an earlier engine left behind. Each comes with whether a
/// claim with the definitions 7 and 9 returns it.
async fn left_behind<J: Journal>(journal: &J) -> Vec<(SagaEntry, bool)> {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let mut left = Vec::new();
    let definitions = [7, u64::MAX, 9, 0].into_iter().cycle();
    for (number, definition) in (0..60).zip(definitions) {
        let state = match number % 10 {
            3 => SagaState::Completed,
            5 => SagaState::Compensated,
            8 => SagaState::Stuck,
            _ => SagaState::Unfinished,
        };
        let is_newer = number % 7 == 6;
        let mut new = saga(format!("order {}", (number * 37) % 60));
        new.definition = definition;
        let key = added(journal, epoch, new.clone()).await;
        let mut second = record(1);
        if is_newer {
            second.min_reader = READER + 1;
        }
        let set = append(journal, epoch, key, vec![second], Some(state)).await;
        ok("append", set);
        let entry = found(journal, &new.id).await;
        let fits =
            (definition == 7 || definition == 9) && state == SagaState::Unfinished && !is_newer;
        left.push((entry, fits));
    }
    left
}

/// The entry after it was claimed once.
fn loaded_once(entry: &SagaEntry) -> SagaEntry {
    SagaEntry {
        loads: entry.loads + 1,
        ..entry.clone()
    }
}

pub(super) async fn claims_page_by_page<J: Journal>(journal: &J) {
    let left = left_behind(journal).await;
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    // The sagas that the engine created already belong to it.
    let own = added(journal, epoch, saga("its own")).await;

    for (what, claim) in [
        ("claim of no definition", next([], 100)),
        (
            "claim of a definition that no saga has",
            next([1, 2, 3], 100),
        ),
        ("claim of none", next([7, 9], 0)),
        (
            "claim by a reader that reads none",
            Claim::Next {
                definitions: [7, 9].into(),
                reader: 0,
                limit: 100,
            },
        ),
        ("claim of a saga that is not there", Claim::One(SagaKey(-1))),
        ("claim of a saga of its own", Claim::One(own)),
    ] {
        let none = claimed(journal, epoch, claim).await;
        same(&format!("{what} returns none"), &none, &Vec::new());
    }

    let fitting = left.iter().filter(|(_, fits)| *fits);
    let expected: Vec<_> = fitting.map(|(entry, _)| loaded_once(entry)).collect();
    let mut seen = Vec::new();
    loop {
        // Naming a definition twice changes nothing.
        let page = claimed(journal, epoch, next([9, 7, 9, 1], 4)).await;
        rule("claim returns at most the limit", page.len() <= 4, &page);
        if page.is_empty() {
            break;
        }
        seen.extend(page);
        let ends = seen.len() <= left.len();
        rule("no saga is claimed twice under one epoch", ends, &seen);
    }
    same(
        "claim returns the unfinished sagas of these definitions and readers, in the order of creation, each \
        once and with one more load",
        &seen,
        &expected,
    );
    for (entry, fits) in &left {
        let there = found(journal, &entry.id).await;
        let expected = if *fits {
            loaded_once(entry)
        } else {
            entry.clone()
        };
        same(
            "claim changes the loads of what it claims alone",
            &there,
            &expected,
        );
        let again = append(journal, epoch, entry.key, vec![], None).await;
        if *fits {
            ok("append to a saga that was claimed", again);
        } else {
            fenced("append to a saga that was not claimed", &again);
        }
    }

    // One by one, whatever the definition and the reader of the saga.
    for (entry, fits) in &left {
        let one = claimed(journal, epoch, Claim::One(entry.key)).await;
        let is_open = entry.state == SagaState::Unfinished;
        let expected: Vec<_> = if is_open && !fits {
            vec![loaded_once(entry)]
        } else {
            vec![]
        };
        same(
            "claim of one returns it unless it has ended or belongs to the epoch",
            &one,
            &expected,
        );
        let again = claimed(journal, epoch, Claim::One(entry.key)).await;
        same("a saga is claimed once", &again, &Vec::new());
    }
    drop(lock);

    // The next engine has a newer version and another definition, and claims all of them in one page.
    let lock = locked(journal).await;
    let claim = Claim::Next {
        definitions: [u64::MAX, 0, 7, 9].into(),
        reader: READER + 1,
        limit: usize::MAX,
    };
    let page = claimed(journal, lock.epoch(), claim).await;
    let open = left.iter().map(|(entry, _)| entry);
    let open = open.filter(|entry| entry.state == SagaState::Unfinished);
    let mut expected: Vec<_> = open.map(|entry| entry.key).collect();
    expected.push(own);
    let seen: Vec<_> = page.iter().map(|entry| entry.key).collect();
    same("another epoch claims all that is open", &seen, &expected);
}

pub(super) async fn claims_each_once<J: Journal>(journal: J) {
    const SAGAS: usize = 200;
    let first = locked(&journal).await;
    let mut expected = BTreeSet::new();
    for number in 0..SAGAS {
        let new = saga(format!("order {number}"));
        expected.insert(added(&journal, first.epoch(), new).await);
    }
    drop(first);
    let second = locked(&journal).await;
    let epoch = second.epoch();
    let journal = Arc::new(journal);
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let journal = Arc::clone(&journal);
        tasks.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let page = claimed(&*journal, epoch, next([7], 7)).await;
                if page.is_empty() {
                    return mine;
                }
                for entry in &page {
                    let records = records([1]);
                    let next = append(&*journal, epoch, entry.key, records, None).await;
                    ok("append to a saga that was claimed", next);
                }
                mine.extend(page.into_iter().map(|entry| entry.key));
                // New sagas are added meanwhile.
                let new = saga(format!("{} of {task}", mine.len()));
                added(&*journal, epoch, new).await;
            }
        });
    }
    let mut seen = BTreeSet::new();
    for key in tasks.join_all().await.into_iter().flatten() {
        rule("each saga is claimed once", seen.insert(key), key);
    }
    same("each saga is claimed", &seen, &expected);
}

pub(super) async fn counts_loads<J: Journal>(journal: &J) {
    let id = SagaId::new("order-1");
    let lock = locked(journal).await;
    let key = with_records(journal, lock.epoch(), "order-1", 2).await;
    let other = added(journal, lock.epoch(), saga("bystander")).await;
    drop(lock);
    let loads = async || found(journal, &id).await.loads;
    let claim = async |epoch, expected: u32| {
        let page = claimed(journal, epoch, next([7], 100)).await;
        let seen = page.iter().find(|entry| entry.key == key);
        let seen = seen.map(|entry| entry.loads);
        same("claim counts one more load", &seen, &Some(expected));
        same("find returns the loads", &loads().await, &expected);
    };
    // Processes that ended while they read the saga.
    for life in 1..=3 {
        let lock = locked(journal).await;
        claim(lock.epoch(), life).await;
    }

    let lock = locked(journal).await;
    let epoch = lock.epoch();
    claim(epoch, 4).await;
    for _ in 0..2 {
        ok("loaded", journal.loaded(epoch, key).await);
        same("loaded sets the loads to 0", &loads().await, &0);
    }
    let absent = journal.loaded(epoch, SagaKey(-1)).await;
    conflict("loaded of a saga that is not there", &absent);
    let bystander = found(journal, &SagaId::new("bystander")).await;
    same(
        "loaded is of one saga",
        &(bystander.key, bystander.loads),
        &(other, 4),
    );
    let kept = read(journal, key).await;
    same("loaded adds no record", &kept, &records(0..=2));
    drop(lock);

    // Every successful append resets the count, and no refused one does.
    let batches: [(Vec<Record>, Option<SagaState>); 4] = [
        (records([3]), None),
        (records([3]), None),
        (vec![], None),
        (records([4]), Some(SagaState::Unfinished)),
    ];
    for (batch, state) in batches {
        let lock = locked(journal).await;
        let epoch = lock.epoch();
        claim(epoch, 1).await;
        let gap = append(journal, epoch, key, records([9]), state).await;
        conflict("append that leaves out numbers", &gap);
        same(
            "an append that is refused leaves the loads",
            &loads().await,
            &1,
        );
        ok("append", append(journal, epoch, key, batch, state).await);
        same("append sets the loads to 0", &loads().await, &0);
    }
}
