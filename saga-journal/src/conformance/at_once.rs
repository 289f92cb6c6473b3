//! Many calls at the same time.

use core::task::{Context, Waker};
use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::asserts::{conflict, ok, rule, same};
use super::fixtures::{added, all, append, found, locked, read, record, records, saga};
use crate::id::SagaId;
use crate::journal::{Created, DefinitionText, Journal, Record, SagaEntry, SagaKey, SagaState};

const TASKS: u64 = 64;

/// The first record of a saga, with the task that added it.
fn by(task: u64) -> Record {
    Record {
        value: format!("by task {task}").into_bytes(),
        ..record(0)
    }
}

pub(super) async fn many_create<J: Journal>(journal: J) {
    let lock = locked(&journal).await;
    let epoch = lock.epoch();
    let journal = Arc::new(journal);
    for round in 0..5 {
        let id = SagaId::new(format!("wanted by many {round}"));
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let (journal, id) = (Arc::clone(&journal), id.clone());
            tasks.spawn(async move {
                let mut new = saga(id.clone());
                new.first = by(task);
                let created = ok("create", journal.create(epoch, new).await);
                // A read after the answer returns what was answered.
                let there = found(&*journal, &id).await.key;
                match created {
                    Created::New(key) => (key, there, Some(task)),
                    Created::Existing(entry) => (entry.key, there, None),
                }
            });
        }
        let answers = tasks.join_all().await;
        let added: Vec<_> = answers.iter().filter_map(|(_, _, task)| *task).collect();
        let only = matches!(*added, [_]);
        rule(
            "of calls that create one id exactly one adds it",
            only,
            &added,
        );
        let key = found(&*journal, &id).await.key;
        let agree = answers.iter().all(|seen| (seen.0, seen.1) == (key, key));
        rule("all are answered with the same saga", agree, &answers);
        let kept = read(&*journal, key).await;
        let first: Vec<_> = added.into_iter().map(by).collect();
        same(
            "the first record is that of the call that added it",
            &kept,
            &first,
        );
    }

    // Other calls at the same time.
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let journal = Arc::clone(&journal);
        tasks.spawn(async move {
            let mut mine = Vec::new();
            for number in 0..10 {
                let mut new = saga(format!("{number} of {task}"));
                new.first = by(task);
                mine.push(added(&*journal, epoch, new).await);
                let text = format!("text {task}");
                let hash = number;
                ok(
                    "define",
                    journal.define(DefinitionText { hash, text }).await,
                );
            }
            let grow = mine.is_sorted_by(|one, next| one < next);
            rule("keys grow from saga to saga", grow, &mine);
            (task, mine)
        });
    }
    let answers = tasks.join_all().await;
    let mut tasks = BTreeMap::new();
    for (task, mine) in answers {
        for key in mine {
            let other = tasks.insert(key, task);
            rule("each saga has its own key", other.is_none(), key);
        }
    }
    for (key, task) in tasks {
        let kept = read(&*journal, key).await;
        same("each saga has its own records", &kept, &vec![by(task)]);
    }
}

pub(super) async fn many_append<J: Journal>(journal: J) {
    const RECORDS: u64 = 12;
    let lock = locked(&journal).await;
    let epoch = lock.epoch();
    let journal = Arc::new(journal);
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let journal = Arc::clone(&journal);
        tasks.spawn(async move {
            let key = added(&*journal, epoch, saga(format!("saga {task}"))).await;
            for number in 1..=RECORDS {
                // Some calls are refused, which must not affect the calls that are written with them.
                if task % 4 == 1 {
                    let gap = append(&*journal, epoch, key, records([number + 1]), None).await;
                    conflict("append that leaves out a number, among others,", &gap);
                }
                if task % 4 == 2 {
                    let absent =
                        append(&*journal, epoch, SagaKey(-7), records([number]), None).await;
                    conflict("append to a saga that is not there, among others,", &absent);
                }
                if task % 4 == 3 {
                    let again = append(&*journal, epoch, key, records([number - 1]), None).await;
                    ok("append of a record that is there, among others,", again);
                }
                let state = (number == RECORDS).then_some(SagaState::Completed);
                ok(
                    "append, among others,",
                    append(&*journal, epoch, key, records([number]), state).await,
                );
                // A read after the answer returns what was answered.
                let kept = read(&*journal, key).await;
                same(
                    "a record is read once its call has said so",
                    &kept,
                    &records(0..=number),
                );
            }
        });
    }
    tasks.join_all().await;
    let there = ok("list", journal.list(all()).await);
    let ended = there.iter().filter(|one| one.state == SagaState::Completed);
    let (there, ended) = (there.len(), ended.count());
    let expected = usize::try_from(TASKS).unwrap_or_default();
    same(
        "all that was written at the same time is there",
        &(there, ended),
        &(expected, expected),
    );
}

