//! Sagas are listed in order, in pages.

use std::sync::Arc;

use crate::durable::journal::{Journal, Query, SagaEntry, SagaKey, SagaState};

use super::made::{added, all, append, entry, records, saga};
use super::told::{ok, rule, same};

pub(super) async fn asks_for_some<J: Journal>(journal: &J) {
    let none = ok("list", journal.list(all()).await);
    same("a journal without sagas lists none", &none, &Vec::new());

    let names = ["checkout", "Checkout", "", "re'fund\0%"];
    let mut there: Vec<SagaEntry> = Vec::new();
    for (place, name) in names.into_iter().cycle().take(120).enumerate() {
        let mut new = saga(format!("order {}", (place * 37) % 120));
        new.saga = name.into();
        new.first.at = u64::try_from(1_000 - place).unwrap_or_default();
        let key = added(journal, new.clone()).await;
        there.push(entry(key, &new));
    }
    let mut last = SagaKey(0);
    // What has ended is not what was created first.
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
        let set = append(journal, entry.key, records([1]), state).await;
        ok("append", set);
        last = last.max(entry.key);
    }
    // One that was stuck, and has gone on.
    if let Some(stuck) = there
        .iter_mut()
        .find(|entry| entry.state == SagaState::Stuck)
    {
        stuck.state = SagaState::Unfinished;
        let set = append(journal, stuck.key, records([2]), Some(stuck.state)).await;
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
        "list gives what fits, in the order of creation",
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
        limit: usize::MAX,
    };
    let expected = fitting(there, &query);
    query.limit = 5;
    let mut seen = Vec::new();
    loop {
        let page = ok("list", journal.list(query.clone()).await);
        let Some(last) = page.last() else { break };
        rule("list gives at most the limit", page.len() <= 5, &page);
        query.after = Some(last.key);
        seen.extend(page);
        rule("pages come to an end", seen.len() <= there.len(), &seen);
    }
    same("the pages together are the whole", &seen, &expected);
}
