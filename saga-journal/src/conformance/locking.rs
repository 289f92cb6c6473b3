//! Locking: one engine at a time, each under its own epoch.

use super::asserts::{ok, refused, rule};
use super::fixtures::{added, all, found, locked, read, saga};
use crate::journal::{Journal, JournalErrorKind};

pub(super) async fn takes_one_engine<J: Journal>(journal: &J) {
    let mut epochs = Vec::new();
    for _ in 0..3 {
        let lock = locked(journal).await;
        epochs.push(lock.epoch());
        for _ in 0..2 {
            let second = journal.lock().await;
            refused(
                "lock of a journal that an engine has",
                JournalErrorKind::Locked,
                &second,
            );
            if let Err(error) = second {
                let text = error.to_string();
                rule("an error has a text", text.len() > 20, text);
            }
        }
        drop(lock);
    }
    let grow = epochs.is_sorted_by(|one, next| one < next);
    rule("epochs grow with each lock", grow, &epochs);

    // Reading needs no lock, and returns the same with and without one.
    let lock = locked(journal).await;
    let new = saga("written while locked");
    let key = added(journal, lock.epoch(), new.clone()).await;
    let entry = found(journal, &new.id).await;
    rule(
        "the lock keeps no caller from reading",
        entry.key == key,
        entry,
    );
    drop(lock);
    let listed = ok("list", journal.list(all()).await);
    let read = read(journal, key).await;
    rule(
        "what was written stays when the lock is dropped",
        listed.len() == 1 && read.len() == 1,
        (listed, read),
    );

    // The guard can be dropped on any thread, at any time.
    let lock = locked(journal).await;
    let elsewhere = std::thread::spawn(move || drop(lock)).join();
    rule(
        "the lock can be dropped on another thread",
        elsewhere.is_ok(),
        (),
    );
    drop(locked(journal).await);
}
