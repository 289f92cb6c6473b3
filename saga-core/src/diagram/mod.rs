//! Pictures of a saga, and of a run that did not complete: as Mermaid, as DOT for Graphviz, and as a Markdown table.
//!
//! A definition or a report is converted to a model (`model`), the model is laid out as nodes and edges (`layout`,
//! `drawing`), and these are written in one of the syntaxes. The table is written from the model. Nothing here knows
//! runs.

mod dot;
mod drawing;
mod layout;
mod look;
mod markdown;
mod mermaid;
mod model;
mod of_definition;
mod of_report;
#[cfg(test)]
mod tests;
mod words;

use core::time::Duration;

use crate::definition::Definition;
use crate::diagram::model::{DrawnRun, Flow};
use crate::report::Report;

/// A diagram of a saga, or of a run that did not complete.
///
/// Made by [`Definition::diagram`] and [`Report::diagram`]. It owns what it shows. `docs/diagrams.md` explains the
/// shapes, signs and colours; nothing is shown by colour alone.
///
/// Names and errors may contain any text: it is escaped, so none of it is read as syntax; a line that is too long for a
/// node is cut, and of an error only the first line is shown. Diagrams contain no values, and so nothing that is marked
/// as sensitive; the text of an error is shown unchanged.
///
/// ```
/// use saga_core::{Saga, saga};
///
/// struct Trips;
///
/// #[saga]
/// impl Trips {
///     #[step(compensate = cancel_hotel)]
///     async fn book_hotel(&self, city: &str) -> Result<u32, String> {
///         Ok(4711)
///     }
///
///     #[step(pivot, retry(attempts = 3))]
///     async fn book_flight(&self, hotel: &u32) -> Result<(), String> {
///         Err("no seat".to_owned())
///     }
///
///     async fn cancel_hotel(&self, hotel: &u32) -> Result<(), String> {
///         Ok(())
///     }
/// }
///
/// let diagram = TripsSaga::DEFINITION.diagram();
/// assert!(diagram.mermaid().starts_with(
///     r#"flowchart TD
///     begin(["saga trips"]):::plain
///     s1["1 book_hotel"]:::plain
///     s1_undo("cancel_hotel<br/>undoes 1"):::undo
///     s2{{"2 book_flight<br/>pivot<br/>3 attempts"}}:::pivot
///     s2_line["point of no return: below it the saga only goes forward"]:::pivot_line
///     completed_end(["completed"]):::plain
///     begin --> s1
///     s1 -.- s1_undo
///     s1 --> s2
///     s2 ==> s2_line
///     s2_line ==> completed_end
///     s1_undo -.-> begin
/// "#
/// ));
/// assert_eq!(
///     diagram.markdown(),
///     "\
/// Saga `trips`
///
/// | # | step | kind | group | only if | takes | policy | undone by |
/// |---|---|---|---|---|---|---|---|
/// | 1 | `book_hotel` | can be undone | | | `city` | 1 attempt | `cancel_hotel` |
/// | 2 | `book_flight` | **pivot** | | | `hotel` | 3 attempts | |
/// | | **point of no return** | | | | | | |"
/// );
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // The same picture, with the outcome of a run.
/// let error = TripsSaga::run(&Trips, "Oslo".to_owned()).await.unwrap_err();
/// let diagram = error.report().diagram();
/// let mermaid = diagram.mermaid();
/// assert!(mermaid.contains(
///     r#"s2{{"2 book_flight<br/>pivot<br/>✗ failed after 3 attempts<br/>no seat"}}:::failed"#
/// ));
/// assert!(mermaid.contains(r#"s1_undo("cancel_hotel<br/>undoes 1<br/>↶ undone"):::undone"#));
/// assert!(mermaid.contains("s2 -->|\"gave up\"| s1_undo"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagram {
    flow: Flow,
    about: About,
}

/// What a diagram is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    Definition { deadline: Option<Duration> },
    Run(DrawnRun),
}

impl Definition {
    /// The diagram of the saga.
    #[must_use]
    pub fn diagram(&self) -> Diagram {
        Diagram {
            flow: of_definition::flow(self, ""),
            about: About::Definition {
                deadline: self.deadline,
            },
        }
    }
}

impl Report {
    /// The diagram of the saga, with the outcome of each step and compensation.
    #[must_use]
    pub fn diagram(&self) -> Diagram {
        Diagram {
            flow: of_report::flow(self),
            about: About::Run(of_report::run(self)),
        }
    }
}

impl Diagram {
    /// As a Mermaid flowchart, which GitHub, GitLab and others draw in a code block with the language `mermaid`.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::Mermaid(&self.drawing()).to_string()
    }

    /// In DOT, for `dot -Tsvg` of Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        dot::Dot(&self.drawing()).to_string()
    }

    /// As a Markdown table, one row per step.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::Markdown(self).to_string()
    }

    fn drawing(&self) -> drawing::Drawing {
        let run = match &self.about {
            About::Definition { .. } => None,
            About::Run(run) => Some(run),
        };
        layout::draw(&self.flow, run)
    }
}
