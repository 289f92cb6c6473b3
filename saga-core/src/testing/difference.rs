//! The difference between two values, as text.

/// Up to this many characters, both texts are shown in full, on one line.
const SHORT: usize = 160;

/// The largest number of lines that are shown of longer texts that differ.
const MOST_LINES: usize = 40;

/// The difference between a value and the expected one. Both are passed as text in one line, and in several.
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
    let mut text = vec!["`-` had to be there, `+` is:".to_owned()];
    text.extend(differing(&expected, &lines));
    text.join("\n")
}

/// The lines that are only in one of the two texts, in order. If there are too many, only the first ones.
pub(super) fn differing(expected: &[&str], is: &[&str]) -> Vec<String> {
    let mut lines = differ(expected, is);
    let more = lines.len().saturating_sub(MOST_LINES);
    if more > 0 {
        lines.truncate(MOST_LINES);
        lines.push(format!("and {more} lines more"));
    }
    lines
}

/// The lines that are only in one of the two texts, in order.
fn differ(expected: &[&str], is: &[&str]) -> Vec<String> {
    let (mut expected, mut is) = (expected, is);
    let mut lines = Vec::new();
    while let ([first, rest @ ..], [other, others @ ..]) = (expected, is) {
        if first == other {
            (expected, is) = (rest, others);
            continue;
        }
        let gone = is.iter().position(|line| line == first);
        let new = expected.iter().position(|line| line == other);
        // A line that does not occur again differs. If both lines occur again, the one that does so later differs.
        if gone.is_none() || new.is_some_and(|new| Some(new) <= gone) {
            lines.push(format!("- {first}"));
            expected = rest;
        }
        if new.is_none() || gone.is_some_and(|gone| Some(gone) < new) {
            lines.push(format!("+ {other}"));
            is = others;
        }
    }
    lines.extend(expected.iter().map(|line| format!("- {line}")));
    lines.extend(is.iter().map(|line| format!("+ {line}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::{differ, difference};

    #[test]
    fn lines_that_differ_are_shown_in_order_without_those_that_are_equal() {
        let lines = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        let diff = |is, had_to_be| differ(&lines(had_to_be), &lines(is)).join(" ");
        assert_eq!(diff("a b c", "a b c"), "");
        assert_eq!(diff("a x b c", "a b c"), "+ x");
        assert_eq!(diff("a c", "a b c"), "- b");
        assert_eq!(diff("a x c", "a b c"), "- b + x");
        assert_eq!(diff("x y", "b c"), "- b + x - c + y");
        assert_eq!(diff("b a", "a b"), "- a + a");
        assert_eq!(diff("c a b", "a b c"), "+ c - c");
    }

    #[test]
    fn of_too_many_lines_that_differ_the_first_are_shown() {
        let text = |word: &str| {
            let lines: Vec<_> = (0..60).map(|n| format!("{word} {n}")).collect();
            lines.join("\n")
        };
        let (is, had_to_be) = (text("is"), text("was"));
        let diff = difference([&is, &is], [&had_to_be, &had_to_be]);
        assert_eq!(diff.lines().count(), 42);
        assert!(
            diff.ends_with("\n- was 19\n+ is 19\nand 80 lines more"),
            "{diff}"
        );
    }

    #[test]
    fn values_that_differ_and_have_the_same_text_are_reported() {
        let same = "x".repeat(100);
        assert_eq!(
            difference([&same, &same], [&same, &same]),
            "it is not equal to what it had to be, and its `Debug` says the same of both"
        );
    }
}
