//! Writes the model of a diagram as a Markdown table, one row per step.

use core::fmt::{self, Write};

use crate::diagram::model::{Flow, Node, UndoNode, Went};
use crate::diagram::{About, Diagram, words};
use crate::outcome::{End, Outcome};
use crate::report::StepKind;
use crate::util::foreign::{Line, is_hidden};

/// Writes without a line break at the end.
pub(super) struct Markdown<'a>(pub(super) &'a Diagram);

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagram { flow, about } = self.0;
        write!(f, "Saga {}", Code(&flow.saga))?;
        let columns = match about {
            About::Definition { deadline } => {
                if let Some(deadline) = deadline {
                    write!(f, ", deadline {deadline:?}")?;
                }
                "| # | step | kind | group | only if | takes | policy | undone by |"
            }
            About::Run(run) => {
                let end = match run.end {
                    End::Compensated => "compensated",
                    End::Stuck => "stuck",
                };
                write!(f, ", run {}: **{end}**", Code(&run.id))?;
                if let Some(why) = &run.ended_from_outside {
                    write!(f, ", ended from outside: {}", MarkdownText(why))?;
                }
                "| # | step | kind | group | only if | what happened | undone by | what became of the undo |"
            }
        };
        let count = columns.matches('|').count() - 1;
        write!(f, "\n\n{columns}\n|{}", "---|".repeat(count))?;
        write_flow(f, flow, count, 0)
    }
}

fn write_flow(
    f: &mut fmt::Formatter<'_>,
    flow: &Flow,
    columns: usize,
    depth: usize,
) -> fmt::Result {
    for node in &flow.nodes {
        write_node(f, node, depth)?;
        if let Some(inner) = &node.inner {
            write_flow(f, inner, columns, depth + 1)?;
        }
        if node.kind == StepKind::Pivot {
            let indent = Indent(depth);
            let rest = " |".repeat(columns.saturating_sub(2));
            write!(f, "\n| | {indent}**point of no return** |{rest}")?;
        }
    }
    Ok(())
}

fn write_node(f: &mut fmt::Formatter<'_>, node: &Node, depth: usize) -> fmt::Result {
    let Node { number, name, .. } = node;
    write!(f, "\n| {number} | {}{}", Indent(depth), Code(name))?;
    if let Some(inner) = &node.inner {
        write!(f, " runs saga {}", Code(&inner.saga))?;
    }
    write!(f, " | {} |", NodeKind(node))?;
    for name in [&node.group, &node.only_if] {
        match name {
            Some(name) => write!(f, " {} |", Code(name))?,
            None => f.write_str(" |")?,
        }
    }
    match &node.went {
        None => {
            for (index, name) in node.takes.iter().enumerate() {
                let comma = if index == 0 { " " } else { ", " };
                write!(f, "{comma}{}", Code(name))?;
            }
            f.write_str(" |")?;
            match &*node.policy {
                [] => f.write_str(" 1 attempt |")?,
                parts => write!(f, " {} |", MarkdownText(&parts.join(", ")))?,
            }
        }
        Some(went) => write!(f, " {} |", Happened(node, went))?,
    }
    if let Some(undo) = &node.undo {
        write_undo(f, undo)
    } else {
        let undone = node.inner.is_some() && node.kind == StepKind::Compensatable;
        f.write_str(if undone { " its own steps |" } else { " |" })?;
        let Some(went) = &node.went else {
            return Ok(());
        };
        match (&went.not_undone_because, went.undo_of_saga) {
            (Some(why), _) => write!(f, " not undone: {} |", MarkdownText(why)),
            (None, Some(undo)) if undone => write!(f, " {} |", words::saga_undo(undo)),
            (None, _) => f.write_str(" |"),
        }
    }
}

fn write_undo(f: &mut fmt::Formatter<'_>, undo: &UndoNode) -> fmt::Result {
    write!(f, " {}", Code(&undo.method))?;
    if let Some(due) = words::due(undo) {
        write!(f, ", {due}")?;
    }
    if !undo.policy.is_empty() {
        write!(f, ": {}", MarkdownText(&undo.policy.join(", ")))?;
    }
    f.write_str(" |")?;
    match &undo.went {
        None => Ok(()),
        Some(went) => write!(f, " {} |", MarkdownText(&words::undo_went(went).join(": "))),
    }
}

/// Indents the steps of a nested saga.
struct Indent(usize);

impl fmt::Display for Indent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.0).try_for_each(|_| f.write_str("&emsp;"))
    }
}

struct NodeKind<'a>(&'a Node);

impl fmt::Display for NodeKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind {
            StepKind::Compensatable => f.write_str("can be undone"),
            StepKind::Pivot => f.write_str("**pivot**"),
            _ => match words::kind(self.0) {
                Some(kind) => MarkdownText(&kind).fmt(f),
                None => Ok(()),
            },
        }
    }
}

/// The outcome of a step.
struct Happened<'a>(&'a Node, &'a Went);

impl fmt::Display for Happened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(node, went) = *self;
        let text = words::step_went(node, went).join(": ");
        match went.outcome {
            Outcome::Failed | Outcome::InDoubt => write!(f, "**{}**", MarkdownText(&text)),
            _ => MarkdownText(&text).fmt(f),
        }
    }
}

/// A name: in code quotes if it is plain, otherwise as escaped text.
struct Code<'a>(&'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| {
            !is_hidden(c) && c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':')
        };
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            write!(f, "`{}`", self.0)
        } else {
            MarkdownText(self.0).fmt(f)
        }
    }
}

/// A text in a cell of a table, in one line.
struct MarkdownText<'a>(&'a str);

impl fmt::Display for MarkdownText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Line(self.0.trim()).to_string();
        let mut before = None;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            let within_a_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            match c {
                // A table is split into cells before `\` escapes are read.
                '|' => f.write_str("&#124;")?,
                '<' => f.write_str("&lt;")?,
                '&' => f.write_str("&amp;")?,
                '_' if within_a_word(before) && within_a_word(rest.peek().copied()) => {
                    f.write_char(c)?;
                }
                // `http://` and `www.` would begin a link, in which escapes are not read.
                ':' if rest.peek() == Some(&'/') => f.write_str("\\:")?,
                '.' if before == Some('w') => f.write_str("\\.")?,
                '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' | '#' | '>' | '@' => {
                    write!(f, "\\{c}")?;
                }
                c => f.write_char(c)?,
            }
            before = Some(c);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code_and_nothing_else_means_anything_to_markdown() {
        assert_eq!(Code("charge_card").to_string(), "`charge_card`");
        assert_eq!(Code("a`b").to_string(), "a\\`b");
        let text = |text| MarkdownText(text).to_string();
        assert_eq!(text("a_b _c_ *d*"), "a_b \\_c\\_ \\*d\\*");
        assert_eq!(
            text("<b> | a\\|b & [x](y)"),
            "&lt;b\\> &#124; a\\\\&#124;b &amp; \\[x\\](y)"
        );
        assert_eq!(text("http://a www.a"), "http\\://a www\\.a");
        assert_eq!(text("one\n\u{202e}two\n"), "one\\\\n\\\\u{202e}two");
        assert_eq!(Code("a\u{3164}b").to_string(), "a\\\\u{3164}b");
    }
}
