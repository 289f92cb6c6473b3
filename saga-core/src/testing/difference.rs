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
    let mut told = vec!["`-` had to be there, `+` is:".to_owned()];
    let differ = differ(&expected, &lines);
    told.extend(differ.iter().take(MOST_LINES).cloned());
    if differ.len() > MOST_LINES {
        told.push(format!("and {} lines more", differ.len() - MOST_LINES));
    }
    told.join("\n")
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
        // Whichever comes up again sooner.
        let gone = is.iter().position(|line| line == first);
        let new = expected.iter().position(|line| line == other);
        if new.unwrap_or(usize::MAX) <= gone.unwrap_or(usize::MAX) {
            told.push(format!("- {first}"));
            expected = rest;
        } else {
            told.push(format!("+ {other}"));
            is = others;
        }
    }
    told.extend(expected.iter().map(|line| format!("- {line}")));
    told.extend(is.iter().map(|line| format!("+ {line}")));
    told
}
