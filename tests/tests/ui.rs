//! What the compiler says to misuse of the macro: `ui/fail`, with the expected message beside each
//! case; and what it must accept: `ui/pass`. How to add one: `ui/README.md`.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn misuse_is_refused_with_the_message_beside_each_case() {
    assert!(cases("fail").len() >= 45, "cases are missing");
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn what_the_language_allows_compiles_without_a_warning() {
    assert!(cases("pass").len() >= 20, "cases are missing");
    for (name, case) in cases("pass") {
        assert!(
            read(&case).starts_with("#![deny(warnings)]\n"),
            "{name}.rs has to start with `#![deny(warnings)]`"
        );
    }
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}

/// What no message may show: what the macro made up, its footer (which stands there when the caret is
/// on `#[saga]`), and the sources of the standard library, which are not installed everywhere.
const NEVER: [&str; 4] = ["__", "Slots", "originates in the attribute macro", "$RUST/"];

/// How a mend is said. That a message has one of these does not make it good, but one that has none
/// tells the reader only that something is wrong. A form to copy after a colon is one too.
const MENDS: [&str; 19] = [
    "write ",
    ": remove ",
    "; remove ",
    ": keep one",
    ": give one ",
    ": put ",
    ": leave ",
    ": say why ",
    "; rename ",
    ": rename ",
    "implement `",
    "take it whole",
    "; it has `",
    "; did you mean `",
    "help: there is a method ",
    "help: consider borrowing here",
    ": move `",
    ": name a method ",
    ", so remove ",
];

/// What the compiler says by itself, and the macro can add nothing to: neither a step nor a mend is
/// asked for. By name or, with the `_` at the end, by topic.
const OF_THE_COMPILER: [&str; 13] = [
    // A syntax error in a body: bodies are never parsed.
    "body_",
    // A function of another type as a predicate: rustc shows both signatures, at the predicate.
    "predicate_",
    // What is not `Send` or `Sync`: rustc shows which value, and where it lives.
    "send_",
    // The compensation stands, or would, in another impl block: the macro knows nothing of it.
    "compensation_missing_nothing_similar",
    "compensation_elsewhere_",
    // What is private, or another crate's, is not known to the macro.
    "vis_private_types",
    "saga_crate_not_found",
    // Which saga is meant: one that is not found, not imported, or named without its own types.
    "nested_type_",
    // So is what the service has, and for how long.
    "nested_on_field_not_found",
    "nested_on_a_temporary",
    // Two methods of one name.
    "name_two_methods",
    // What a type borrows, and for how long, is not known to traits.
    "durable_lifetime_in_a_type",
    // Attributes that stand where the macro does not see them.
    "saga_step_outside",
];

/// What is still told in more than one error, or not at its place: known, and to be mended. A case
/// that is mended leaves this list.
const TO_BE_MENDED: [&str; 9] = [
    // `Send` of outputs, inputs and errors is asked for by several of the traits.
    // The future of a member is named three times: pinned, and joined with the others.
    "send_group_member_rc_across_await",
    "send_error_not_send",
    "send_input_not_send",
    "send_last_output_not_send",
    "send_output_not_send",
    "send_service_not_sync",
    "vis_private_types",
    // A saga that is not marked, where it is registered or submitted: the executor that the machine is generic
    // over is shown, and of a call that is asynchronous the compiler tells three times.
    "durable_registered_",
    // Shows where the saga is as `#[saga]`.
    "nested_type_private",
];

#[test]
fn every_message_names_the_step_and_the_mend_and_nothing_generated() {
    let mut complaints = Vec::new();
    for (name, case) in cases("fail") {
        let message = case.with_extension("stderr");
        if !message.exists() {
            complaints.push(format!("{name}: no message beside it"));
            continue;
        }
        let wrong = what_is_wrong(&name, &read(&case), &read(&message));
        complaints.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }
    let complaints = complaints.join("\n");
    assert!(complaints.is_empty(), "{complaints}");
}

