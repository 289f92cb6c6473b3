//! What rustc says to misuse of the macro: `ui/fail`, with the expected message beside each case; and
//! what must compile: `ui/pass`. Messages that the macro writes without help from rustc are tested in
//! `saga-macros/src/message_tests`. How to add a case: `ui/README.md`.

#[path = "../../saga-macros/src/message_tests/rules.rs"]
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn misuse_is_refused_with_the_message_beside_each_case() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn mistakes_in_realistic_code_are_refused_with_the_message_beside_each() {
    trybuild::TestCases::new().compile_fail("ui/mistakes/*.rs");
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

#[test]
fn every_message_names_the_step_and_a_suggestion_and_nothing_generated() {
    let mut complaints = Vec::new();
    for (name, case) in cases("fail") {
        let message = case.with_extension("stderr");
        if !message.exists() {
            complaints.push(format!("{name}: no message beside it"));
            continue;
        }
        let wrong = rules::what_is_wrong(&name, &read(&case), &read(&message));
        complaints.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }
    let complaints = complaints.join("\n");
    assert!(complaints.is_empty(), "{complaints}");
}

/// The list of all cases names the place of each case. If a case is moved or removed, its line in the list is
/// wrong, so no case is lost unnoticed.
#[test]
fn every_case_is_listed_at_its_place() {
    let list = include_str!("../ui/cases.txt");
    let listed: Vec<_> = list.lines().filter(|line| !line.starts_with('#')).collect();
    let mut here: Vec<_> = cases("fail")
        .into_iter()
        .map(|(name, _)| format!("{name}: tests/ui/fail/{name}.rs"))
        .collect();
    for (file, path) in tables() {
        let table = read(&path);
        let names = table
            .lines()
            .filter_map(|line| line.strip_prefix("    ")?.strip_suffix(": r#\""));
        here.extend(names.map(|name| format!("{name}: saga-macros/src/message_tests/{file}.rs")));
    }
    here.sort_unstable();
    let mut complaints = Vec::new();
    for line in here.iter().filter(|line| !listed.contains(&line.as_str())) {
        complaints.push(format!("add to the list: {line}"));
    }
    for line in listed
        .iter()
        .filter(|line| !here.iter().any(|here| here == *line))
    {
        complaints.push(format!("there is no such case: {line}"));
    }
    let name = |line: &str| line.split(": ").next().map(str::to_owned);
    for pair in here
        .windows(2)
        .filter(|pair| name(&pair[0]) == name(&pair[1]))
    {
        complaints.push(format!("one case in two places: {pair:?}"));
    }
    if !listed.is_sorted_by(|one, two| name(one) < name(two)) {
        complaints.push("the list is not sorted by name, or has a name twice".to_owned());
    }
    let complaints = complaints.join("\n");
    assert!(complaints.is_empty(), "tests/ui/cases.txt:\n{complaints}");
}

/// The cases of a folder, by name.
fn cases(folder: &str) -> Vec<(String, PathBuf)> {
    sources(&Path::new("ui").join(folder))
}

/// The tables of the messages that need no rustc, by name.
fn tables() -> Vec<(String, PathBuf)> {
    sources(Path::new("../saga-macros/src/message_tests"))
}

/// The Rust files of a folder, by name.
fn sources(folder: &Path) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).expect("the folder exists");
    let paths = files.map(|file| file.expect("a file of the folder").path());
    let sources = paths.filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
    let mut sources: Vec<_> = sources
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            (name.into_owned(), path)
        })
        .collect();
    sources.sort();
    sources
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_message_in_the_language_reference_is_one_that_exists() {
    let reference = include_str!("../../docs/language.md");
    let (_, table) = reference
        .split_once("| mistake | message |")
        .expect("it has a table");
    let of_cases = cases("fail")
        .into_iter()
        .map(|(_, case)| case.with_extension("stderr"));
    let of_tables = tables().into_iter().map(|(_, table)| table);
    let given: String = of_cases.chain(of_tables).map(|path| read(&path)).collect();
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
        // Two dots stand for the omitted end.
        let message = message
            .trim_end_matches("..")
            .trim()
            .trim_matches('`')
            .trim();
        assert!(given.contains(message), "no case prints: {message}");
        seen += 1;
    }
    assert!(seen >= 20, "{seen} rows");
}
