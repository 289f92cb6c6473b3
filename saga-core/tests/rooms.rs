//! The rooms of this crate import in one direction: the arrows between them, derived from the `use` lines of the
//! sources, are those of the list in `docs/structure.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The source files, by their path below `src`.
fn sources() -> BTreeMap<String, String> {
    let (mut sources, mut folders) = (BTreeMap::new(), vec![at("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let name = path.strip_prefix(at("src")).unwrap();
                let name = name.to_str().unwrap().replace('\\', "/");
                sources.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    sources
}

/// The room that a file is in: its folder, or the file itself.
fn room_of(file: &str) -> &str {
    let first = file.split('/').next().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The code of a file, without comments, texts and its unit tests.
fn code_of(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names behind each `crate::` of a piece of code.
fn imported(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (index, _) in code.match_indices("crate::") {
        if code[..index].ends_with(|before: char| before.is_alphanumeric() || before == '$') {
            continue;
        }
        let rest = &code[index + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => names.push(name_at(rest)),
            Some(list) => names.extend(heads_of(list)),
        }
    }
    names
}

fn name_at(text: &str) -> String {
    let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
    text.chars().take_while(is_part).collect()
}

/// The first name of each entry of a list in braces.
fn heads_of(list: &str) -> Vec<String> {
    let (mut depth, mut heads, mut is_head) = (0_usize, Vec::new(), true);
    for (index, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_head = true,
            _ if is_head && !c.is_whitespace() => {
                heads.push(name_at(&list[index..]));
                is_head = false;
            }
            _ => {}
        }
    }
    heads
}

/// Which room imports from which others, and which files import from a room that stands below theirs.
fn derived(rooms: &[String]) -> (Arrows, Arrows) {
    let position = |room: &str| rooms.iter().position(|other| other == room);
    let (mut arrows, mut upward) = (Arrows::new(), Arrows::new());
    for (file, source) in sources() {
        let room = room_of(&file).to_owned();
        if room == "lib" {
            continue;
        }
        let from = position(&room).unwrap_or_else(|| panic!("`{room}` is not in the list"));
        arrows.entry(room.clone()).or_default();
        for name in imported(&code_of(&source)) {
            let to = position(&name).unwrap_or_else(|| {
                panic!(
                    "src/{file} imports `crate::{name}`, which is no room: name the room it is in"
                )
            });
            if to > from {
                upward.entry(file.clone()).or_default().insert(name);
            } else if to < from {
                arrows.entry(room.clone()).or_default().insert(name);
            }
        }
    }
    (arrows, upward)
}

/// The list of the document: the rooms in their order, the arrows, and those that may point up.
fn listed() -> (Vec<String>, Arrows, Arrows) {
    let document = fs::read_to_string(at("../docs/structure.md")).unwrap();
    let (_, list) = document.split_once("```text\nutil ").unwrap();
    let (list, _) = list.split_once("```").unwrap();
    let (mut rooms, mut arrows, mut upward) = (Vec::new(), Arrows::new(), Arrows::new());
    for line in format!("util {list}").lines() {
        let (room, from) = line.split_once("<-").unwrap();
        let (from, up) = from.split_once('(').unwrap_or((from, ""));
        let room = room.trim().to_owned();
        let names = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        arrows.insert(room.clone(), names(from));
        rooms.push(room);
        if let Some((file, to)) = up.trim_end_matches(')').split_once(':') {
            upward.insert(file.to_owned(), names(to));
        }
    }
    (rooms, arrows, upward)
}

#[test]
fn rooms_import_only_from_those_that_the_list_has_above_them() {
    let (rooms, listed_arrows, listed_upward) = listed();
    assert!(rooms.len() > 10, "the list was not read: {rooms:?}");
    let (arrows, upward) = derived(&rooms);
    assert_eq!(
        upward, listed_upward,
        "imports that point up: derived (left), and allowed in docs/structure.md (right)"
    );
    for room in &rooms {
        let (derived, listed) = (arrows.get(room), listed_arrows.get(room));
        assert_eq!(
            derived, listed,
            "what `{room}` imports from: derived (left), and in docs/structure.md (right)"
        );
    }
}

#[test]
fn every_kind_of_import_is_seen() {
    let code = "use crate::run::{Call, Run};\nuse crate::{a::B, c::{d, e}, F};\nlet x = crate::g::h();\n\
                macro!($crate::hidden);";
    assert_eq!(imported(code), ["run", "a", "c", "F", "g"]);
}

#[test]
fn no_two_types_have_one_name() {
    // In place of each other, by a feature.
    const TWINS: [&str; 3] = [
        "attempt/no_spans.rs",
        "expansion/not_journaled.rs",
        "run/no_caller.rs",
    ];
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, source) in sources() {
        if TWINS.contains(&&*file) {
            continue;
        }
        for line in code_of(&source).lines() {
            let mut words = line
                .split_whitespace()
                .filter(|word| !word.starts_with("pub"));
            let word = words.find(|word| !["super)", "crate)", "in"].contains(word));
            if let Some("struct" | "enum" | "trait" | "union") = word
                && let Some(name) = words.next()
            {
                files.entry(name_at(name)).or_default().push(file.clone());
            }
        }
    }
    assert!(files.len() > 100, "the types were not read");
    files.retain(|_, files| files.len() > 1);
    assert!(files.is_empty(), "types of one name: {files:#?}");
}
