//! Writes a drawing as a Mermaid flowchart.
//!
//! Uses only syntax that Mermaid has had for years, so that older renderers can draw it: no newer shapes or arrows.

use core::fmt::{self, Write};
use std::collections::BTreeSet;

use crate::diagram::drawing::{COMPLETED, Cluster, Drawing, Edge, Form, Item, Line, Shape};
use crate::diagram::look::Look;
use crate::util::foreign;

/// Writes without a line break at the end.
pub(super) struct Mermaid<'a>(pub(super) &'a Drawing);

impl fmt::Display for Mermaid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut looks = BTreeSet::new();
        f.write_str("flowchart TD")?;
        for item in &self.0.items {
            write_item(f, item, 1, &mut looks)?;
        }
        // Edges have no names: `linkStyle` refers to an edge by the number of edges before it.
        let mut count = 0;
        let mut causes = Vec::new();
        for edge in &self.0.edges {
            if matches!(edge.line, Line::Back | Line::BackBeside) && !edge.to_begin() {
                // Mermaid places the head of an edge below its tail. This invisible edge in the other direction makes
                // the chain of compensations lead up, so that each one is beside its step.
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
            // Transparent, so that it fits the background of any page.
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

/// The number of columns of the legend, which is below the flow.
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

/// A zero-width space. Mermaid reads `\n` as a line break, `fa:fa-car` as an icon and text between two `$$` as a
/// formula, even if the characters are written as numeric entities.
const NOTHING: &str = "#8203;";

/// A text within a quoted label.
///
/// Mermaid reads labels as Markdown and HTML, and has escapes of its own. A character that could have a meaning in any
/// of these is written as a numeric entity.
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

/// Whether a character between these two has no special meaning.
fn is_plain(before: Option<char>, c: char, after: Option<char>) -> bool {
    let within = |is: fn(char) -> bool| before.is_some_and(is) && after.is_some_and(is);
    match c {
        // Emphasis and lists begin and end only at the edge of a word.
        '_' | '-' => within(char::is_alphanumeric),
        // `1. a` would begin a list, `www.` and `http:` a link.
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
