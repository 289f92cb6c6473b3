//! Entries: every kind of record comes back as it was written.

use super::asserts::{ok, same};
use super::fixtures::{added, append, locked, read, saga};
use crate::call_id::{Begun, CallId, RunId};
use crate::entry::Entry;
use crate::journal::{Journal, Record, SagaState};
use crate::phase::Phase;
use crate::prevention::Prevention;

/// Calls of all kinds.
fn calls() -> Vec<CallId> {
    let outer = RunId::new(None, "order", 1);
    let inner = RunId::new(Some(outer.clone()), "pay", u32::MAX);
    let mut calls = Vec::new();
    for phase in [Phase::Step, Phase::Compensation] {
        for within in [None, Some(outer.clone()), Some(inner.clone())] {
            for step in ["charge", "do", "undo", "7", "Grüße \u{202e}\0\"\\ 💶"] {
                calls.push(CallId::new(within.clone(), step, phase));
            }
        }
    }
    calls
}

/// Entries of every kind, with each optional field present and absent.
fn entries() -> Vec<Entry> {
    let outer = RunId::new(None, "order", 1);
    let inner = RunId::new(Some(outer.clone()), "pay", u32::MAX);
    let some = || CallId::new(Some(outer.clone()), "charge", Phase::Step);
    let runs = [None, Some(outer.clone()), Some(inner)];
    let begun = calls().into_iter().map(Begun::Call);
    let begun: Vec<_> = begun.chain(runs.map(Begun::NextUndo)).collect();
    let moments = [None, Some(0), Some(1), Some(u64::MAX)];
    let numbers = [0, 1, u32::MAX];

    let mut entries = vec![Entry::CancelRequested {}];
    entries.extend(SagaState::ALL.map(|end| Entry::Ended { end }));
    let all_begins = [vec![], begun.get(..1).unwrap_or_default().to_vec(), begun];
    for begins in &all_begins {
        entries.push(Entry::Dropped {
            calls: begins.clone(),
        });
        for deadline in moments {
            entries.push(Entry::Submitted {
                deadline,
                trace_context: deadline.map(|moment| format!("00-{moment:032x}-\u{e9}\"-01")),
                begins: begins.clone(),
            });
            entries.push(Entry::NestedBegan {
                call: some(),
                attempt: 2,
                deadline,
                begins: begins.clone(),
            });
        }
        for (skipped, ends) in [(false, false), (false, true), (true, false), (true, true)] {
            entries.push(Entry::Completed {
                call: some(),
                skipped,
                begins: begins.clone(),
                ends,
            });
        }
        for prevented_by in [
            None,
            Some(Prevention::Cancelled),
            Some(Prevention::DeadlineExceeded),
            Some(Prevention::Sibling),
            Some(Prevention::AtMostOnce),
        ] {
            for in_doubt in [false, true] {
                entries.push(Entry::GaveUp {
                    call: some(),
                    attempts: 3,
                    in_doubt,
                    interrupted: in_doubt,
                    prevented_by,
                    begins: begins.clone(),
                });
            }
        }
    }
    for in_doubt in [false, true] {
        for number in numbers {
            entries.push(Entry::Interrupted {
                call: some(),
                attempt: number,
                times: u32::MAX - number,
                in_doubt,
            });
            for wait in moments {
                entries.push(Entry::Failed {
                    call: some(),
                    next: number,
                    in_doubt,
                    wait,
                });
            }
        }
    }
    for call in calls() {
        entries.push(Entry::Preparing { call: call.clone() });
        for attempt in numbers {
            let call = call.clone();
            entries.push(Entry::Began { call, attempt });
        }
    }
    entries
}

/// The kind of an entry. A new kind has to be added to [`entries`].
#[cfg(test)]
const fn kind(entry: &Entry) -> usize {
    match entry {
        Entry::Submitted { .. } => 0,
        Entry::Preparing { .. } => 1,
        Entry::Began { .. } => 2,
        Entry::NestedBegan { .. } => 3,
        Entry::Interrupted { .. } => 4,
        Entry::Failed { .. } => 5,
        Entry::Completed { .. } => 6,
        Entry::GaveUp { .. } => 7,
        Entry::Dropped { .. } => 8,
        Entry::CancelRequested {} => 9,
        Entry::Ended { .. } => 10,
    }
}

pub(super) async fn comes_back_as_it_was<J: Journal>(journal: &J) {
    let lock = locked(journal).await;
    let epoch = lock.epoch();
    let made = (0..).zip(entries()).map(|(number, entry)| {
        let value = if number % 2 == 0 {
            vec![]
        } else {
            b"null".to_vec()
        };
        Record::new(number, number, entry, value)
    });
    let made: Vec<_> = made.collect();
    // Each record alone, and later all of them in one call.
    let mut all = made.iter().cloned();
    let mut new = saga("says all");
    if let Some(first) = all.next() {
        new.first = first;
    }
    let key = added(journal, epoch, new).await;
    for record in all {
        let one = append(journal, epoch, key, vec![record], None).await;
        ok("append", one);
    }
    let kept = read(journal, key).await;
    for (kept, made) in kept.iter().zip(&made) {
        same("an entry is kept with all that it says", kept, made);
    }
    same("all records are there", &kept.len(), &made.len());
    let again = append(journal, epoch, key, made, None).await;
    ok("append of records that are there", again);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn entries_of_every_kind_are_among_those_that_a_journal_keeps() {
        let kinds: BTreeSet<_> = entries().iter().map(kind).collect();
        assert!(kinds.into_iter().eq(0..11));
    }
}
