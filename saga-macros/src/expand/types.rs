//! The user's types, as the code outside of the user's block must write them.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::context::{Expansion, code};
use super::generics::Mention;
use crate::model::{ReturnedType, Source, Step, may_be_a_saga};
use crate::util::spans::respanned;

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
            let is_usable = may_be_a_saga(saga, &self.saga.generics) && !self.saga.is_endless(saga);
            if self.is_stub && !is_usable {
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
            return self.usable(self.outside(ty), || returned.is_usable(ty));
        }
        if self.is_stub && !Self::is_usable_alias(returned) {
            return self.untyped();
        }
        let krate = &self.krate;
        let ty = self.checked_alias(&self.outside(returned.ty));
        let taken_apart = if returned.of_compensation {
            "CompensationReturn"
        } else {
            "StepReturn"
        };
        let taken_apart = syn::Ident::new(taken_apart, span);
        // The span is that of the type, so that the compiler reports there what is no such `Result`.
        quote_spanned!(span=> <#ty as #krate::checks::#taken_apart>::#projection)
    }

    /// Whether a type may be an alias of a `Result` that code outside of the block can use: one with such a name is
    /// most likely an alias with a default error.
    pub(super) fn is_usable_alias(returned: &ReturnedType<'_>) -> bool {
        short(returned.ty).contains("Result") && returned.is_usable(returned.ty)
    }

    /// The type of the saga's input.
    pub(super) fn input(&self) -> TokenStream {
        self.usable(self.outside(&self.saga.input), || self.saga.is_input_usable)
    }

    /// Returns a type, or in a stub another, if that type is part of the mistake.
    fn usable(&self, ty: TokenStream, is_usable: impl Fn() -> bool) -> TokenStream {
        if self.is_stub && !is_usable() {
            return self.untyped();
        }
        ty
    }

    /// Rewrites a type or path of the block for code outside of it: `Self` becomes the service.
    pub(super) fn outside(&self, ty: impl ToTokens) -> TokenStream {
        replace_self(ty.to_token_stream(), &self.saga.service)
    }
}

/// Replaces `Self` by the service.
fn replace_self(tokens: TokenStream, service: &Type) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                // The span is that of `Self`, so that the compiler reports there what the service does not have.
                let at = ident.span();
                let service = respanned(service.to_token_stream(), at);
                let qualifies =
                    |next: &TokenTree| matches!(next, TokenTree::Punct(p) if p.as_char() == ':');
                replaced.extend(if tokens.peek().is_some_and(qualifies) {
                    quote_spanned!(at=> <#service>)
                } else {
                    service
                });
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

/// `field: &'__saga Type` for the input and each of `steps`, without those that are moved. Each field mentions
/// parameters that no type does.
pub(super) fn fields<'t>(
    expansion: &Expansion<'_>,
    steps: impl Iterator<Item = &'t Step<'t>>,
    mention: &Mention,
) -> TokenStream {
    let mut fields = TokenStream::new();
    if !expansion.saga.is_moved(Source::Input) {
        let input = expansion.input();
        let input = mention.in_field(quote!(&'__saga #input));
        fields.extend(code! {
            /// The saga's input.
            input: #input,
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
        let ty = mention.in_field(ty);
        fields.extend(quote! {
            #[doc = #doc]
            #name: #ty,
        });
    }
    fields
}
