//! Parameters that take no value, and the number of those that take the outputs of a group.

use std::collections::BTreeSet;

use syn::{Attribute, Ident, Pat, PatType};

use super::groups::is_interrupted;
use super::spread::taken;
use crate::errors::Errors;
use crate::model::{Parameter, Role, Saga, Step, UnboundParameter, UnboundReason};
use crate::parse::block::Method;
use crate::suggest::similar;
use crate::util::names::plain;
use crate::util::spelling::spelled;
use crate::util::types::attempt_argument;

/// Reports wrong parameters, once for each method, however many steps use it.
pub(super) fn bindings(saga: &Saga<'_>, errors: &Errors) {
    let mut reported = BTreeSet::new();
    for step in &saga.steps {
        for binding in bindings_of(saga, step) {
            let name = &binding.method.sig.ident;
            if !reported.contains(name) && binding.check(errors) {
                reported.insert(name);
            }
        }
    }
}

/// A method with its parameters.
struct Binding<'s, 'a> {
    saga: &'s Saga<'a>,
    step: &'s Step<'a>,
    role: Role,
    method: &'a Method,
    parameters: &'s [Parameter],
    unbound: &'s [UnboundParameter<'a>],
}

/// Returns the methods of a step: its compensation, its condition, itself.
fn bindings_of<'s, 'a>(
    saga: &'s Saga<'a>,
    step: &'s Step<'a>,
) -> impl Iterator<Item = Binding<'s, 'a>> {
    let undo = step
        .compensation
        .as_ref()
        .and_then(|undo| undo.in_block.as_ref());
    let undo = undo.map(|in_block| Binding {
        saga,
        step,
        role: Role::Compensation,
        method: in_block.method,
        parameters: &in_block.parameters,
        unbound: &in_block.unbound,
    });
    let condition = step.condition.as_ref();
    let condition = condition.and_then(|condition| condition.in_block.as_ref());
    let condition = condition.map(|in_block| Binding {
        saga,
        step,
        role: Role::Condition,
        method: in_block.method,
        parameters: &in_block.parameters,
        unbound: &in_block.unbound,
    });
    let own = Binding {
        saga,
        step,
        role: Role::Step,
        method: step.method,
        parameters: &step.parameters,
        unbound: &step.unbound,
    };
    undo.into_iter().chain(condition).chain([own])
}

