//! Invisible groups: `macro_rules!` puts one around what a fragment such as `$service:ty` stands for.
//!
//! They are removed here, once, before anything is parsed, so that no other code has to look through them. Where one
//! keeps a type or an expression together, visible tokens take its place.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{Expr, Path, Type};

/// Returns tokens without invisible groups. Code in braces, such as the body of a method, stays as it is: the macro does
/// not read it.
pub(crate) fn without_invisible_groups(tokens: TokenStream) -> TokenStream {
    rewritten(&tokens, false).unwrap_or(tokens)
}

/// Returns `None` if there is nothing to rewrite: then the tokens keep all their spans.
fn rewritten(tokens: &TokenStream, is_in_block: bool) -> Option<TokenStream> {
    let mut is_changed = false;
    let mut kept = TokenStream::new();
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Group(group) = &token else {
            kept.extend([token]);
            continue;
        };
        let is_brace = group.delimiter() == Delimiter::Brace;
        if is_brace && is_in_block {
            kept.extend([token]);
        } else if group.delimiter() == Delimiter::None {
            is_changed = true;
            let inside = group.stream();
            let inside = rewritten(&inside, is_in_block).unwrap_or(inside);
            kept.extend(spliced(inside, group.span(), tokens.peek()));
        } else if let Some(inside) = rewritten(&group.stream(), is_in_block || is_brace) {
            is_changed = true;
            let mut outer = Group::new(group.delimiter(), inside);
            outer.set_span(group.span());
            kept.extend([TokenTree::Group(outer)]);
        } else {
            kept.extend([token]);
        }
    }
    is_changed.then_some(kept)
}

/// Returns the tokens of an invisible group, as they have to be written before `next`.
fn spliced(inside: TokenStream, at: Span, next: Option<&TokenTree>) -> TokenStream {
    // The span is not the user's: the compiler would report needless parentheses of theirs.
    let at = Span::mixed_site().located_at(at);
    let next = Next::of(next);
    let is_composed = match syn::parse2::<Type>(inside.clone()) {
        Ok(ty) if next == Next::Path && !is_plain_path(&ty) => {
            return quote_spanned!(at=> <#inside>);
        }
        Ok(Type::TraitObject(object)) => object.bounds.len() > 1,
        Ok(Type::ImplTrait(bounded)) => bounded.bounds.len() > 1,
        // An expression may look like this type.
        Ok(Type::Reference(_)) => next == Next::Postfix,
        Ok(_) => false,
        Err(_) => is_composed(&inside, next),
    };
    if is_composed {
        return quote_spanned!(at=> (#inside));
    }
    inside
}

/// The part of the token after a group that decides how tightly it binds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// `::`
    Path,
    /// What binds more tightly than an operator before an expression: `.field`, `?`, `as`, a call, an index.
    Postfix,
    Other,
}

impl Next {
    fn of(next: Option<&TokenTree>) -> Self {
        match next {
            Some(TokenTree::Punct(punct)) => match (punct.as_char(), punct.spacing()) {
                (':', Spacing::Joint) => Self::Path,
                ('.' | '?', _) => Self::Postfix,
                _ => Self::Other,
            },
            Some(TokenTree::Ident(ident)) if ident == "as" => Self::Postfix,
            Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Brace => Self::Postfix,
            _ => Self::Other,
        }
    }
}

/// Whether `::` can follow the tokens of a type.
fn is_plain_path(ty: &Type) -> bool {
    let path = syn::parse::Parser::parse2(Path::parse_mod_style, ty.to_token_stream());
    path.is_ok()
}

/// Whether these tokens are an expression with an operator, so that those around it could take it apart.
fn is_composed(inside: &TokenStream, next: Next) -> bool {
    match syn::parse2::<Expr>(inside.clone()) {
        Ok(Expr::Reference(_) | Expr::Unary(_)) => next == Next::Postfix,
        Ok(
            Expr::Binary(_)
            | Expr::Cast(_)
            | Expr::Closure(_)
            | Expr::If(_)
            | Expr::Match(_)
            | Expr::Range(_),
        ) => true,
        // A name and its value, `key = value`, is an assignment too.
        _ => false,
    }
}
