//! Decides which values move into a step, and the type of the input: after all parameters are bound.

use std::collections::BTreeSet;

use syn::Type;

use super::parameter::{Parameter, Pass, Source};
use super::step::Step;
use crate::util::types::owned;

/// Turns clones into moves: where one step with a single attempt takes all of a value, and no later step and
/// no compensation needs it.
pub(super) fn move_values(steps: &mut [Step<'_>]) {
    let pivot = steps.iter().position(|step| step.options().pivot.is_some());
    let has_way_back = |step: &Step<'_>| pivot.is_none_or(|pivot| step.index < pivot);
    for index in 0..steps.len() {
        let Some((step, later)) = steps.get(index..).and_then(<[_]>::split_first) else {
            continue;
        };
        let attempts = step.policy.attempts();
        let wanted: BTreeSet<_> = step.parameters.iter().map(|p| p.source).collect();
        let is_moved = |source: &Source| {
            let bound = |p: &&Parameter| p.source == *source;
            let by_value = step
                .parameters
                .iter()
                .filter(bound)
                .all(|p| p.pass == Pass::Cloned);
            // One parameter, or one for each field.
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
            let is_in_condition = |step: &&Step<'_>| step.condition_parameters().any(|p| bound(&p));
            let later = later
                .iter()
                .any(|step| step.parameters.iter().any(|p| bound(&p)) || is_in_condition(&step));
            // A step that runs at the same time may still need the value.
            let beside = steps
                .iter()
                .filter(|other| step.stage.contains(&other.index) && other.index != index)
                .any(|step| step.parameters.iter().any(|p| bound(&p)) || is_in_condition(&step));
            let undone = steps.iter().any(|step| {
                let is_undone =
                    step.compensation.is_some() || (step.nested().is_some() && has_way_back(step));
                let own = Source::Output(step.index) == *source && is_undone;
                own || step.compensation_parameters().any(|p| bound(&p))
            });
            attempts == 1 && by_value && once && !later && !beside && !undone
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

/// Returns the owned type of the saga's input: that of the first step's bare parameters or, without any, of
/// the first `#[input]`.
pub(super) fn input_type(steps: &[Step<'_>]) -> Type {
    match &*input_parameters(steps) {
        [] => syn::parse_quote!(()),
        [whole] if whole.part.is_none() => owned(&whole.ty),
        fields => {
            let fields = fields.iter().map(|field| owned(&field.ty));
            syn::parse_quote!((#(#fields,)*))
        }
    }
}

/// Returns the parameters whose types the input has, if no option gives it: one, or one for each field.
pub(super) fn input_parameters<'s>(steps: &'s [Step<'_>]) -> Vec<&'s Parameter> {
    let first = steps.iter().take(1).flat_map(|step| &step.parameters);
    let fields: Vec<_> = first.filter(|parameter| parameter.part.is_some()).collect();
    if !fields.is_empty() {
        return fields;
    }
    let parameters = steps.iter().flat_map(Step::all_parameters);
    let inputs = parameters.filter(|parameter| parameter.source == Source::Input);
    let input = inputs.min_by_key(|parameter| !parameter.is_bare);
    input.into_iter().collect()
}
