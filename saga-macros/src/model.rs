//! What the block means, in the words of sagas: steps, compensations, and what each parameter is
//! bound to.
//!
//! Borrows the syntax it was made from, for spans. Made even when something is wrong: what cannot
//! be resolved is reported and left out, so that the rest can still be checked.

use std::collections::BTreeSet;

use quote::format_ident;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, ExprPath, FnArg, GenericArgument, Generics, Ident, Pat, PathArguments, ReturnType,
    Type, Visibility,
};

use crate::errors::Errors;
use crate::parse::block::{Block, Method};
use crate::parse::options::{CompensationOptions, Retry, SagaOptions, StepOptions};

/// A saga.
pub(crate) struct Saga<'a> {
    /// The generated types: `CheckoutSaga` and what is named after it.
    pub(crate) names: Names,
    pub(crate) vis: Visibility,
    /// The name in journals and reports.
    pub(crate) name: String,
    pub(crate) service: &'a Type,
    pub(crate) generics: &'a Generics,
    /// The type of the input; `()` if nothing asks for one.
    pub(crate) input: Type,
    pub(crate) steps: Vec<Step<'a>>,
}

/// The names of the generated types.
pub(crate) struct Names {
    pub(crate) saga: Ident,
    pub(crate) error: Ident,
    pub(crate) state: Ident,
    pub(crate) slots: Ident,
}

/// A step, in its place.
pub(crate) struct Step<'a> {
    pub(crate) index: usize,
    pub(crate) method: &'a Method,
    pub(crate) ident: &'a Ident,
    /// The name in journals and reports.
    pub(crate) name: String,
    /// The variant in the error enum.
    pub(crate) variant: Ident,
    pub(crate) options: StepOptions,
    pub(crate) policy: Policy,
    pub(crate) output: Returned<'a>,
    pub(crate) parameters: Vec<Parameter<'a>>,
    pub(crate) compensation: Option<Compensation<'a>>,
}

/// The method that undoes a step.
pub(crate) struct Compensation<'a> {
    /// As it stands in `compensate = ..`.
    pub(crate) ident: Ident,
    /// The method, if it is in this block. One that is not takes the step's output by reference.
    pub(crate) here: Option<Here<'a>>,
    pub(crate) policy: Policy,
}

/// A compensation that stands in the saga's own block, so that its signature can be read.
pub(crate) struct Here<'a> {
    pub(crate) method: &'a Method,
    pub(crate) returned: Returned<'a>,
    pub(crate) parameters: Vec<Parameter<'a>>,
}

/// How attempts are carried out.
#[derive(Clone, Default)]
pub(crate) struct Policy {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<core::time::Duration>,
}

impl Policy {
    pub(crate) fn when(&self) -> Option<&ExprPath> {
        let when = self.retry.as_ref()?.when.as_ref()?;
        Some(&when.value)
    }
}

/// A return type.
pub(crate) struct Returned<'a> {
    pub(crate) ty: &'a Type,
    /// Output and error, where it is spelled as a `Result` of both.
    pub(crate) spelled: Option<(&'a Type, &'a Type)>,
}

/// A parameter after `&self`.
pub(crate) struct Parameter<'a> {
    /// The name in the signature, or `_`.
    pub(crate) name: String,
    pub(crate) ty: &'a Type,
    pub(crate) source: Source,
    /// The field of a tuple that is spread.
    pub(crate) part: Option<Part>,
    pub(crate) pass: Pass,
}

/// How a value reaches a parameter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pass {
    /// By reference.
    Lent,
    /// By value, for each attempt anew: the value is needed again.
    Cloned,
    /// By value, and given away: nobody needs it later.
    Moved,
}

/// One of several parameters that a tuple is spread over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    pub(crate) field: usize,
    pub(crate) arity: usize,
}

/// What a parameter is bound to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Input,
    /// The output of the step at this position.
    Output(usize),
    /// What is known of the compensation's own step.
    Attempt,
    Context,
}

/// What becomes of a step's effect when a later step fails.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Compensatable,
    ReadOnly,
    NoCompensation { reason: String },
    Pivot,
    Last,
    Retriable,
}

