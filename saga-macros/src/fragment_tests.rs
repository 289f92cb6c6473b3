//! Blocks from `macro_rules!`, with invisible groups around their fragments; and blocks of unusual form.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Expr, ImplItem, Meta, Type};

use crate::pipeline;
use crate::snapshot_tests::{Written, all};

/// Puts tokens in an invisible group.
fn grouped(tokens: TokenStream) -> TokenTree {
    Group::new(Delimiter::None, tokens).into()
}

/// Whether `macro_rules!` can put these tokens in a group of their own, which no token after it takes apart.
fn is_fragment(tokens: &TokenStream, next: Option<&TokenTree>) -> bool {
    let is_punct = |token: &TokenTree, mark| matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark);
    if next.is_some_and(|next| is_punct(next, ':'))
        || tokens
            .clone()
            .into_iter()
            .any(|token| is_punct(&token, '+'))
    {
        return false;
    }
    syn::parse2::<Type>(tokens.clone()).is_ok()
        || syn::parse2::<Expr>(tokens.clone())
            // This is part of a type.
            .is_ok_and(|expr| !matches!(expr, Expr::Binary(_)))
        || syn::parse2::<ImplItem>(tokens.clone()).is_ok()
        || syn::parse2::<Meta>(tokens.clone()).is_ok()
}

/// Returns the tokens once for each fragment in them, with that one in an invisible group. Code in braces stays.
fn with_each_fragment_grouped(tokens: &TokenStream, is_in_block: bool) -> Vec<TokenStream> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for start in 0..tokens.len() {
        let (before, rest) = tokens.split_at(start);
        for length in 1..=rest.len() {
            let (inside, after) = rest.split_at(length);
            let inside: TokenStream = inside.iter().cloned().collect();
            if is_fragment(&inside, after.first()) {
                let before = before.iter().cloned();
                let after = after.iter().cloned();
                all.push(before.chain([grouped(inside)]).chain(after).collect());
            }
        }
        if let Some((TokenTree::Group(group), after)) = rest.split_first() {
            let is_brace = group.delimiter() == Delimiter::Brace;
            if is_brace && is_in_block {
                continue;
            }
            for inside in with_each_fragment_grouped(&group.stream(), is_in_block || is_brace) {
                let outer = Group::new(group.delimiter(), inside);
                let before = before.iter().cloned();
                let after = after.iter().cloned();
                all.push(before.chain([outer.into()]).chain(after).collect());
            }
        }
    }
    all
}

#[test]
fn an_invisible_group_around_a_fragment_changes_nothing() {
    let mut count = 0;
    for Written { arguments, block } in all() {
        let expected = pipeline::saga(arguments.clone(), block.clone()).to_string();
        let mut compare = |arguments: TokenStream, block: TokenStream| {
            count += 1;
            let expansion = pipeline::saga(arguments.clone(), block.clone()).to_string();
            assert!(
                expansion == expected,
                "#[saga({arguments})] {block}\n{expansion}"
            );
        };
        for grouped in with_each_fragment_grouped(&block, false) {
            compare(arguments.clone(), grouped);
        }
        for grouped in with_each_fragment_grouped(&arguments, false) {
            compare(grouped, block.clone());
        }
    }
    assert!(count > 500, "only {count} fragments were found");
}

