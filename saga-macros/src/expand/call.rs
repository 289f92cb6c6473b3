//! A call of a method: of a step, of its condition, or of its compensation.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::context::Expansion;
use crate::model::{CompensationMethod, ConditionMethod, Parameter, Pass, Source, Step};

/// A call of a method: of a step, or of the compensation of one.
pub(super) struct Call<'a> {
    pub(super) step: &'a Step<'a>,
    pub(super) method: &'a Ident,
    pub(super) parameters: &'a [Parameter],
    /// What is asked whether it is to be made.
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

    /// The condition of a step.
    pub(super) fn condition(step: &'a Step<'a>, here: &'a ConditionMethod<'a>) -> Self {
        Self {
            step,
            method: &here.method.sig.ident,
            parameters: &here.parameters,
            condition: None,
        }
    }

    pub(super) fn undo(step: &'a Step<'a>, here: &'a CompensationMethod<'a>) -> Self {
        Self {
            step,
            method: &here.method.sig.ident,
            parameters: &here.parameters,
            condition: None,
        }
    }

    /// Where all of the call is written: what is wrong with it is told at the method's name, and once,
    /// for rustc tells nothing twice that is the same to the letter.
    pub(super) fn span(&self) -> Span {
        self.method.span()
    }

    /// A local of the machine, to be named there.
    pub(super) fn local(&self, name: &str) -> Ident {
        Ident::new(name, Span::mixed_site().located_at(self.span()))
    }

    /// What carries out its step: another thing where that runs a saga.
    pub(super) fn name_of_a_step(&self, plain: &str, nested: &str) -> Ident {
        let name = if self.step.nested().is_some() {
            nested
        } else {
            plain
        };
        Ident::new(name, self.span())
    }

    /// Where a tuple is taken apart: at the first of the parameters that it is spread over.
    pub(super) fn spread_at(&self) -> Span {
        let spread = self.parameters.iter().find(|p| p.part.is_some());
        spread.map_or_else(|| self.span(), |first| first.ty.span())
    }

    /// `saga-core`, named there.
    pub(super) fn krate(&self, cx: &Expansion<'_>) -> TokenStream {
        cx.krate_at(self.span())
    }

    /// What is kept in the slots and lent to the attempts, in order, each once; and whether it is
    /// given away.
    pub(super) fn loans(&self) -> BTreeSet<(Source, bool)> {
        let kept = self
            .parameters
            .iter()
            .filter(|parameter| parameter.source != Source::Context);
        kept.map(|parameter| (parameter.source, parameter.pass == Pass::Moved))
            .collect()
    }

    /// The same with what its condition is lent: of what is given away to the call that is a part.
    pub(super) fn loans_with_condition(&self) -> BTreeSet<(Source, bool)> {
        let mut all = self.loans();
        if let Some(here) = self.condition {
            let condition = Call::condition(self.step, here).loans();
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
