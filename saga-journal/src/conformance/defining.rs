//! Definitions: the first text of a hash stays.

use super::asserts::{ok, same};
use crate::journal::{DefinitionText, Journal};

pub(super) async fn keeps_the_first_text<J: Journal>(journal: &J) {
    // Hashes of the whole range, and unusual texts.
    let long = "long ".repeat(200_000);
    let texts = [
        (0, ""),
        (1, "saga checkout\n  step \"reserve\""),
        (u64::from(u32::MAX), "a\0b"),
        (i64::MAX.unsigned_abs(), "Grüße 💶 \u{202e}"),
        (i64::MAX.unsigned_abs() + 1, "' \" ` ; -- /* %_ ?1 :a"),
        (u64::MAX, long.as_str()),
    ];
    for (hash, _) in texts {
        let before = ok("definition", journal.definition(hash).await);
        same(
            "there is no definition before it is defined",
            &before,
            &None,
        );
    }
    for (hash, text) in texts {
        let text = text.to_owned();
        let first = DefinitionText { hash, text };
        ok("define", journal.define(first).await);
    }
    for (hash, text) in texts {
        let there = ok("definition", journal.definition(hash).await);
        let expected = Some(text.to_owned());
        same("definition returns the text as it was", &there, &expected);
    }
    for (hash, text) in texts {
        for again in [text, "another text"] {
            let text = again.to_owned();
            let second = DefinitionText { hash, text };
            ok(
                "define of a hash that is there",
                journal.define(second).await,
            );
        }
        let there = ok("definition", journal.definition(hash).await);
        let expected = Some(text.to_owned());
        same("a definition that is there stays", &there, &expected);
    }
    let other = ok("definition", journal.definition(2).await);
    same("there is no definition that was not defined", &other, &None);
}