impl Saga<'_> {
    /// The position of the pivot.
    pub(crate) fn pivot(&self) -> Option<usize> {
        self.steps
            .iter()
            .position(|step| step.options.pivot.is_some())
    }

    /// Whether some step is given this value by move.
    pub(crate) fn is_given_away(&self, source: Source) -> bool {
        self.steps.iter().any(|step| step.is_given(source))
    }

    /// The methods that the saga calls.
    pub(crate) fn methods(&self) -> BTreeSet<&Ident> {
        let methods = self.steps.iter().flat_map(|step| {
            let undo = step.compensation.as_ref().map(|undo| &undo.ident);
            [Some(step.ident), undo]
        });
        methods.flatten().collect()
    }

    /// `None` for a step that should say how it is undone, and does not.
    pub(crate) fn kind(&self, step: &Step<'_>) -> Option<Kind> {
        let options = &step.options;
        let after_the_pivot = self.pivot().is_some_and(|pivot| step.index > pivot);
        if options.pivot.is_some() {
            Some(Kind::Pivot)
        } else if options.readonly.is_some() {
            Some(Kind::ReadOnly)
        } else if let Some(reason) = &options.no_compensation {
            let reason = reason.value.value();
            Some(Kind::NoCompensation { reason })
        } else if after_the_pivot {
            Some(Kind::Retriable)
        } else if options.compensate.is_some() {
            Some(Kind::Compensatable)
        } else if step.index + 1 == self.steps.len() {
            Some(Kind::Last)
        } else {
            None
        }
    }
}

impl<'a> Saga<'a> {
    pub(crate) fn of(block: &'a Block, options: SagaOptions, errors: &Errors) -> Self {
        let names = Names::of(&block.service, options.saga, errors);
        let default_name = || {
            let saga = names.saga.to_string();
            snake_case(saga.strip_suffix("Saga").unwrap_or(&saga))
        };
        let name = options.name.map_or_else(default_name, |name| name.value());
        let defaults = Defaults {
            step: Policy {
                retry: options.retry,
                timeout: None,
            },
            compensation: Policy {
                retry: options.compensation.retry,
                timeout: options.compensation.timeout,
            },
        };
        let methods: Vec<_> = block.methods().filter(|m| !m.step.is_empty()).collect();
        let order = Order {
            names: methods.iter().map(|method| &method.sig.ident).collect(),
            errors,
        };
        let steps = methods.iter().enumerate();
        let mut steps: Vec<_> = steps
            .map(|(index, method)| Step::of(index, method, block, &order, &defaults))
            .collect();
        give_away(&mut steps);
        let input = options.input.unwrap_or_else(|| input_type(&steps));
        Self {
            names,
            vis: options.vis.unwrap_or(Visibility::Inherited),
            name,
            service: &block.service,
            generics: &block.generics,
            input,
            steps,
        }
    }
}

impl Names {
    fn of(service: &Type, saga: Option<Ident>, errors: &Errors) -> Self {
        let saga = saga.unwrap_or_else(|| {
            let segment = match service {
                Type::Path(path) => path.path.segments.last(),
                _ => None,
            };
            match segment {
                Some(segment) => {
                    format_ident!("{}Saga", segment.ident, span = segment.ident.span())
                }
                None => {
                    let message = "`#[saga]` names the saga after the service, and this type has \
                                   no name: write `#[saga(saga = OrderSaga)]`";
                    errors.at(service, message);
                    format_ident!("Saga")
                }
            }
        });
        Self {
            error: format_ident!("{saga}Error"),
            state: format_ident!("{saga}State"),
            slots: format_ident!("__{saga}Slots"),
            saga,
        }
    }
}

struct Defaults {
    step: Policy,
    compensation: Policy,
}

/// The steps by name, in order.
struct Order<'a, 'e> {
    names: Vec<&'a Ident>,
    errors: &'e Errors,
}

