//! One engine at a time.

use crate::durable::journal::{Journal, JournalErrorKind};

use super::made::{added, all, found, read, saga};
use super::told::{ok, refused, rule};

pub(super) async fn takes_one_engine<J: Journal>(journal: &J) {
    for _ in 0..3 {
        let lock = ok("lock of a journal that no engine has", journal.lock());
        for _ in 0..2 {
            let second = journal.lock();
            refused(
                "lock of a journal that an engine has",
                JournalErrorKind::Locked,
                &second,
            );
            if let Err(error) = second {
                let said = error.to_string();
                rule("an error says something", said.len() > 20, said);
            }
        }
        drop(lock);
    }

    // Who holds it and who does not read the same.
    let lock = ok("lock", journal.lock());
    let new = saga("written while locked");
    let key = added(journal, new.clone()).await;
    let entry = found(journal, &new.id).await;
    rule(
        "the lock keeps nobody from reading",
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

    // What it gives can be dropped anywhere, after anything.
    let lock = ok("lock", journal.lock());
    let elsewhere = std::thread::spawn(move || drop(lock)).join();
    rule(
        "the lock can be dropped on another thread",
        elsewhere.is_ok(),
        (),
    );
    drop(ok("lock, after it was dropped", journal.lock()));
}
