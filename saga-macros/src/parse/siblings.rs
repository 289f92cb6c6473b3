//! Blocks that stand beside other blocks: of which one has the same name, or that run each other's sagas in a circle.
//!
//! Each expansion sees one block alone, and no code that it could generate finds the other ones (`docs/decisions.md`). So
//! this file remembers where each expanded block stands in the sources. If a name comes again in one file, it looks
//! whether the blocks are in one scope. rustc refuses what is found, so this only improves a message: wherever it is not
//! certain, it finds nothing.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::Type;

/// Where the service of a block begins.
#[derive(PartialEq, Eq)]
struct BlockPlace {
    file: PathBuf,
    position: Position,
}

/// A line and a column of a file, both counted from 1.
type Position = (usize, usize);

/// What is remembered of a block.
struct Expanded {
    place: BlockPlace,
    saga: String,
    /// The names of the sagas that its steps run.
    runs: Vec<String>,
}

/// The blocks that are expanded, each once.
static EXPANDED: Mutex<Vec<Expanded>> = Mutex::new(Vec::new());

/// What other blocks of its scope, expanded before, have to do with a block.
#[derive(Default)]
pub(crate) struct Siblings {
    /// Whether one has a saga of the same name.
    pub(crate) has_namesake: bool,
    /// The circles of sagas: each begins with one that this block runs, each runs the next, and the last runs this one.
    pub(crate) circles: Vec<Vec<String>>,
}

/// Stand before the services of the blocks in the tokens of their file.
const THIS: &str = "__this_block";
const EARLIER: &str = "__earlier_block";

/// Attributes that leave a block as it is. Any other may remove it, as `#[cfg(..)]` does, or put it elsewhere.
const INERT: [&str; 6] = ["allow", "deny", "doc", "expect", "forbid", "warn"];

impl Siblings {
    /// Finds the siblings of a block, which runs the sagas of these names. Remembers the block.
    pub(crate) fn of(saga: &Ident, service: &Type, runs: Vec<String>) -> Self {
        let Some(place) = place(service) else {
            return Self::default();
        };
        let mut expanded = EXPANDED.lock().unwrap_or_else(PoisonError::into_inner);
        expanded.retain(|other| other.place != place);
        let this = Expanded {
            place,
            saga: saga.to_string(),
            runs,
        };
        let earlier = expanded.iter().filter(|other| {
            other.place.file == this.place.file && other.place.position < this.place.position
        });
        let found = Self::among(&earlier.collect::<Vec<_>>(), &this);
        expanded.push(this);
        found
    }

    fn among(earlier: &[&Expanded], this: &Expanded) -> Self {
        let namesakes = earlier.iter().filter(|other| other.saga == this.saga);
        let namesakes: Vec<_> = namesakes.map(|other| vec![*other]).collect();
        let mut circles = Vec::new();
        for run in &this.runs {
            find_circles(earlier, this, run, &mut Vec::new(), &mut circles);
        }
        if namesakes.is_empty() && circles.is_empty() {
            return Self::default();
        }
        let Ok(source) = fs::read_to_string(&this.place.file) else {
            return Self::default();
        };
        let is_certain = |others: &Vec<&Expanded>| {
            let others: Vec<_> = others.iter().map(|other| other.place.position).collect();
            are_in_one_scope(&source, &others, this.place.position)
        };
        let names =
            |circle: Vec<&Expanded>| circle.iter().map(|other| other.saga.clone()).collect();
        Self {
            has_namesake: namesakes.iter().any(is_certain),
            circles: circles.into_iter().filter(is_certain).map(names).collect(),
        }
    }
}

/// Finds the ways from the saga `next` to `this`. A name is that of the sibling, if the sibling is in the same scope: a
/// scope has no other type of the name.
fn find_circles<'e>(
    earlier: &[&'e Expanded],
    this: &Expanded,
    next: &str,
    way: &mut Vec<&'e Expanded>,
    circles: &mut Vec<Vec<&'e Expanded>>,
) {
    for &other in earlier.iter().filter(|other| other.saga == next) {
        if way.iter().any(|known| known.place == other.place) {
            continue;
        }
        way.push(other);
        for run in &other.runs {
            if *run == this.saga {
                circles.push(way.clone());
            } else {
                find_circles(earlier, this, run, way, circles);
            }
        }
        way.pop();
    }
}