impl<'a> Step<'a> {
    fn of(
        index: usize,
        method: &'a Method,
        block: &'a Block,
        order: &Order<'a, '_>,
        defaults: &Defaults,
    ) -> Self {
        let errors = order.errors;
        if let [_, second, ..] = &*method.step {
            errors.at(
                second,
                "a method is one step: write all its options in one `#[step(..)]`",
            );
        }
        let options = match method.step.first() {
            Some(attr) => StepOptions::read(attr, errors),
            None => StepOptions::default(),
        };
        let ident = &method.sig.ident;
        let plain = plain(ident);
        let name = options.name.as_ref();
        let policy = Policy {
            retry: options
                .retry
                .clone()
                .or_else(|| defaults.step.retry.clone()),
            timeout: options.timeout.or(defaults.step.timeout),
        };
        let compensation = options.compensate.as_ref().map(|compensate| {
            Compensation::of(
                index,
                &compensate.value,
                block,
                order,
                &defaults.compensation,
            )
        });
        Self {
            index,
            method,
            ident,
            name: name.map_or_else(|| plain.clone(), syn::LitStr::value),
            variant: Ident::new(&camel_case(&plain), ident.span()),
            policy,
            output: Returned::of(method, block),
            parameters: order.parameters(index, method, Role::Step),
            compensation,
            options,
        }
    }
}

impl Step<'_> {
    /// Whether it is given this value by move.
    pub(crate) fn is_given(&self, source: Source) -> bool {
        let moved = |p: &Parameter<'_>| p.source == source && p.pass == Pass::Moved;
        self.parameters.iter().any(moved)
    }

    /// Whether a second attempt could be made: nothing is given away to the first.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.parameters.iter().all(|p| p.pass != Pass::Moved)
    }

    /// The parameters of its compensation, where they are known.
    pub(crate) fn undo_parameters(&self) -> impl Iterator<Item = &Parameter<'_>> {
        let undo = self
            .compensation
            .as_ref()
            .and_then(|undo| undo.here.as_ref());
        undo.into_iter().flat_map(|here| &here.parameters)
    }
}

impl Pass {
    fn of(ty: &Type, source: Source) -> Self {
        match (source, ty) {
            (Source::Attempt | Source::Context, _) | (_, Type::Reference(_)) => Self::Lent,
            _ => Self::Cloned,
        }
    }
}