impl<'a> Binding<'_, 'a> {
    /// Reports what is wrong, and returns whether anything is.
    fn check(&self, errors: &Errors) -> bool {
        let mut is_wrong = false;
        for (position, (parameter, attrs)) in self.method.parameters().enumerate() {
            is_wrong |= self.attributes(attrs, errors);
            let unbound = self.unbound.iter().find(|it| it.position == position);
            if let Some(unbound) = unbound {
                self.unbound(&unbound.why, parameter, errors);
                is_wrong = true;
            }
        }
        is_wrong | self.number(errors)
    }

    /// Reports an argument of `#[sensitive]` and `#[input]`, which take none.
    fn attributes(&self, attrs: &[Attribute], errors: &Errors) -> bool {
        let has_argument = |attr: &&Attribute| attr.meta.require_path_only().is_err();
        let is_hide = |attr: &&Attribute| attr.path().is_ident("sensitive");
        let mut is_wrong = false;
        for hide in attrs.iter().filter(is_hide).filter(has_argument) {
            let message = format!(
                "`#[sensitive]` takes no argument: write `#[sensitive]` at this parameter of `{}`",
                self.method.sig.ident
            );
            errors.at(hide, message);
            is_wrong = true;
        }
        let mut markers = attrs.iter().filter(|attr| !is_hide(attr));
        if let (Some(marker), None) = (markers.next(), markers.next())
            && marker.path().is_ident("input")
            && has_argument(&marker)
        {
            let message = "`#[input]` takes no argument: write `#[input]`";
            self.about(errors).at(marker, message);
            is_wrong = true;
        }
        is_wrong
    }

    /// Returns the collector for messages about a marker, which name the step.
    fn about(&self, errors: &Errors) -> Errors {
        let step = self.step.ident;
        errors.about(&match self.role {
            Role::Step | Role::Nested => format!("step `{step}`"),
            Role::Condition => format!("condition of step `{step}`"),
            Role::Compensation => format!("compensation of step `{step}`"),
        })
    }

    fn unbound(&self, why: &UnboundReason<'a>, parameter: &PatType, errors: &Errors) {
        match why {
            UnboundReason::TwoMarkers(first, second) => {
                let message = format!(
                    "a parameter of `{}` has both `{}` and `{}`, but takes only one value: remove one of \
                     them",
                    self.method.sig.ident,
                    spelled(first),
                    spelled(second)
                );
                errors.at(second, message);
            }
            UnboundReason::Attempt(ty) => {
                let message = format!(
                    "{} `{}` takes an `Attempt`, which is for compensations: write `{}`",
                    self.role.noun(),
                    self.method.sig.ident,
                    attempt_argument(ty).map(spelled).unwrap_or_default()
                );
                errors.at(ty, message);
            }
            UnboundReason::NoName(marker) => {
                let message = format!(
                    "`#[from]` needs the name of a step: {}",
                    self.listed(marker, parameter)
                );
                self.about(errors).at(marker, message);
            }
            UnboundReason::NoStep(marker, named) => {
                self.no_step(marker, named, parameter, errors);
            }
            UnboundReason::NoOutputYet(marker, named, found) => {
                self.no_output_yet(marker, named, *found, parameter, errors);
            }
        }
    }

    /// The steps whose outputs the method can take.
    fn bindable(&self) -> impl Iterator<Item = &Step<'a>> {
        let earlier = self.earlier().iter();
        let own = (self.role == Role::Compensation).then_some(self.step);
        earlier.chain(own)
    }

    /// The steps that complete before this one begins.
    fn earlier(&self) -> &[Step<'a>] {
        let steps = self.saga.steps.get(..self.step.stage.start);
        steps.unwrap_or_default()
    }

    /// Returns the step whose output the parameter most likely takes: the only one of that type, or of the steps
    /// of that type the one that the parameter is named after.
    fn intended(&self, parameter: &PatType) -> Option<&Ident> {
        let is_of_type = |step: &&Step<'a>| match step.output.result_types {
            Some((output, _)) if step.nested().is_none() => taken(&parameter.ty) == spelled(output),
            _ => false,
        };
        let of_type: Vec<_> = self.bindable().filter(is_of_type).collect();
        let named = match &*parameter.pat {
            Pat::Ident(pat) => plain(&pat.ident),
            _ => String::new(),
        };
        match &*of_type {
            [only] => Some(only.ident),
            steps => {
                let mut steps = steps.iter().map(|step| step.ident);
                steps.find(|step| plain(step) == named)
            }
        }
    }

    /// Returns what can stand in place of a marker: the intended step, or all of them.
    fn listed(&self, marker: &Attribute, parameter: &PatType) -> String {
        if let Some(intended) = self.intended(parameter) {
            return format!("write `#[from({intended})]`");
        }
        let listed: Vec<_> = self
            .bindable()
            .map(|step| format!("`#[from({})]`", step.ident))
            .collect();
        match &*listed {
            [] => format!(
                "remove `{}`, or write `#[input]` for the saga's input",
                spelled(marker)
            ),
            names => format!("write {}", names.join(" or ")),
        }
    }

    fn no_step(&self, marker: &Attribute, named: &Ident, parameter: &PatType, errors: &Errors) {
        let errors = self.about(errors);
        let group = plain(named);
        let earlier = self.earlier().iter();
        let members: Vec<_> = earlier
            .filter(|step| step.group.as_ref() == Some(&group))
            .map(|step| format!("`#[from({})]`", step.ident))
            .collect();
        if !members.is_empty() {
            let message = format!(
                "`{named}` is a group, and `#[from]` takes the output of one step: write {}",
                members.join(" or ")
            );
            return errors.at(named, message);
        }
        // A long list of steps hides the intended one.
        let names = self.bindable().map(|step| plain(step.ident));
        let write = match similar(&plain(named), names) {
            Some(intended) if self.intended(parameter).is_none() => {
                format!("write `#[from({intended})]`")
            }
            _ => self.listed(marker, parameter),
        };
        let message = format!("`#[from({named})]` names no step of this saga: {write}");
        errors.at(named, message);
    }

    fn no_output_yet(
        &self,
        marker: &Attribute,
        named: &Ident,
        found: usize,
        parameter: &PatType,
        errors: &Errors,
    ) {
        let listed = self.listed(marker, parameter);
        let message = if found == self.step.index {
            format!("a step cannot take its own output: {listed}")
        } else if self.step.stage.contains(&found) {
            let group = self.step.group.as_deref().unwrap_or_default();
            format!(
                "`{named}` runs at the same time, in the group `{group}`, so it may have no output \
                 yet: {listed}"
            )
        } else if self.role == Role::Compensation {
            format!("`{named}` comes after that step, so it may have no output yet: {listed}")
        } else {
            format!("`{named}` comes after it, so it has no output yet: {listed}")
        };
        self.about(errors).at(named, message);
    }

    /// Reports a number of bare parameters that is neither zero nor that of the members of the group above.
    fn number(&self, errors: &Errors) -> bool {
        let above = self.saga.above(self.step);
        let bare: Vec<_> = self
            .parameters
            .iter()
            .filter(|p| p.is_bare_value())
            .collect();
        let [first, _, ..] = above else {
            return false;
        };
        let is_known = !is_interrupted(self.saga, first) && !is_interrupted(self.saga, self.step);
        if self.role == Role::Compensation
            || bare.is_empty()
            || bare.len() == above.len()
            || !is_known
        {
            return false;
        }
        self.wrong_number(&bare, above, errors);
        true
    }

    fn wrong_number(&self, bare: &[&Parameter], above: &[Step<'a>], errors: &Errors) {
        let given: Vec<_> = above
            .iter()
            .map(|step| (step.ident, taken_type(step)))
            .collect();
        let listed: Vec<_> = given
            .iter()
            .map(|(name, ty)| match ty {
                Some(ty) => format!("`{ty}` of `{name}`"),
                None => format!("the output of `{name}`"),
            })
            .collect();
        // Of too many, this is the first that takes none of the outputs; of too few, the last.
        let is_given = |parameter: &&&Parameter| {
            let ty = spelled(&parameter.ty);
            given.iter().any(|(_, given)| given.as_ref() == Some(&ty))
        };
        let surplus = bare.iter().find(|parameter| !is_given(parameter));
        let surplus = surplus.or_else(|| bare.get(given.len()));
        let is_too_many = bare.len() > given.len();
        let at = if is_too_many { surplus } else { bare.last() };
        let (Some(last), Some(at)) = (bare.last(), at) else {
            return;
        };
        let write = if is_too_many {
            format!(
                "write `#[input]` or `#[from(step)]` before `{}: {}` if that is something else, or remove it",
                at.name,
                spelled(&at.ty)
            )
        } else {
            let named: Vec<_> = given
                .iter()
                .map(|(name, ty)| format!("{name}: {}", ty.as_deref().unwrap_or("&_")))
                .collect();
            let one_for_each = named.join(", ");
            // The type shows the intended one.
            let ty = spelled(&last.ty);
            let mut alike = given
                .iter()
                .filter(|(_, given)| given.as_ref() == Some(&ty));
            match (alike.next(), alike.next(), bare.len()) {
                (Some((intended, _)), None, 1) => format!(
                    "write `#[from({intended})] {}: {ty}` for this one alone, or one parameter for \
                     each: `{one_for_each}`",
                    last.name
                ),
                _ => {
                    let named: Vec<_> = named.iter().map(|named| format!("`{named}`")).collect();
                    let replaced: Vec<_> = bare
                        .iter()
                        .filter(|parameter| parameter.name != "_")
                        .map(|parameter| format!("`{}`", parameter.name))
                        .collect();
                    let replaced = if replaced.is_empty() {
                        String::new()
                    } else {
                        format!(
                            ", in place of {} here and in the body",
                            replaced.join(" and ")
                        )
                    };
                    format!(
                        "write one parameter for each, {}{replaced}",
                        named.join(", ")
                    )
                }
            }
        };
        let group = above.first().and_then(|first| first.group.as_deref());
        let message = format!(
            "{} `{}` has {} unmarked parameter{}, but gets {} values from the group `{}` ({}): {write}",
            self.role.noun(),
            self.method.sig.ident,
            bare.len(),
            if bare.len() == 1 { "" } else { "s" },
            given.len(),
            group.unwrap_or_default(),
            listed.join(", "),
        );
        errors.at(&at.ty, message);
    }
}

/// The type of a parameter for the output of a step, if it is known.
fn taken_type(step: &Step<'_>) -> Option<String> {
    // A step that runs a saga does not write its output.
    let (output, _) = step
        .output
        .result_types
        .filter(|_| step.nested().is_none())?;
    let output = spelled(output);
    Some(if step.is_conditional() {
        format!("Option<&{output}>")
    } else {
        format!("&{output}")
    })
}
