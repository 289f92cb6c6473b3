//! Binds each parameter to a value, and decides whether it takes a reference, a clone or the value itself.

use syn::{Attribute, Ident, Pat, Type};

use super::lifetimes::anonymous;
use super::order::StepOrder;
use super::parameter::{Parameter, Part, Pass, Role, Source, UnboundParameter, UnboundReason};
use crate::parse::block::Method;
use crate::util::names::plain;
use crate::util::types::{
    attempt_argument, is_context, is_context_value, is_static, option_argument, without_parens,
};

/// The parameters of a method.
#[derive(Default)]
pub(super) struct Bindings<'a> {
    pub(super) parameters: Vec<Parameter>,
    pub(super) unbound: Vec<UnboundParameter<'a>>,
}

impl<'a> Bindings<'a> {
    /// Binds the parameters of the step at `index`, of its condition or of its compensation.
    pub(super) fn of(method: &'a Method, role: Role, index: usize, order: &StepOrder<'_>) -> Self {
        let mut bindings = Self::default();
        for (position, (typed, attrs)) in method.parameters().enumerate() {
            let ty = anonymous(without_parens(&typed.ty), &method.sig.generics);
            let is_hide = |attr: &&Attribute| attr.path().is_ident("sensitive");
            let markers: Vec<_> = attrs.iter().filter(|attr| !is_hide(attr)).collect();
            match source(&ty, &markers, role, index, order) {
                Ok(source) => bindings.parameters.push(Parameter {
                    name: match &*typed.pat {
                        Pat::Ident(pat) => plain(&pat.ident),
                        _ => "_".to_owned(),
                    },
                    source,
                    part: None,
                    pass: pass(&ty, source, order),
                    ty,
                    sensitive: attrs.iter().any(|attr| is_hide(&attr)),
                    is_bare: markers.is_empty(),
                }),
                Err(why) => bindings.unbound.push(UnboundParameter { position, why }),
            }
        }
        bindings.spread(role, index, order);
        bindings
    }

    /// Binds several bare parameters: to the members of the group above, or to the fields of a tuple.
    fn spread(&mut self, role: Role, index: usize, order: &StepOrder<'_>) {
        let is_spread = |p: &&mut Parameter| p.is_bare && p.source != Source::Context;
        let arity = self.parameters.iter_mut().filter(is_spread).count();
        let spread = self.parameters.iter_mut().filter(is_spread);
        let above = order.above(index);
        if role != Role::Compensation && above.len() > 1 {
            for (parameter, member) in spread.zip(above) {
                parameter.source = order.output(member, false);
                parameter.pass = pass(&parameter.ty, parameter.source, order);
            }
        } else if arity > 1 {
            for (field, parameter) in spread.enumerate() {
                parameter.part = Some(Part { field, arity });
            }
        }
    }
}

/// Returns the source of a parameter of this type with these markers.
fn source<'a>(
    ty: &Type,
    markers: &[&'a Attribute],
    role: Role,
    index: usize,
    order: &StepOrder<'_>,
) -> Result<Source, UnboundReason<'a>> {
    match markers {
        [marker] => marked(marker, role, index, order),
        // By value it is a mistake, and still a context.
        [] if is_context(ty) || is_context_value(ty) => Ok(Source::Context),
        [] if role != Role::Compensation && attempt_argument(ty).is_some() => {
            Err(UnboundReason::Attempt(Box::new(ty.clone())))
        }
        [] => Ok(bare(ty, role, index, order)),
        [first, second, ..] => Err(UnboundReason::TwoMarkers(first, second)),
    }
}

/// Returns the source of a parameter without a marker.
fn bare(ty: &Type, role: Role, index: usize, order: &StepOrder<'_>) -> Source {
    match role {
        Role::Step | Role::Nested | Role::Condition => match order.above(index).last() {
            Some(last) => order.output(last, false),
            None => Source::Input,
        },
        Role::Compensation if attempt_argument(ty).is_some() => Source::Attempt,
        Role::Compensation => order.output(index, true),
    }
}

/// Returns the source that `#[input]` or `#[from(step)]` names.
fn marked<'a>(
    marker: &'a Attribute,
    role: Role,
    index: usize,
    order: &StepOrder<'_>,
) -> Result<Source, UnboundReason<'a>> {
    if marker.path().is_ident("input") {
        return Ok(Source::Input);
    }
    let Ok(named) = marker.parse_args::<Ident>() else {
        return Err(UnboundReason::NoName(marker));
    };
    let Some(found) = order.position(&named) else {
        return Err(UnboundReason::NoStep(marker, named));
    };
    // A parameter takes no output of a step that runs at the same time. A compensation may take that of its
    // own step.
    let is_own = found == index && role == Role::Compensation;
    if found < order.stage(index).start || is_own {
        Ok(order.output(found, is_own))
    } else {
        Err(UnboundReason::NoOutputYet(marker, named, found))
    }
}

/// Returns how a value reaches a parameter of this type. `moves` decides later which clones become moves.
fn pass(ty: &Type, source: Source, order: &StepOrder<'_>) -> Pass {
    match (source, ty) {
        (Source::Attempt | Source::Context, _) => Pass::Lent,
        // A type that is not an `Option` is reported with the references.
        (Source::Output(index), ty)
            if order.is_conditional(index)
                && option_argument(ty).is_none_or(|ty| matches!(ty, Type::Reference(_))) =>
        {
            Pass::Lent
        }
        // A `'static` reference is a value like any other.
        (_, Type::Reference(reference)) if !is_static(reference) => Pass::Lent,
        _ => Pass::Cloned,
    }
}
