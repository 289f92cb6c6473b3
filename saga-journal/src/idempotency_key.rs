//! Idempotency keys, and the ids of nested runs, which have the same format.
//!
//! A key is visible ASCII: parts with `/` between them. In a part, everything else and the separators themselves
//! are percent-encoded.

use core::fmt::{self, Write};

use crate::phase::Phase;

/// One part of a key. Different texts have different encodings.
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

/// Encoded are the separator `/`, the `%` of escapes, and everything that cannot be in an HTTP header or between
/// quotes in one.
fn stands_for_itself(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '/' | '%' | '"' | '\\')
}

/// Returns `saga/id/step/do`, or `undo`. `id` writes the id as one part, or as the parts of a nested run's id.
pub(crate) fn of_call(saga: &str, id: impl fmt::Display, step: &str, phase: Phase) -> String {
    let (saga, step) = (Part(saga), Part(step));
    let phase = match phase {
        Phase::Step => "do",
        Phase::Compensation => "undo",
    };
    format!("{saga}/{id}/{step}/{phase}")
}

/// Returns the id of the run that this attempt of a step runs. It begins as the keys of the step do.
pub(crate) fn of_nested_run(saga: &str, id: impl fmt::Display, step: &str, attempt: u32) -> String {
    let (saga, step) = (Part(saga), Part(step));
    format!("{saga}/{id}/{step}/{attempt}")
}
