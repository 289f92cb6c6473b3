//! Shows how two values differ, as text.

/// Up to this many characters, both values are shown whole, on one line.
const SHORT: usize = 160;

/// For longer values, at most this many lines that differ are shown.
const MOST_LINES: usize = 40;

/// Compares what `is` with what `had_to_be`. Each has its text on one line and its text on several lines.
pub(super) fn difference(is: [&str; 2], had_to_be: [&str; 2]) -> String {
    let [short, long] = is;
    let [expected_short, expected_long] = had_to_be;
    if short.len() + expected_short.len() <= SHORT {
        return format!("{short}, and had to be {expected_short}");
    }
    let lines: Vec<_> = long.lines().collect();
    let expected: Vec<_> = expected_long.lines().collect();
    if lines == expected {
        return "it is not equal to what it had to be, and its `Debug` says the same of both"
            .to_owned();
    }
    let mut shown = vec!["`-` had to be there, `+` is:".to_owned()];
    shown.extend(differing(&expected, &lines));
    shown.join("\n")
}

/// The lines that are only in one of the two, in order. Of very many, only the first ones.
pub(super) fn differing(expected: &[&str], is: &[&str]) -> Vec<String> {
    let mut lines = differ(expected, is);
    let more = lines.len().saturating_sub(MOST_LINES);
    if more > 0 {
        lines.truncate(MOST_LINES);
        lines.push(format!("and {more} lines more"));
    }
    lines
}

/// The lines that are only in one of the two, in order.
fn differ(expected: &[&str], is: &[&str]) -> Vec<String> {
    let (mut expected, mut is) = (expected, is);
    let mut shown = Vec::new();
    while let ([first, rest @ ..], [other, others @ ..]) = (expected, is) {
        if first == other {
            (expected, is) = (rest, others);
            continue;
        }
        let gone = is.iter().position(|line| line == first);
        let new = expected.iter().position(|line| line == other);
        // A line that does not appear again differs. Of two that both do, the one that reappears later is taken to
        // differ.
        if gone.is_none() || new.is_some_and(|new| Some(new) <= gone) {
            shown.push(format!("- {first}"));
            expected = rest;
        }
        if new.is_none() || gone.is_some_and(|gone| Some(gone) < new) {
            shown.push(format!("+ {other}"));
            is = others;
        }
    }
    shown.extend(expected.iter().map(|line| format!("- {line}")));
    shown.extend(is.iter().map(|line| format!("+ {line}")));
    shown
}

#[cfg(test)]
mod tests {
    use super::{differ, difference};

    #[test]
    fn lines_that_differ_are_shown_in_order_without_those_that_are_equal() {
        let lines = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        let differing = |is, had_to_be| differ(&lines(had_to_be), &lines(is)).join(" ");
        assert_eq!(differing("a b c", "a b c"), "");
        assert_eq!(differing("a x b c", "a b c"), "+ x");
        assert_eq!(differing("a c", "a b c"), "- b");
        assert_eq!(differing("a x c", "a b c"), "- b + x");
        assert_eq!(differing("x y", "b c"), "- b + x - c + y");
        assert_eq!(differing("b a", "a b"), "- a + a");
        assert_eq!(differing("c a b", "a b c"), "+ c - c");
    }

    #[test]
    fn of_very_many_lines_that_differ_the_first_are_shown() {
        let text = |word: &str| {
            let lines: Vec<_> = (0..60).map(|n| format!("{word} {n}")).collect();
            lines.join("\n")
        };
        let (is, had_to_be) = (text("is"), text("was"));
        let shown = difference([&is, &is], [&had_to_be, &had_to_be]);
        assert_eq!(shown.lines().count(), 42);
        assert!(
            shown.ends_with("\n- was 19\n+ is 19\nand 80 lines more"),
            "{shown}"
        );
    }

    #[test]
    fn values_that_differ_with_the_same_debug_text_are_reported() {
        let same = "x".repeat(100);
        assert_eq!(
            difference([&same, &same], [&same, &same]),
            "it is not equal to what it had to be, and its `Debug` says the same of both"
        );
    }
}