/// Returns the place of a block. There is none in tests, which run without a compiler, and in some editors.
fn place(service: &Type) -> Option<BlockPlace> {
    let first = service.to_token_stream().into_iter().next()?;
    if !proc_macro::is_available() {
        return None;
    }
    let span = first.span().unwrap();
    Some(BlockPlace {
        file: span.local_file()?,
        position: (span.line(), span.column()),
    })
}

/// Whether the block at `this` and those at the earlier positions are in one scope.
fn are_in_one_scope(source: &str, earlier: &[Position], this: Position) -> bool {
    marked(source, earlier, this)
        .and_then(|source| source.parse::<TokenStream>().ok())
        .is_some_and(|tokens| has_all(tokens, true, earlier.len()))
}

/// Returns the source with a mark at each position.
fn marked(source: &str, earlier: &[Position], this: Position) -> Option<String> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    // The first line may be one for a shell.
    if source.starts_with("#!") && !source.starts_with("#![") {
        return None;
    }
    let earlier = earlier.iter().map(|&position| (position, EARLIER));
    let mut marks: Vec<_> = earlier.chain([(this, THIS)]).collect();
    marks.sort_unstable();
    let mut marked = source.to_owned();
    for ((line, column), mark) in marks.into_iter().rev() {
        let mut lines = source.split_inclusive('\n');
        let before: usize = lines
            .by_ref()
            .take(line.checked_sub(1)?)
            .map(str::len)
            .sum();
        let (in_line, _) = lines.next()?.char_indices().nth(column.checked_sub(1)?)?;
        marked.insert_str(before + in_line, &format!(" {mark} "));
    }
    Some(marked)
}

/// Whether some scope has the block that is marked as this one, and as many that are marked as earlier.
fn has_all(tokens: TokenStream, is_scope: bool, earlier: usize) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let (mut has_this, mut found) = (false, 0);
    for (index, token) in tokens.iter().enumerate() {
        let (before, _) = tokens.split_at(index);
        match token {
            TokenTree::Ident(mark) if is_scope && is_service_of_saga(before) => {
                has_this |= mark == THIS;
                found += usize::from(mark == EARLIER);
            }
            // What a macro makes of its tokens is not known.
            TokenTree::Group(group)
                if !is_macro(before)
                    && has_all(
                        group.stream(),
                        group.delimiter() == Delimiter::Brace,
                        earlier,
                    ) =>
            {
                return true;
            }
            _ => {}
        }
    }
    has_this && found == earlier
}

/// Whether these tokens end with the beginning of a block, up to its service, that certainly becomes a saga here.
fn is_service_of_saga(before: &[TokenTree]) -> bool {
    let is_impl = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "impl");
    let Some(start) = before.iter().rposition(is_impl) else {
        return false;
    };
    let (mut before, generics) = before.split_at(start);
    let is_item_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    if generics.iter().any(is_item_end) {
        return false;
    }
    let mut is_saga = false;
    while let [
        rest @ ..,
        TokenTree::Punct(mark),
        TokenTree::Group(attribute),
    ] = before
    {
        if mark.as_char() != '#' || attribute.delimiter() != Delimiter::Bracket {
            break;
        }
        let path = attribute.stream().into_iter();
        let path = path.map_while(|token| match token {
            TokenTree::Ident(segment) => Some(Some(segment)),
            TokenTree::Punct(punct) => (punct.as_char() == ':').then_some(None),
            TokenTree::Group(_) | TokenTree::Literal(_) => None,
        });
        let Some(last) = path.flatten().last() else {
            return false;
        };
        if last == "saga" {
            is_saga = true;
        } else if !INERT.iter().any(|inert| last == inert) {
            return false;
        }
        before = rest;
    }
    is_saga
}

/// Whether the group after these tokens is the argument of a macro, or the body of a `macro_rules!`.
fn is_macro(before: &[TokenTree]) -> bool {
    let before = match before {
        [rest @ .., TokenTree::Punct(_), TokenTree::Ident(_)] => {
            before.get(..=rest.len()).unwrap_or_default()
        }
        _ => before,
    };
    matches!(before, [.., TokenTree::Ident(_), TokenTree::Punct(mark)] if mark.as_char() == '!')
}

#[cfg(test)]
mod tests {
    use super::{BlockPlace, Expanded, PathBuf, Position, are_in_one_scope, find_circles};

