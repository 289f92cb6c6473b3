//! Durations as users write them: `"250ms"`, `"3s"`, and ranges of them: `"100ms..5s"`.

use core::time::Duration;

use syn::LitStr;

const FORM: &str = "write a whole number and a unit, one of `ns`, `us`, `ms`, `s`, `m`, `h`, such \
                    as \"250ms\"";

/// Reads a duration that is not zero.
pub(crate) fn duration(literal: &LitStr) -> syn::Result<Duration> {
    let text = literal.value();
    let wrong = |what: String| Err(syn::Error::new(literal.span(), what));
    match parse(&text) {
        None => wrong(format!("`{text}` is not a duration: {FORM}")),
        Some(duration) if duration.is_zero() => wrong(
            "a duration cannot be zero: write a longer one, such as \"250ms\", or leave the option out"
                .to_owned(),
        ),
        Some(duration) => Ok(duration),
    }
}

/// Reads `min..max`.
pub(crate) fn range(literal: &LitStr) -> syn::Result<(Duration, Duration)> {
    let text = literal.value();
    let wrong = |what: String| Err(syn::Error::new(literal.span(), what));
    let Some((first, longest)) = text.split_once("..") else {
        return wrong(format!(
            "`{text}` is not a range of durations: write the first wait and the longest, such as \
             \"100ms..5s\""
        ));
    };
    let (Some(min), Some(max)) = (parse(first), parse(longest)) else {
        return wrong(format!(
            "`{text}` is not a range of two durations like \"100ms..5s\": {FORM}"
        ));
    };
    if max < min {
        return wrong(format!(
            "the longest wait in `{text}` is shorter than the first: write \"{}..{}\"",
            longest.trim(),
            first.trim()
        ));
    }
    if max.is_zero() {
        return wrong("a wait of zero is no backoff: leave `backoff` out".to_owned());
    }
    Ok((min, max))
}

fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    match unit.trim_start() {
        "ns" => Some(Duration::from_nanos(number)),
        "us" => Some(Duration::from_micros(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(60 * 60).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn read(text: &str) -> Result<Duration, String> {
        duration(&LitStr::new(text, Span::call_site())).map_err(|error| error.to_string())
    }

    fn read_range(text: &str) -> Result<(Duration, Duration), String> {
        range(&LitStr::new(text, Span::call_site())).map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_and_a_unit_is_a_duration() {
        assert_eq!(read("1ns"), Ok(Duration::from_nanos(1)));
        assert_eq!(read("250us"), Ok(Duration::from_micros(250)));
        assert_eq!(read("3s"), Ok(Duration::from_secs(3)));
        assert_eq!(read(" 2 m "), Ok(Duration::from_mins(2)));
        assert_eq!(read("1h"), Ok(Duration::from_hours(1)));
    }

    #[test]
    fn anything_else_is_an_error_that_shows_the_form() {
        for text in [
            "",
            "3",
            "s",
            "3 sec",
            "1.5s",
            "-1s",
            "99999999999999999999s",
            "ms3",
            "9999999999999999999h",
        ] {
            let error = read(text).expect_err(text);
            assert!(
                error.contains("is not a duration") && error.contains("250ms"),
                "{error}"
            );
        }
        assert!(read("0s").unwrap_err().contains("cannot be zero"));
    }

    #[test]
    fn a_range_goes_up() {
        let ms = Duration::from_millis;
        assert_eq!(read_range("100ms..5s"), Ok((ms(100), ms(5_000))));
        assert_eq!(read_range("5s..5s"), Ok((ms(5_000), ms(5_000))));
        assert!(read_range("5s..100ms").unwrap_err().contains("shorter"));
        assert!(read_range("100ms").unwrap_err().contains("100ms..5s"));
        assert!(read_range("100ms..soon").unwrap_err().contains("100ms..5s"));
        assert!(
            read_range("0s..0s")
                .unwrap_err()
                .contains("leave `backoff` out")
        );
    }
}
