//! What the compiler says to misuse of the macro: `ui/fail`, with the expected message beside each
//! case; and what it must accept: `ui/pass`. How to add one: `ui/README.md`.

#[test]
fn misuse_is_refused_with_the_message_beside_each_case() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}
