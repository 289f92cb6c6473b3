//! A drawing as a Mermaid flowchart.
//!
//! Only what Mermaid has had for years is used, for whoever renders it: no shapes and no arrows of newer
//! versions.

use core::fmt::{self, Write};
use std::collections::BTreeSet;

use crate::diagram::drawing::{COMPLETED, Cluster, Drawing, Edge, Form, Item, Line, Shape};
use crate::diagram::look::Look;
use crate::util::foreign;

/// Written without a line break at its end.
pub(super) struct Mermaid<'a>(pub(super) &'a Drawing);

impl fmt::Display for Mermaid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut looks = BTreeSet::new();
        f.write_str("flowchart TD")?;
        for item in &self.0.items {
            write_item(f, item, 1, &mut looks)?;
        }
        // Edges have no names: what styles one knows how many stand before it.
        let mut count = 0;
        let mut causes = Vec::new();
        for edge in &self.0.edges {
            if matches!(edge.line, Line::Back | Line::BackBeside) && !edge.to_begin() {
                // Mermaid lets an edge lead down where it can. This one, which is not seen, has the chain
                // of compensations lead up, so that each stands beside its step.
                write!(f, "\n    {} ~~~ {}", edge.to, edge.from)?;
                count += 1;
            }
            if edge.line == Line::Cause {
                causes.push(count);
            }
            write_edge(f, edge)?;
            count += 1;
        }
        for cause in causes {
            write!(f, "\n    linkStyle {cause} stroke:#b3261e,stroke-width:3px")?;
        }
        write_legend(f, &self.0.legend)?;
        looks.extend(&self.0.legend);
        for look in looks {
            write_class(f, look)?;
        }
        Ok(())
    }
}

fn write_item(
    f: &mut fmt::Formatter<'_>,
    item: &Item,
    depth: usize,
    looks: &mut BTreeSet<Look>,
) -> fmt::Result {
    match item {
        Item::Node(shape) => {
            looks.insert(shape.look);
            write!(f, "\n{:1$}", "", depth * 4)?;
            write_shape(f, shape)
        }
        Item::Cluster(Cluster { id, title, items }) => {
            let title = MermaidText(title);
            write!(f, "\n{:1$}subgraph {id}[\"{title}\"]", "", depth * 4)?;
            for item in items {
                write_item(f, item, depth + 1, looks)?;
            }
            write!(f, "\n{:1$}end", "", depth * 4)?;
            // Whatever the page behind it is.
            write!(
                f,
                "\n{:1$}style {id} fill:none,stroke:#888888",
                "",
                depth * 4
            )
        }
        Item::Beside(..) => Ok(()),
    }
}

fn write_shape(f: &mut fmt::Formatter<'_>, shape: &Shape) -> fmt::Result {
    let (open, close) = match shape.form {
        Form::End => ("([", "])"),
        Form::Step | Form::PivotLine => ("[", "]"),
        Form::Saga => ("[[", "]]"),
        Form::Pivot => ("{{", "}}"),
        Form::Undo => ("(", ")"),
        Form::Condition => ("{", "}"),
        Form::Fork => ("[/", "\\]"),
        Form::Join => ("[\\", "/]"),
        Form::Note => (">", "]"),
    };
    write!(f, "{}{open}\"", shape.id)?;
    for (index, line) in shape.lines.iter().enumerate() {
        let new_line = if index == 0 { "" } else { "<br/>" };
        write!(f, "{new_line}{}", MermaidText(line))?;
    }
    write!(f, "\"{close}:::{}", shape.look.paint().class)
}

fn write_edge(f: &mut fmt::Formatter<'_>, edge: &Edge) -> fmt::Result {
    let arrow = match edge.line {
        Line::Forward | Line::Cause => "-->",
        Line::ForwardOnly => "==>",
        Line::Undoes => "-.-",
        Line::Back | Line::BackBeside => "-.->",
        Line::Above => "~~~",
    };
    write!(f, "\n    {} {arrow}", edge.from)?;
    if let Some(label) = edge.label {
        write!(f, "|\"{}\"|", MermaidText(label))?;
    }
    write!(f, " {}", edge.to)
}

