//! The documents: each is read, its code is compiled, and its links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const DOCTESTS: &str = include_str!("../common/documents.rs");

/// Of the repository, with the path from its root.
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
            // `rs` is for fragments, which `readme.rs` and `testing_document.rs` compile and run.
            let known = match kind {
                "rust" | "text" | "sh" | "toml" => true,
                // Compiled: what it leaves is a file.
                "rust,no_run" => name == "README.md",
                // Compared with what a saga gives in `report_document.rs`.
                "json" => name == "docs/report.md",
                // Compared with what is drawn in `diagrams.rs` and `readme.rs`.
                "mermaid" => ["README.md", "docs/diagrams.md"].contains(&&*name),
                "dot" => name == "docs/diagrams.md",
                "rs" => ["README.md", "docs/testing.md"].contains(&&*name),
                _ => false,
            };
            assert_eq!(known, inside, "{name}:{number}: `{line}`");
        }
        assert!(!inside, "{name}: a block without an end");
    }
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

/// What can be linked to: `id`s, and headings as they are made to links on the web.
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
