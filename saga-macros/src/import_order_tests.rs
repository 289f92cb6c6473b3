//! The order of the stages, held by tests: a file imports only from its own stage and those below, no files
//! import each other in a circle, and no two types have one name.
//!
//! A call of an inherent method needs no import, so these tests do not see it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, iter};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From the bottom to the top. Each room is a file or a folder.
const STAGES: [&[&str]; 8] = [
    &["errors", "util"],
    &["suggest"],
    &["parse"],
    &["model"],
    &["validate"],
    &["expand"],
    &["pipeline"],
    &["lib"],
];

/// Files that are there for tests alone.
const TESTS: [&str; 5] = [
    "message_tests",
    "snapshot_tests",
    "fragment_tests",
    "name_tests",
    "import_order_tests",
];

/// Macros whose tokens are code of the expansion, not of this crate.
const QUOTING: [&str; 5] = [
    "code",
    "parse_quote",
    "parse_quote_spanned",
    "quote",
    "quote_spanned",
];

/// The source files of a crate: by the path of the module, such as `["parse", "list"]`. Of `lib.rs` that is empty.
type Sources = BTreeMap<Vec<String>, String>;

/// An import, from the module of a file to that of another.
type Arrow = (Vec<String>, Vec<String>);

fn sources() -> Sources {
    let mut sources = Sources::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry of a folder").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let module = path.strip_prefix(&root).expect("a file in `src`");
            let module = module.with_extension("");
            let mut module: Vec<_> = module
                .iter()
                .map(|name| name.to_string_lossy().into_owned())
                .collect();
            if module
                .last()
                .is_some_and(|last| last == "mod" || last == "lib")
            {
                module.pop();
            }
            let is_test = module
                .first()
                .is_some_and(|room| TESTS.contains(&room.as_str()));
            if !is_test {
                let text = fs::read_to_string(&path).expect("a source is text");
                sources.insert(module, text);
            }
        }
    }
    sources
}

/// All imports, by paths that begin with `crate`, `super`, `self` or a child module.
fn arrows(sources: &Sources) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    for (module, text) in sources {
        let text = text.split("#[cfg(test)]\nmod tests").next();
        let tokens: TokenStream = text.unwrap_or_default().parse().expect("a source is Rust");
        let mut paths = Vec::new();
        collect_paths(tokens, module, sources, &mut paths);
        for path in paths {
            // The file is the longest beginning that names one; what follows is an item in it.
            let file = (0..=path.len()).rev().find_map(|length| {
                let file = path.get(..length)?;
                sources.contains_key(file).then(|| file.to_vec())
            });
            if let Some(file) = file.filter(|file| file != module) {
                arrows.insert((module.clone(), file));
            }
        }
    }
    arrows
}

/// Collects the paths into this crate, each from its root.
fn collect_paths(
    tokens: TokenStream,
    module: &[String],
    sources: &Sources,
    paths: &mut Vec<Vec<String>>,
) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let before = |distance| index.checked_sub(distance).and_then(|at| tokens.get(at));
        match token {
            TokenTree::Group(group) if !is_quoted(before(1), before(2)) => {
                collect_paths(group.stream(), module, sources, paths);
            }
            TokenTree::Ident(first) if !is_punct(before(1), ':') => {
                let rest = tokens.get(index + 1..).unwrap_or_default();
                let child: Vec<_> = module.iter().cloned().chain([first.to_string()]).collect();
                let parent = module.split_last().map_or(&[][..], |(_, parent)| parent);
                let start = match &*first.to_string() {
                    "crate" => Vec::new(),
                    "self" => module.to_vec(),
                    "super" => parent.to_vec(),
                    _ if sources.contains_key(&child) => child,
                    _ => continue,
                };
                if is_separator(rest) {
                    continue_path(&start, rest, paths);
                }
            }
            _ => {}
        }
    }
}

/// Follows a path, and each branch of a `use`, after its first segment.
fn continue_path(start: &[String], rest: &[TokenTree], paths: &mut Vec<Vec<String>>) {
    if !is_separator(rest) {
        paths.push(start.to_vec());
        return;
    }
    match rest.get(2) {
        Some(TokenTree::Ident(next)) => {
            let next: Vec<_> = start.iter().cloned().chain([next.to_string()]).collect();
            continue_path(&next, rest.get(3..).unwrap_or_default(), paths);
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let inside: Vec<_> = group.stream().into_iter().collect();
            for branch in inside.split(|token| is_punct(Some(token), ',')) {
                let Some((TokenTree::Ident(first), rest)) = branch.split_first() else {
                    continue;
                };
                let next: Vec<_> = start.iter().cloned().chain([first.to_string()]).collect();
                continue_path(&next, rest, paths);
            }
        }
        _ => paths.push(start.to_vec()),
    }
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    is_punct(tokens.first(), ':') && is_punct(tokens.get(1), ':')
}

fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// Whether the tokens after these two are those of a quoting macro.
fn is_quoted(mark: Option<&TokenTree>, name: Option<&TokenTree>) -> bool {
    let is_quoting = |name: &proc_macro2::Ident| QUOTING.iter().any(|quoting| name == quoting);
    is_punct(mark, '!') && matches!(name, Some(TokenTree::Ident(name)) if is_quoting(name))
}

