//! A saga as a whole: its names, its types and its steps.

use std::collections::BTreeSet;

use syn::{Generics, Ident, Type, Visibility, parse_quote};

use super::moves::input_parameters;
use super::parameter::{Parameter, Source};
use super::paths::Paths;
use super::step::{Kind, Step};
use crate::util::names::{camel_case, plain};
use crate::util::types::without_parens;

/// A saga.
pub(crate) struct Saga<'a> {
    /// The names of the generated types, such as `CheckoutSaga`.
    pub(crate) names: SagaNames,
    /// Whether the service or an option names the saga.
    pub(crate) is_named: bool,
    pub(crate) vis: Visibility,
    /// The name in journals and reports.
    pub(crate) name: String,
    /// The service, with a name for each lifetime that the block elides.
    pub(crate) service: Type,
    pub(crate) generics: Generics,
    /// The type of the input; `()` if no parameter takes one.
    pub(crate) input: Type,
    /// Whether an option gives that type.
    pub(crate) is_input_given: bool,
    /// Whether that type can be written outside of a method's signature.
    pub(crate) is_input_usable: bool,
    pub(crate) deadline: Option<core::time::Duration>,
    /// The `durable` option: the saga runs over a journal.
    pub(crate) durable: Option<Ident>,
    pub(crate) steps: Vec<Step<'a>>,
    /// The sagas by which this one runs itself: each circle begins with one that a step of this saga runs, and its last
    /// one runs this saga.
    pub(crate) circles: Vec<Vec<String>>,
    /// The paths of the types of `saga_core`.
    pub(crate) paths: Paths,
}

/// The names of the generated types.
pub(crate) struct SagaNames {
    pub(crate) saga: Ident,
    pub(crate) error: Ident,
    pub(crate) state: Ident,
    pub(crate) slots: Ident,
}

/// The variants of the error enum that belong to no step.
pub(crate) const TAKEN_VARIANTS: [&str; 2] = ["Cancelled", "DeadlineExceeded"];

