//! The documents: their code compiles, and their links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOCTESTS: &str = include_str!("../common/documents.rs");

/// The documents of the repository, by their paths from its root.
fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = fs::read_dir(root.join("docs")).expect("the folder of the documents");
    let docs = docs.map(|file| file.expect("a file of the folder").path());
    let paths = docs.filter(|path| path.extension().is_some_and(|ext| ext == "md"));
    let paths: BTreeSet<PathBuf> = paths.chain([root.join("README.md")]).collect();
    let documents = paths.iter().map(|path| {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let name = path.strip_prefix(&root).expect("it is below the root");
        (name.to_string_lossy().replace('\\', "/"), text)
    });
    documents.collect()
}

#[test]
fn the_code_of_every_document_is_a_doctest() {
    for (name, text) in documents() {
        let included = DOCTESTS.contains(&format!("../../{name}\""));
        assert!(included, "{name} is not in `common/documents.rs`");
        let mut inside = false;
        for (number, line) in (1..).zip(text.lines()) {
            let Some(kind) = line.strip_prefix("```") else {
                continue;
            };
            inside = !inside;
            // `rs` marks fragments, which `readme.rs` and `testing_document.rs` compile and run.
            let known = match kind {
                "rust" | "text" | "sh" | "toml" => true,
                // Compiled: it writes a file.
                "rust,no_run" => name == "docs/durability.md",
                // `report_document.rs` compares it with the report of a saga.
                "json" => name == "docs/report.md",
                // `diagrams.rs` compares it with the diagram.
                "mermaid" | "dot" => name == "docs/diagrams.md",
                "rs" => ["README.md", "docs/comparison.md", "docs/testing.md"].contains(&&*name),
                _ => false,
            };
            assert_eq!(known, inside, "{name}:{number}: `{line}`");
        }
        assert!(!inside, "{name}: a block without an end");
    }
}

/// The width that a reader's window shows without a scroll bar.
const COLUMNS: usize = 130;

/// Blocks with the exact output of a program; a test compares each of them. Their lines cannot be broken, so they
/// may be longer.
const PRINTED: [(&str, &str); 5] = [
    ("README.md", "text"),
    ("docs/diagrams.md", "dot"),
    ("docs/report.md", "json"),
    ("docs/report.md", "text"),
    ("docs/testing.md", "text"),
];

/// The lines between these are output too: tables of a saga, and of a benchmark.
const PRINTED_BEGINS: [&str; 3] = [
    "<!-- printed: begin -->",
    "<!-- in-memory: begin -->",
    "<!-- durable: begin -->",
];

#[test]
fn no_line_of_a_document_is_too_long() {
    let mut too_long = Vec::new();
    for (name, text) in documents() {
        let mut block = None;
        let mut printed = false;
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(kind) = line.strip_prefix("```") {
                block = block.is_none().then_some(kind);
            }
            if line.starts_with("<!-- ") {
                printed = PRINTED_BEGINS.contains(&line);
            }
            let exempt = printed || block.is_some_and(|kind| PRINTED.contains(&(&*name, kind)));
            let columns = line.chars().count();
            if columns > COLUMNS && !exempt {
                too_long.push(format!("{name}:{number}: {columns} columns"));
            }
        }
        assert!(!printed, "{name}: no end of what is printed");
    }
    assert!(too_long.is_empty(), "{too_long:#?}");
}

/// Words of a private vocabulary; a reader looks for what is notified, reported or recorded, and by whom.
const NOT_PLAIN: [&str; 12] = [
    "told",
    "tell",
    "tells",
    "nobody",
    "somebody",
    "everybody",
    "anybody",
    "whoever",
    "taken down",
    "carried out",
    "in hand",
    "brought about",
];

/// The line without its code spans, which may quote the output of a program.
fn without_code(line: &str) -> String {
    let outside = |text: &str, quote: &str| -> String {
        let outside: Vec<_> = text.split(quote).step_by(2).collect();
        outside.join(" ")
    };
    outside(&outside(line, "``"), "`")
}

#[test]
fn the_documents_say_it_in_plain_words() {
    let mut found = Vec::new();
    for (name, text) in documents() {
        let mut inside = false;
        for (number, line) in (1..).zip(text.lines()) {
            inside ^= line.starts_with("```");
            if inside {
                continue;
            }
            let prose = without_code(line).to_lowercase();
            let words = prose.split(|c: char| !c.is_alphanumeric());
            let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
            let words = format!(" {} ", words.join(" "));
            let here = NOT_PLAIN.iter();
            let here = here.filter(|word| words.contains(&format!(" {word} ")));
            found.extend(here.map(|word| format!("{name}:{number}: `{word}`")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut seen = 0;
    for (name, text) in documents() {
        let folder = root.join(&name);
        let folder = folder.parent().expect("a file is in a folder");
        let links = text.split("](").skip(1);
        for link in links.filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => root.join(&name),
                file => folder.join(file),
            };
            assert!(target.exists(), "{name}: no `{link}`");
            if !anchor.is_empty() {
                let target = fs::read_to_string(&target).expect("a link with `#` leads to a text");
                assert!(anchors(&target).contains(anchor), "{name}: no `{link}`");
            }
            seen += 1;
        }
    }
    assert!(seen >= 20, "{seen} links");
}

/// The link targets: `id`s, and headings in the form that they have in links on the web.
fn anchors(text: &str) -> BTreeSet<String> {
    let ids = text.split("id=\"").skip(1);
    let ids = ids
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let headings = headings.map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.replace(' ', "-");
        kept.chars()
            .filter(|c| c.is_alphanumeric() || "-_".contains(*c))
            .collect()
    });
    ids.chain(headings).collect()
}

/// The first cells of the rows of the table with this head.
fn first_cells<'a>(text: &'a str, head: &str) -> Vec<&'a str> {
    let (_, table) = text.split_once(head).expect("the table");
    let rows = table.lines().skip(2).map(str::trim);
    let rows = rows.take_while(|row| row.starts_with('|'));
    rows.filter_map(|row| row.split('|').nth(1))
        .map(str::trim)
        .collect()
}

/// The options in a table with this head: the first word of each row.
fn options<'a>(text: &'a str, head: &str) -> BTreeSet<&'a str> {
    let cells = first_cells(text, head).into_iter();
    let options = cells.filter_map(|cell| cell.strip_prefix('`'));
    options
        .filter_map(|cell| {
            cell.split(|c: char| c != '_' && !c.is_alphanumeric())
                .next()
        })
        .collect()
}

/// The documentation comments of `saga-core`, of all files together.
fn documentation_comments(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder of `saga-core`") {
        let path = entry.expect("a file of `saga-core`").path();
        if path.is_dir() {
            documentation_comments(&path, text);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let source = fs::read_to_string(&path).expect("a source of `saga-core`");
            let comments = source.lines().map(|line| line.trim().strip_prefix("///"));
            for line in comments {
                text.push_str(line.unwrap_or_default().trim());
                text.push('\n');
            }
        }
    }
}

#[test]
fn the_api_documentation_and_the_language_reference_have_the_same_options() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let reference = fs::read_to_string(root.join("docs/language.md")).expect("the reference");
    let mut api = String::new();
    documentation_comments(&root.join("saga-core/src"), &mut api);
    let of_saga = "| option | meaning | without it |";
    let of_step = "| option | meaning |\n";
    assert_eq!(options(&api, of_saga), options(&reference, of_saga));

    let api = options(&api, of_step);
    assert!(api.len() >= 10, "{api:?}");
    // The option that the table of the API documentation does not have yet.
    assert_eq!(api, options(&reference, of_step));
}