fn what_is_wrong(name: &str, case: &str, message: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let starts = |start: &str| {
        message
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    };
    let errors = starts("error");
    if name.starts_with("several_") {
        if errors < 2 {
            wrong.push(format!("{errors} errors, and it is to show several"));
        }
    } else if errors != 1 {
        wrong.push(format!("{errors} errors, and it is one mistake"));
    }
    if starts("warning") > 0 {
        wrong.push("a warning beside the error".to_owned());
    }
    for never in NEVER {
        if message.contains(never) {
            wrong.push(format!("`{never}` in it"));
        }
    }
    let is_listed =
        |listed: &&str| name == *listed || (listed.ends_with('_') && name.starts_with(*listed));
    if TO_BE_MENDED.iter().any(is_listed) {
        if wrong.is_empty() && names_a_method(case, message) {
            return vec!["it is mended, so it leaves `TO_BE_MENDED`".to_owned()];
        }
        return Vec::new();
    }
    if OF_THE_COMPILER.iter().any(is_listed) {
        return wrong;
    }
    // Each error by itself: of several, one must not speak for the others.
    for error in message
        .split("\n\n")
        .filter(|part| part.starts_with("error"))
    {
        // What is wrong with the block, or with `#[saga(..)]`, is wrong with no step.
        if !name.starts_with("saga_") && !names_a_method(case, error) {
            wrong.push("no step named".to_owned());
        }
        if !says_a_mend(error) {
            wrong.push("no mend said".to_owned());
        }
    }
    wrong
}

/// The lines of a message that are no source: what is written below the source does count.
fn words(error: &str) -> impl Iterator<Item = &str> {
    let is_source = |line: &&str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    error.lines().filter(move |line| !is_source(line))
}

/// Whether a method of the case is named.
fn names_a_method(case: &str, error: &str) -> bool {
    let after_fn = case.split("fn ").skip(1);
    let mut methods = after_fn.filter_map(|text| text.split(['(', '<']).next());
    methods.any(|method| {
        // With the saga before it, where another has a step of the same name.
        let quoted = [format!("`{method}`"), format!("Saga::{method}`")];
        words(error).any(|line| quoted.iter().any(|quoted| line.contains(quoted)))
    })
}

fn says_a_mend(error: &str) -> bool {
    let shows_a_form = |line: &str| {
        let quoted = line
            .split(": `")
            .skip(1)
            .filter_map(|rest| rest.split('`').next());
        let mut code = quoted.filter(|code| code.contains(['=', '(', '{']));
        code.next().is_some()
    };
    words(error).any(|line| MENDS.iter().any(|mend| line.contains(mend)) || shows_a_form(line))
}

/// The cases of a folder, by name.
fn cases(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("ui")
        .join(folder);
    let files = fs::read_dir(folder).expect("the folder of the cases");
    let paths = files.map(|file| file.expect("a file of the folder").path());
    let cases = paths.filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    let mut cases: Vec<_> = cases
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            (name.into_owned(), path)
        })
        .collect();
    cases.sort();
    cases
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_message_in_the_language_reference_is_one_that_is_given() {
    let reference = include_str!("../../docs/language.md");
    let (_, table) = reference
        .split_once("| mistake | message |")
        .expect("it has a table");
    let given: String = cases("fail")
        .iter()
        .map(|(_, case)| read(&case.with_extension("stderr")))
        .collect();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut seen = 0;
    for row in rows.filter(|row| !row.contains("rustc's own")) {
        let message = row.rsplit(" | ").next().unwrap_or_default();
        let message = message
            .trim_end_matches('|')
            .trim()
            .trim_matches('`')
            .trim();
        // What is left out at the end is two dots.
        let message = message
            .trim_end_matches("..")
            .trim()
            .trim_matches('`')
            .trim();
        assert!(given.contains(message), "no case gives: {message}");
        seen += 1;
    }
    assert!(seen >= 20, "{seen} rows");
}
