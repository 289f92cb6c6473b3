//! Pictures of a saga, and of what became of a run: as Mermaid, as DOT for Graphviz, and as a table.
//!
//! There is one way: a definition or a report becomes a model of what is to be shown (`model`), the model
//! becomes nodes and edges (`layout`, `drawing`), and those are written in one syntax or the other. The table is written
//! from the model. Nothing here is known to a run.

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

/// A saga to be drawn, or what became of a run of it.
///
/// Got from [`Definition::diagram`] and [`Report::diagram`]. It owns what it shows. What the shapes, signs and
/// colours mean is said in `docs/diagrams.md`; nothing is said by colour alone.
///
/// Names and errors may be any text: none of it is taken for syntax, a line that is too long for a node is cut,
/// and of an error the first line is shown. What is marked as sensitive is in no diagram, since values are not;
/// the text of an error is shown as it is.
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
/// // The same picture, with what became of a run.
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

/// What is shown of a saga.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    Definition { deadline: Option<Duration> },
    Run(DrawnRun),
}

impl Definition {
    /// The saga as a picture.
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
    /// The same picture as that of the definition, with what became of each step and compensation.
    #[must_use]
    pub fn diagram(&self) -> Diagram {
        Diagram {
            flow: of_report::flow(self),
            about: About::Run(of_report::run(self)),
        }
    }
}

impl Diagram {
    /// As a Mermaid flowchart, which GitHub, GitLab and others draw where it stands in a block of that name.
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::Mermaid(&self.drawing()).to_string()
    }

    /// In DOT, for `dot -Tsvg` of Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        dot::Dot(&self.drawing()).to_string()
    }

    /// As a Markdown table, a row a step.
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
