//! The part of a definition that must not change while a saga runs under it.

use core::fmt::Write as _;

use crate::definition::{Definition, Kind};
use saga_journal::DefinitionText;

/// The text by which definitions are compared, and its hash: the steps with their kinds, groups, conditions and nested
/// sagas. It contains neither policies nor names of methods.
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
        if compensation.is_some_and(crate::definition::Compensation::takes_attempt) {
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

/// Lists of steps of the outermost saga in such a text. Once all steps of one list have completed, a cancellation comes
/// too late.
pub(super) fn points_of_no_return(text: &str) -> Vec<Vec<&str>> {
    let steps = text.lines().filter_map(|line| line.strip_prefix("  "));
    let steps = steps.filter(|step| !step.starts_with(' '));
    let steps = steps.map(|step| {
        let mut words = step.split(' ');
        let (name, kind) = (words.next(), words.next());
        let group = words.find(|word| word.starts_with("parallel="));
        (name.unwrap_or_default(), kind, group)
    });
    // Neighbours of one group are one stage.
    let mut stages: Vec<(Option<&str>, bool, Vec<&str>)> = Vec::new();
    for (name, kind, group) in steps {
        let is_pivot = kind == Some("pivot");
        match stages.last_mut() {
            Some((of, has_pivot, names)) if group.is_some() && *of == group => {
                names.push(name);
                *has_pivot |= is_pivot;
            }
            _ => stages.push((group, is_pivot, vec![name])),
        }
    }
    let last = stages.len();
    let stages = (1..).zip(stages);
    let points = stages.filter(|(number, (_, has_pivot, _))| *has_pivot || *number == last);
    points.map(|(_, (.., names))| names).collect()
}

/// The steps of such a text, each with the path to it through the outer sagas.
fn steps(text: &str) -> Vec<String> {
    let mut way: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    for line in text.lines() {
        let rest = line.trim_start();
        let level = (line.len() - rest.len()) / 4;
        let name = rest.split(' ').next().unwrap_or_default();
        way.truncate(level);
        let within = way.join("/");
        let slash = if within.is_empty() { "" } else { "/" };
        steps.push(format!("`{within}{slash}{rest}`"));
        // The line of a nested saga is at the level of the step that runs it, whose name is already in the path.
        if !rest.starts_with("saga ") {
            way.push(name);
        }
    }
    steps
}

/// The steps in which two texts differ, as a sentence for an operator.
pub(super) fn difference(was: &str, is: &str) -> String {
    let (was, is) = (steps(was), steps(is));
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let missing = these.iter().filter(|step| !those.contains(step));
        missing.cloned().collect()
    };
    let (gone, new) = (only(&was, &is), only(&is, &was));
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

#[cfg(test)]
mod tests {
    use super::*;

    const WAS: &str = "saga shop\n  reserve compensated\n  pay compensated\n    saga payments\n      hold \
                       compensated\n      check compensated\n  ship pivot\n";

    #[test]
    fn a_step_of_a_nested_saga_is_named_with_the_way_to_it() {
        let is = WAS.replace("      hold", "      block");
        let says = "it had `pay/hold compensated`, and now has `pay/block compensated`";
        assert_eq!(difference(WAS, &is), says);
        let is = WAS.replace("saga payments", "saga cards");
        let says = "it had `pay/saga payments`, and now has `pay/saga cards`";
        assert_eq!(difference(WAS, &is), says);
        let is = WAS.replace("  reserve compensated\n", "");
        assert_eq!(
            difference(WAS, &is),
            "it no longer has `reserve compensated`"
        );
        assert_eq!(difference(WAS, WAS), "the steps stand in another order");
    }

    #[test]
    fn it_is_too_late_once_the_pivot_with_its_group_or_the_last_stage_has_completed() {
        assert_eq!(points_of_no_return(WAS), [["ship"]]);
        let after = format!("{WAS}  mail after_pivot\n");
        assert_eq!(points_of_no_return(&after), [["ship"], ["mail"]]);
        let nested = WAS
            .replace("  ship pivot\n", "")
            .replace("check compensated", "check pivot");
        assert_eq!(points_of_no_return(&nested), [["pay"]]);
        let group = "saga a\n  b compensated parallel=g\n  c compensated parallel=h\n  d pivot in_doubt_too \
                     parallel=h conditional\n  e after_pivot parallel=i\n  f after_pivot parallel=i\n";
        assert_eq!(points_of_no_return(group), [["c", "d"], ["e", "f"]]);
    }
}
