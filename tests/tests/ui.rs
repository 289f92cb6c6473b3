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

/// What no message may show: the names of what is generated, and where the macro keeps its own.
const GENERATED: [&str; 3] = ["__", "Slots", "originates in the attribute macro"];

/// How a mend starts. That a message has one of these does not make it good, but one that has none
/// tells the reader only that something is wrong.
const MENDS: [&str; 14] = [
    ": write ",
    "; write ",
    "= note: write ",
    ": remove ",
    "; remove ",
    ": keep ",
    ": give ",
    ": name ",
    ": put ",
    ": leave ",
    ": use ",
    "; it has `",
    "; its steps are `",
    "help: there is a method ",
];

/// Messages of the compiler's own, to which the macro adds nothing: a syntax error in a body, and
/// what a predicate is, shown as a pair of types at the predicate. They are one error at the right
/// place; no step is named and no mend said.
const OF_THE_COMPILER: [&str; 0] = [];

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
    let starts = |start: &str| message.lines().filter(|line| line.starts_with(start)).count();
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
    for generated in GENERATED {
        if message.contains(generated) {
            wrong.push(format!("`{generated}` in it"));
        }
    }
    if OF_THE_COMPILER.contains(&name) {
        return wrong;
    }
    // Each error by itself: of several, one must not speak for the others.
    for error in message.split("\n\n").filter(|part| part.starts_with("error")) {
        if !names_a_method(case, error) {
            wrong.push("no step named".to_owned());
        }
        if !MENDS.iter().any(|mend| error.contains(mend)) {
            wrong.push("no mend said".to_owned());
        }
    }
    wrong
}

/// Whether a method of the case is named in the words of the message: the source that is shown
/// below it does not count. A case without steps has none to name.
fn names_a_method(case: &str, error: &str) -> bool {
    let methods = || {
        let after_fn = case.split("fn ").skip(1);
        after_fn.filter_map(|text| text.split(['(', '<']).next())
    };
    let words = error.lines().filter(|line| !line.contains(" | "));
    let words: Vec<_> = words.collect();
    let named = |method: &str| {
        let quoted = format!("`{method}`");
        words.iter().any(|line| line.contains(&quoted))
    };
    !case.contains("#[step") || methods().any(named)
}

/// The cases of a folder, by name.
fn cases(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui").join(folder);
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
