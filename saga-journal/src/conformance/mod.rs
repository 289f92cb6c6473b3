//! The tests that every [`Journal`] has to pass.
//!
//! An implementation has one test that calls [`check_reopened`], or [`check`] if nothing survives the journal; and
//! [`check_taken_over`] if its lock can be broken:
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
//! The suite runs in a Tokio runtime, preferably with several threads (`#[tokio::test(flavor = "multi_thread")]`),
//! because it spawns tasks that call the journal at the same time. If the journal breaks its contract, the suite
//! panics with the rule and what it has seen.

mod appending;
mod at_once;
#[cfg(test)]
mod breaks;
mod creating;
mod defining;
mod listing;
mod locking;
mod made;
mod model;
mod newer;
mod owning;
mod reading;
mod reopening;
mod rules;
mod saying;

use crate::journal::Journal;

/// Runs the suite on a journal that does not survive being dropped.
///
/// Each call of `fresh` returns an empty journal that shares nothing with the others. The suite takes about twenty,
/// one after the other, and drops each before it takes the next.
///
/// # Panics
///
/// If the journal breaks its contract.
pub async fn check<J: Journal>(mut fresh: impl FnMut() -> J) {
    locking::takes_one_engine(&fresh()).await;
    defining::keeps_the_first_text(&fresh()).await;
    creating::adds_each_id_once(&fresh()).await;
    creating::distinguishes_ids(&fresh()).await;
    appending::keeps_records_as_they_were(&fresh()).await;
    appending::is_made_again(&fresh()).await;
    appending::refuses_what_does_not_follow(&fresh()).await;
    appending::sets_the_state(&fresh()).await;
    saying::comes_back_as_it_was(&fresh()).await;
    reading::reads_one(&fresh()).await;
    newer::is_kept_with_each_record(&fresh()).await;
    owning::fences_other_epochs(&fresh()).await;
    owning::claims_page_by_page(&fresh()).await;
    owning::claims_each_once(fresh()).await;
    owning::counts_loads(&fresh()).await;
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
/// `fresh` is as for [`check`]. `reopen` takes a journal and returns another one over the same place. It drops the
/// old one, or does to it what a crash does.
///
/// # Panics
///
/// If the journal breaks its contract.
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
/// For a journal whose lock can be broken. `take` gets a journal that an engine has locked and breaks its lock in
/// some possible way (the lock file is deleted, a lease expires). It returns another journal over the same place,
/// which a second engine can lock while the guard of the first still exists.
///
/// # Panics
///
/// If the journal breaks its contract.
pub async fn check_taken_over<J: Journal>(
    mut fresh: impl FnMut() -> J,
    mut take: impl FnMut(&J) -> J,
) {
    owning::is_taken_over(fresh(), &mut take).await;
}

// The number of random sequences of calls.
const SEEDS: u64 = 4;

#[cfg(test)]
mod tests {
    use crate::InMemoryJournal;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_journal_in_memory_conforms() {
        super::check(InMemoryJournal::new).await;
        // A clone is the same journal: it is what one engine leaves to the next.
        super::check_reopened(InMemoryJournal::new, |journal| journal.clone()).await;
        super::check_taken_over(InMemoryJournal::new, InMemoryJournal::with_broken_lock).await;
    }
}
