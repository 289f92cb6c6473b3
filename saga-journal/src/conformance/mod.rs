//! What every [`Journal`] has to pass.
//!
//! An implementation has one test that calls [`check_reopened`], or [`check`] where nothing survives it; and
//! [`check_taken_over`] where its lock can be broken:
//!
//! ```
//! use saga_journal::{InMemoryJournal, conformance};
//!
//! # #[tokio::main]
//! # async fn main() {
//! conformance::check(InMemoryJournal::new).await;
//! # }
//! ```
//!
//! It runs in a Tokio runtime, best one of several threads (`#[tokio::test(flavor = "multi_thread")]`): tasks
//! are spawned, to make calls at the same time. Where the journal breaks its contract it panics, and says which
//! rule is broken and what was seen.

mod appending;
mod asserts;
mod at_once;
#[cfg(test)]
mod broken_journals;
mod creating;
mod defining;
mod epochs;
mod fixtures;
mod listing;
mod locking;
mod model;
mod newer;
mod reading;
mod reopening;
mod round_trip;

use crate::journal::Journal;

/// Runs the suite on a journal that nothing survives.
///
/// Each call of `fresh` returns an empty journal that shares nothing with the others. The suite asks for about
/// twenty, one after the other, and drops each before it asks for the next.
///
/// # Panics
///
/// Where the journal breaks its contract.
pub async fn check<J: Journal>(mut fresh: impl FnMut() -> J) {
    locking::takes_one_engine(&fresh()).await;
    defining::keeps_the_first_text(&fresh()).await;
    creating::adds_each_id_once(&fresh()).await;
    creating::distinguishes_ids(&fresh()).await;
    appending::keeps_records_as_they_were(&fresh()).await;
    appending::is_made_again(&fresh()).await;
    appending::refuses_what_does_not_follow(&fresh()).await;
    appending::sets_the_state(&fresh()).await;
    round_trip::comes_back_as_it_was(&fresh()).await;
    reading::reads_one(&fresh()).await;
    newer::is_kept_with_each_record(&fresh()).await;
    epochs::fences_other_epochs(&fresh()).await;
    epochs::claims_page_by_page(&fresh()).await;
    epochs::claims_each_once(fresh()).await;
    epochs::counts_loads(&fresh()).await;
    listing::asks_for_some(&fresh()).await;
    listing::asks_by_age(&fresh()).await;
    listing::counts_all(&fresh()).await;
    at_once::many_create(fresh()).await;
    at_once::many_append(fresh()).await;
    at_once::reads_while_writing(fresh()).await;
    at_once::calls_are_dropped(&fresh()).await;
    for seed in 1..=SEEDS {
        model::agrees(fresh(), seed, |journal| journal).await;
    }
}

/// Runs the suite on a journal that survives being dropped.
///
/// `fresh` is as for [`check`]. `reopen` takes a journal and returns another one over the same place: it
/// drops the one that it took, or does to it what a crash does.
///
/// # Panics
///
/// Where the journal breaks its contract.
pub async fn check_reopened<J: Journal>(
    mut fresh: impl FnMut() -> J,
    mut reopen: impl FnMut(J) -> J,
) {
    check(&mut fresh).await;
    reopening::nothing_is_lost(fresh(), &mut reopen).await;
    reopening::calls_are_made_again(fresh(), &mut reopen).await;
    reopening::owners_are_kept(fresh(), &mut reopen).await;
    for seed in 1..=SEEDS {
        model::agrees(fresh(), seed, &mut reopen).await;
    }
}

/// Checks that an engine that lost its journal without noticing writes nothing more.
///
/// For a journal whose lock can be broken: `take` takes a journal that an engine has, breaks its lock in whichever
/// way that can happen (a lock file that is deleted, a lease that is over), and returns another journal over
/// the same place, which a second engine can lock while the guard of the first is still there.
///
/// # Panics
///
/// Where the journal breaks its contract.
pub async fn check_taken_over<J: Journal>(
    mut fresh: impl FnMut() -> J,
    mut take: impl FnMut(&J) -> J,
) {
    epochs::is_taken_over(fresh(), &mut take).await;
}

// Of sequences of calls that are drawn.
const SEEDS: u64 = 4;

#[cfg(test)]
mod tests {
    use crate::InMemoryJournal;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_journal_in_memory_conforms() {
        super::check(InMemoryJournal::new).await;
        // A clone of it is the same journal: what is left to the next engine.
        super::check_reopened(InMemoryJournal::new, |journal| journal.clone()).await;
        super::check_taken_over(InMemoryJournal::new, InMemoryJournal::with_broken_lock).await;
    }
}
