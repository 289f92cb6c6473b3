//! Names in generated code: the user may have other items with the names of primitive types and of the prelude, so an
//! expansion writes neither without its path.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use crate::snapshot_tests::{Written, all};

/// The names of the primitive types, and those of the prelude that are not macros.
const NAMES: [&str; 55] = [
    "bool",
    "char",
    "str",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "Option",
    "Some",
    "None",
    "Result",
    "Ok",
    "Err",
    "Box",
    "String",
    "Vec",
    "Send",
    "Sync",
    "Sized",
    "Unpin",
    "Copy",
    "Clone",
    "Drop",
    "drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "AsyncFn",
    "AsRef",
    "AsMut",
    "Into",
    "From",
    "TryFrom",
    "TryInto",
    "Default",
    "Iterator",
    "IntoIterator",
    "Extend",
    "FromIterator",
    "Future",
    "IntoFuture",
    "ToOwned",
    "ToString",
    "Eq",
    "Ord",
];

/// Calls `found` for each such name that no `::`, `.` or `fn` precedes, and that no `!` follows.
fn each_bare_name(tokens: TokenStream, found: &mut dyn FnMut(&str)) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => each_bare_name(group.stream(), found),
            TokenTree::Ident(name) if is_bare(&tokens, index) => {
                let name = name.to_string();
                if NAMES.contains(&&*name) {
                    found(&name);
                }
            }
            _ => {}
        }
    }
}

fn is_bare(tokens: &[TokenTree], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    match before {
        Some(TokenTree::Punct(punct)) if punct.as_char() == '.' => false,
        Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => {
            let earlier = index.checked_sub(2).and_then(|before| tokens.get(before));
            !matches!(earlier, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
        }
        Some(TokenTree::Ident(word)) => word != "fn",
        _ => true,
    }
}

/// Writes the user's names of this kind with a path, so that those without are the macro's.
fn with_paths(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut written = TokenStream::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inside = with_paths(group.stream());
                written.extend([TokenTree::Group(Group::new(group.delimiter(), inside))]);
            }
            TokenTree::Ident(name)
                if is_bare(&tokens, index) && NAMES.contains(&&*name.to_string()) =>
            {
                written.extend(quote!(user::#name));
            }
            token => written.extend([token.clone()]),
        }
    }
    written
}

#[test]
fn generated_code_writes_no_primitive_type_and_no_name_of_the_prelude_without_its_path() {
    for Written { arguments, block } in all() {
        // The step `send` is the variant `Send` of the error enum.
        let steps = block.to_string();
        let is_step = |name: &str| steps.contains(&format!(" fn {} ", name.to_lowercase()));
        let written = Written {
            arguments,
            block: with_paths(block),
        };
        let expansion = written.expanded();
        let mut names = Vec::new();
        each_bare_name(expansion.clone(), &mut |name| {
            if !is_step(name) {
                names.push(name.to_owned());
            }
        });
        assert!(names.is_empty(), "{names:?} in {expansion}");
    }
}
