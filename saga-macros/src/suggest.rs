//! Finds among names the one that was meant.

use core::cmp::Reverse;

/// The name that was most likely meant by `written`, if one is close: a slip of two letters at most,
/// a part of the other, or the same stem with another ending.
pub(crate) fn similar<N: AsRef<str>>(
    written: &str,
    names: impl IntoIterator<Item = N>,
) -> Option<N> {
    let stem = |name: &str| {
        let pairs = written.chars().zip(name.chars());
        pairs.take_while(|(a, b)| a == b).count()
    };
    let is_close = |name: &&N| {
        let name = name.as_ref();
        let (shorter, longer) = if name.len() < written.len() {
            (name, written)
        } else {
            (written, name)
        };
        let slips = distance(written, name);
        // Of a short name two letters are most of it.
        (slips <= 2 && slips * 2 <= shorter.len())
            || (shorter.len() >= 3 && longer.contains(shorter))
            || (name.len() >= 3 && stem(name) * 5 >= name.len() * 4)
    };
    let close = names.into_iter().filter(|name| is_close(&name));
    close.min_by_key(|name| {
        let name = name.as_ref();
        let differs = !name.starts_with(written) && !written.starts_with(name);
        (differs, distance(written, name), Reverse(stem(name)))
    })
}

/// How many letters have to be put in, left out or changed to come from one name to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, a) in from.chars().enumerate() {
        let mut next = vec![index + 1];
        for ((b, above), &left_out) in to.chars().zip(row.windows(2)).zip(row.iter().skip(1)) {
            let changed = above.first().map_or(0, |cost| cost + usize::from(a != b));
            let put_in = next.last().map_or(changed, |cost| cost + 1);
            next.push(changed.min(put_in).min(left_out + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, similar};

    #[test]
    fn the_name_that_was_meant_is_found() {
        const OPTIONS: [&str; 9] = [
            "compensate",
            "readonly",
            "no_compensation",
            "pivot",
            "retry",
            "timeout",
            "in_doubt",
            "name",
            "sensitive",
        ];
        for (written, meant) in [
            ("pivto", Some("pivot")),
            ("retries", Some("retry")),
            ("read_only", Some("readonly")),
            ("compensation", Some("compensate")),
            ("no_compensate", Some("no_compensation")),
            ("time", Some("timeout")),
            ("doubt", Some("in_doubt")),
            ("step_name", Some("name")),
            ("delay", None),
            ("saga", None),
            ("x", None),
        ] {
            assert_eq!(similar(written, OPTIONS), meant, "{written}");
        }
        assert_eq!(similar("as", ["vis", "saga"]), None);
        // What a short name begins with is most of it.
        assert_eq!(similar("onlyif", ["only_if", "on"]), Some("only_if"));
        assert_eq!(similar("once_more", ["on"]), None);
    }

    #[test]
    fn a_distance_is_counted_in_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("größe", "grosse"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
