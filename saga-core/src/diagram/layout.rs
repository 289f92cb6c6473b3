//! Lays out the model of a diagram as nodes and edges.
//!
//! The flow goes down from the beginning to the completed saga. Beside each step is its compensation, and a chain leads
//! from one compensation to the next, back up to the beginning.

use core::mem;
use std::collections::BTreeSet;

use crate::diagram::drawing::{
    BEGIN, COMPLETED, Cluster, Drawing, Edge, Form, Item, Line, OUTSIDE, Shape,
};
use crate::diagram::look::Look;
use crate::diagram::model::{DrawnRun, Flow, Node, UndoNode, UndoWent};
use crate::diagram::words::{self, short};
use crate::outcome::End;
use crate::report::StepKind;

/// Draws a saga and, if there is one, the outcome of a run.
pub(super) fn draw(flow: &Flow, run: Option<&DrawnRun>) -> Drawing {
    let mut pen = Pen::default();
    let mut items = vec![Item::Node(begin(flow, run))];
    let begin = Open::of(BEGIN);
    let ends = pen.flow(flow, &mut items, vec![begin]);
    let completed = completed(run);
    if run.is_some() {
        pen.happened(completed.look);
    }
    items.push(Item::Node(completed));
    pen.connect(&ends, COMPLETED);
    pen.chain(flow);
    // After the chain: if edges form a circle, the first ones decide which node is above which.
    for (upper, lower) in mem::take(&mut pen.above) {
        pen.edge(&upper, &lower, Line::Above, None);
    }
    if let Some(run) = run {
        pen.cause(flow, run, &mut items);
    }
    Drawing {
        items,
        edges: pen.edges,
        legend: pen.legend,
    }
}

fn begin(flow: &Flow, run: Option<&DrawnRun>) -> Shape {
    let mut lines = vec![format!("saga {}", flow.saga)];
    if let Some(run) = run {
        lines.push(format!("run {}", run.id));
        lines.push(match run.end {
            End::Compensated => "ended compensated".to_owned(),
            End::Stuck => "ended stuck: an operator must act".to_owned(),
        });
    }
    Shape::new(BEGIN, Form::End, Look::Plain, &lines)
}

fn completed(run: Option<&DrawnRun>) -> Shape {
    let mut lines = vec!["completed".to_owned()];
    let mut look = Look::Plain;
    if run.is_some() {
        // There are only reports of runs that did not complete.
        lines.push("– not reached".to_owned());
        look = Look::NotRun;
    }
    Shape::new(COMPLETED, Form::End, look, &lines)
}

/// The tail of an edge whose head is not known yet.
struct Open {
    from: String,
    label: Option<&'static str>,
}

impl Open {
    fn of(from: &str) -> Self {
        let from = from.to_owned();
        Self { from, label: None }
    }

    fn labelled(from: &str, label: &'static str) -> Self {
        let label = Some(label);
        Self {
            label,
            ..Self::of(from)
        }
    }
}

#[derive(Default)]
struct Pen {
    edges: Vec<Edge>,
    legend: BTreeSet<Look>,
    /// Pairs of nodes, of which the first is to be above the second.
    above: Vec<(String, String)>,
    /// Whether what is drawn next comes after a pivot.
    past_the_pivot: bool,
}

