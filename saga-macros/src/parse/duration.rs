//! Durations as users write them: `"250ms"`, `"3s"`, and ranges of them: `"100ms..5s"`.

use core::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Expr, ExprCall, ExprLit, ExprPath, Lit, LitInt, LitStr};

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

/// Returns the text of a duration that is written as code: `Duration::from_secs(30)`, or `30s` without quotes.
pub(super) fn as_text(value: &TokenStream) -> Option<String> {
    let text = match syn::parse2(value.clone()).ok()? {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Int(number) => format!("{}{}", number.base10_digits(), number.suffix()),
            Lit::Str(text) => text.value(),
            _ => return None,
        },
        Expr::Call(call) => {
            let (number, unit) = constructed(&call)?;
            format!("{}{unit}", number.base10_digits())
        }
        _ => return None,
    };
    parse(&text).filter(|duration| !duration.is_zero())?;
    Some(text)
}

/// Returns the number in a call like `Duration::from_secs(30)`, and its unit.
fn constructed(call: &ExprCall) -> Option<(LitInt, &'static str)> {
    let Expr::Path(ExprPath { path, .. }) = &*call.func else {
        return None;
    };
    let mut names = path.segments.iter().rev();
    let (constructor, ty) = (&names.next()?.ident, &names.next()?.ident);
    let unit = match &*constructor.to_string() {
        "from_nanos" => "ns",
        "from_micros" => "us",
        "from_millis" => "ms",
        "from_secs" => "s",
        "from_mins" => "m",
        "from_hours" => "h",
        _ => return None,
    };
    let number = syn::parse2(call.args.to_token_stream()).ok()?;
    (ty == "Duration").then_some((number, unit))
}

/// Returns the text of a range of durations that is written as code: `from..to`, or `(from, to)`.
pub(super) fn range_as_text(value: &TokenStream) -> Option<String> {
    let mut tokens: Vec<_> = value.clone().into_iter().collect();
    if let [TokenTree::Group(pair)] = &*tokens {
        tokens = pair.stream().into_iter().collect();
    }
    let is_mark = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if ['.', ',', '='].contains(&punct.as_char()));
    let mut ends = tokens.split(is_mark).filter(|end| !end.is_empty());
    let mut next = || as_text(&ends.next()?.iter().cloned().collect());
    let text = format!("{}..{}", next()?, next()?);
    let literal = LitStr::new(&text, Span::call_site());
    (ends.next().is_none() && range(&literal).is_ok()).then_some(text)
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

    #[test]
    fn a_duration_in_code_has_its_text() {
        let text = |code: &str| as_text(&code.parse().expect("these are tokens"));
        assert_eq!(text("Duration::from_secs(30)").as_deref(), Some("30s"));
        assert_eq!(
            text("std::time::Duration::from_millis(1_500u64)").as_deref(),
            Some("1500ms")
        );
        assert_eq!(
            text("core::time::Duration::from_micros(7)").as_deref(),
            Some("7us")
        );
        assert_eq!(text("Duration::from_nanos(7)").as_deref(), Some("7ns"));
        assert_eq!(text("Duration::from_mins(2)").as_deref(), Some("2m"));
        assert_eq!(text("Duration::from_hours(2)").as_deref(), Some("2h"));
        assert_eq!(text("30s").as_deref(), Some("30s"));
        for unknown in [
            "30",
            "0s",
            "LIMIT",
            "Duration::from_secs(LIMIT)",
            "Duration::from_secs(0)",
            "Duration::from_secs_f64(0.5)",
            "Duration::new(1, 0)",
            "Days::from_secs(1)",
            "1.5s",
        ] {
            assert_eq!(text(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_range_in_code_has_its_text() {
        let text = |code: &str| range_as_text(&code.parse().expect("these are tokens"));
        for range in [
            "Duration::from_millis(100)..Duration::from_secs(5)",
            "Duration::from_millis(100)..=Duration::from_secs(5)",
            "(Duration::from_millis(100), Duration::from_secs(5))",
            "100ms..5s",
            "\"100ms\"..\"5s\"",
        ] {
            assert_eq!(text(range).as_deref(), Some("100ms..5s"), "{range}");
        }
        for unknown in [
            "Duration::from_millis(100)",
            "5s..100ms",
            "1s..2s..3s",
            "FIRST..LONGEST",
        ] {
            assert_eq!(text(unknown), None, "{unknown}");
        }
    }
}