pub(super) async fn reads_while_writing<J: Journal>(journal: J) {
    const RECORDS: u64 = 100;
    let lock = locked(&journal).await;
    let epoch = lock.epoch();
    let id = SagaId::new("watched");
    let key = added(&journal, epoch, saga(id.clone())).await;
    let journal = Arc::new(journal);
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let (journal, id) = (Arc::clone(&journal), id.clone());
        tasks.spawn(async move {
            let mut before = 0;
            loop {
                let state = found(&*journal, &id).await.state;
                let kept = read(&*journal, key).await;
                let numbers = u64::try_from(kept.len()).unwrap_or_default();
                same(
                    "a reader sees a prefix while records are written",
                    &kept,
                    &records(0..numbers),
                );
                rule(
                    "all records of a call are there, or none",
                    numbers % 4 == 1,
                    numbers,
                );
                rule(
                    "what was read once is read again",
                    before <= numbers,
                    (before, numbers),
                );
                before = numbers;
                if state != SagaState::Unfinished {
                    rule(
                        "the state comes with the records of its call",
                        numbers == RECORDS + 1,
                        numbers,
                    );
                    break;
                }
                tokio::task::yield_now().await;
            }
        });
    }
    for first in (1..=RECORDS).step_by(4) {
        let last = first + 3;
        let state = (last == RECORDS).then_some(SagaState::Compensated);
        let batch = records(first..=last);
        ok("append", append(&*journal, epoch, key, batch, state).await);
    }
    tasks.join_all().await;
}

/// Begins a call, and drops it before it has finished, unless it finishes at once.
fn drop_begun<T>(call: core::pin::Pin<Box<dyn Future<Output = T> + Send + '_>>, polled: bool) {
    let mut call = call;
    if polled {
        let _ = call
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready();
    }
}

pub(super) async fn calls_are_dropped<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    for round in 0..20 {
        let polled = round % 4 != 0;
        let id = SagaId::new(format!("dropped {round}"));
        let new = saga(id.clone());
        drop_begun(journal.create(epoch, new.clone()), polled);
        let key = match ok(
            "create, after one was dropped",
            journal.create(epoch, new).await,
        ) {
            Created::New(key) | Created::Existing(SagaEntry { key, .. }) => key,
        };
        let kept = read(journal, key).await;
        same(
            "a dropped create is made once or not at all",
            &kept,
            &records([0]),
        );

        let batch: Arc<[Record]> = records(1..=3).into();
        let state = Some(SagaState::Stuck);
        drop_begun(
            journal.append(epoch, key, Arc::clone(&batch), state),
            polled,
        );
        ok(
            "append, after one was dropped",
            journal.append(epoch, key, batch, state).await,
        );
        let kept = read(journal, key).await;
        same(
            "a dropped append is made once or not at all",
            &kept,
            &records(0..=3),
        );
        drop_begun(journal.records(key), polled);
        drop_begun(journal.find(&id), polled);
        drop_begun(journal.list(all()), polled);
        let state = found(journal, &id).await.state;
        same(
            "the state comes with the records of its call",
            &state,
            &SagaState::Stuck,
        );
    }
}
