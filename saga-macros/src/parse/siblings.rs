//! Blocks that stand beside another block whose saga has the same name.
//!
//! Each expansion sees one block alone, and no code that it could generate finds the other one (`docs/decisions.md`). So
//! this file remembers where each expanded block stands in the sources. If a name comes again in one file, it looks
//! whether both blocks are in one scope. rustc refuses two types of one name there, so this only improves a message:
//! wherever it is not certain, it says that there is no such block.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::Type;

/// Where the service of a block begins.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct BlockPlace {
    file: PathBuf,
    position: Position,
}

/// A line and a column of a file, both counted from 1.
type Position = (usize, usize);

/// The names of the sagas that are expanded, each at the place of its block.
static EXPANDED: Mutex<BTreeMap<BlockPlace, String>> = Mutex::new(BTreeMap::new());

/// Stand before the services of the blocks in the tokens of their file.
const THIS: &str = "__this_block";
const EARLIER: &str = "__earlier_block";

/// Attributes that leave a block as it is. Any other may remove it, as `#[cfg(..)]` does, or put it elsewhere.
const INERT: [&str; 6] = ["allow", "deny", "doc", "expect", "forbid", "warn"];

/// Whether an earlier block of the same scope has a saga of this name. Remembers the block.
pub(crate) fn has_earlier_namesake(saga: &Ident, service: &Type) -> bool {
    let Some(place) = place(service) else {
        return false;
    };
    let mut expanded = EXPANDED.lock().unwrap_or_else(PoisonError::into_inner);
    let earlier = expanded
        .range(..&place)
        .filter(|(earlier, name)| earlier.file == place.file && saga == name);
    let earlier: Vec<_> = earlier.map(|(earlier, _)| earlier.position).collect();
    expanded.insert(place.clone(), saga.to_string());
    drop(expanded);
    !earlier.is_empty()
        && fs::read_to_string(&place.file)
            .is_ok_and(|source| are_in_one_scope(&source, &earlier, place.position))
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

/// Whether the block at `this` is in one scope with a block at one of the earlier positions.
fn are_in_one_scope(source: &str, earlier: &[Position], this: Position) -> bool {
    marked(source, earlier, this)
        .and_then(|source| source.parse::<TokenStream>().ok())
        .is_some_and(|tokens| has_both(tokens, true))
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

/// Whether some scope has both a block that is marked as this one and one that is marked as earlier.
fn has_both(tokens: TokenStream, is_scope: bool) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let (mut has_this, mut has_earlier) = (false, false);
    for (index, token) in tokens.iter().enumerate() {
        let (before, _) = tokens.split_at(index);
        match token {
            TokenTree::Ident(mark) if is_scope && is_service_of_saga(before) => {
                has_this |= mark == THIS;
                has_earlier |= mark == EARLIER;
            }
            // What a macro makes of its tokens is not known.
            TokenTree::Group(group)
                if !is_macro(before)
                    && has_both(group.stream(), group.delimiter() == Delimiter::Brace) =>
            {
                return true;
            }
            _ => {}
        }
    }
    has_this && has_earlier
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
    use super::{Position, are_in_one_scope};

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
            "#[saga] impl @Shop {} mod a { #[saga] impl @Shop {} } #[saga] impl @Shop {}",
        ] {
            assert!(is_second(source), "{source}");
        }
    }

    #[test]
    fn blocks_that_may_not_meet_are_not() {
        for source in [
            "mod a { #[saga] impl @Shop {} } mod b { #[saga] impl @Shop {} }",
            "mod a { #[saga] impl @Shop {} #[saga] impl @Shop {} } mod b { #[saga] impl @Shop {} }",
            "#[saga] impl @Shop {} fn pay() { #[saga] impl @Shop {} }",
            "#[cfg(a)] #[saga] impl @Shop {} #[saga] impl @Shop {}",
            "#[saga] impl @Shop {} #[saga] #[cfg_attr(a, b)] impl @Shop {}",
            "#[in_a_module] #[saga] impl @Shop {} #[saga] impl @Shop {}",
            "#[saga] impl @Shop {} impl @Shop {}",
            "#[saga] impl Shop {} fn pay() -> @Shop {} #[saga] impl @Shop {}",
            "macro_rules! shop { () => { #[saga] impl @Shop {} #[saga] impl @Shop {} } }",
            "either! { #[saga] impl @Shop {} #[saga] impl @Shop {} }",
            "one!(@Shop); one!(@Shop);",
            "#[saga] impl @Shop {}",
        ] {
            assert!(!is_second(source), "{source}");
        }
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