impl Saga<'_> {
    /// The position of the pivot.
    pub(crate) fn pivot(&self) -> Option<usize> {
        self.steps
            .iter()
            .position(|step| step.options().pivot.is_some())
    }

    /// Whether some step takes this value by move.
    pub(crate) fn is_moved(&self, source: Source) -> bool {
        self.steps.iter().any(|step| step.takes_by_move(source))
    }

    /// The sagas that its steps run, as far as a single name stands for one.
    pub(crate) fn runs_by_name(&self) -> Vec<String> {
        let nested = self.steps.iter().filter_map(Step::nested);
        nested.filter_map(single_name).collect()
    }

    /// Returns the circle in which this saga runs itself by way of that one.
    pub(crate) fn circle(&self, nested: &Type) -> Option<&[String]> {
        let name = single_name(nested)?;
        let mut circles = self.circles.iter().map(Vec::as_slice);
        circles.find(|circle| circle.first() == Some(&name))
    }

    /// Whether a type is this saga, by its name.
    pub(crate) fn is_itself(&self, nested: &Type) -> bool {
        let Type::Path(path) = without_parens(nested) else {
            return false;
        };
        let segments = path.path.segments.iter();
        let mut segments = segments.filter(|segment| segment.ident != "self");
        let only = segments.next().filter(|_| segments.next().is_none());
        only.is_some_and(|only| only.ident == self.names.saga)
    }

    /// Whether a run of that saga by a step would have no end.
    pub(crate) fn is_endless(&self, nested: &Type) -> bool {
        self.is_itself(nested) || self.circle(nested).is_some()
    }

    /// The methods that the saga calls.
    pub(crate) fn methods(&self) -> BTreeSet<&Ident> {
        let methods = self.steps.iter().flat_map(|step| {
            let undo = step.compensation.as_ref().map(|undo| &undo.ident);
            let condition = step.condition.as_ref().map(|condition| &condition.ident);
            [Some(step.ident), undo, condition]
        });
        methods.flatten().collect()
    }

    /// Returns the saga without the steps and groups whose names collide with others: code for them would
    /// collide as well, and the compiler would report it again.
    pub(crate) fn without_collisions(mut self) -> Self {
        let mut variants = BTreeSet::from(TAKEN_VARIANTS.map(ToOwned::to_owned));
        self.steps
            .retain(|step| *step.ident != "input" && variants.insert(step.variant.to_string()));
        let stages = self.steps.chunk_by(|one, next| one.stage == next.stage);
        let lengths: Vec<_> = stages.map(<[_]>::len).collect();
        let mut groups = BTreeSet::new();
        let mut steps = self.steps.iter_mut().enumerate();
        let mut start = 0;
        for length in lengths {
            let stage = start..start + length;
            start = stage.end;
            let mut is_named = None;
            for (index, step) in steps.by_ref().take(length) {
                (step.index, step.stage) = (index, stage.clone());
                // The group is then named after its first member.
                step.group = step.group.take().filter(|group| {
                    *is_named.get_or_insert_with(|| {
                        let variant = camel_case(group);
                        !variants.contains(&variant) && groups.insert(variant)
                    })
                });
            }
        }
        self
    }

    /// The parameters whose types the input has: none if an option gives it.
    pub(crate) fn input_parameters(&self) -> Vec<&Parameter> {
        if self.is_input_given {
            return Vec::new();
        }
        input_parameters(&self.steps)
    }

    /// Returns the saga with bounds for the type parameters that are the output or the error of a step: without
    /// them no code for it compiles.
    pub(crate) fn with_bounded_parameters(mut self) -> Self {
        let types = self
            .steps
            .iter()
            .filter_map(|step| step.output.result_types);
        let types: Vec<_> = types
            .flat_map(|(output, error)| [output, error])
            .map(|ty| without_parens(ty).clone())
            .collect();
        for param in self.generics.type_params_mut() {
            let ident = &param.ident;
            let is_param = |ty: &Type| matches!(ty, Type::Path(path) if path.path.is_ident(ident));
            if types.iter().any(is_param) {
                param.bounds.push(parse_quote!(::core::marker::Send));
                param.bounds.push(parse_quote!(::core::marker::Sync));
            }
        }
        self
    }

    /// The steps whose outputs are the output of the saga: the last, or the members of the last group.
    pub(crate) fn last_stage(&self) -> &[Step<'_>] {
        let last = self.steps.last().map_or(0..0, |last| last.stage.clone());
        self.steps.get(last).unwrap_or_default()
    }

    /// The steps whose outputs the bare parameters of a step take. It is empty if they take the input.
    pub(crate) fn above(&self, step: &Step<'_>) -> &[Step<'_>] {
        let last = step.stage.start.checked_sub(1);
        let above = last.and_then(|last| self.steps.get(last));
        let above = above.and_then(|last| self.steps.get(last.stage.clone()));
        above.unwrap_or_default()
    }

    /// Whether no step comes after it or runs at the same time.
    pub(crate) fn is_last(&self, step: &Step<'_>) -> bool {
        step.index + 1 == self.steps.len() && step.stage.len() == 1
    }

    /// Whether the step runs a saga that can, or must, be undone.
    pub(crate) fn is_undone_by_its_saga(&self, step: &Step<'_>) -> bool {
        step.nested().is_some() && self.kind(step) == Some(Kind::Compensatable)
    }

    /// Returns the kind of a step; `None` if it must state how it is undone, and does not.
    pub(crate) fn kind(&self, step: &Step<'_>) -> Option<Kind> {
        let options = step.options();
        let after_the_pivot = self.pivot().is_some_and(|pivot| step.index > pivot);
        if options.pivot.is_some() {
            Some(Kind::Pivot)
        } else if step.nested().is_some() && !after_the_pivot {
            Some(Kind::Compensatable)
        } else if options.readonly.is_some() {
            Some(Kind::ReadOnly)
        } else if let Some(reason) = options.no_compensation() {
            let reason = reason.value.value();
            Some(Kind::NoCompensation { reason })
        } else if after_the_pivot {
            Some(Kind::Retriable)
        } else if options.compensate().is_some() {
            Some(Kind::Compensatable)
        } else if self.is_last(step) {
            Some(Kind::Last)
        } else {
            None
        }
    }
}

/// Returns the name of a type without a path before it.
fn single_name(ty: &Type) -> Option<String> {
    match without_parens(ty) {
        Type::Path(path) if path.qself.is_none() && path.path.segments.len() == 1 => {
            path.path.segments.last().map(|only| plain(&only.ident))
        }
        _ => None,
    }
}
