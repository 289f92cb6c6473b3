//! The history of a saga as text.

use core::fmt::Write as _;

use crate::history::Event;

/// The whole history as text.
///
/// # Panics
///
/// If the events do not belong to a saga.
#[must_use]
pub fn written(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        let written = match event {
            Event::Began {
                call,
                attempt,
                completed,
            } => {
                let given = match completed {
                    None => "",
                    Some(true) => " of what completed",
                    Some(false) => " in doubt",
                };
                writeln!(text, "  {call}#{attempt}{given}")
            }
            Event::Ended {
                call,
                attempt,
                result,
            } => writeln!(text, "  {call}#{attempt} -> {result:?}"),
            Event::Asked { call } => writeln!(text, "  condition of {call}"),
            Event::Cancelled(answer) => writeln!(text, "  cancel -> {answer:?}"),
            Event::MayBeOverdue => writeln!(text, "  almost overdue"),
            Event::Overdue => writeln!(text, "  overdue"),
            Event::LifeOver { recorded, in_order } => {
                for entry in recorded {
                    let _ = writeln!(text, "      {}", entry.to_json());
                }
                let how = if *in_order { "in order" } else { "at once" };
                writeln!(text, "  -- a life ended {how}, {} records", recorded.len())
            }
        };
        written.expect("a text");
    }
    text
}
