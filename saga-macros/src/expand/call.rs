//! A call of a method: of a step, of its condition, or of its compensation.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::context::Expansion;
use crate::model::{CompensationMethod, ConditionMethod, Parameter, Pass, Source, Step};

/// A call of a method.
pub(super) struct Call<'a> {
    pub(super) step: &'a Step<'a>,
    pub(super) method: &'a Ident,
    pub(super) parameters: &'a [Parameter],
    /// The condition of the call, if it has one.
    pub(super) condition: Option<&'a ConditionMethod<'a>>,
}

impl<'a> Call<'a> {
    pub(super) fn step(step: &'a Step<'a>) -> Self {
        let condition = step.condition.as_ref();
        Self {
            step,
            method: step.ident,
            parameters: &step.parameters,
            condition: condition.and_then(|condition| condition.in_block.as_ref()),
        }
    }

    /// The call of the condition of a step.
    pub(super) fn condition(step: &'a Step<'a>, in_block: &'a ConditionMethod<'a>) -> Self {
        Self {
            step,
            method: &in_block.method.sig.ident,
            parameters: &in_block.parameters,
            condition: None,
        }
    }

    pub(super) fn undo(step: &'a Step<'a>, in_block: &'a CompensationMethod<'a>) -> Self {
        Self {
            step,
            method: &in_block.method.sig.ident,
            parameters: &in_block.parameters,
            condition: None,
        }
    }

    /// The span of all code of the call. Errors in it are reported at the method's name, and once: rustc
    /// drops a repeated diagnostic.
    pub(super) fn span(&self) -> Span {
        self.method.span()
    }

    /// The span of the name of a compensation at its step.
    pub(super) fn named_at(&self) -> Span {
        let undo = self.step.compensation.as_ref();
        undo.map_or_else(|| self.span(), |undo| undo.ident.span())
    }

    /// Returns a local of the machine, at that span.
    pub(super) fn local(&self, name: &str) -> Ident {
        Ident::new(name, Span::mixed_site().located_at(self.span()))
    }

    /// Returns the name of the function that executes the step: `nested` for one that runs a saga.
    pub(super) fn name_of_a_step(&self, plain: &str, nested: &str) -> Ident {
        let name = if self.step.nested().is_some() {
            nested
        } else {
            plain
        };
        Ident::new(name, self.span())
    }

    /// The span at which a tuple is taken apart: that of the first parameter it is spread over.
    pub(super) fn spread_at(&self) -> Span {
        let spread = self.parameters.iter().find(|p| p.part.is_some());
        spread.map_or_else(|| self.span(), |first| first.ty.span())
    }

    /// The path of `saga-core`, at that span.
    pub(super) fn krate(&self, expansion: &Expansion<'_>) -> TokenStream {
        expansion.krate_at(self.span())
    }

    /// The values in the slots that the attempts take, each once, in order; and whether they take it by move.
    pub(super) fn loans(&self) -> BTreeSet<(Source, bool)> {
        let kept = self
            .parameters
            .iter()
            .filter(|parameter| parameter.source != Source::Context);
        kept.map(|parameter| (parameter.source, parameter.pass == Pass::Moved))
            .collect()
    }

    /// The same together with those of the condition. A value of both is listed once, as the call takes it.
    pub(super) fn loans_with_condition(&self) -> BTreeSet<(Source, bool)> {
        let mut all = self.loans();
        if let Some(in_block) = self.condition {
            let condition = Call::condition(self.step, in_block).loans();
            all.extend(
                condition
                    .into_iter()
                    .filter(|(source, _)| !has_source(&self.loans(), *source)),
            );
        }
        all
    }
}

fn has_source(loans: &BTreeSet<(Source, bool)>, source: Source) -> bool {
    loans.iter().any(|(other, _)| *other == source)
}
