//! The annotated impl block. Method bodies stay tokens: the macro does not read them.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, FnArg, Generics, Ident, ImplItem, PatType, Signature, Token, Type, Visibility,
    braced, token,
};

use crate::util::spelling::spelled;

/// The attributes of a method.
const METHOD_ATTRIBUTES: [&str; 2] = ["step", "compensation"];

/// The attributes of a parameter.
const MARKERS: [&str; 3] = ["input", "from", "sensitive"];

/// An inherent impl block, without the attributes of this macro.
pub(crate) struct Block {
    attrs: Vec<Attribute>,
    /// Further `#[saga]` on the same block.
    pub(crate) sagas: Vec<Attribute>,
    impl_token: Token![impl],
    pub(crate) generics: Generics,
    pub(crate) service: Type,
    brace_token: token::Brace,
    inner_attrs: Vec<Attribute>,
    items: Vec<Item>,
}

enum Item {
    Method(Box<Method>),
    Other(Box<ImplItem>),
}

/// A method of the block.
pub(crate) struct Method {
    /// `#[step(..)]`, if it has one.
    pub(crate) step: Vec<Attribute>,
    /// `#[compensation(..)]`, if it has one.
    pub(crate) compensation: Vec<Attribute>,
    /// The attributes of other macros.
    pub(crate) attrs: Vec<Attribute>,
    vis: Visibility,
    defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// For each parameter after the receiver, the attributes of this macro.
    pub(crate) markers: Vec<Vec<Attribute>>,
    /// Those of the receiver, which may not have any.
    pub(crate) receiver_markers: Vec<Attribute>,
    body: TokenTree,
}

impl Block {
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.items.iter().filter_map(|item| match item {
            Item::Method(method) => Some(&**method),
            Item::Other(_) => None,
        })
    }

    /// Returns the method of this name.
    pub(crate) fn method(&self, ident: &Ident) -> Option<&Method> {
        self.methods().find(|method| method.sig.ident == *ident)
    }
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        if !input.peek(Token![impl]) {
            let this =
                what_else(input).map_or(String::new(), |what| format!(", and this is {what}"));
            return Err(input.error(format!(
                "`#[saga]` must be on an impl block{this}: write it above `impl Service {{ .. }}`"
            )));
        }
        let impl_token = input.parse()?;
        let mut generics: Generics = if input.peek(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let service = input.parse()?;
        if let Some(for_token) = input.parse::<Option<Token![for]>>()? {
            let generics = spelled(&generics);
            let service = input.parse::<Type>().map_or("Service".to_owned(), spelled);
            return Err(syn::Error::new(
                for_token.span,
                format!(
                    "`#[saga]` belongs on the service's own impl block, not on that of a trait: write it above \
                     `impl{generics} {service} {{ .. }}`"
                ),
            ));
        }
        generics.where_clause = input.parse()?;
        let content;
        let brace_token = braced!(content in input);
        let inner_attrs = content.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        let is_saga = |attr: &Attribute| {
            let last = attr.path().segments.last();
            last.is_some_and(|last| last.ident == "saga")
        };
        let (sagas, attrs) = attrs.into_iter().partition(is_saga);
        Ok(Self {
            attrs,
            sagas,
            impl_token,
            generics,
            service,
            brace_token,
            inner_attrs,
            items,
        })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.fork();
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let defaultness = if input.peek(Token![default]) && !input.peek2(Token![!]) {
            Some(input.parse()?)
        } else {
            None
        };
        if is_signature(input) {
            Method::parse_rest(input, attrs, vis, defaultness)
                .map(|method| Self::Method(Box::new(method)))
        } else {
            // `syn` reads anything else, from its start.
            let item = start.parse()?;
            input.advance_to(&start);
            Ok(Self::Other(Box::new(item)))
        }
    }
}

