//! What of a definition has to stay the same for a saga to go on under it.

use core::fmt::Write as _;

use super::journal::DefinitionText;
use crate::definition::{Definition, Kind};

/// The text that a definition is compared by, and its hash: the steps, what becomes of each, groups,
/// conditions, and the sagas within it. Policies are no part of it, nor are the names of methods.
pub(super) fn text_of(definition: &Definition) -> DefinitionText {
    let mut text = String::new();
    write_saga(&mut text, definition, "");
    DefinitionText {
        hash: fnv_1a(text.as_bytes()),
        text,
    }
}

fn write_saga(text: &mut String, definition: &Definition, indent: &str) {
    let _ = writeln!(text, "{indent}saga {}", definition.name);
    for step in definition.steps {
        let kind = match step.kind {
            Kind::Compensatable => "compensated",
            Kind::ReadOnly => "readonly",
            Kind::NoCompensation { .. } => "no_compensation",
            Kind::Pivot => "pivot",
            Kind::Retriable => "after_pivot",
            Kind::Last => "last",
        };
        let _ = write!(text, "{indent}  {} {kind}", step.name);
        let compensation = step.compensation.as_ref();
        if compensation.is_some_and(crate::Compensation::takes_attempt) {
            text.push_str(" in_doubt_too");
        }
        if let Some(group) = step.group {
            let _ = write!(text, " parallel={group}");
        }
        if step.condition.is_some() {
            text.push_str(" conditional");
        }
        text.push('\n');
        if let Some(nested) = step.nested {
            write_saga(text, nested, &format!("{indent}    "));
        }
    }
}

/// The pivot of the outermost saga in such a text.
pub(super) fn pivot_of(text: &str) -> Option<&str> {
    let steps = text.lines().filter_map(|line| line.strip_prefix("  "));
    let mut steps = steps.filter(|step| !step.starts_with(' '));
    steps.find_map(|step| {
        let (name, rest) = step.split_once(' ')?;
        (rest.split(' ').next() == Some("pivot")).then_some(name)
    })
}

/// The lines in which two texts differ, for a person.
pub(super) fn difference(was: &str, is: &str) -> String {
    let only = |these: &str, those: &str| -> Vec<String> {
        let missing = |line: &&str| !those.lines().any(|other| other == *line);
        let lines = these.lines().filter(missing);
        lines.map(|line| format!("`{}`", line.trim())).collect()
    };
    let (gone, new) = (only(was, is), only(is, was));
    match (gone.is_empty(), new.is_empty()) {
        (true, true) => "the steps stand in another order".to_owned(),
        (false, true) => format!("it no longer has {}", gone.join(", ")),
        (true, false) => format!("it now has {}", new.join(", ")),
        (false, false) => format!("it had {}, and now has {}", gone.join(", "), new.join(", ")),
    }
}

/// FNV-1a of 64 bits (Fowler, Noll, Vo): the same on every machine and in every version.
fn fnv_1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
