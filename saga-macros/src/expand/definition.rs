//! The saga as data: two constants.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned as _;

use super::context::{Expansion, code};
use crate::model::{Compensation, Kind, Parameter, Part, Policy, Source, Step};
use crate::util::names::plain;
use crate::util::spelling::spelled;

impl Expansion<'_> {
    /// Writes the saga itself. It is a constant and not a static, because steps may run sagas of a generic
    /// service.
    pub(super) fn definition(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (name, error) = (&saga.name, self.error_type());
        let location = self.location(saga.names.saga.span());
        let deadline = saga.deadline.map(duration);
        let deadline = deadline.map(|deadline| code!(.deadline(#deadline)));
        let steps = if self.is_compensation_hidden_from_the_error() {
            let steps = saga.steps.iter().map(|step| self.step(step, true));
            code!(&[#(#steps),*])
        } else {
            code!(<#error>::__STEPS)
        };
        code! {
            const DEFINITION: &'static #krate::definition::Definition = &#krate::definition::Definition::new(
                #name,
                #location,
                #steps,
            ) #deadline;
        }
    }

    /// Whether the error enum lacks parameters of the service, which it takes to name a compensation in another
    /// block. Its steps then lack the parameters of such a compensation.
    fn is_compensation_hidden_from_the_error(&self) -> bool {
        let mut compensations = self
            .saga
            .steps
            .iter()
            .filter_map(|step| step.compensation.as_ref());
        compensations.any(|compensation| compensation.in_block.is_none())
            && self.error_generics().params.len() < self.saga.generics.params.len()
    }

    /// Writes the steps, as a constant of the error enum: it maps an error to its step, and is generic over
    /// what occurs in it. A step is generic only in the saga that it runs, which occurs in its error.
    pub(super) fn steps(&self) -> TokenStream {
        let krate = &self.krate;
        let is_whole = !self.is_compensation_hidden_from_the_error();
        let steps = self.saga.steps.iter().map(|step| self.step(step, is_whole));
        let count = self.saga.steps.len();
        code!(const __STEPS: &'static [#krate::definition::Step; #count] = &[#(#steps),*];)
    }

    /// Writes a step: with the parameters of a compensation in another block, if it `is_whole`.
    fn step(&self, step: &Step<'_>, is_whole: bool) -> TokenStream {
        let krate = &self.krate;
        let method = plain(step.ident);
        let location = self.location(step.ident.span());
        let nested = step.nested().map(|nested| self.definition_of(nested));
        let kind = match self.saga.kind(step) {
            // The saga that the step runs decides.
            Some(Kind::Compensatable) if nested.is_some() && self.saga.is_last(step) => {
                code!(of_last(#nested))
            }
            None | Some(Kind::Compensatable) => code!(Compensatable),
            Some(Kind::ReadOnly) => code!(ReadOnly),
            Some(Kind::NoCompensation { reason }) => code!(NoCompensation { reason: #reason }),
            Some(Kind::Pivot) => code!(Pivot),
            Some(Kind::Last) => code!(Last),
            Some(Kind::Retriable) => code!(Retriable),
        };
        let mut code = code!(#krate::definition::Step::new(#method, #krate::definition::Kind::#kind, #location));
        if step.index > 0 {
            let index = step.index;
            code.extend(code!(.at(#index)));
        }
        if step.name != method {
            let name = &step.name;
            code.extend(code!(.named(#name)));
        }
        code.extend(self.parameters(&step.parameters));
        code.extend(self.policy(&step.policy));
        if let Some(nested) = nested {
            code.extend(code!(.nested(#nested)));
        }
        if step.options().sensitive.is_some() {
            code.extend(code!(.sensitive()));
        }
        if !step.is_repeatable() {
            code.extend(code!(.once()));
        }
        if let Some(in_doubt) = &step.options().in_doubt {
            let text = spelled(&in_doubt.value);
            code.extend(code!(.in_doubt(#text)));
        }
        if step.options().at_most_once.is_some() {
            code.extend(code!(.at_most_once()));
        }
        if let Some(group) = step.options().parallel() {
            let group = plain(&group.value);
            code.extend(code!(.group(#group)));
        }
        if let Some(condition) = &step.condition {
            let method = plain(&condition.ident);
            let (span, parameters) = match &condition.in_block {
                Some(in_block) => (in_block.method.sig.ident.span(), &*in_block.parameters),
                None => (condition.ident.span(), &[][..]),
            };
            let (location, parameters) = (self.location(span), self.parameters(parameters));
            code.extend(code!(
                .condition(#krate::definition::Condition::new(#method, #location) #parameters)
            ));
        }
        if let Some(compensation) = &step.compensation {
            let compensation = self.compensation(step, compensation, is_whole);
            code.extend(code!(.compensation(#compensation)));
        }
        code
    }

    /// Returns the definition of a saga that a step runs.
    fn definition_of(&self, saga: &Type) -> TokenStream {
        let (krate, saga) = (self.krate_at(saga.span()), self.outside(saga));
        quote_spanned!(saga.span()=> <#saga as #krate::Saga>::DEFINITION)
    }

    fn compensation(
        &self,
        step: &Step<'_>,
        compensation: &Compensation<'_>,
        is_whole: bool,
    ) -> TokenStream {
        let krate = &self.krate;
        let method = plain(&compensation.ident);
        let (span, parameters) = match &compensation.in_block {
            Some(in_block) => {
                let span = in_block.method.sig.ident.span();
                (span, self.parameters(&in_block.parameters))
            }
            None => {
                let parameters =
                    is_whole.then(|| self.parameters_elsewhere(step, &compensation.ident));
                (compensation.ident.span(), parameters.unwrap_or_default())
            }
        };
        let location = self.location(span);
        let mut code = code!(#krate::definition::Compensation::new(#method, #location) #parameters);
        code.extend(self.policy(&compensation.policy));
        code
    }

    fn parameters(&self, parameters: &[Parameter]) -> TokenStream {
        let krate = &self.krate;
        if parameters.is_empty() {
            return TokenStream::new();
        }
        let parameters = parameters.iter().map(|parameter| {
            let name = &parameter.name;
            let source = match parameter.source {
                Source::Input => code!(Input),
                Source::Output(index) => code!(Output(#index)),
                Source::Ran(index) => code!(Ran(#index)),
                Source::Attempt => code!(Attempt),
                Source::Context => code!(Context),
            };
            let part = parameter
                .part
                .map(|Part { field, .. }| code!(.part(#field)));
            let sensitive = parameter.sensitive.then(|| code!(.sensitive()));
            code!(#krate::definition::Parameter::new(#name, #krate::definition::Source::#source) #part #sensitive)
        });
        code!(.parameters(&[#(#parameters),*]))
    }

    fn policy(&self, policy: &Policy) -> TokenStream {
        let krate = &self.krate;
        let Policy {
            retry,
            timeout,
            max_interruptions,
        } = policy;
        let mut code = TokenStream::new();
        if retry.is_some() || timeout.is_some() || max_interruptions.is_some() {
            let attempts = policy.attempts();
            let mut policy = code!(#krate::Policy::attempts(#attempts));
            if let Some((min, max)) = retry.as_ref().and_then(|retry| retry.backoff) {
                let (min, max) = (duration(min), duration(max));
                policy.extend(code!(.backoff(#min, #max)));
            }
            if let Some(timeout) = timeout {
                let timeout = duration(*timeout);
                policy.extend(code!(.timeout(#timeout)));
            }
            if let Some(max_interruptions) = max_interruptions {
                policy.extend(code!(.max_interruptions(#max_interruptions)));
            }
            code.extend(code!(.policy(#policy)));
        }
        if let Some(when) = policy.when() {
            let text = spelled(when);
            code.extend(code!(.when(#text)));
        }
        code
    }

    /// Returns the location of `span`: `line!()` takes the line of its tokens.
    fn location(&self, span: Span) -> TokenStream {
        let krate = &self.krate;
        let here = quote_spanned!(span=> ::core::file!(), ::core::line!());
        // This is not `Location::new`: without the crate, rustc would suggest another `Location`.
        code!(#krate::__private::location(#here))
    }
}

fn duration(duration: core::time::Duration) -> TokenStream {
    let (seconds, nanoseconds) = (duration.as_secs(), duration.subsec_nanos());
    code!(::core::time::Duration::new(#seconds, #nanoseconds))
}