/// Below the flow, its entries in this many columns.
const COLUMNS: usize = 3;

fn write_legend(f: &mut fmt::Formatter<'_>, looks: &BTreeSet<Look>) -> fmt::Result {
    let paints = looks.iter().map(|look| look.paint());
    let entries: Vec<_> = (1..)
        .zip(paints.filter_map(|paint| Some((paint.class, paint.legend?))))
        .collect();
    if entries.is_empty() {
        return Ok(());
    }
    f.write_str("\n    subgraph legend[\"legend\"]")?;
    for (number, (class, text)) in &entries {
        write!(
            f,
            "\n        k{number}[\"{}\"]:::{class}",
            MermaidText(text)
        )?;
    }
    f.write_str("\n    end\n    style legend fill:none,stroke:#888888")?;
    for (number, _) in &entries {
        match number {
            1..=COLUMNS => write!(f, "\n    {COMPLETED} ~~~ k{number}")?,
            _ => write!(f, "\n    k{} ~~~ k{number}", number - COLUMNS)?,
        }
    }
    Ok(())
}

fn write_class(f: &mut fmt::Formatter<'_>, look: Look) -> fmt::Result {
    let paint = look.paint();
    write!(
        f,
        "\n    classDef {} fill:{},stroke:{},stroke-width:{}px,color:{}",
        paint.class, paint.fill, paint.line, paint.width, paint.text
    )?;
    if paint.dashed {
        f.write_str(",stroke-dasharray:4 3")?;
    }
    Ok(())
}

/// A space without a width. Mermaid takes `\n` for a new line, `fa:fa-car` for a picture and what is between two
/// `$$` for a formula, even where they are written as numbers.
const NOTHING: &str = "#8203;";

/// A text within a quoted label.
///
/// Mermaid takes labels for Markdown and for HTML, and has escapes of its own. What is no letter, and could
/// mean anything in one of these, is written as the number of its character.
struct MermaidText<'a>(&'a str);

impl fmt::Display for MermaidText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = None;
        let text = foreign::Line(self.0).to_string();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if is_plain(before, c, rest.peek().copied()) {
                f.write_char(c)?;
            } else {
                write!(f, "#{};", u32::from(c))?;
            }
            if matches!(
                (c, rest.peek()),
                ('\\', Some('n')) | (':', Some('f')) | ('$', Some('$'))
            ) {
                f.write_str(NOTHING)?;
            }
            before = Some(c);
        }
        Ok(())
    }
}

/// Whether a character stands for itself, between these two.
fn is_plain(before: Option<char>, c: char, after: Option<char>) -> bool {
    let within = |is: fn(char) -> bool| before.is_some_and(is) && after.is_some_and(is);
    match c {
        // Markdown sees an emphasis, or a list, only at the edge of a word.
        '_' | '-' => within(char::is_alphanumeric),
        // `1. a` would be a list, `www.` and `http:` links.
        '.' => within(|c| c.is_ascii_digit()) || before == Some('.') || after == Some('.'),
        ':' => before.is_some_and(char::is_alphanumeric) && after == Some(' '),
        ' ' | ',' | '?' | '–' | '✓' | '✗' | '↶' | '↷' | '↻' | '…' => true,
        c => c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_policies_are_readable_and_nothing_means_anything_to_mermaid() {
        let text = |text| MermaidText(text).to_string();
        for plain in [
            "3.1 charge_card",
            "4 attempts, backoff 100ms..5s, timeout 3s",
            "cannot be undone: kein Zurück",
        ] {
            assert_eq!(text(plain), plain);
        }
        assert_eq!(text("1. a"), "1#46; a");
        assert_eq!(text("__a__"), "#95;#95;a#95;#95;");
        assert_eq!(text("\"<b>\\#35;"), "#34;#60;b#62;#92;#35;35#59;");
        assert_eq!(text("$$"), "#36;#8203;#36;");
        assert_eq!(text("\\n fa:fa-car"), "#92;#8203;n fa#58;#8203;fa-car");
        assert_eq!(text("http://a"), "http#58;#47;#47;a");
        assert_eq!(text("www.a.b"), "www#46;a#46;b");
    }
}
