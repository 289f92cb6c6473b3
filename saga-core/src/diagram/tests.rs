//! Diagrams of nested sagas that are built by hand.

use super::model::{DrawnRun, Due, Flow, Node, UndoNode, UndoWent, Went};
use super::{About, Diagram};
use crate::outcome::{End, Outcome, Undo};
use crate::report::StepKind;

fn node(number: &str, name: &str, kind: StepKind) -> Node {
    Node {
        number: number.to_owned(),
        name: name.to_owned(),
        kind,
        group: None,
        only_if: None,
        takes: Vec::new(),
        policy: Vec::new(),
        reason: None,
        undo: None,
        inner: None,
        went: None,
    }
}

fn undone_by(method: &str, node: Node) -> Node {
    let undo = UndoNode {
        method: method.to_owned(),
        due: Due::AfterCompletion,
        policy: Vec::new(),
        went: None,
    };
    Node {
        undo: Some(undo),
        ..node
    }
}

fn runs(saga: &str, nodes: Vec<Node>, node: Node) -> Node {
    let inner = Flow {
        saga: saga.to_owned(),
        nodes,
    };
    Node {
        inner: Some(inner),
        ..node
    }
}

/// A step that runs a saga, the last step of which runs a third saga.
fn nested() -> Flow {
    use StepKind::{Compensatable, Last, Pivot, ReadOnly};
    let legs = vec![
        undone_by("cancel_train", node("2.2.1", "book_train", Compensatable)),
        undone_by("cancel_bus", node("2.2.2", "book_bus", Compensatable)),
    ];
    let trip = vec![
        undone_by("cancel_room", node("2.1", "book_room", Compensatable)),
        runs("legs", legs, node("2.2", "travel", Compensatable)),
    ];
    Flow {
        saga: "fair".to_owned(),
        nodes: vec![
            undone_by("give_back", node("1", "rent_stand", Compensatable)),
            runs("trip", trip, node("2", "plan_trip", Compensatable)),
            node("3", "check", ReadOnly),
            runs(
                "payment",
                vec![
                    undone_by("release", node("4.1", "hold", Compensatable)),
                    node("4.2", "capture", Last),
                ],
                node("4", "pay", Pivot),
            ),
        ],
    }
}

fn definition(flow: Flow) -> Diagram {
    let about = About::Definition { deadline: None };
    Diagram { flow, about }
}

/// The edges of a Mermaid diagram with this arrow.
fn edges<'a>(mermaid: &'a str, arrow: &str) -> Vec<(&'a str, &'a str)> {
    let arrow = format!(" {arrow} ");
    let lines = mermaid.lines().map(str::trim);
    lines.filter_map(|line| line.split_once(&*arrow)).collect()
}

#[test]
fn a_saga_in_a_step_is_drawn_in_it_and_what_comes_next_follows_its_end() {
    let mermaid = definition(nested()).mermaid();
    assert_eq!(
        edges(&mermaid, "-->"),
        [
            ("begin", "s1"),
            ("s1", "s2"),
            ("s2", "s2_1"),
            ("s2_1", "s2_2"),
            ("s2_2", "s2_2_1"),
            ("s2_2_1", "s2_2_2"),
            ("s2_2_2", "s3"),
            ("s3", "s4"),
            ("s4", "s4_1"),
            ("s4_1", "s4_2"),
        ]
    );
    assert_eq!(
        edges(&mermaid, "==>"),
        [("s4_2", "s4_line"), ("s4_line", "completed_end")]
    );
    let frames = mermaid.lines().filter(|line| line.contains("subgraph"));
    assert_eq!(
        frames.collect::<Vec<_>>(),
        [
            "    subgraph s2_saga[\"plan_trip runs saga trip\"]",
            "        subgraph s2_2_saga[\"travel runs saga legs\"]",
            "    subgraph s4_saga[\"pay runs saga payment\"]",
        ]
    );
}

#[test]
fn a_saga_in_a_step_is_undone_step_by_step_in_place_of_the_step() {
    let mermaid = definition(nested()).mermaid();
    assert_eq!(
        edges(&mermaid, "-.->"),
        [
            ("s4_1_undo", "s2_2_2_undo"),
            ("s2_2_2_undo", "s2_2_1_undo"),
            ("s2_2_1_undo", "s2_1_undo"),
            ("s2_1_undo", "s1_undo"),
            ("s1_undo", "begin"),
        ]
    );
}

#[test]
fn a_table_has_the_steps_of_a_saga_in_a_step_below_it_and_further_to_the_right() {
    let markdown = definition(nested()).markdown();
    let rows: Vec<_> = markdown.lines().skip(4).collect();
    assert_eq!(
        rows,
        [
            "| 1 | `rent_stand` | can be undone | | | | 1 attempt | `give_back` |",
            "| 2 | `plan_trip` runs saga `trip` | can be undone | | | | 1 attempt | its own steps |",
            "| 2.1 | &emsp;`book_room` | can be undone | | | | 1 attempt | `cancel_room` |",
            "| 2.2 | &emsp;`travel` runs saga `legs` | can be undone | | | | 1 attempt | its own steps |",
            "| 2.2.1 | &emsp;&emsp;`book_train` | can be undone | | | | 1 attempt | `cancel_train` |",
            "| 2.2.2 | &emsp;&emsp;`book_bus` | can be undone | | | | 1 attempt | `cancel_bus` |",
            "| 3 | `check` | read-only | | | | 1 attempt | |",
            "| 4 | `pay` runs saga `payment` | **pivot** | | | | 1 attempt | |",
            "| 4.1 | &emsp;`hold` | can be undone | | | | 1 attempt | `release` |",
            "| 4.2 | &emsp;`capture` | last step, never undone | | | | 1 attempt | |",
            "| | **point of no return** | | | | | | |",
        ]
    );
}

/// The outcome if `book_bus` failed.
fn without_a_bus(flow: &mut Flow) {
    for node in &mut flow.nodes {
        let outcome = match &*node.number {
            "2" | "2.2" | "2.2.2" => Outcome::Failed,
            number if number < "2.2.2" => Outcome::Completed,
            _ => Outcome::NotRun,
        };
        let error = (node.number == "2.2.2").then(|| "no bus goes there".to_owned());
        node.went = Some(Went {
            outcome,
            attempts: None,
            error,
            not_undone_because: None,
            undo_of_saga: None,
        });
        if let Some(undo) = &mut node.undo {
            let done = outcome == Outcome::Completed;
            undo.went = Some(UndoWent {
                undo: if done { Undo::Done } else { Undo::NotDue },
                in_doubt: false,
                attempts: None,
                error: None,
            });
        }
        if let Some(inner) = &mut node.inner {
            without_a_bus(inner);
        }
    }
}

#[test]
fn the_step_that_gave_up_in_a_saga_in_a_step_leads_to_what_was_undone_first() {
    let mut flow = nested();
    without_a_bus(&mut flow);
    let run = DrawnRun {
        id: "7".to_owned(),
        end: End::Compensated,
        ended_from_outside: None,
        gave_up: Some("2.2.2".to_owned()),
    };
    let about = About::Run(run);
    let mermaid = Diagram { flow, about }.mermaid();
    assert!(
        mermaid.contains("\n    s2_2_2 -->|\"gave up\"| s2_2_1_undo\n"),
        "{mermaid}"
    );
    assert!(
        mermaid.contains("s2_2_2[\"2.2.2 book_bus<br/>✗ failed<br/>no bus goes there\"]:::failed"),
        "{mermaid}"
    );
}
