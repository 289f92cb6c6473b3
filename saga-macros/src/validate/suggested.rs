//! The user's own signature, corrected: the suggestion in a message.

use core::fmt;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{
    GenericArgument, GenericParam, Generics, Ident, Lifetime, Pat, PatType, PathArguments,
    ReceiverKind, ReturnType, Token, Type,
};

use crate::model::{Compensation, Parameter, Role, Saga, Step, anonymous};
use crate::parse::block::Method;
use crate::util::names::{camel_case, plain};
use crate::util::spelling::spelled;
use crate::util::types::{
    attempt_argument, awaited, borrowed, find_impl, is_context_value, is_no_result,
    option_argument, owned, spelled_result, without_parens,
};

/// A signature, and the placeholders in it for types that only the user knows.
pub(super) struct SuggestedSignature {
    text: String,
    placeholders: Placeholders,
}

#[derive(Default)]
struct Placeholders(Vec<String>);

impl Placeholders {
    /// Adds a placeholder for a type.
    fn ty(&mut self, name: Ident) -> Ident {
        self.note(format!("your own type for `{name}`"));
        name
    }

    /// Adds a placeholder for the input of a saga that a step runs.
    fn input(&mut self) -> TokenStream {
        self.note("the input of that saga for `Input`".to_owned());
        quote!(Input)
    }

    /// Adds a placeholder for the type of an error.
    fn error(&mut self) -> Ident {
        let name = format_ident!("E");
        self.note(format!("your error type for `{name}`"));
        name
    }

    fn note(&mut self, what: String) {
        if !self.0.contains(&what) {
            self.0.push(what);
        }
    }
}

impl fmt::Display for SuggestedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text)?;
        match &*self.placeholders.0 {
            [] => Ok(()),
            placeholders => write!(f, ", with {}", placeholders.join(" and ")),
        }
    }
}

/// A corrected signature that is made when a message shows it: most methods need none.
pub(super) struct Suggested<'a> {
    name: &'a Ident,
    method: &'a Method,
    role: Role,
}

impl fmt::Display for Suggested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        suggested(self.name, self.method, self.role).fmt(f)
    }
}

/// Returns the corrected signature of a step, condition or compensation.
pub(super) fn suggested_signature(method: &Method, role: Role) -> Suggested<'_> {
    let name = &method.sig.ident;
    Suggested { name, method, role }
}

/// Returns the signature of a condition that takes what the step `method` takes.
pub(super) fn suggested_condition<'a>(name: &'a Ident, method: &'a Method) -> Suggested<'a> {
    let role = Role::Condition;
    Suggested { name, method, role }
}

