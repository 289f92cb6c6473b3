//! Several unmarked parameters: the fields of one tuple.

use super::groups::is_stage_known;
use crate::errors::Errors;
use crate::model::{Parameter, Saga, Source, Step};
use crate::util::spelling::spelled;
use crate::util::types::{option_argument, owned};

/// Reports the parameters beside one that takes the whole value. The value is no tuple then, and they should
/// take something else.
pub(super) fn spread(saga: &Saga<'_>, subject: &str, parameters: &[Parameter], errors: &Errors) {
    let unmarked: Vec<_> = parameters.iter().filter(|p| p.part.is_some()).collect();
    let Some(Source::Output(giver) | Source::Ran(giver)) =
        unmarked.first().map(|first| first.source)
    else {
        return;
    };
    let Some(giver) = saga
        .steps
        .get(giver)
        .filter(|giver| is_stage_known(saga, giver))
    else {
        return;
    };
    let Some((output, _)) = giver.output.result_types else {
        return;
    };
    if whole(giver, &unmarked) != 1 {
        return;
    }
    let output = spelled(output);
    let takes = |parameter: &&&Parameter| takes_whole(giver, parameter);
    for stray in unmarked.iter().filter(|parameter| !takes(parameter)) {
        let (name, ty) = (&stray.name, spelled(&stray.ty));
        let message = format!(
            "{subject} has {} unmarked parameters, but gets one value, the `{output}` of `{}`: {}",
            unmarked.len(),
            giver.ident,
            match marker(saga, giver.index, stray) {
                Some(marker) => format!("write `{marker} {name}: {ty}`"),
                None => format!(
                    "remove `{name}: {ty}`, or write `#[input]` or `#[from(step)]` before it"
                ),
            }
        );
        errors.at(&stray.ty, message);
    }
}

/// Returns how many of `parameters` take the whole output of `giver`.
pub(super) fn whole(giver: &Step<'_>, parameters: &[&Parameter]) -> usize {
    let taking = parameters.iter().filter(|p| takes_whole(giver, p));
    taking.count()
}

fn takes_whole(giver: &Step<'_>, parameter: &Parameter) -> bool {
    let Some((output, _)) = giver.output.result_types else {
        return false;
    };
    // An output that may be absent is passed as an `Option`.
    let is_optional = giver.is_conditional() && matches!(parameter.source, Source::Output(_));
    let ty = option_argument(&parameter.ty).filter(|_| is_optional);
    spelled(owned(ty.unwrap_or(&parameter.ty))) == spelled(output)
}

/// Returns the marker for the only value of this type, if there is exactly one.
fn marker(saga: &Saga<'_>, before: usize, parameter: &Parameter) -> Option<String> {
    let wanted = spelled(owned(&parameter.ty));
    let input = (spelled(&saga.input) == wanted).then(|| "#[input]".to_owned());
    let steps = saga.steps.iter().take(before);
    let outputs = steps.filter_map(|step| {
        let (output, _) = step.output.result_types?;
        (spelled(output) == wanted).then(|| format!("#[from({})]", step.ident))
    });
    let mut markers = input.into_iter().chain(outputs);
    let marker = markers.next()?;
    markers.next().is_none().then_some(marker)
}
