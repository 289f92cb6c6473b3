//! What each parameter is bound to, and whether it is lent, cloned or given away.

use core::cell::RefCell;
use core::ops::Range;
use std::collections::BTreeSet;

use syn::{Attribute, FnArg, Ident, Pat, ReturnType, Type};

use super::lifetimes::anonymous;
use super::parameter::{Parameter, Part, Pass, Role, Source};
use crate::errors::Errors;
use crate::parse::block::Method;
use crate::parse::options::StepOptions;
use crate::parse::read::Read;
use crate::suggest::similar;
use crate::util::names::plain;
use crate::util::spelling::spelled;
use crate::util::types::{
    attempt_argument, is_context, is_static, option_argument, spelled_result, ungrouped,
};

/// The steps in order: by name, with what decides what is bound to their parameters.
pub(super) struct Order<'a, 'e> {
    names: Vec<&'a Ident>,
    groups: Vec<Option<String>>,
    /// Whether it may be skipped.
    conditional: Vec<bool>,
    /// The types of the outputs, where they are spelled.
    outputs: Vec<Option<&'a Type>>,
    pub(super) errors: &'e Errors,
    /// The methods with a parameter that can be bound to nothing: told once, however many steps use them.
    told: RefCell<BTreeSet<&'a Ident>>,
}

/// The group of each step. One that stands by itself beside a group of nearly its name was meant to be
/// in that, as was one that does not say in which: what is wrong with these is told, and nothing that
/// would follow from it.
fn groups(options: &[Read<StepOptions, StepOptions>]) -> Vec<Option<String>> {
    let mut groups: Vec<_> = options
        .iter()
        .map(|options| options.intended().intended_group())
        .collect();
    for index in 0..groups.len() {
        let at = |other: Option<usize>| groups.get(other?).and_then(Clone::clone);
        let (before, after) = (at(index.checked_sub(1)), at(index.checked_add(1)));
        let Some(own) = at(Some(index)) else {
            continue;
        };
        let own = Some(own);
        if before == own || after == own {
            continue;
        }
        let is_meant = |other: &String| {
            let own = own.as_deref().unwrap_or_default();
            !other.is_empty() && (own.is_empty() || similar(own, [other]).is_some())
        };
        // Of two that stand by themselves, the second is told.
        let is_alone = at(index.checked_add(2)) != after;
        let after = after.filter(|_| !is_alone || own.as_deref() == Some(""));
        let meant = before.filter(is_meant).or_else(|| after.filter(is_meant));
        if let (Some(meant), Some(group)) = (meant, groups.get_mut(index)) {
            *group = Some(meant);
        }
    }
    groups
}

