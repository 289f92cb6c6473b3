//! Listing: sagas are listed in order, in pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::asserts::{ok, rule, same};
use super::fixtures::{added, all, append, entry, locked, records, saga};
use crate::journal::{Count, Journal, Query, SagaEntry, SagaKey, SagaState};

pub(super) async fn asks_for_some<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let none = ok("list", journal.list(all()).await);
    same("a journal without sagas lists none", &none, &Vec::new());

    let names = ["checkout", "Checkout", "", "re'fund\0%"];
    let mut there: Vec<SagaEntry> = Vec::new();
    for (place, name) in names.into_iter().cycle().take(120).enumerate() {
        let mut new = saga(format!("order {}", (place * 37) % 120));
        new.saga = name.into();
        new.first.at = u64::try_from(1_000 - place).unwrap_or_default();
        let key = added(journal, epoch, new.clone()).await;
        there.push(entry(key, &new));
    }
    let mut last = SagaKey(0);
    // Sagas end in another order than they were created in.
    for (place, entry) in there.iter_mut().enumerate().rev() {
        let state = [
            SagaState::Completed,
            SagaState::Unfinished,
            SagaState::Completed,
            SagaState::Stuck,
            SagaState::Completed,
            SagaState::Compensated,
            SagaState::Completed,
        ]
        .into_iter()
        .cycle()
        .nth(place);
        entry.state = state.unwrap_or(SagaState::Unfinished);
        let set = append(journal, epoch, entry.key, records([1]), state).await;
        ok("append", set);
        last = last.max(entry.key);
    }
    // A saga that was stuck and continued.
    if let Some(stuck) = there
        .iter_mut()
        .find(|entry| entry.state == SagaState::Stuck)
    {
        stuck.state = SagaState::Unfinished;
        let set = append(journal, epoch, stuck.key, records([2]), Some(stuck.state)).await;
        ok("append", set);
    }

    let states = SagaState::ALL.into_iter().map(Some).chain([None]);
    let names = names.into_iter().chain(["no saga"]).map(Some).chain([None]);
    let names: Vec<Option<Arc<str>>> = names.map(|name| name.map(Arc::from)).collect();
    let middle = there.get(57).map(|entry| entry.key);
    let afters = [
        None,
        Some(SagaKey(0)),
        Some(SagaKey(i64::MIN)),
        middle,
        Some(last),
    ];
    for state in states {
        for saga in &names {
            for after in afters {
                for limit in [0, 1, 7, 1_000, usize::MAX] {
                    let query = Query {
                        state,
                        saga: saga.clone(),
                        after,
                        created_before: None,
                        limit,
                    };
                    answers(journal, &there, query).await;
                }
            }
            pages(journal, &there, state, saga.clone()).await;
        }
    }
}

fn fitting(there: &[SagaEntry], query: &Query) -> Vec<SagaEntry> {
    let fits = |entry: &&SagaEntry| {
        query.state.is_none_or(|state| state == entry.state)
            && query.saga.as_ref().is_none_or(|saga| *saga == entry.saga)
            && query.after.is_none_or(|after| after < entry.key)
            && query.created_before.is_none_or(|at| entry.created_at < at)
    };
    there
        .iter()
        .filter(fits)
        .take(query.limit)
        .cloned()
        .collect()
}

async fn answers<J: Journal>(journal: &J, there: &[SagaEntry], query: Query) {
    let expected = fitting(there, &query);
    let asked = format!("{query:?}");
    let listed = ok("list", journal.list(query).await);
    let (seen, expected) = ((&asked, listed), (&asked, expected));
    same(
        "list returns what fits, in the order of creation",
        &seen,
        &expected,
    );
}

async fn pages<J: Journal>(
    journal: &J,
    there: &[SagaEntry],
    state: Option<SagaState>,
    saga: Option<Arc<str>>,
) {
    let mut query = Query {
        state,
        saga,
        after: None,
        created_before: None,
        limit: usize::MAX,
    };
    let expected = fitting(there, &query);
    query.limit = 5;
    let mut seen = Vec::new();
    loop {
        let page = ok("list", journal.list(query.clone()).await);
        let Some(last) = page.last() else { break };
        rule("list returns at most the limit", page.len() <= 5, &page);
        query.after = Some(last.key);
        seen.extend(page);
        rule("pages come to an end", seen.len() <= there.len(), &seen);
    }
    same("the pages together are the whole", &seen, &expected);
}

pub(super) async fn asks_by_age<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let half = i64::MAX.unsigned_abs();
    let moments = [7, 0, half + 1, 8, u64::MAX, 1, half, 7, half + 2];
    let mut there = Vec::new();
    for (place, at) in moments.into_iter().enumerate() {
        let mut new = saga(format!("order {place}"));
        new.first.at = at;
        let key = added(journal, epoch, new.clone()).await;
        there.push(entry(key, &new));
    }
    for before in moments.into_iter().chain([2, 9, u64::MAX - 1]) {
        for (after, limit) in [(None, usize::MAX), (None, 3), (Some(SagaKey(3)), 2)] {
            for state in [None, Some(SagaState::Unfinished), Some(SagaState::Stuck)] {
                let query = Query {
                    state,
                    saga: None,
                    after,
                    created_before: Some(before),
                    limit,
                };
                answers(journal, &there, query).await;
            }
        }
    }
}

pub(super) async fn counts_all<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let none = ok("counts", journal.counts().await);
    same("a journal without sagas counts none", &none, &Vec::new());
    let names = ["checkout", "Checkout", "", "re'fund\0%"];
    let mut expected = BTreeMap::new();
    let cases = names
        .into_iter()
        .cycle()
        .zip(SagaState::ALL.into_iter().cycle());
    // One of the names has three of the states only.
    for (place, (name, state)) in cases.take(23).enumerate() {
        let state = if place % 3 == 0 {
            SagaState::Stuck
        } else {
            state
        };
        let mut new = saga(format!("order {place}"));
        new.saga = name.into();
        let key = added(journal, epoch, new).await;
        let before = counts(journal).await;
        let unfinished = (name.to_owned(), SagaState::Unfinished.as_str());
        *expected.entry(unfinished.clone()).or_insert(0) += 1;
        same("counts has a saga that was created", &before, &expected);
        let set = append(journal, epoch, key, records([1]), Some(state)).await;
        ok("append", set);
        let left = expected.entry(unfinished.clone()).or_insert(0);
        *left -= 1;
        if *left == 0 {
            expected.remove(&unfinished);
        }
        *expected
            .entry((name.to_owned(), state.as_str()))
            .or_insert(0) += 1;
        let after = counts(journal).await;
        same(
            "counts is by name and state, without zeros",
            &after,
            &expected,
        );
    }
}

/// The count of each name and state, each of which has to be there once.
pub(super) async fn counts<J: Journal>(journal: &J) -> BTreeMap<(String, &'static str), u64> {
    let mut counts = BTreeMap::new();
    for Count { saga, state, sagas } in ok("counts", journal.counts().await) {
        let of = (saga.to_string(), state.as_str());
        let other = counts.insert(of.clone(), sagas);
        rule("counts has each name and state once", other.is_none(), of);
    }
    counts
}
