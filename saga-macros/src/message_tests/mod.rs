//! The messages that `#[saga]` writes without help from rustc: one table per topic, and in it each case
//! with its source and its message. How to add a case: `tests/ui/README.md`.

#![allow(
    clippy::needless_raw_string_hashes,
    reason = "all cases are written alike, with quotes in them and without"
)]

mod render;
mod rules;

use expect_test::Expect;

/// One test per case: `name: r#"source"#, expect![message];`.
macro_rules! cases {
    ($($name:ident: $source:literal, $message:expr;)*) => {
        $(
            #[test]
            fn $name() {
                $crate::message_tests::check(stringify!($name), $source, &$message);
            }
        )*
    };
}

mod compensations;
mod condition_methods;
mod condition_options;
mod condition_values;
mod contradictions;
mod groups;
mod nested_methods;
mod nested_options;
mod nested_sagas;
mod option_names;
mod option_values;
mod retries;
mod saga_options;
mod several;
mod steps;
mod values;

/// Compares what `#[saga]` says to `source` with `message`, and holds it to the rules for all messages.
fn check(name: &str, source: &str, message: &Expect) {
    let source = without_indent(source);
    let shown = render::render(&source);
    message.assert_eq(&shown);
    let wrong = rules::what_is_wrong(name, &source, &shown);
    assert!(wrong.is_empty(), "{name}: {}", wrong.join("\n"));
}

/// The source as it would be in a file of its own: the tables indent it by eight spaces.
fn without_indent(source: &str) -> String {
    let lines = source.trim().lines();
    let lines = lines.map(|line| line.strip_prefix("        ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