impl<'a, 'e> Order<'a, 'e> {
    pub(super) fn of(
        methods: &[&'a Method],
        options: &[Read<StepOptions, StepOptions>],
        errors: &'e Errors,
    ) -> Self {
        let output =
            |(method, options): (&&'a Method, &Read<StepOptions, StepOptions>)| match &method
                .sig
                .output
            {
                ReturnType::Type(_, ty) if options.intended().saga().is_none() => {
                    spelled_result(ty).map(|(output, _)| output)
                }
                // What a saga gives is not written where it is run.
                _ => None,
            };
        Self {
            names: methods.iter().map(|method| &method.sig.ident).collect(),
            groups: groups(options),
            outputs: methods.iter().zip(options).map(output).collect(),
            conditional: options
                .iter()
                .map(|step| step.intended().only_if.is_some())
                .collect(),
            errors,
            told: RefCell::default(),
        }
    }

    /// The group of the step at `index`.
    pub(super) fn group(&self, index: usize) -> Option<&str> {
        self.groups.get(index)?.as_deref()
    }

    /// The positions of the steps that run at the same time as the one at `index`.
    pub(super) fn stage(&self, index: usize) -> Range<usize> {
        let Some(group) = self.groups.get(index).and_then(Option::as_ref) else {
            return index..index + 1;
        };
        let of_group = |other: &&Option<String>| other.as_ref() == Some(group);
        let before = self.groups.iter().take(index).rev().take_while(of_group);
        let after = self.groups.iter().skip(index).take_while(of_group);
        index - before.count()..index + after.count()
    }

    /// The steps whose outputs a bare parameter of the step at `index` is about; none for the input.
    fn above(&self, index: usize) -> Range<usize> {
        match self.stage(index).start.checked_sub(1) {
            Some(last) => self.stage(last),
            None => 0..0,
        }
    }

    /// The output of a step, for others or for its own compensation.
    fn output(&self, index: usize, is_own: bool) -> Source {
        let conditional = self.conditional.get(index).is_some_and(|it| *it);
        if conditional && is_own {
            Source::Ran(index)
        } else {
            Source::Output(index)
        }
    }
    /// What the parameters of the step at `index`, or of its compensation, are bound to.
    pub(super) fn parameters(
        &self,
        index: usize,
        method: &'a Method,
        role: Role,
    ) -> Vec<Parameter> {
        let name = &method.sig.ident;
        let errors = if self.told.borrow().contains(name) {
            &Errors::default()
        } else {
            self.errors
        };
        let wrong_before = errors.count();
        let parameters = self.bind(index, method, role, errors);
        if errors.count() > wrong_before {
            self.told.borrow_mut().insert(name);
        }
        parameters
    }

    fn bind(
        &self,
        index: usize,
        method: &'a Method,
        role: Role,
        errors: &Errors,
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
                errors.at(hide, message);
            }
            let source = match &*markers {
                [marker] => self.marked(index, marker, role, errors),
                [] if is_context(ty) => Some(Source::Context),
                [] if role != Role::Compensation && attempt_argument(ty).is_some() => {
                    let message = format!(
                        "{} `{}` takes an `Attempt`, which is for compensations: write `{}`",
                        role.called(),
                        method.sig.ident,
                        attempt_argument(ty).map(spelled).unwrap_or_default()
                    );
                    errors.at(ty, message);
                    None
                }
                [] => Some(self.bare_source(index, ty, role)),
                [first, second, ..] => {
                    let message = format!(
                        "a parameter of `{}` has both `{}` and `{}`, and is given one value: remove one \
                         of them",
                        method.sig.ident,
                        spelled(first),
                        spelled(second)
                    );
                    errors.at(second, message);
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
                    pass: self.pass(ty, source),
                    sensitive: !hides.is_empty(),
                    is_bare: markers.is_empty(),
                });
                bare.push(markers.is_empty() && source != Source::Context);
            }
        }
        let arity = bare.iter().filter(|bare| **bare).count();
        let above = self.above(index);
        if role != Role::Compensation && above.len() > 1 && arity > 0 {
            // The members of the group above, in order.
            let bound = parameters.iter_mut().zip(&bare).filter(|(_, bare)| **bare);
            for ((parameter, _), member) in bound.zip(above.clone()) {
                parameter.source = self.output(member, false);
                parameter.pass = self.pass(&parameter.ty, parameter.source);
            }
            let is_known = !self.is_interrupted(above.start) && !self.is_interrupted(index);
            if arity != above.len() && is_known {
                self.wrong_number(method, role, &parameters, &above, errors);
            }
        } else if arity > 1 {
            // Two or more bare parameters are the fields of a tuple.
            let spread = parameters.iter_mut().zip(&bare).filter(|(_, bare)| **bare);
            for (field, (parameter, _)) in spread.enumerate() {
                parameter.part = Some(Part { field, arity });
            }
        }
        parameters
    }

    /// The type of the parameter that takes the output of a step, if it is known.
    fn taken_by(&self, index: usize) -> Option<String> {
        let output = spelled(*self.outputs.get(index)?.as_ref()?);
        let conditional = self.conditional.get(index).is_some_and(|it| *it);
        Some(if conditional {
            format!("Option<&{output}>")
        } else {
            format!("&{output}")
        })
    }

    /// As many bare parameters as the group above has members, or none.
    fn wrong_number(
        &self,
        method: &Method,
        role: Role,
        parameters: &[Parameter],
        above: &Range<usize>,
        errors: &Errors,
    ) {
        let group = self.group(above.start).unwrap_or_default();
        let bare: Vec<_> = parameters.iter().filter(|p| p.is_bare_value()).collect();
        let given: Vec<_> = above
            .clone()
            .filter_map(|index| Some((*self.names.get(index)?, self.taken_by(index))))
            .collect();
        let listed: Vec<_> = given
            .iter()
            .map(|(name, ty)| match ty {
                Some(ty) => format!("`{ty}` of `{name}`"),
                None => format!("that of `{name}`"),
            })
            .collect();
        // Of too many, the first that is none of these; of too few, the last.
        let is_given = |parameter: &&&Parameter| {
            let ty = spelled(&parameter.ty);
            given.iter().any(|(_, given)| given.as_ref() == Some(&ty))
        };
        let surplus = bare.iter().find(|parameter| !is_given(parameter));
        let surplus = surplus.or_else(|| bare.get(given.len()));
        let is_too_many = bare.len() > given.len();
        let (Some(last), Some(at)) = (bare.last(), if is_too_many { surplus } else { bare.last() })
        else {
            return;
        };
        let named: Vec<_> = given
            .iter()
            .map(|(name, ty)| format!("{name}: {}", ty.as_deref().unwrap_or("&_")))
            .collect();
        let one_for_each = named.join(", ");
        let mend = if is_too_many {
            format!(
                "write `#[input]` or `#[from(step)]` before `{}: {}` if that is something else, or remove it",
                at.name,
                spelled(&at.ty)
            )
        } else {
            // The one that is meant, by its type.
            let ty = spelled(&last.ty);
            let mut alike = given
                .iter()
                .filter(|(_, given)| given.as_ref() == Some(&ty));
            match (alike.next(), alike.next(), bare.len()) {
                (Some((meant, _)), None, 1) => format!(
                    "write `#[from({meant})] {}: {ty}` for this one alone, or one parameter for \
                     each: `{one_for_each}`",
                    last.name
                ),
                _ => format!("write one parameter for each: `{one_for_each}`"),
            }
        };
        let message = format!(
            "{} `{}` has {} unmarked parameter{}, and is given {} values by the group `{group}`, {}: {mend}",
            role.called(),
            method.sig.ident,
            bare.len(),
            if bare.len() == 1 { "" } else { "s" },
            given.len(),
            listed.join(", "),
        );
        errors.at(&at.ty, message);
    }

    /// Whether the group of the step at `index` has members elsewhere too, which is told there.
    fn is_interrupted(&self, index: usize) -> bool {
        let group = self.group(index);
        let all = self.groups.iter().filter(|other| other.as_deref() == group);
        group.is_some() && all.count() > self.stage(index).len()
    }

    /// The markers of the members of a group, as far as they stand before a step.
    fn members_of(&self, group: &str, before: usize) -> Vec<String> {
        let earlier = self.names.iter().zip(&self.groups).take(before);
        let members = earlier.filter(|(_, other)| other.as_deref() == Some(group));
        members
            .map(|(name, _)| format!("`#[from({name})]`"))
            .collect()
    }

    fn pass(&self, ty: &Type, source: Source) -> Pass {
        match source {
            Source::Output(index) if self.conditional.get(index).is_some_and(|it| *it) => {
                // What is no `Option` at all is told where those are that are lent.
                let inner = option_argument(ty);
                if inner.is_none_or(|ty| matches!(ty, Type::Reference(_))) {
                    Pass::Lent
                } else {
                    Pass::of(ty, source)
                }
            }
            _ => Pass::of(ty, source),
        }
    }

    fn bare_source(&self, index: usize, ty: &Type, role: Role) -> Source {
        match role {
            Role::Step | Role::Nested | Role::Condition => match self.above(index).last() {
                Some(last) => self.output(last, false),
                None => Source::Input,
            },
            Role::Compensation if attempt_argument(ty).is_some() => Source::Attempt,
            Role::Compensation => self.output(index, true),
        }
    }

    fn marked(
        &self,
        index: usize,
        marker: &Attribute,
        role: Role,
        errors: &Errors,
    ) -> Option<Source> {
        let taker = self.names.get(index).map(ToString::to_string);
        let taker = taker.unwrap_or_default();
        let errors = errors.about(&match role {
            Role::Step | Role::Nested => format!("step `{taker}`"),
            Role::Condition => format!("condition of step `{taker}`"),
            Role::Compensation => format!("compensation of step `{taker}`"),
        });
        if marker.path().is_ident("input") {
            if marker.meta.require_path_only().is_err() {
                errors.at(marker, "`#[input]` takes no argument: write `#[input]`");
            }
            return Some(Source::Input);
        }
        // Nothing that runs at the same time; and a compensation may be bound to its own step's output.
        let stage = self.stage(index);
        let earlier = self.names.get(..stage.start).unwrap_or_default();
        let own = self.names.get(index).filter(|_| role == Role::Compensation);
        let bindable: Vec<_> = earlier.iter().chain(own).collect();
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
            let members = self.members_of(&plain(&named), earlier.len());
            if !members.is_empty() {
                let message = format!(
                    "`{named}` is a group, and `#[from]` takes the output of one step: write {}",
                    members.join(" or ")
                );
                errors.at(&named, message);
                return None;
            }
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
        let own = found == index && role == Role::Compensation;
        if found < stage.start || own {
            return Some(self.output(found, own));
        }
        let message = if found == index {
            format!("a step cannot be given its own output: {listed}")
        } else if stage.contains(&found) {
            let group = self.groups.get(index).and_then(Option::as_ref);
            let group = group.map_or("", String::as_str);
            format!(
                "`{named}` runs at the same time, in the group `{group}`, so it may have no output \
                 yet: {listed}"
            )
        } else if role == Role::Compensation {
            format!("`{named}` comes after that step, so it may have no output yet: {listed}")
        } else {
            format!("`{named}` comes after it, so it has no output yet: {listed}")
        };
        errors.at(&named, message);
        None
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