impl Pen {
    fn edge(&mut self, from: &str, to: &str, line: Line, label: Option<&'static str>) {
        self.edges.push(Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            line,
            label,
        });
    }

    fn connect(&mut self, open: &[Open], to: &str) {
        let line = if self.past_the_pivot {
            Line::ForwardOnly
        } else {
            Line::Forward
        };
        for Open { from, label } in open {
            self.edge(from, to, line, *label);
        }
    }

    /// Adds the look of an outcome to the legend, and returns it.
    fn happened(&mut self, look: Look) -> Look {
        self.legend.insert(look);
        look
    }

    /// Draws all stages. Returns the edges that lead to whatever comes next.
    fn flow(&mut self, flow: &Flow, items: &mut Vec<Item>, mut open: Vec<Open>) -> Vec<Open> {
        for stage in flow.stages() {
            open = match stage {
                [node] if node.group.is_none() => self.step(node, items, &open, true),
                members => self.group(members, items, &open),
            };
        }
        open
    }

    fn group(&mut self, members: &[Node], items: &mut Vec<Item>, open: &[Open]) -> Vec<Open> {
        let Some(first) = members.first() else {
            return Vec::new();
        };
        let id = id_of(&first.number);
        let (fork, join) = (format!("{id}_fork"), format!("{id}_join"));
        self.connect(open, &fork);
        let lines = |text: &str| vec![text.to_owned()];
        let shape = Shape::new(&fork, Form::Fork, Look::Plain, &lines("all at once"));
        let mut inside = vec![Item::Node(shape)];
        let mut ends = Vec::new();
        for member in members {
            ends.extend(self.step(member, &mut inside, &[Open::of(&fork)], false));
        }
        let shape = Shape::new(&join, Form::Join, Look::Plain, &lines("all have ended"));
        inside.push(Item::Node(shape));
        self.connect(&ends, &join);
        for undone in members.iter().filter(|member| member.undo.is_some()) {
            self.above.push((undo_id(undone), join.clone()));
        }
        let name = first.group.as_deref().unwrap_or_default();
        items.push(Item::Cluster(Cluster {
            id: format!("{id}_group"),
            title: short(&format!("parallel {name}")),
            items: inside,
        }));
        vec![Open::of(&join)]
    }

    fn step(
        &mut self,
        node: &Node,
        items: &mut Vec<Item>,
        open: &[Open],
        beside: bool,
    ) -> Vec<Open> {
        let id = id_of(&node.number);
        let mut ends = Vec::new();
        if let Some(method) = &node.only_if {
            let condition = format!("{id}_if");
            let lines = vec![format!("{method}?")];
            let shape = Shape::new(&condition, Form::Condition, Look::Plain, &lines);
            items.push(Item::Node(shape));
            self.connect(open, &condition);
            self.connect(&[Open::labelled(&condition, "yes")], &id);
            ends.push(Open::labelled(&condition, "no"));
        } else {
            self.connect(open, &id);
        }

        let shape = self.step_shape(node, &id);
        match &node.inner {
            None => {
                items.push(Item::Node(shape));
                self.undo(node, &id, items, beside);
                ends.insert(0, Open::of(&id));
            }
            Some(inner) => {
                let mut inside = vec![Item::Node(shape)];
                self.undo(node, &id, &mut inside, beside);
                let inner_ends = self.flow(inner, &mut inside, vec![Open::of(&id)]);
                items.push(Item::Cluster(Cluster {
                    id: format!("{id}_saga"),
                    title: short(&format!("{} runs saga {}", node.name, inner.saga)),
                    items: inside,
                }));
                ends.splice(0..0, inner_ends);
            }
        }
        if node.kind == StepKind::Pivot {
            let line = format!("{id}_line");
            self.past_the_pivot = true;
            self.connect(&ends, &line);
            let text = "point of no return: below it the saga only goes forward";
            let shape = Shape::new(&line, Form::PivotLine, Look::PivotLine, &[text.to_owned()]);
            items.push(Item::Node(shape));
            ends = vec![Open::of(&line)];
        }
        ends
    }

    fn step_shape(&mut self, node: &Node, id: &str) -> Shape {
        let form = match (&node.inner, node.kind) {
            (_, StepKind::Pivot) => Form::Pivot,
            (Some(_), _) => Form::Saga,
            (None, _) => Form::Step,
        };
        let mut lines = vec![format!("{} {}", node.number, node.name)];
        lines.extend(words::kind(node));
        if !node.policy.is_empty() {
            lines.push(node.policy.join(", "));
        }
        let look = match &node.went {
            None => Look::of_kind(node.kind),
            Some(went) => {
                lines.extend(words::step_went(node, went));
                self.happened(Look::of_outcome(went.outcome))
            }
        };
        Shape::new(id, form, look, &lines)
    }

    fn undo(&mut self, node: &Node, id: &str, items: &mut Vec<Item>, beside: bool) {
        let Some(undo) = &node.undo else {
            return;
        };
        let undo_id = undo_id(node);
        let shape = self.undo_shape(node, undo, &undo_id);
        items.push(Item::Node(shape));
        if beside {
            items.push(Item::Beside(id.to_owned(), undo_id.clone()));
        }
        self.edge(id, &undo_id, Line::Undoes, words::due(undo));
    }

    fn undo_shape(&mut self, node: &Node, undo: &UndoNode, id: &str) -> Shape {
        let mut lines = vec![undo.method.clone(), format!("undoes {}", node.number)];
        if !undo.policy.is_empty() {
            lines.push(undo.policy.join(", "));
        }
        let look = match &undo.went {
            None => Look::Undo,
            Some(went) => {
                lines.extend(words::undo_went(went));
                self.happened(Look::of_undo(went))
            }
        };
        Shape::new(id, Form::Undo, look, &lines)
    }

    /// Draws the edges from each compensation to the next, and from the last one back to the beginning.
    fn chain(&mut self, flow: &Flow) {
        let nodes: Vec<_> = flow.backwards().into_iter().map(|(node, _)| node).collect();
        for (from, to) in nodes.iter().zip(nodes.iter().skip(1)) {
            let line = if from.group.is_some() && from.group == to.group {
                Line::BackBeside
            } else {
                Line::Back
            };
            self.edge(&undo_id(from), &undo_id(to), line, None);
        }
        if let Some(last) = nodes.last() {
            self.edge(&undo_id(last), BEGIN, Line::Back, None);
        }
    }

    /// Draws the edge from the failure to the first compensation that ran.
    fn cause(&mut self, flow: &Flow, run: &DrawnRun, items: &mut Vec<Item>) {
        if let Some(why) = &run.ended_from_outside {
            let lines = vec!["ended from outside".to_owned(), format!("✗ {why}")];
            let shape = Shape::new(OUTSIDE, Form::Note, Look::Failed, &lines);
            items.push(Item::Node(shape));
        }
        let first = flow.backwards().into_iter().find(|(_, undo)| {
            let went = undo.went.as_ref();
            went.is_some_and(UndoWent::was_run)
        });
        let to = first.map_or(BEGIN.to_owned(), |(node, _)| undo_id(node));
        match &run.gave_up {
            _ if run.ended_from_outside.is_some() => {
                self.edge(OUTSIDE, &to, Line::Cause, None);
            }
            Some(number) if to != BEGIN && flow.has(number) => {
                self.edge(&id_of(number), &to, Line::Cause, Some("gave up"));
            }
            _ => {}
        }
    }
}

/// The id of a step in the syntax of a diagram. It is made of the step's number, because a name may contain anything.
fn id_of(number: &str) -> String {
    format!("s{}", number.replace('.', "_"))
}

fn undo_id(node: &Node) -> String {
    format!("{}_undo", id_of(&node.number))
}