#[test]
fn a_fragment_stays_together() {
    let block = |before: TokenStream, fragment: TokenStream, after: TokenStream| {
        let fragment = grouped(fragment);
        let tokens = quote!(impl Shop { #before #fragment #after });
        crate::parse::invisible::without_invisible_groups(tokens).to_string()
    };
    let pair = quote!(Pair<A, B>);
    for (before, fragment, after, expected) in [
        (quote!(&), quote!(dyn A + B), quote!(), quote!(&(dyn A + B))),
        (
            quote!(&),
            quote!(impl A + B),
            quote!(),
            quote!(&(impl A + B)),
        ),
        (
            quote!(),
            pair.clone(),
            quote!(::Item),
            quote!(<#pair>::Item),
        ),
        (quote!(), quote!([u8]), quote!(::Item), quote!(<[u8]>::Item)),
        (quote!(), quote!(T), quote!(::Item), quote!(T::Item)),
        (quote!(2 *), quote!(1 + N), quote!(), quote!(2 * (1 + N))),
        (quote!(), quote!(-1), quote!(), quote!(-1)),
        (quote!(), quote!(-1), quote!(.abs()), quote!((-1).abs())),
        (quote!(), quote!(&self.a), quote!(.b), quote!((&self.a).b)),
        (quote!(), quote!(&self.a), quote!(), quote!(&self.a)),
        (quote!(*), quote!(self.a), quote!(.b), quote!(*self.a.b)),
        (
            quote!(),
            quote!(self.a as u8),
            quote!(),
            quote!((self.a as u8)),
        ),
        (quote!(), quote!(), quote!(fn), quote!(fn)),
        (quote!(), quote!({ $ }), quote!(), quote!({ $ })),
    ] {
        let expected = quote!(impl Shop { #expected }).to_string();
        assert_eq!(block(before, fragment, after), expected);
    }
}

#[test]
fn the_body_of_a_method_keeps_its_groups() {
    let fragment = grouped(quote!(1 + 1));
    let block = quote! {
        impl Shop {
            #[step]
            async fn only(&self) -> Result<u8, E> {
                Ok(2 * #fragment)
            }
        }
    };
    let expansion = pipeline::saga(quote!(), block).to_string();
    // `proc_macro2` writes no marks for an invisible group.
    assert!(expansion.contains("Ok (2 * 1 + 1)"), "{expansion}");
}

/// The services of a block, most of which cannot have one.
fn services() -> Vec<TokenStream> {
    vec![
        quote!(Shop),
        quote!((Shop)),
        quote!((Shop)),
        quote!(dyn Bank),
        quote!((dyn Bank + Send)),
        quote!([Shop]),
        quote!([Shop; 2]),
        quote!(&Shop),
        quote!(*const Shop),
        quote!((Shop, Shop)),
        quote!(()),
        quote!(!),
        quote!(_),
        quote!(fn(u8) -> u8),
        quote!(impl Bank),
        quote!(for<'a> fn(&'a u8)),
        quote!(shop!()),
        quote!(Self),
        quote!(<Shop as Has>::Service),
        quote!(<Shop>::Service),
        quote!(crate::shop::Shop<'_, dyn Bank, { N + 1 }>),
        quote!(r#type),
        quote!(),
        quote!(1),
        quote!(Shop for Bank),
        quote!(Bank for Shop),
        quote!(!Bank for Shop),
        quote!(const Bank for Shop),
        quote!(<T> Shop<T> where T: Clone),
    ]
}

/// Bodies of a block, and other tokens in that place.
fn bodies() -> Vec<TokenStream> {
    vec![
        quote!({}),
        quote!({
            #[step]
            async fn only(&self) -> Result<u8, E> {}
        }),
        quote!({
            #[step(pivot)]
            async fn only(&self, a: &A, b: &B) -> Result<u8, E> {}
        }),
        quote!({
            #[step]
            fn only(&self);
        }),
        quote!(
            {
                #![allow(dead_code)]
                const A: u8 = 1;
                type B = u8;
                m! {}
                fn only() {}
            }
        ),
        quote!({
            struct A;
        }),
        quote!({ #[step] }),
        quote!(;),
        quote!(),
        quote!({} {}),
    ]
}

#[test]
fn every_block_becomes_a_saga_or_an_error() {
    let arguments = [
        quote!(),
        quote!(saga = OrderSaga),
        quote!(saga = "OrderSaga"),
        quote!(durable),
        quote!(,),
        quote!(unknown),
    ];
    for (service, body) in services()
        .iter()
        .flat_map(|service| bodies().into_iter().map(move |body| (service, body)))
    {
        let grouped = grouped(service.clone());
        for block in [quote!(impl #service #body), quote!(impl #grouped #body)] {
            for arguments in &arguments {
                let expansion = pipeline::saga(arguments.clone(), block.clone()).to_string();
                let what = format!("#[saga({arguments})] {block}\n{expansion}");
                let is_error = expansion.contains(":: core :: compile_error !");
                let is_saga = expansion.contains(":: saga_core :: Saga for");
                assert!(is_saga || is_error, "{what}");
                assert!(!expansion.contains("panicked"), "{what}");
            }
        }
    }
}

#[test]
fn every_other_item_becomes_an_error() {
    for item in [
        quote!(),
        quote!(;),
        quote!(
            struct Shop;
        ),
        quote!(
            pub enum Shop {}
        ),
        quote!(
            trait Shop {}
        ),
        quote!(
            mod shop {}
        ),
        quote!(
            fn shop() {}
        ),
        quote!(unsafe impl Shop {}),
        quote!(
            macro_rules! shop {
                () => {};
            }
        ),
        quote!(#[allow(dead_code)]),
    ] {
        let expansion = pipeline::saga(quote!(), item.clone()).to_string();
        assert!(expansion.contains("compile_error"), "{item}: {expansion}");
    }
}
