//! Writes a drawing in DOT, the language of Graphviz.

use core::fmt::{self, Write};
use std::collections::BTreeSet;

use crate::diagram::drawing::{Cluster, Drawing, Edge, Form, Item, Line, Shape};
use crate::diagram::look::Look;
use crate::util::foreign;

/// Writes without a line break at the end.
pub(super) struct Dot<'a>(pub(super) &'a Drawing);

const FONT: &str = "fontname=\"Helvetica,Arial,sans-serif\"";

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "digraph saga {{")?;
        writeln!(
            f,
            "    graph [rankdir=TB, nodesep=0.4, {FONT}, fontsize=12];"
        )?;
        writeln!(f, "    node [style=filled, {FONT}, fontsize=11];")?;
        writeln!(f, "    edge [color=\"#333333\", {FONT}, fontsize=10];")?;
        for item in &self.0.items {
            write_item(f, item, 1)?;
        }
        for edge in &self.0.edges {
            write_edge(f, edge)?;
        }
        write_legend(f, &self.0.legend)?;
        f.write_char('}')
    }
}

fn write_item(f: &mut fmt::Formatter<'_>, item: &Item, depth: usize) -> fmt::Result {
    write!(f, "{:1$}", "", depth * 4)?;
    match item {
        Item::Node(shape) => write_shape(f, shape),
        Item::Cluster(Cluster { id, title, items }) => {
            let title = DotText(title);
            writeln!(f, "subgraph cluster_{id} {{")?;
            let within = depth * 4 + 4;
            writeln!(
                f,
                "{:within$}graph [label=\"{title}\", labeljust=r, style=rounded, color=\"#666666\"];",
                ""
            )?;
            for item in items {
                write_item(f, item, depth + 1)?;
            }
            writeln!(f, "{:1$}}}", "", depth * 4)
        }
        Item::Beside(left, right) => {
            writeln!(f, "subgraph {{ graph [rank=same]; {left}; {right}; }}")
        }
    }
}

fn write_shape(f: &mut fmt::Formatter<'_>, shape: &Shape) -> fmt::Result {
    let outline = match shape.form {
        Form::End | Form::Step | Form::Undo => "box",
        Form::Saga => "box, peripheries=2",
        Form::Pivot => "hexagon, margin=0",
        Form::PivotLine => "box, height=0.3, margin=\"0.4,0.05\"",
        Form::Condition => "diamond, margin=0",
        Form::Fork => "trapezium, height=0.3, margin=\"0,0.03\"",
        Form::Join => "invtrapezium, height=0.3, margin=\"0,0.03\"",
        Form::Note => "note",
    };
    let is_rounded = matches!(shape.form, Form::End | Form::Undo);
    let rounded = if is_rounded { ",rounded" } else { "" };
    write!(f, "{} [label=\"{}\"", shape.id, LabelLines(&shape.lines))?;
    writeln!(f, ", shape={outline}, {}];", Painted(shape.look, rounded))
}

/// The attributes of a look. The attribute that sets the style also rounds the corners.
struct Painted(Look, &'static str);

impl fmt::Display for Painted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(look, rounded) = self;
        let paint = look.paint();
        let dashed = if paint.dashed { ",dashed" } else { "" };
        write!(
            f,
            "style=\"filled{rounded}{dashed}\", fillcolor=\"{}\", color=\"{}\", penwidth={}, fontcolor=\"{}\"",
            paint.fill, paint.line, paint.width, paint.text
        )
    }
}

fn write_edge(f: &mut fmt::Formatter<'_>, edge: &Edge) -> fmt::Result {
    let Edge { from, to, .. } = edge;
    // The chain of compensations leads up, while Graphviz places the head of an edge below its tail. So the ends are
    // swapped, and `dir=back` draws the arrow head at the tail.
    let (from, to, attributes) = match edge.line {
        Line::Forward => (from, to, "weight=10"),
        Line::ForwardOnly => (from, to, "weight=10, penwidth=3"),
        Line::Undoes => (from, to, "style=dashed, dir=none"),
        Line::Back => (to, from, "style=dashed, dir=back"),
        Line::BackBeside => (to, from, "style=dashed, dir=back, constraint=false"),
        Line::Cause => (from, to, "color=\"#b3261e\", penwidth=3, constraint=false"),
        Line::Above => (from, to, "style=invis"),
    };
    write!(f, "    {from} -> {to} [{attributes}")?;
    if let Some(label) = edge.label {
        write!(f, ", label=\" {} \"", DotText(label))?;
    }
    writeln!(f, "];")
}

/// Writes the entries of the legend one below the other.
fn write_legend(f: &mut fmt::Formatter<'_>, looks: &BTreeSet<Look>) -> fmt::Result {
    let entries = looks
        .iter()
        .filter_map(|look| Some((*look, look.paint().legend?)));
    let entries: Vec<_> = (1..).zip(entries).collect();
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(f, "    subgraph cluster_legend {{")?;
    writeln!(
        f,
        "        graph [label=\"legend\", labeljust=l, style=solid, color=\"#999999\"];"
    )?;
    for (number, (look, text)) in &entries {
        let painted = Painted(*look, "");
        writeln!(
            f,
            "        k{number} [label=\"{}\", shape=box, {painted}];",
            DotText(text)
        )?;
    }
    writeln!(f, "    }}")?;
    for number in 1..entries.len() {
        writeln!(f, "    k{number} -> k{} [style=invis];", number + 1)?;
    }
    Ok(())
}

/// The lines of a label.
struct LabelLines<'a>(&'a [String]);

impl fmt::Display for LabelLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.0.iter().enumerate() {
            let new_line = if index == 0 { "" } else { "\\n" };
            write!(f, "{new_line}{}", DotText(line))?;
        }
        Ok(())
    }
}

/// A text within a quoted label, in which Graphviz reads escapes and HTML entities.
struct DotText<'a>(&'a str);

impl fmt::Display for DotText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in foreign::Line(self.0).to_string().chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '&' => f.write_str("&amp;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