fn stage(module: &[String]) -> usize {
    let room = module.first().map_or("lib", String::as_str);
    let stage = STAGES.iter().position(|rooms| rooms.contains(&room));
    stage.unwrap_or_else(|| panic!("`{room}` is in no stage: add it to `STAGES`"))
}

fn named(module: &[String]) -> String {
    let root = iter::once("crate".to_owned());
    let path: Vec<_> = root.chain(module.iter().cloned()).collect();
    path.join("::")
}

/// The imports of a higher stage.
fn arrows_up(sources: &Sources) -> Vec<String> {
    let arrows = arrows(sources);
    let up = arrows
        .iter()
        .filter(|(from, to)| stage(from) < stage(to))
        .map(|(from, to)| format!("{} -> {}", named(from), named(to)));
    up.collect()
}

/// The files of which each imports, over however many others, itself.
fn circles(sources: &Sources) -> Vec<String> {
    let arrows = arrows(sources);
    let reached = |start: &Vec<String>| {
        let mut reached = BTreeSet::new();
        let mut open = vec![start.clone()];
        while let Some(from) = open.pop() {
            let next = arrows.iter().filter(|(other, _)| *other == from);
            for (_, to) in next {
                if reached.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        reached
    };
    let in_a_circle = sources.keys().filter(|file| reached(file).contains(*file));
    in_a_circle.map(|file| named(file)).collect()
}

/// The names of the types that are defined, as often as they are.
fn type_names(sources: &Sources) -> Vec<String> {
    let mut names = Vec::new();
    for text in sources.values() {
        let tokens: TokenStream = text.parse().expect("a source is Rust");
        collect_type_names(tokens, &mut names);
    }
    names
}

fn collect_type_names(tokens: TokenStream, names: &mut Vec<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let before = |distance| index.checked_sub(distance).and_then(|at| tokens.get(at));
        match token {
            TokenTree::Group(group) if !is_quoted(before(1), before(2)) => {
                collect_type_names(group.stream(), names);
            }
            TokenTree::Ident(name) => {
                let defines = |keyword: &str| matches!(before(1), Some(TokenTree::Ident(ident)) if ident == keyword);
                if ["struct", "enum", "trait", "union"]
                    .into_iter()
                    .any(defines)
                {
                    names.push(name.to_string());
                }
            }
            _ => {}
        }
    }
}

/// The sources of this crate with one more line in a file.
fn planted(module: &[&str], line: &str) -> Sources {
    let mut sources = sources();
    let module: Vec<_> = module.iter().map(|name| (*name).to_owned()).collect();
    let text = sources.get_mut(&module).expect("a file of this crate");
    text.insert_str(0, &format!("{line}\n"));
    sources
}

#[test]
fn a_file_imports_only_from_its_own_stage_and_those_below() {
    let sources = sources();
    for module in sources.keys() {
        stage(module);
    }
    assert_eq!(arrows_up(&sources), Vec::<String>::new());
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_eq!(circles(&sources()), Vec::<String>::new());
}

#[test]
fn no_two_types_have_one_name() {
    let names = type_names(&sources());
    assert!(names.len() > 40, "{names:?}");
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = names.iter().filter(|name| !seen.insert(*name)).collect();
    assert_eq!(twice, Vec::<&String>::new());
    let names = type_names(&planted(&["errors"], "pub(crate) struct Saga;"));
    assert_eq!(names.iter().filter(|name| *name == "Saga").count(), 2);
}

#[test]
fn imports_are_found_in_this_crate() {
    let arrows = arrows(&sources());
    let has = |from: &[&str], to: &[&str]| {
        let owned = |module: &[&str]| module.iter().map(|&name| name.to_owned()).collect();
        arrows.contains(&(owned(from), owned(to)))
    };
    assert!(arrows.len() > 100, "{}", arrows.len());
    assert!(has(&[], &["pipeline"]));
    assert!(has(&["pipeline"], &["expand"]));
    assert!(has(&["model"], &["model", "saga"]));
    assert!(has(&["model", "build"], &["parse", "block"]));
}

#[test]
fn an_import_of_a_higher_stage_is_found() {
    let sources = planted(
        &["parse", "list"],
        "use crate::{errors::Errors, model::{Saga, Step}};",
    );
    assert_eq!(arrows_up(&sources), ["crate::parse::list -> crate::model"]);
    let sources = planted(&["errors"], "fn up() { super::util::names::plain; }");
    assert_eq!(arrows_up(&sources), Vec::<String>::new());
    let sources = planted(&["errors"], "fn up() { crate::pipeline::saga; }");
    assert_eq!(arrows_up(&sources), ["crate::errors -> crate::pipeline"]);
}

#[test]
fn files_that_import_each_other_are_found() {
    let sources = planted(&["parse", "list"], "use super::options::StepOptions;");
    let circles = circles(&sources);
    assert!(
        circles.contains(&"crate::parse::list".to_owned())
            && circles.contains(&"crate::parse::options".to_owned()),
        "{circles:?}"
    );
    let sources = planted(&["model", "step"], "use super::Saga;");
    assert!(!self::circles(&sources).is_empty());
}