/// Moves a value where it can be: into a step that takes all of it by value and has one attempt,
/// if no later step and no compensation is bound to it.
fn give_away(steps: &mut [Step<'_>]) {
    for index in 0..steps.len() {
        let Some((step, later)) = steps.get(index..).and_then(<[_]>::split_first) else {
            continue;
        };
        let attempts = step.policy.retry.as_ref().map_or(1, |retry| retry.attempts);
        let wanted: BTreeSet<_> = step.parameters.iter().map(|p| p.source).collect();
        let is_moved = |source: &Source| {
            let bound = |p: &&Parameter<'_>| p.source == *source;
            let by_value = step
                .parameters
                .iter()
                .filter(bound)
                .all(|p| p.pass == Pass::Cloned);
            // One parameter, or each a field of its own.
            let whole = step
                .parameters
                .iter()
                .filter(bound)
                .filter(|p| p.part.is_none())
                .count();
            let parts = step
                .parameters
                .iter()
                .filter(bound)
                .any(|p| p.part.is_some());
            let once = whole + usize::from(parts) == 1;
            let later = later
                .iter()
                .flat_map(|step| &step.parameters)
                .any(|p| bound(&p));
            let undone = steps.iter().any(|step| {
                let own = Source::Output(step.index) == *source && step.compensation.is_some();
                own || step.undo_parameters().any(|p| bound(&p))
            });
            attempts == 1 && by_value && once && !later && !undone
        };
        let moved: BTreeSet<_> = wanted.into_iter().filter(is_moved).collect();
        if let Some(step) = steps.get_mut(index) {
            for parameter in &mut step.parameters {
                if parameter.pass == Pass::Cloned && moved.contains(&parameter.source) {
                    parameter.pass = Pass::Moved;
                }
            }
        }
    }
}

impl<'a> Compensation<'a> {
    fn of(
        index: usize,
        ident: &Ident,
        block: &'a Block,
        order: &Order<'a, '_>,
        defaults: &Policy,
    ) -> Self {
        let method = block.methods().find(|method| method.sig.ident == *ident);
        let own = method.and_then(|method| method.compensation.first());
        let own = own.map(|attr| CompensationOptions::of(attr, order.errors));
        let own = own.unwrap_or_default();
        Self {
            ident: ident.clone(),
            here: method.map(|method| Here {
                method,
                returned: Returned::of(method, block),
                parameters: order.parameters(index, method, Role::Compensation),
            }),
            policy: Policy {
                retry: own.retry.or_else(|| defaults.retry.clone()),
                timeout: own.timeout.or(defaults.timeout),
            },
        }
    }

    pub(crate) fn takes_attempt(&self) -> bool {
        let parameters = self.here.iter().flat_map(|here| &here.parameters);
        parameters
            .into_iter()
            .any(|parameter| parameter.source == Source::Attempt)
    }
}

impl<'a> Returned<'a> {
    fn of(method: &'a Method, block: &'a Block) -> Self {
        let ty: &Type = match &method.sig.output {
            ReturnType::Type(_, ty) => ty,
            // Refused later on; until then any type does.
            ReturnType::Default => &block.service,
        };
        Self {
            ty,
            spelled: spelled_result(ty),
        }
    }
}

/// Output and error of a type that is spelled `Result<T, E>`, by whatever path.
fn spelled_result(ty: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let mut types = arguments.args.iter();
    match (types.next(), types.next(), types.next()) {
        (Some(GenericArgument::Type(output)), Some(GenericArgument::Type(error)), None) => {
            Some((output, error))
        }
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Step,
    Compensation,
}

impl<'a> Order<'a, '_> {
    /// What the parameters of the step at `index`, or of its compensation, are bound to.
    fn parameters(&self, index: usize, method: &'a Method, role: Role) -> Vec<Parameter<'a>> {
        let mut parameters: Vec<Parameter<'a>> = Vec::new();
        let mut bare = Vec::new();
        let typed = method
            .sig
            .inputs
            .iter()
            .filter_map(|argument| match argument {
                FnArg::Typed(typed) => Some(typed),
                FnArg::Receiver(_) => None,
            });
        for (typed, markers) in typed.zip(&method.markers) {
            let ty = &*typed.ty;
            let source = match &**markers {
                [marker] => self.marked(index, marker, role),
                [] if is_context(ty) => Some(Source::Context),
                [] => Some(bare_source(index, ty, role)),
                [_, second, ..] => {
                    self.errors
                        .at(second, "a parameter is bound to one thing: remove one");
                    None
                }
            };
            let name = match &*typed.pat {
                Pat::Ident(pat) => plain(&pat.ident),
                _ => "_".to_owned(),
            };
            if let Some(source) = source {
                parameters.push(Parameter {
                    name,
                    ty,
                    source,
                    part: None,
                    pass: Pass::of(ty, source),
                });
                bare.push(markers.is_empty() && source != Source::Context);
            }
        }
        // Two or more bare parameters are the fields of a tuple.
        let arity = bare.iter().filter(|bare| **bare).count();
        if arity > 1 {
            let spread = parameters.iter_mut().zip(&bare).filter(|(_, bare)| **bare);
            for (field, (parameter, _)) in spread.enumerate() {
                parameter.part = Some(Part { field, arity });
            }
        }
        parameters
    }

    fn marked(&self, index: usize, marker: &Attribute, role: Role) -> Option<Source> {
        if marker.path().is_ident("input") {
            if let Err(error) = marker.meta.require_path_only() {
                self.errors.push(error);
            }
            return Some(Source::Input);
        }
        let Ok(named) = marker.parse_args::<Ident>() else {
            let message =
                "`#[from]` names the step whose output is meant: `#[from(reserve_stock)]`";
            self.errors.at(marker, message);
            return None;
        };
        let Some(found) = self.names.iter().position(|name| **name == named) else {
            let names: Vec<_> = self.names.iter().map(|name| format!("`{name}`")).collect();
            let message = format!(
                "`#[from({named})]` names no step of this saga; its steps are {}",
                names.join(", ")
            );
            self.errors.at(&named, message);
            return None;
        };
        let own = match role {
            Role::Step => false,
            Role::Compensation => found == index,
        };
        if found < index || own {
            return Some(Source::Output(found));
        }
        let step = self
            .names
            .get(index)
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = match (role, found == index) {
            (Role::Step, true) => {
                format!("step `{step}` cannot be given its own output: name a step above it")
            }
            (Role::Step, false) => format!(
                "step `{named}` comes after step `{step}`, so it has no output yet: name a step \
                 above `{step}`"
            ),
            (Role::Compensation, _) => format!(
                "step `{named}` comes after step `{step}`, and a compensation of `{step}` may run \
                 before `{named}` ever did: name `{step}` or a step above it"
            ),
        };
        self.errors.at(&named, message);
        None
    }
}

fn bare_source(index: usize, ty: &Type, role: Role) -> Source {
    match role {
        Role::Step => index.checked_sub(1).map_or(Source::Input, Source::Output),
        Role::Compensation if attempt_argument(ty).is_some() => Source::Attempt,
        Role::Compensation => Source::Output(index),
    }
}

fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else {
        return false;
    };
    last_segment(&reference.elem).is_some_and(|last| last.ident == "StepContext")
}

/// The `&T` of an `Attempt<&T>`.
pub(crate) fn attempt_argument(ty: &Type) -> Option<&Type> {
    let last = last_segment(ty).filter(|last| last.ident == "Attempt")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The type of the saga's input: that of the first step's bare parameters, else that of the first
/// `#[input]`, owned.
fn input_type(steps: &[Step<'_>]) -> Type {
    let first = steps.iter().take(1).flat_map(|step| &step.parameters);
    let fields: Vec<_> = first
        .filter(|parameter| parameter.part.is_some())
        .map(|parameter| owned(parameter.ty))
        .collect();
    if !fields.is_empty() {
        return syn::parse_quote!((#(#fields,)*));
    }
    let parameters = steps
        .iter()
        .flat_map(|step| step.parameters.iter().chain(step.undo_parameters()));
    let mut inputs = parameters.filter(|parameter| parameter.source == Source::Input);
    let input = inputs.next();
    input.map_or_else(|| syn::parse_quote!(()), |parameter| owned(parameter.ty))
}

/// What has to be kept for a parameter of this type to be lent.
fn owned(ty: &Type) -> Type {
    let Type::Reference(reference) = ty else {
        return ty.clone();
    };
    let span = reference.elem.span();
    let owned = match &*reference.elem {
        Type::Slice(slice) => {
            let elem = &slice.elem;
            Some(syn::parse_quote_spanned!(span=> ::std::vec::Vec<#elem>))
        }
        elem => match last_segment(elem)
            .map(|last| last.ident.to_string())
            .as_deref()
        {
            Some("str") => Some(syn::parse_quote_spanned!(span=> ::std::string::String)),
            Some("Path") => Some(syn::parse_quote_spanned!(span=> ::std::path::PathBuf)),
            _ => None,
        },
    };
    owned.unwrap_or_else(|| (*reference.elem).clone())
}

/// An identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#")
        .map_or(text.clone(), ToOwned::to_owned)
}

fn camel_case(snake: &str) -> String {
    let words = snake.split('_').filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(char::to_uppercase);
            first.into_iter().flatten().chain(chars).collect::<String>()
        })
        .collect()
}

fn snake_case(camel: &str) -> String {
    let mut snake = String::new();
    let mut chars = camel.chars().peekable();
    let mut after_lowercase = false;
    while let Some(c) = chars.next() {
        let before_lowercase = chars.peek().is_some_and(|next| next.is_lowercase());
        let starts_word = after_lowercase || (before_lowercase && !snake.is_empty());
        if c.is_uppercase() && starts_word && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
        after_lowercase = c.is_lowercase() || c.is_ascii_digit();
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_case_as_a_person_would() {
        for (camel, snake) in [
            ("Checkout", "checkout"),
            ("OrderCheckout", "order_checkout"),
            ("HTTPOrder", "http_order"),
            ("OrderV2", "order_v2"),
            ("V2Order", "v2_order"),
        ] {
            assert_eq!(snake_case(camel), snake);
        }
        assert_eq!(camel_case("reserve_stock"), "ReserveStock");
        assert_eq!(camel_case("_reserve__stock_2"), "ReserveStock2");
    }
}