fn suggested(name: &Ident, method: &Method, role: Role) -> SuggestedSignature {
    let sig = &method.sig;
    let generics = lifetimes(method, role);
    let mut placeholders = Placeholders::default();
    let receiver = receiver(method);
    let parameters: Vec<_> = method
        .parameters()
        .map(|(typed, markers)| {
            let ty = passed(&generics.elided(&typed.ty), typed, role, &mut placeholders);
            let pat = pattern(typed, role);
            let lent = (role == Role::Condition && !is_lent(&typed.ty)).then(|| quote!(&));
            quote!(#(#markers)* #pat: #lent #ty)
        })
        .collect();
    let (asyncness, output) = match role {
        Role::Condition => (None, quote!(bool)),
        Role::Nested => {
            let output = match &sig.output {
                // The output of a step becomes the input of the saga.
                ReturnType::Type(_, ty)
                    if sig.asyncness.is_none() || spelled_result(ty).is_none() =>
                {
                    input(ty, &mut placeholders)
                }
                _ => placeholders.input(),
            };
            (None, output)
        }
        _ => {
            let output = returned(&sig.output, role, &mut placeholders);
            (Some(quote!(async)), output)
        }
    };
    let generics = &generics.declared;
    let where_clause = &generics.where_clause;
    let tokens = quote! {
        #asyncness fn #name #generics(#receiver #(, #parameters)*) -> #output #where_clause
    };
    for generic in sig.generics.type_params() {
        placeholders.note(format!("a concrete type for `{}`", generic.ident));
    }
    SuggestedSignature {
        text: spelled(tokens).trim_end().to_owned(),
        placeholders,
    }
}

/// Returns the corrected return type of a method that returns no `Result`.
pub(super) fn suggested_result(method: &Method, role: Role) -> String {
    let mut placeholders = Placeholders::default();
    let output = returned(&method.sig.output, role, &mut placeholders);
    let written = match &method.sig.output {
        ReturnType::Type(_, ty) => optional(ty),
        ReturnType::Default => None,
    };
    let output = spelled(output);
    let signature = SuggestedSignature {
        text: format!("-> {output}"),
        placeholders,
    };
    if written.is_some() && role == Role::Step {
        return format!("{signature}, and `.ok_or(..)` on what it returns");
    }
    let end = if output.starts_with("Result<(), ") {
        "`Ok(())` at its end"
    } else {
        "`Ok(..)` around what it returns"
    };
    format!("{signature} (`std::convert::Infallible` if it cannot fail), and {end}")
}

/// Returns the name and parameters of a compensation, with an `Attempt` in front.
pub(super) fn with_attempt(
    saga: &Saga<'_>,
    step: &Step<'_>,
    compensation: &Compensation<'_>,
) -> SuggestedSignature {
    let mut placeholders = Placeholders::default();
    let output = match step.output.result_types {
        Some((output, _)) => output.to_token_stream(),
        None => placeholders.ty(format_ident!("Output")).to_token_stream(),
    };
    let method = compensation
        .in_block
        .as_ref()
        .map(|in_block| in_block.method);
    let others = method.into_iter().flat_map(Method::parameters);
    let others = others.map(|(typed, markers)| quote!(#(#markers)* #typed));
    let undo = &compensation.ident;
    let receiver = method.map_or_else(|| quote!(&self), receiver);
    let path = &saga.paths.attempt;
    let tokens = quote!(#undo(#receiver, attempt: #path<&#output> #(, #others)*));
    SuggestedSignature {
        text: spelled(tokens),
        placeholders,
    }
}

/// Returns the `Attempt` that replaces the parameters `taken`, which take the step's output.
pub(super) fn attempt_of(saga: &Saga<'_>, step: &Step<'_>, taken: &[&Parameter]) -> String {
    let output = match (step.output.result_types, taken) {
        (Some((output, _)), _) => output.to_token_stream(),
        // The step returns an alias, so only its compensation shows the output.
        (None, [whole]) => lent(&whole.ty).to_token_stream(),
        (None, fields) => {
            let fields = fields.iter().map(|field| lent(&field.ty));
            quote!((#(#fields),*))
        }
    };
    let path = &saga.paths.attempt;
    spelled(quote!(#path<&#output>))
}

fn receiver(method: &Method) -> TokenStream {
    match method.sig.receiver() {
        Some(receiver) if matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) => {
            receiver.to_token_stream()
        }
        _ => quote!(&self),
    }
}

/// Returns the pattern of a parameter, without a `mut` that a condition has no use for.
fn pattern(typed: &PatType, role: Role) -> Pat {
    let mut pat = (*typed.pat).clone();
    if let (Pat::Ident(name), Role::Condition) = (&mut pat, role) {
        name.mutability = None;
    }
    pat
}

/// The lifetimes of a suggested signature.
struct Lifetimes {
    /// The generics of the method without types and their bounds.
    declared: Generics,
    /// Those that nothing but one parameter needs, so that they are elided.
    elided: Generics,
}

impl Lifetimes {
    /// Returns a type as it is written without the lifetimes that are elided.
    fn elided(&self, ty: &Type) -> Type {
        match anonymous(ty, &self.elided) {
            Type::Reference(mut reference) => {
                reference.lifetime = reference.lifetime.filter(|lifetime| lifetime.ident != "_");
                Type::Reference(reference)
            }
            ty => ty,
        }
    }
}

/// Returns the lifetimes of the corrected signature of a method.
fn lifetimes(method: &Method, role: Role) -> Lifetimes {
    let sig = &method.sig;
    let mut declared = without_types(&sig.generics);
    let is_output_owned = match (role, &sig.output) {
        (Role::Condition | Role::Compensation, _) | (_, ReturnType::Default) => true,
        (Role::Step | Role::Nested, ReturnType::Type(_, ty)) => match spelled_result(ty) {
            Some((Type::Reference(_), error)) => borrowed(error, &sig.generics).is_none(),
            _ => false,
        },
    };
    let is_needed = |param: &GenericParam| match param {
        GenericParam::Lifetime(param) => {
            let types = method.parameters().map(|(typed, _)| &typed.ty);
            let in_types = types.map(|ty| uses(&param.lifetime, ty.to_token_stream()));
            let in_receiver = uses(&param.lifetime, sig.receiver().to_token_stream());
            in_receiver > 0 || in_types.sum::<usize>() > 1
        }
        _ => true,
    };
    let mut elided = Generics::default();
    let is_bound = declared.where_clause.is_some()
        || declared.lifetimes().any(|param| !param.bounds.is_empty());
    if is_output_owned && !is_bound {
        let (kept, unneeded) = declared.params.into_iter().partition(is_needed);
        (declared.params, elided.params) = (kept, unneeded);
        if declared.params.is_empty() {
            (declared.lt_token, declared.gt_token) = (None, None);
        }
    }
    Lifetimes { declared, elided }
}

/// Counts the uses of a lifetime.
fn uses(lifetime: &Lifetime, tokens: TokenStream) -> usize {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => uses(lifetime, group.stream()),
        TokenTree::Ident(ident) => usize::from(ident == lifetime.ident),
        TokenTree::Punct(_) | TokenTree::Literal(_) => 0,
    });
    tokens.sum()
}

/// Returns a method's generics without types and their bounds.
fn without_types(generics: &Generics) -> Generics {
    let is_lifetime = |param: &&GenericParam| matches!(param, GenericParam::Lifetime(_));
    let params: Punctuated<_, Token![,]> = generics
        .params
        .iter()
        .filter(is_lifetime)
        .cloned()
        .collect();
    let is_all = params.len() == generics.params.len();
    Generics {
        lt_token: generics.lt_token.filter(|_| !params.is_empty()),
        gt_token: generics.gt_token.filter(|_| !params.is_empty()),
        where_clause: generics.where_clause.clone().filter(|_| is_all),
        params,
    }
}

/// Returns the corrected type of a parameter.
fn passed(ty: &Type, typed: &PatType, role: Role, placeholders: &mut Placeholders) -> TokenStream {
    let ty = without_parens(ty);
    match ty {
        Type::Reference(reference) => {
            let (and, lifetime) = (&reference.and_token, &reference.lifetime);
            let inner = match &*reference.elem {
                context if is_context_value(context) => context.to_token_stream(),
                elem => passed(elem, typed, role, placeholders),
            };
            quote!(#and #lifetime #inner)
        }
        ty if is_context_value(ty) => quote!(&#ty),
        ty if find_impl(ty).is_some() => placeholders.ty(placeholder(typed)).to_token_stream(),
        ty => match attempt_argument(ty) {
            Some(inner) if role != Role::Compensation => inner.to_token_stream(),
            _ => ty.to_token_stream(),
        },
    }
}

/// Returns the corrected return type.
fn returned(output: &ReturnType, role: Role, placeholders: &mut Placeholders) -> TokenStream {
    let written = match output {
        ReturnType::Type(_, ty) => Some(awaited(ty).unwrap_or(ty)),
        ReturnType::Default => None,
    };
    let unit = quote!(());
    let kept = |ty: &Type, placeholders: &mut Placeholders| {
        if role == Role::Compensation {
            return unit.clone();
        }
        let ty = optional(ty).unwrap_or(ty);
        if find_impl(ty).is_some() {
            return placeholders.ty(format_ident!("Output")).to_token_stream();
        }
        match owned(ty) {
            // The macro writes a full path where the user needs only the name.
            Type::Path(path)
                if path.path.leading_colon.is_some() && matches!(ty, Type::Reference(_)) =>
            {
                path.path.segments.last().to_token_stream()
            }
            owned => owned.to_token_stream(),
        }
    };
    match written {
        Some(ty) if !is_no_result(ty) => match spelled_result(ty) {
            Some((output, error))
                if role == Role::Compensation || matches!(output, Type::Reference(_)) =>
            {
                let output = kept(output, placeholders);
                quote!(Result<#output, #error>)
            }
            _ => ty.to_token_stream(),
        },
        other => {
            let output = other.map_or(unit.clone(), |ty| kept(ty, placeholders));
            let error = placeholders.error();
            quote!(Result<#output, #error>)
        }
    }
}

/// Returns the corrected return type of a step that runs a saga: the output, if it is a `Result`.
fn input(ty: &Type, placeholders: &mut Placeholders) -> TokenStream {
    let ty = awaited(ty).unwrap_or(ty);
    let ty = spelled_result(ty).map_or(ty, |(output, _)| output);
    if find_impl(ty).is_some() {
        return placeholders.input();
    }
    owned(ty).to_token_stream()
}

/// Returns the `T` of an `Option<T>`. A step reports a missing value as an error.
fn optional(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = without_parens(ty) else {
        return None;
    };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Option")?;
    arguments(&last.arguments).find_map(type_of)
}

fn type_of(argument: &GenericArgument) -> Option<&Type> {
    match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

fn arguments(arguments: &PathArguments) -> impl Iterator<Item = &GenericArgument> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten()
}

/// Whether a parameter takes its value by reference.
fn is_lent(ty: &Type) -> bool {
    let ty = without_parens(ty);
    let is_reference = |ty: &Type| matches!(without_parens(ty), Type::Reference(_));
    is_reference(ty)
        || is_context_value(ty)
        || attempt_argument(ty).is_some()
        || option_argument(ty).is_some_and(is_reference)
}

fn lent(ty: &Type) -> &Type {
    match without_parens(ty) {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    }
}

/// Names a type after its parameter: `_order` is an `Order`.
fn placeholder(typed: &PatType) -> Ident {
    let name = match &*typed.pat {
        Pat::Ident(pat) => camel_case(&plain(&pat.ident)),
        _ => String::new(),
    };
    syn::parse_str(&name).unwrap_or_else(|_| format_ident!("Value"))
}
