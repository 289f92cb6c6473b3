//! The parameters of the service that a generated item needs: those in its types, and those in the bounds of these.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericParam, Generics, WherePredicate};

use super::context::{Expansion, code};

impl Expansion<'_> {
    /// Returns the generics of the service that occur in `used`, and those that their bounds name.
    pub(super) fn generics_in(&self, used: &TokenStream) -> Generics {
        let all = &self.saga.generics;
        let params: BTreeSet<_> = all.params.iter().map(name_of).collect();
        let predicates = all
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates);
        // `C::Error` needs the bound that has `Error`, such as `C: Client<K>`, and so `K`.
        let is_projected = has_projection(used, &params);
        let mut wanted = names_in(used);
        // The bounds of one parameter may use others.
        loop {
            let before = wanted.len();
            for param in &all.params {
                if wanted.contains(&name_of(param)) {
                    wanted.extend(names_in(&param.to_token_stream()));
                }
            }
            for predicate in predicates.clone().filter(|_| is_projected) {
                if is_bound_of(predicate, &wanted, &params) {
                    wanted.extend(names_in(&predicate.to_token_stream()));
                }
            }
            if wanted.len() == before {
                break;
            }
        }
        let is_wanted = |param: &&GenericParam| wanted.contains(&name_of(param));
        let mut kept = Generics {
            params: all.params.iter().filter(is_wanted).cloned().collect(),
            ..Generics::default()
        };
        let dropped: BTreeSet<_> = params.difference(&wanted).cloned().collect();
        let predicates: Vec<_> = predicates.filter_map(|of| without(of, &dropped)).collect();
        if !predicates.is_empty() {
            kept.make_where_clause().predicates.extend(predicates);
        }
        kept
    }

    /// Returns how a field mentions those of `generics` that `used` does not.
    pub(super) fn mention(&self, generics: &Generics, used: &TokenStream) -> Mention {
        let used = names_in(used);
        let unused = |param: &&GenericParam| !used.contains(&name_of(param));
        let unused = generics
            .params
            .iter()
            .filter(unused)
            .map(|param| match param {
                GenericParam::Lifetime(param) => {
                    let lifetime = &param.lifetime;
                    code!(&#lifetime ())
                }
                GenericParam::Type(param) => {
                    let ident = &param.ident;
                    code!(::core::marker::PhantomData<#ident>)
                }
                GenericParam::Const(param) => {
                    let ident = &param.ident;
                    code!([(); #ident])
                }
            });
        Mention {
            krate: self.krate.to_token_stream(),
            unused: unused.collect(),
        }
    }
}

/// Parameters that only the bounds of an item name: the compiler wants each in a field too.
#[derive(Default)]
pub(super) struct Mention {
    krate: TokenStream,
    unused: Vec<TokenStream>,
}

impl Mention {
    /// Returns the type of a field, which mentions them.
    pub(super) fn in_field(&self, ty: TokenStream) -> TokenStream {
        let Self { krate, unused } = self;
        if unused.is_empty() {
            return ty;
        }
        code!(<#krate::checks::Mentions<(#(#unused,)*)> as #krate::checks::Of<#ty>>::Type)
    }
}

/// Whether a predicate is a bound of a type that names parameters, and only those in `wanted`.
fn is_bound_of(
    predicate: &WherePredicate,
    wanted: &BTreeSet<String>,
    params: &BTreeSet<String>,
) -> bool {
    let WherePredicate::Type(predicate) = predicate else {
        return false;
    };
    let mut named = names_in(&predicate.bounded_ty.to_token_stream());
    named.retain(|name| params.contains(name));
    !named.is_empty() && named.is_subset(wanted)
}

/// Returns a predicate without its bounds that name a parameter in `dropped`, if one is left.
fn without(predicate: &WherePredicate, dropped: &BTreeSet<String>) -> Option<WherePredicate> {
    let fits = |tokens: &dyn ToTokens| names_in(&tokens.to_token_stream()).is_disjoint(dropped);
    let WherePredicate::Type(of_type) = predicate else {
        return fits(predicate).then(|| predicate.clone());
    };
    let mut of_type = of_type.clone();
    let bounds = of_type.bounds.iter().filter(|bound| fits(bound)).cloned();
    of_type.bounds = bounds.collect();
    let is_kept = fits(&of_type.bounded_ty) && !of_type.bounds.is_empty();
    is_kept.then_some(WherePredicate::Type(of_type))
}

/// Whether some tokens name an associated type, as `C::Error` and `<C as Client>::Error`.
fn has_projection(tokens: &TokenStream, params: &BTreeSet<String>) -> bool {
    let mut is_head = false;
    let mut is_after_path = false;
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_colon =
            |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                let is_path = tokens.next_if(is_colon).is_some();
                if is_path && is_head {
                    return true;
                }
                is_after_path = is_path;
                is_head = false;
                continue;
            }
            TokenTree::Punct(punct) => is_head = punct.as_char() == '>',
            TokenTree::Ident(ident) => {
                is_head = !is_after_path && params.contains(&ident.to_string());
            }
            TokenTree::Group(group) => {
                if has_projection(&group.stream(), params) {
                    return true;
                }
                is_head = false;
            }
            TokenTree::Literal(_) => is_head = false,
        }
        is_after_path = false;
    }
    false
}

/// A parameter of the service, as an argument.
fn argument(param: &GenericParam) -> TokenStream {
    match param {
        GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Const(param) => param.ident.to_token_stream(),
    }
}

/// Returns `::<T, N>` if there are such parameters. Lifetimes are inferred.
pub(super) fn turbofish(generics: &Generics) -> Option<TokenStream> {
    let given = |param: &&GenericParam| !matches!(param, GenericParam::Lifetime(_));
    let arguments: Vec<_> = generics.params.iter().filter(given).map(argument).collect();
    (!arguments.is_empty()).then(|| code!(::<#(#arguments),*>))
}

fn name_of(param: &GenericParam) -> String {
    argument(param).to_string().replace(' ', "")
}

/// Every identifier and lifetime in some tokens that may be a parameter: it does not follow `::`.
fn names_in(tokens: &TokenStream) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let (mut apostrophe, mut colons) = (false, 0);
    for token in tokens.clone() {
        let (after_apostrophe, after_path) = (apostrophe, colons >= 2);
        (apostrophe, colons) = match &token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => (false, colons + 1),
            TokenTree::Punct(punct) => (punct.as_char() == '\'', 0),
            _ => (false, 0),
        };
        match token {
            TokenTree::Group(group) => names.extend(names_in(&group.stream())),
            TokenTree::Ident(ident) if after_apostrophe => drop(names.insert(format!("'{ident}"))),
            TokenTree::Ident(ident) if !after_path => drop(names.insert(ident.to_string())),
            _ => {}
        }
    }
    names
}