/// Names the kind of an item that is not an impl block, if its first tokens show it.
fn what_else(input: ParseStream<'_>) -> Option<&'static str> {
    let ahead = input.fork();
    ahead.parse::<Visibility>().ok()?;
    if is_signature(&ahead) {
        return Some("a function");
    }
    ahead.parse::<Option<Token![unsafe]>>().ok()?;
    if ahead.peek(Token![struct]) {
        Some("a struct")
    } else if ahead.peek(Token![enum]) {
        Some("an enum")
    } else if ahead.peek(Token![trait]) {
        Some("a trait")
    } else if ahead.peek(Token![mod]) {
        Some("a module")
    } else {
        None
    }
}

fn is_signature(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Option<Token![const]>>().is_ok()
        && ahead.parse::<Option<Token![async]>>().is_ok()
        && ahead.parse::<Option<Token![unsafe]>>().is_ok()
        && ahead.parse::<Option<syn::Abi>>().is_ok()
        && ahead.peek(Token![fn])
}

impl Method {
    pub(crate) fn has_body(&self) -> bool {
        matches!(self.body, TokenTree::Group(_))
    }

    /// Returns the parameters after the receiver, each with its attributes of this macro.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&PatType, &Vec<Attribute>)> {
        let inputs = self.sig.inputs.iter();
        let typed = inputs.filter_map(|argument| match argument {
            FnArg::Typed(typed) => Some(typed),
            FnArg::Receiver(_) => None,
        });
        typed.zip(&self.markers)
    }

    fn parse_rest(
        input: ParseStream<'_>,
        attrs: Vec<Attribute>,
        vis: Visibility,
        defaultness: Option<Token![default]>,
    ) -> syn::Result<Self> {
        let mut sig: Signature = input.parse()?;
        // The body and its braces are one token tree. Without one there is a `;`, which the compiler reports.
        let body = input.parse::<TokenTree>()?;
        let mut step = Vec::new();
        let mut compensation = Vec::new();
        let mut others = Vec::new();
        for attr in attrs {
            if attr.path().is_ident("step") {
                step.push(attr);
            } else if attr.path().is_ident("compensation") {
                compensation.push(attr);
            } else {
                others.push(attr);
            }
        }
        let mut markers = Vec::new();
        let mut receiver_markers = Vec::new();
        for argument in &mut sig.inputs {
            match argument {
                FnArg::Receiver(receiver) => {
                    receiver_markers.extend(take_markers(&mut receiver.attrs));
                }
                FnArg::Typed(parameter) => markers.push(take_markers(&mut parameter.attrs)),
            }
        }
        Ok(Self {
            step,
            compensation,
            attrs: others,
            vis,
            defaultness,
            sig,
            markers,
            receiver_markers,
            body,
        })
    }
}

fn take_markers(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    let is_marker = |attr: &Attribute| MARKERS.iter().any(|ours| attr.path().is_ident(ours));
    let (markers, others) = core::mem::take(attrs).into_iter().partition(is_marker);
    *attrs = others;
    markers
}

impl Block {
    /// Returns the block as the user wrote it. On the methods that the saga calls, `called`, it allows a few
    /// lints which would reject what a saga requires.
    pub(crate) fn tokens(&self, called: &BTreeSet<&Ident>) -> TokenStream {
        let mut tokens = TokenStream::new();
        tokens.append_all(&self.attrs);
        self.impl_token.to_tokens(&mut tokens);
        self.generics.to_tokens(&mut tokens);
        self.service.to_tokens(&mut tokens);
        self.generics.where_clause.to_tokens(&mut tokens);
        self.brace_token.surround(&mut tokens, |tokens| {
            tokens.append_all(&self.inner_attrs);
            for item in &self.items {
                match item {
                    Item::Method(method) => {
                        if called.contains(&method.sig.ident) {
                            tokens.append_all(quote!(#[allow(
                                clippy::unused_async,
                                clippy::unused_self,
                                clippy::trivially_copy_pass_by_ref
                            )]));
                        }
                        method.to_tokens(tokens);
                    }
                    Item::Other(item) => item.to_tokens(tokens),
                }
            }
        });
        tokens
    }
}

impl ToTokens for Method {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attrs);
        self.vis.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

/// Removes the attributes of this macro from a block that cannot be parsed, so that its mistake is reported
/// once.
pub(crate) fn without_our_attributes(tokens: TokenStream) -> TokenStream {
    use proc_macro2::{Delimiter, Group};
    let is_ours = |group: &Group| {
        let first = group.stream().into_iter().next();
        group.delimiter() == Delimiter::Bracket
            && matches!(first, Some(TokenTree::Ident(name))
                if METHOD_ATTRIBUTES.iter().chain(&MARKERS).any(|ours| name == ours))
    };
    let mut kept = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => match tokens.peek() {
                Some(TokenTree::Group(group)) if is_ours(group) => drop(tokens.next()),
                _ => kept.append(punct),
            },
            TokenTree::Group(group) if group.delimiter() != Delimiter::None => {
                let inner = without_our_attributes(group.stream());
                let mut stripped = Group::new(group.delimiter(), inner);
                stripped.set_span(group.span());
                kept.append(stripped);
            }
            other => kept.append(other),
        }
    }
    kept
}
