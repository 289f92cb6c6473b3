//! What differs between two things that were seen, as text.

/// Up to this many letters both are told whole, on one line.
const SHORT: usize = 160;

/// Of longer ones so many lines that differ.
const MOST_LINES: usize = 40;

/// What `is` is and `had_to_be` was to be, each told in one line and as it is told in several.
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
    let mut told = vec!["`-` had to be there, `+` is:".to_owned()];
    told.extend(differing(&expected, &lines));
    told.join("\n")
}

/// The lines that are only in one of the two, in order; of very many the first.
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
    let mut told = Vec::new();
    while let ([first, rest @ ..], [other, others @ ..]) = (expected, is) {
        if first == other {
            (expected, is) = (rest, others);
            continue;
        }
        let gone = is.iter().position(|line| line == first);
        let new = expected.iter().position(|line| line == other);
        // What does not come up again differs, and of two that do the one that does so later is the odd one.
        if gone.is_none() || new.is_some_and(|new| Some(new) <= gone) {
            told.push(format!("- {first}"));
            expected = rest;
        }
        if new.is_none() || gone.is_some_and(|gone| Some(gone) < new) {
            told.push(format!("+ {other}"));
            is = others;
        }
    }
    told.extend(expected.iter().map(|line| format!("- {line}")));
    told.extend(is.iter().map(|line| format!("+ {line}")));
    told
}

#[cfg(test)]
mod tests {
    use super::{differ, difference};

    #[test]
    fn lines_that_come_and_go_are_told_in_order_without_those_that_stay() {
        let lines = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        let told = |is, had_to_be| differ(&lines(had_to_be), &lines(is)).join(" ");
        assert_eq!(told("a b c", "a b c"), "");
        assert_eq!(told("a x b c", "a b c"), "+ x");
        assert_eq!(told("a c", "a b c"), "- b");
        assert_eq!(told("a x c", "a b c"), "- b + x");
        assert_eq!(told("x y", "b c"), "- b + x - c + y");
        assert_eq!(told("b a", "a b"), "- a + a");
        assert_eq!(told("c a b", "a b c"), "+ c - c");
    }

    #[test]
    fn of_very_many_lines_that_differ_some_are_told() {
        let text = |word: &str| {
            let lines: Vec<_> = (0..60).map(|n| format!("{word} {n}")).collect();
            lines.join("\n")
        };
        let (is, had_to_be) = (text("is"), text("was"));
        let told = difference([&is, &is], [&had_to_be, &had_to_be]);
        assert_eq!(told.lines().count(), 42);
        assert!(
            told.ends_with("\n- was 19\n+ is 19\nand 80 lines more"),
            "{told}"
        );
    }

    #[test]
    fn what_differs_and_is_told_alike_is_said_to() {
        let same = "x".repeat(100);
        assert_eq!(
            difference([&same, &same], [&same, &same]),
            "it is not equal to what it had to be, and its `Debug` says the same of both"
        );
    }
}
