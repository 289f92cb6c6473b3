//! Normalizes `Debug` text, so that maps and sets without an order have the same text.

/// The text with the entries of maps and sets sorted. Fields of structs and quoted text stay unchanged.
pub(super) fn canonical(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (items, after, close) = items_of(rest);
        out.push_str(&items.join(", "));
        // A closing bracket without an opening one is an ordinary character.
        out.extend(close);
        rest = after;
    }
    out
}

/// The items up to the closing bracket, the text after it, and the bracket.
fn items_of(text: &str) -> (Vec<String>, &str, Option<char>) {
    let (mut items, mut item) = (Vec::new(), String::new());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (_, after) = rest.split_at(letter.len_utf8());
        match letter {
            '"' | '\'' => {
                let (quoted, after) = rest.split_at(end_of_quoted(rest, letter));
                item.push_str(quoted);
                rest = after;
            }
            '{' | '[' | '(' => {
                let (mut inner, after, close) = items_of(after);
                // The bracket of a struct comes after its name.
                let before = item.trim_end();
                let is_struct = letter == '{' && !before.is_empty() && !before.ends_with(':');
                if letter == '{' && !is_struct {
                    inner.sort();
                }
                let pad = if is_struct && !inner.is_empty() {
                    " "
                } else {
                    ""
                };
                item.push(letter);
                item.push_str(pad);
                item.push_str(&inner.join(", "));
                item.push_str(pad);
                item.extend(close);
                rest = after;
            }
            '}' | ']' | ')' => {
                push(&mut items, &item);
                return (items, after, Some(letter));
            }
            ',' => {
                push(&mut items, &item);
                item.clear();
                rest = after;
            }
            _ => {
                item.push(letter);
                rest = after;
            }
        }
    }
    push(&mut items, &item);
    (items, "", None)
}

fn push(items: &mut Vec<String>, item: &str) {
    let item = item.trim();
    if !item.is_empty() {
        items.push(item.to_owned());
    }
}

/// The length of a quoted text; 1 if the quote opens no text, as in a lifetime.
fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            _ if letter == quote => return at + 1,
            _ => {}
        }
    }
    1
}

/// Splits the text into lines, one for each item, like `{:#?}`; but text in `( .. )` is not split.
pub(super) fn lines(canonical: &str) -> Vec<String> {
    let mut lines = Lines::default();
    let mut rest = canonical;
    while let Some(letter) = rest.chars().next() {
        let (_, mut after) = rest.split_at(letter.len_utf8());
        match letter {
            '"' | '\'' => {
                let quoted;
                (quoted, after) = rest.split_at(end_of_quoted(rest, letter));
                lines.line.push_str(quoted);
            }
            '{' | '[' if !after.starts_with(['}', ']']) => {
                lines.line.push(letter);
                lines.end();
                lines.open.push(letter);
            }
            '(' => {
                lines.line.push(letter);
                lines.open.push(letter);
            }
            '}' | ']' if !lines.line.ends_with(['{', '[']) => {
                if !lines.line.trim().is_empty() {
                    lines.line.truncate(lines.line.trim_end().len());
                    lines.line.push(',');
                }
                lines.end();
                lines.open.pop();
                lines.line.push(letter);
            }
            ')' => {
                lines.open.pop();
                lines.line.push(letter);
            }
            ',' => {
                lines.line.push(letter);
                if lines.open.last() != Some(&'(') {
                    lines.end();
                }
            }
            _ => lines.line.push(letter),
        }
        rest = after;
    }
    lines.end();
    lines.all
}

#[derive(Default)]
struct Lines {
    all: Vec<String>,
    line: String,
    /// The brackets around it.
    open: Vec<char>,
}

impl Lines {
    fn end(&mut self) {
        let line = self.line.trim();
        if !line.is_empty() {
            let depth = self.open.iter().filter(|bracket| **bracket != '(').count();
            self.all.push(format!("{}{line}", "    ".repeat(depth)));
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{canonical, lines};

    #[test]
    fn maps_and_sets_say_the_same_in_any_order_and_lists_do_not() {
        let same = |one, other| canonical(one) == canonical(other);
        assert!(same(
            r#"Bag { of: {"b": 2, "a": {1, 2}} }"#,
            r#"Bag { of: {"a": {2, 1}, "b": 2} }"#
        ));
        assert!(!same("[1, 2]", "[2, 1]"));
        assert!(!same("(1, 2)", "(2, 1)"));
        assert!(!same("{1, 1}", "{1}"));
        assert!(!same("Some(None)", "None"));
        // What is in quotes has no brackets.
        assert!(!same(r#""{a, b}""#, r#""{b, a}""#));
        assert!(!same(r"['{', ',']", r"[',', '{']"));
        assert!(same(r#"{"\"}", "b"}"#, r#"{"b", "\"}"}"#));
    }

    #[test]
    fn what_is_in_order_stays_as_it_is() {
        for text in [
            "Some(1)",
            "()",
            "Empty",
            "{}",
            "[]",
            "Quote { rate: 1.5 }",
            "it's",
        ] {
            assert_eq!(canonical(text), text);
        }
        assert_eq!(canonical("{2, 1}"), "{1, 2}");
        assert_eq!(
            canonical("Bag { b: {2, 1}, a: 1 }"),
            "Bag { b: {1, 2}, a: 1 }"
        );
    }

    #[test]
    fn a_text_is_taken_apart_into_lines() {
        let text = canonical(
            r#"Quote { rate: 1.5, by: Feed { name: "a, b" }, none: [], some: Some((1, Bag { a: 1 })) }"#,
        );
        assert_eq!(
            lines(&text),
            [
                "Quote {",
                "    rate: 1.5,",
                "    by: Feed {",
                "        name: \"a, b\",",
                "    },",
                "    none: [],",
                "    some: Some((1, Bag {",
                "        a: 1,",
                "    })),",
                "}",
            ]
        );
    }
}