    /// Whether the last block of the source is in one scope with an earlier one. `@` marks the services.
    fn is_second(source: &str) -> bool {
        let mut positions: Vec<Position> = Vec::new();
        for (line, text) in source.lines().enumerate() {
            let mut column = 1;
            for part in text.split('@') {
                column += part.chars().count();
                positions.push((line + 1, column));
            }
            // It is the end of the line.
            positions.pop();
        }
        let this = positions.pop().expect("a block");
        are_in_one_scope(&source.replace('@', ""), &positions, this)
    }

    #[test]
    fn two_blocks_in_one_scope_are_found() {
        for source in [
            "#[saga] impl @Shop {}\n#[saga] impl @Shop {}",
            "#[saga] impl @Shop {} struct Ü; /* ü */ #[saga(name = \"é\")] impl @Shop {}",
            "\u{feff}#![allow(x)]\r\n#[saga] impl @Shop {}\r\n#[saga] impl @Shop {}\r\n",
            "#[saga_core::saga] impl<T> @Shop<T> {}\n/// Pays.\n#[saga]\n#[allow(x)]\nimpl<T: A<B>> @Shop<T> {}",
            "#[cfg(test)] mod tests { #[saga] impl @Shop {} fn pay() {} #[saga] impl @Shop {} }",
            "fn main() { spawn(async { #[saga] impl @Shop {} #[saga] impl @Shop {} }); }",
        ] {
            assert!(is_second(source), "{source}");
        }
    }

    #[test]
    fn blocks_that_may_not_meet_are_not() {
        for source in [
            "mod a { #[saga] impl @Shop {} } mod b { #[saga] impl @Shop {} }",
            "mod a { #[saga] impl @Shop {} #[saga] impl @Shop {} } mod b { #[saga] impl @Shop {} }",
            "#[saga] impl @Shop {} mod a { #[saga] impl @Shop {} } #[saga] impl @Shop {}",
            "#[saga] impl @Shop {} fn pay() { #[saga] impl @Shop {} }",
            "#[cfg(a)] #[saga] impl @Shop {} #[saga] impl @Shop {}",
            "#[saga] impl @Shop {} #[saga] #[cfg_attr(a, b)] impl @Shop {}",
            "#[in_a_module] #[saga] impl @Shop {} #[saga] impl @Shop {}",
            "#[saga] impl @Shop {} impl @Shop {}",
            "#[saga] impl Shop {} fn pay() -> @Shop {} #[saga] impl @Shop {}",
            "macro_rules! shop { () => { #[saga] impl @Shop {} #[saga] impl @Shop {} } }",
            "either! { #[saga] impl @Shop {} #[saga] impl @Shop {} }",
            "one!(@Shop); one!(@Shop);",
        ] {
            assert!(!is_second(source), "{source}");
        }
    }

    #[test]
    fn circles_are_found_by_name() {
        let block = |line, saga: &str, runs: &[&str]| Expanded {
            place: BlockPlace {
                file: PathBuf::new(),
                position: (line, 1),
            },
            saga: saga.to_owned(),
            runs: runs.iter().map(|&run| run.to_owned()).collect(),
        };
        let earlier = [
            block(1, "A", &["B", "D"]),
            block(2, "B", &["A", "C"]),
            block(3, "C", &["D"]),
        ];
        let circles = |runs: &[&str]| {
            let mut circles = Vec::new();
            for run in runs {
                let (all, this) = (earlier.iter().collect::<Vec<_>>(), block(4, "D", runs));
                find_circles(&all, &this, run, &mut Vec::new(), &mut circles);
            }
            let circles = circles.into_iter();
            let named = circles.map(|way| way.iter().map(|other| &*other.saga).collect());
            named.collect::<Vec<String>>()
        };
        assert_eq!(circles(&["C"]), ["C"]);
        assert_eq!(circles(&["A"]), ["ABC", "A"]);
        assert_eq!(circles(&["E"]), Vec::<String>::new());
    }

    #[test]
    fn a_source_that_has_changed_is_not_read() {
        let source = "#[saga] impl Shop {}";
        assert!(!are_in_one_scope(source, &[(1, 14)], (2, 14)));
        assert!(!are_in_one_scope(source, &[(0, 0)], (1, 14)));
        assert!(!are_in_one_scope(
            "#[saga] impl Shop {",
            &[(1, 14)],
            (1, 14)
        ));
        assert!(!are_in_one_scope(
            "#!/bin/sh\n#[saga] impl A {} #[saga] impl A {}",
            &[(2, 14)],
            (2, 32)
        ));
    }
}
