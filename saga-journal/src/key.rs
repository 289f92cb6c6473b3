//! Idempotency keys, and the ids of nested runs, which are made like them.
//!
//! A key is visible ASCII: parts with `/` between them, each of which is percent-encoded where it has anything
//! else, or what would divide it.

use core::fmt::{self, Write};

use crate::phase::Phase;

/// A part of a key. No two texts are encoded alike.
pub(crate) struct Part<'a>(pub(crate) &'a str);

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if stands_for_itself(c) {
                f.write_char(c)?;
            } else {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    write!(f, "%{byte:02X}")?;
                }
            }
        }
        Ok(())
    }
}

/// Encoded are the `/` between two parts and the `%` of an escape, and what cannot go into a header of HTTP, or
/// not between quotes there.
fn stands_for_itself(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '/' | '%' | '"' | '\\')
}

/// `saga/id/step/do`, or `undo`. The id is written by `id`, as one part, or as the parts of a nested run's.
pub(crate) fn of_call(saga: &str, id: impl fmt::Display, step: &str, phase: Phase) -> String {
    let (saga, step) = (Part(saga), Part(step));
    let phase = match phase {
        Phase::Step => "do",
        Phase::Compensation => "undo",
    };
    format!("{saga}/{id}/{step}/{phase}")
}

/// The id of the run that a step is in this attempt: it begins as the keys of the step do.
pub(crate) fn of_nested_run(saga: &str, id: impl fmt::Display, step: &str, attempt: u32) -> String {
    let (saga, step) = (Part(saga), Part(step));
    format!("{saga}/{id}/{step}/{attempt}")
}
