//! The user's types, as the code outside of the user's block must write them.

use std::collections::BTreeSet;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericParam, Generics, Type, WherePredicate};

use super::context::{Expansion, code};
use crate::model::{ReturnedType, Source, Step, may_be_a_saga};
use crate::util::dyn_error::has_unsendable_error;

impl Expansion<'_> {
    /// The type of a step's output.
    pub(super) fn output(&self, step: &Step<'_>) -> TokenStream {
        self.returned(&step.output, |(output, _)| output, "Output")
    }

    /// The type in which other steps take a step's output: an `Option` if the step may be skipped.
    pub(super) fn output_for_others(&self, step: &Step<'_>) -> TokenStream {
        let output = self.output(step);
        if step.is_conditional() {
            return code!(::core::option::Option<#output>);
        }
        output
    }

    /// The type of the saga's output: that of the last step, or of all members of the last group.
    pub(super) fn saga_output(&self) -> TokenStream {
        match self.saga.last_stage() {
            [] => quote!(()),
            [step] => self.output_for_others(step),
            members => {
                let members = members.iter().map(|step| self.output_for_others(step));
                code!((#(#members,)*))
            }
        }
    }

    /// The type of a step's error.
    pub(super) fn error(&self, returned: &ReturnedType<'_>) -> TokenStream {
        self.returned(returned, |(_, error)| error, "Error")
    }

    fn returned<'t>(
        &self,
        returned: &ReturnedType<'t>,
        spelled: impl Fn((&'t Type, &'t Type)) -> &'t Type,
        projection: &str,
    ) -> TokenStream {
        let span = returned.nested.as_ref().unwrap_or(returned.ty).span();
        let projection = syn::Ident::new(projection, span);
        if let Some(saga) = &returned.nested {
            if self.is_stub && !may_be_a_saga(saga, &self.saga.generics) {
                return self.untyped();
            }
            let krate = self.krate_at(saga.span());
            let saga = self.outside(saga);
            return if projection == "Error" {
                quote_spanned!(saga.span()=> #krate::SagaError<#saga>)
            } else {
                quote_spanned!(saga.span()=> <#saga as #krate::Saga>::#projection)
            };
        }
        if let Some(types) = returned.result_types {
            let ty = spelled(types);
            let is_usable = returned.is_usable(ty) && !has_unsendable_error(ty);
            return self.usable(self.outside(ty), is_usable);
        }
        // A type with such a name is most likely an alias with a default error.
        let is_alias = short(returned.ty).contains("Result") && returned.is_usable(returned.ty);
        if self.is_stub && !is_alias {
            return self.untyped();
        }
        let krate = &self.krate;
        let ty = self.outside(returned.ty);
        let taken_apart = if returned.of_compensation {
            "CompensationReturn"
        } else {
            "StepReturn"
        };
        let taken_apart = syn::Ident::new(taken_apart, span);
        // The span is that of the type, so that the compiler reports there what is no such `Result`.
        quote_spanned!(span=> <#ty as #krate::checks::#taken_apart>::#projection)
    }

    /// The type of the saga's input.
    pub(super) fn input(&self) -> TokenStream {
        self.usable(self.outside(&self.saga.input), self.saga.is_input_usable)
    }

    /// Returns a type, or in a stub another, if that type is part of the mistake.
    fn usable(&self, ty: TokenStream, is_usable: bool) -> TokenStream {
        if self.is_stub && !is_usable {
            return self.untyped();
        }
        ty
    }

    /// Rewrites a type or path of the block for code outside of it: `Self` becomes the service.
    pub(super) fn outside(&self, ty: impl ToTokens) -> TokenStream {
        replace_self(ty.to_token_stream(), &self.saga.service)
    }

    /// Returns the generics of the service that occur in `used`.
    pub(super) fn generics_in(&self, used: &TokenStream) -> Generics {
        let all = &self.saga.generics;
        let mut wanted = names_in(used);
        // The bounds of one parameter may use others.
        loop {
            let before = wanted.len();
            for param in &all.params {
                if wanted.contains(&name_of(param)) {
                    wanted.extend(names_in(&param.to_token_stream()));
                }
            }
            if wanted.len() == before {
                break;
            }
        }
        let params = all
            .params
            .iter()
            .filter(|param| wanted.contains(&name_of(param)));
        let mut kept = Generics {
            params: params.cloned().collect(),
            ..Generics::default()
        };
        let dropped = all
            .params
            .iter()
            .filter(|param| !wanted.contains(&name_of(param)));
        let dropped: BTreeSet<_> = dropped.map(name_of).collect();
        let fits = |predicate: &&WherePredicate| {
            names_in(&predicate.to_token_stream()).is_disjoint(&dropped)
        };
        if let Some(clause) = &all.where_clause {
            let predicates: Vec<_> = clause.predicates.iter().filter(fits).cloned().collect();
            if !predicates.is_empty() {
                kept.make_where_clause().predicates.extend(predicates);
            }
        }
        kept
    }
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

/// Replaces `Self` by the service.
fn replace_self(tokens: TokenStream, service: &Type) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut service = service.to_token_stream();
                let qualifies =
                    |next: &TokenTree| matches!(next, TokenTree::Punct(p) if p.as_char() == ':');
                if tokens.peek().is_some_and(qualifies) {
                    // The span is that of `Self`, so that the compiler reports the path there.
                    service = quote_spanned!(ident.span()=> <#service>);
                }
                replaced.extend(quote_spanned!(ident.span()=> #service));
            }
            TokenTree::Group(group) => {
                let inner = replace_self(group.stream(), service);
                let mut outer = Group::new(group.delimiter(), inner);
                outer.set_span(group.span());
                replaced.extend([TokenTree::Group(outer)]);
            }
            other => replaced.extend([other]),
        }
    }
    replaced
}

/// The last segment of a type's path, which a link in the docs can resolve.
pub(super) fn short(ty: &Type) -> String {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.map(|last| last.ident.to_string()).unwrap_or_default()
        }
        _ => ty.to_token_stream().to_string(),
    }
}

/// `field: &'__saga Type` for the input and each of `steps`, without those that are moved.
pub(super) fn fields<'t>(
    expansion: &Expansion<'_>,
    steps: impl Iterator<Item = &'t Step<'t>>,
) -> TokenStream {
    let mut fields = TokenStream::new();
    if !expansion.saga.is_moved(Source::Input) {
        let input = expansion.input();
        fields.extend(code! {
            /// The saga's input.
            input: &'__saga #input,
        });
    }
    for step in steps {
        if expansion.saga.is_moved(Source::Output(step.index)) {
            continue;
        }
        let (name, output) = (step.ident, expansion.output(step));
        let doc = format!(" The output of `{}`.", step.name);
        let ty = if step.is_conditional() {
            quote!(::core::option::Option<&'__saga #output>)
        } else {
            quote!(&'__saga #output)
        };
        fields.extend(quote! {
            #[doc = #doc]
            #name: #ty,
        });
    }
    fields
}
