//! What each parameter is bound to, and whether it is lent, cloned or given away.

use std::collections::BTreeSet;

use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, GenericArgument, Ident, Pat, PathArguments, Type, TypeReference};

use super::lifetimes::anonymous;
use super::names::plain;
use super::ungrouped;
use super::{Parameter, Part, Pass, Source, Step};
use crate::errors::Errors;
use crate::parse::block::Method;
use crate::search::similar;
use crate::spelling::spelled;

/// The steps by name, in order.
pub(super) struct Order<'a, 'e> {
    pub(super) names: Vec<&'a Ident>,
    pub(super) errors: &'e Errors,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Step,
    Compensation,
}

impl<'a> Order<'a, '_> {
    /// What the parameters of the step at `index`, or of its compensation, are bound to.
    pub(super) fn parameters(
        &self,
        index: usize,
        method: &'a Method,
        role: Role,
    ) -> Vec<Parameter> {
        let mut parameters: Vec<Parameter> = Vec::new();
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
            let ty = &anonymous(ungrouped(&typed.ty), &method.sig.generics);
            let (hides, markers): (Vec<&Attribute>, Vec<&Attribute>) = markers
                .iter()
                .partition(|marker| marker.path().is_ident("sensitive"));
            for hide in hides
                .iter()
                .filter(|hide| hide.meta.require_path_only().is_err())
            {
                let message = format!(
                    "`#[sensitive]` takes no argument: write `#[sensitive]` at this parameter of `{}`",
                    method.sig.ident
                );
                self.errors.at(hide, message);
            }
            let source = match &*markers {
                [marker] => self.marked(index, marker, role),
                [] if is_context(ty) => Some(Source::Context),
                [] if role == Role::Step && attempt_argument(ty).is_some() => {
                    let message = format!(
                        "step `{}` takes an `Attempt`, which is for compensations: write `{}`",
                        method.sig.ident,
                        attempt_argument(ty).map(spelled).unwrap_or_default()
                    );
                    self.errors.at(ty, message);
                    None
                }
                [] => Some(bare_source(index, ty, role)),
                [first, second, ..] => {
                    let message = format!(
                        "a parameter of `{}` has both `{}` and `{}`, and is given one value: remove one \
                         of them",
                        method.sig.ident,
                        spelled(first),
                        spelled(second)
                    );
                    self.errors.at(second, message);
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
                    ty: ty.clone(),
                    source,
                    part: None,
                    pass: Pass::of(ty, source),
                    sensitive: !hides.is_empty(),
                    is_bare: markers.is_empty(),
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
        let taker = self.names.get(index).map(ToString::to_string);
        let taker = taker.unwrap_or_default();
        let errors = self.errors.about(&match role {
            Role::Step => format!("step `{taker}`"),
            Role::Compensation => format!("compensation of step `{taker}`"),
        });
        if marker.path().is_ident("input") {
            if marker.meta.require_path_only().is_err() {
                errors.at(marker, "`#[input]` takes no argument: write `#[input]`");
            }
            return Some(Source::Input);
        }
        // A compensation may be bound to the output of its own step.
        let bindable = match role {
            Role::Step => index,
            Role::Compensation => index + 1,
        };
        let bindable = self.names.get(..bindable).unwrap_or_default();
        let listed: Vec<_> = bindable
            .iter()
            .map(|name| format!("`#[from({name})]`"))
            .collect();
        let listed = match &*listed {
            [] => format!(
                "remove `{}`, or write `#[input]` for the saga's input",
                spelled(marker)
            ),
            names => format!("write {}", names.join(" or ")),
        };
        let Ok(named) = marker.parse_args::<Ident>() else {
            let message = format!("`#[from]` names the step whose output is meant: {listed}");
            errors.at(marker, message);
            return None;
        };
        let Some(found) = self.names.iter().position(|name| **name == named) else {
            // With many steps before it, the one that was meant is easily overlooked.
            let meant = similar(&plain(&named), bindable.iter().map(|name| plain(name)));
            let mend = match meant {
                Some(meant) => format!("write `#[from({meant})]`"),
                None => listed,
            };
            let message = format!("`#[from({named})]` names no step of this saga: {mend}");
            errors.at(&named, message);
            return None;
        };
        let own = match role {
            Role::Step => false,
            Role::Compensation => found == index,
        };
        if found < index || own {
            return Some(Source::Output(found));
        }
        let message = match (role, found == index) {
            (Role::Step, true) => {
                format!("a step cannot be given its own output: {listed}")
            }
            (Role::Step, false) => {
                format!("`{named}` comes after it, so it has no output yet: {listed}")
            }
            (Role::Compensation, _) => {
                format!("`{named}` comes after that step, so it may have no output yet: {listed}")
            }
        };
        errors.at(&named, message);
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

fn is_static(reference: &TypeReference) -> bool {
    let lifetime = reference.lifetime.as_ref();
    lifetime.is_some_and(|lifetime| lifetime.ident == "static")
}

/// Whether this is the `&StepContext`.
pub(crate) fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ungrouped(ty) else {
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
    match ungrouped(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

impl Pass {
    fn of(ty: &Type, source: Source) -> Self {
        match (source, ty) {
            (Source::Attempt | Source::Context, _) => Self::Lent,
            // A reference that lives for ever is a value like any other.
            (_, Type::Reference(reference)) if !is_static(reference) => Self::Lent,
            _ => Self::Cloned,
        }
    }
}

/// Moves a value where it can be: into a step that takes all of it by value and has one attempt,
/// if no later step and no compensation is bound to it.
pub(super) fn give_away(steps: &mut [Step<'_>]) {
    for index in 0..steps.len() {
        let Some((step, later)) = steps.get(index..).and_then(<[_]>::split_first) else {
            continue;
        };
        let attempts = step.policy.retry.as_ref().map_or(1, |retry| retry.attempts);
        let wanted: BTreeSet<_> = step.parameters.iter().map(|p| p.source).collect();
        let is_moved = |source: &Source| {
            let bound = |p: &&Parameter| p.source == *source;
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

/// The type of the saga's input: that of the first step's bare parameters, else that of the first
/// `#[input]`, owned.
pub(super) fn input_type(steps: &[Step<'_>]) -> Type {
    let first = steps.iter().take(1).flat_map(|step| &step.parameters);
    let fields: Vec<_> = first
        .filter(|parameter| parameter.part.is_some())
        .map(|parameter| owned(&parameter.ty))
        .collect();
    if !fields.is_empty() {
        return syn::parse_quote!((#(#fields,)*));
    }
    let parameters = steps
        .iter()
        .flat_map(|step| step.parameters.iter().chain(step.undo_parameters()));
    let inputs = parameters.filter(|parameter| parameter.source == Source::Input);
    let input = inputs.min_by_key(|parameter| !parameter.is_bare);
    input.map_or_else(|| syn::parse_quote!(()), |parameter| owned(&parameter.ty))
}

/// What has to be kept for a parameter of this type to be lent.
pub(crate) fn owned(ty: &Type) -> Type {
    let reference = match ungrouped(ty) {
        Type::Reference(reference) if !is_static(reference) => reference,
        _ => return ty.clone(),
    };
    let span = reference.elem.span();
    let owned = match ungrouped(&reference.elem) {
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
