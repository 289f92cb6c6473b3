//! The README's example: it is `readme`, and prints what the README says.

mod common;

use common::{example, run};

const README: &str = include_str!("../../README.md");
const EXAMPLE: &str = include_str!("../readme/example.rs");

/// The first block of this kind.
fn block(kind: &str) -> &'static str {
    let (_, rest) = README
        .split_once(kind)
        .expect("the README has such a block");
    rest.split("```").next().unwrap_or_default()
}

/// The run's id, which is another each time.
fn id(report: &str) -> &str {
    let (_, rest) = report
        .split_once("saga `checkout` (")
        .expect("the report says the saga");
    rest.split(')').next().unwrap_or_default()
}

#[test]
fn the_readmes_example_is_the_one_here_and_prints_what_the_readme_says() {
    assert_eq!(EXAMPLE, block("```rust\n"));

    let ran = run(&mut example("readme"));
    ran.ends_with(0);
    assert_eq!(ran.stderr, "");
    let shown = block("```text\n");
    let printed = ran
        .stdout
        .replace(id(&ran.stdout), id(shown))
        .replace("examples/readme/example.rs", "src/main.rs");
    assert_eq!(printed, shown);
}
